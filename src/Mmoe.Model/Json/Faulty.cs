using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>
/// From faults that are collected to a validation. What predicts collects: of LanguageExt, what is trimmed or compiled ahead of time may
/// reach nothing.
/// </summary>
internal static class Faulty
{
    /// <summary>What a function gives, or the faults that it found.</summary>
    /// <param name="read">Gives null if and only if it has added a fault.</param>
    public static Validation<Fault, T> Validated<T>(Func<ICollection<Fault>, T?> read)
        where T : class
    {
        var faults = new List<Fault>();
        return read(faults) is { } value ? Success<Fault, T>(value) : Fail<Fault, T>(faults.ToSeq());
    }
}
