using LanguageExt;

namespace Mmoe.Data.Tests;

internal static class Outcomes
{
    /// <summary>The value, or a failed test that prints the faults.</summary>
    public static T Good<T>(this Validation<Fault, T> outcome) => outcome.Match(
        Succ: value => value,
        Fail: faults => throw new Xunit.Sdk.XunitException(string.Join('\n', faults)));

    /// <summary>The faults, or a failed test.</summary>
    public static Fault[] Bad<T>(this Validation<Fault, T> outcome) => outcome.Match(
        Succ: value => throw new Xunit.Sdk.XunitException($"expected faults, got {value}"),
        Fail: faults => faults.ToArray());

    /// <summary>The one fault, as users see it.</summary>
    public static string OnlyFault<T>(this Validation<Fault, T> outcome) => Assert.Single(outcome.Bad()).ToString();
}
