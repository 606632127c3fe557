namespace Mmoe.Data;

/// <summary>
/// The versions of the contract between emitted code and this assembly.
/// </summary>
/// <remarks>Emitted code names the version that it was written for; an assembly without it does not compile, instead of failing at run time.</remarks>
public static class GeneratedContract
{
    /// <summary>The contract of version 1.</summary>
    public const int V1 = 1;
}
