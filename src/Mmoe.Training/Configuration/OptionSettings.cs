using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Makes keys of a part of the configuration.</summary>
/// <typeparam name="T">The part.</typeparam>
/// <param name="read">The part of a configuration.</param>
/// <param name="with">The configuration with another part.</param>
internal sealed class OptionSettings<T>(Func<TrainingConfig, T> read, Func<TrainingConfig, T, TrainingConfig> with)
{
    /// <summary>The word for what is not stated, so that a saved configuration names every key.</summary>
    public const string NotStated = "default";

    /// <summary>A key of any form.</summary>
    public Setting Of<TValue>(
        string key, Func<string, Validation<Fault, TValue>> parse, Func<T, TValue, T> change, Func<T, string> text) =>
        new(key, (c, value) => parse(value).Map(v => with(c, change(read(c), v))), c => text(read(c)));

    /// <summary>A key that is true or false.</summary>
    public Setting Flag(string key, Func<T, bool, T> change, Func<T, bool> value) =>
        this.Of(key, Settings.ReadFlag, change, o => Text(value(o)));

    /// <summary>A key that is one of some words.</summary>
    public Setting Choice(string key, EquatableArray<string> available, Func<T, string, T> change, Func<T, string> value) =>
        Settings.Choice(key, available, (c, v) => with(c, change(read(c), v)), c => value(read(c)));

    /// <summary>A key that need not be stated.</summary>
    public Setting Optional<TValue>(
        string key, Func<string, Validation<Fault, TValue>> parse, Func<T, TValue?, T> change, Func<T, string?> text)
        where TValue : struct =>
        new(
            key,
            // Nothing stated is no value that a success could carry.
            (c, value) => value == NotStated
                ? Success<Fault, TrainingConfig>(with(c, change(read(c), null)))
                : parse(value).Map(v => with(c, change(read(c), v))),
            c => text(read(c)) ?? NotStated);

    /// <summary>A flag that need not be stated.</summary>
    public Setting OptionalFlag(string key, Func<T, bool?, T> change, Func<T, bool?> value) =>
        this.Optional(key, Settings.ReadFlag, change, o => value(o) is { } flag ? Text(flag) : null);

    /// <summary>A whole number that need not be stated.</summary>
    public Setting Whole(string key, NumberLimits limits, Func<T, int?, T> change, Func<T, int?> value) =>
        this.Optional(key, text => Settings.ReadWhole(text, limits), change, o => value(o)?.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number that need not be stated.</summary>
    public Setting Number(string key, NumberLimits limits, Func<T, double?, T> change, Func<T, double?> value) =>
        this.Optional(key, text => Settings.ReadNumber(text, limits), change, o => value(o) is { } number ? Settings.Text(number) : null);

    private static string Text(bool flag) => flag ? "true" : "false";
}
