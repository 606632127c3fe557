using TorchSharp;

namespace Mmoe.Training.Torch;

/// <summary>Numbers that operations take, as objects that live as long as the process.</summary>
/// <remarks>
/// TorchSharp hands the address of a <see cref="Scalar"/> to native code and does not keep the object alive meanwhile. One that is made
/// in passing, by an implicit conversion or inside <c>add_(x)</c>, which calls <c>add_(x, 1)</c>, or <c>square()</c>, which calls
/// <c>pow(2)</c>, may be finalised before the operation reads it: that fails, or takes whatever lies there. So nothing here is called in a
/// form that makes one; a test reads the compiled calls, and those that TorchSharp makes for them.
/// </remarks>
internal static class RootedScalars
{
    /// <summary>0: what stands in for a missing value.</summary>
    public static readonly Scalar Zero = 0;

    /// <summary>1: the factor of what is added.</summary>
    public static readonly Scalar One = 1;

    /// <summary>The least normal number of single precision.</summary>
    public static readonly Scalar LeastNormal = 1.17549435e-38f;
}
