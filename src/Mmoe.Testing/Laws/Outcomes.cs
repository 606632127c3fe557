using LanguageExt;

namespace Mmoe.Testing;

/// <summary>Outcomes as laws see them.</summary>
internal static class Outcomes
{
    /// <summary>What is wrong with a value, or with there being none; null if nothing is. (LanguageExt's own match refuses null.)</summary>
    public static string? Problem<T>(this Validation<Fault, T> outcome, Func<T, string?> law)
    {
        var problem = default(string);
        outcome.Match(
            Succ: value => { problem = law(value); },
            Fail: faults => { problem = string.Join("; ", faults); });
        return problem;
    }
}
