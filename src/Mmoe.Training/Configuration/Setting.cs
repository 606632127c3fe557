using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>One key of the configuration: how its text is read into a configuration, and written back.</summary>
/// <param name="Key">The key, in snake case, as in configuration files and <c>--set</c>.</param>
/// <param name="Apply">The configuration with the key set, or what is wrong with the text.</param>
/// <param name="Text">The key's value in a configuration; null if the configuration has none.</param>
public sealed record Setting(string Key, Func<TrainingConfig, string, Validation<Fault, TrainingConfig>> Apply, Func<TrainingConfig, string?> Text);

/// <summary>All keys of the configuration: one table for the command line, <c>--set</c> and the saved configuration.</summary>
public static class Settings
{
    /// <summary>The keys in the order in which they are written.</summary>
    public static EquatableArray<Setting> All { get; } = new(
    [
        Stated("num_features", c => c.NumFeatures),
        Choice("model", ModelNames.Available, ModelNames.NotYet, (c, v) => c with { Model = v }, c => c.Model),
        Choice("engine", EngineNames.Available, EngineNames.NotYet, (c, v) => c with { Engine = v }, c => c.Engine),
        new("device", SetDevice, c => c.Device),
        Whole("threads", new(1, 1024), (c, v) => c with { Threads = v }, c => c.Threads),
        Parameter("num_experts", (p, v) => p with { NumExperts = v }, p => p.NumExperts),
        Widths("units", allowNone: false, (p, v) => p with { Units = v }, p => p.Units),
        Widths("tower_units", allowNone: true, (p, v) => p with { TowerUnits = v }, p => p.TowerUnits),
        Parameter("batch_size", (p, v) => p with { BatchSize = v }, p => p.BatchSize),
        Parameter("epoch_size", (p, v) => p with { EpochSize = v }, p => p.EpochSize),
        Fraction("learning_rate", (p, v) => p with { LearningRate = v }, p => p.LearningRate),
        Choice("schedule", ScheduleNames.Available, default, (c, v) => c with { Schedule = v }, c => c.Schedule),
        Parameter("warmup_epochs", (p, v) => p with { WarmupEpochs = v }, p => p.WarmupEpochs),
        Flag("save_checkpoint", (p, v) => p with { SaveCheckpoint = v }, p => p.SaveCheckpoint),
        Parameter("save_checkpoint_epochs", (p, v) => p with { SaveCheckpointEpochs = v }, p => p.SaveCheckpointEpochs),
        Parameter("keep_checkpoint_max", (p, v) => p with { KeepCheckpointMax = v }, p => p.KeepCheckpointMax),
        Parameter("seed", (p, v) => p with { Seed = v }, p => p.Seed),
        new("exclude", (c, v) => Success<Fault, TrainingConfig>(c with { Exclude = Names(v) }), c => $"[{string.Join(", ", c.Exclude)}]"),
        new("weight_by", (c, v) => Success<Fault, TrainingConfig>(c with { WeightBy = v }), c => c.WeightBy),
        new("encode", SetEncode, c => c.Encode.Count == 0 ? null : string.Join(',', c.Encode)),
        FromColumns("dimension", s => s.Dimension),
        Drawn("correlation", (s, v) => s with { Correlation = v }, s => s.Correlation),
        Drawn("scale", (s, v) => s with { Scale = v }, s => s.Scale),
        DrawnWhole("terms", "terms", (s, v) => s with { Terms = v }, s => s.Terms),
        Drawn("noise_variance", (s, v) => s with { NoiseVariance = v }, s => s.NoiseVariance),
        DrawnWhole("train_rows", "train_rows", (s, v) => s with { TrainRows = v }, s => s.TrainRows),
        DrawnWhole("validation_rows", "validation_rows", (s, v) => s with { ValidationRows = v }, s => s.ValidationRows),
        DrawnWhole("test_rows", "test_rows", (s, v) => s with { TestRows = v }, s => s.TestRows),
        DrawnWhole("data_seed", "seed", (s, v) => s with { Seed = v }, s => s.Seed),
    ]);

    /// <summary>The configuration with one key set.</summary>
    /// <param name="config">The configuration to start from.</param>
    /// <param name="key">The key.</param>
    /// <param name="text">Its value as text.</param>
    /// <param name="source">What the user wrote, for faults: <c>--epochs</c>, or the key itself.</param>
    /// <returns>The new configuration, or what is wrong: an unknown key, a value that does not fit.</returns>
    public static Validation<Fault, TrainingConfig> Set(TrainingConfig config, string key, string text, string source)
    {
        var setting = All.FirstOrDefault(s => s.Key == key);
        if (setting is null)
        {
            var nearest = NearestMatch.Of(key, All.Select(s => s.Key));
            return Fail<Fault, TrainingConfig>(Fault.Usage(
                $"{source}: unknown key '{key}'",
                nearest is null ? $"the keys are {string.Join(", ", All.Select(s => s.Key))}" : $"did you mean '{nearest}'?"));
        }

        return setting.Apply(config, text).MapFail(fault => fault with { What = $"{source}: {fault.What}" });
    }

    /// <summary>A comma-separated list, without blanks and empty parts.</summary>
    public static EquatableArray<string> Names(string text) =>
        new(text.Trim().Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static Validation<Fault, TrainingConfig> Wrong(string what, string? hint = null) => Fail<Fault, TrainingConfig>(Fault.Usage(what, hint));

    private static Validation<Fault, TrainingConfig> OutOfRange(string text, NumberLimits limits) =>
        Wrong($"{text} is out of range", $"give a number {limits}");

    private static Validation<Fault, TrainingConfig> ReadWhole(string text, NumberLimits limits, Func<int, TrainingConfig> with) =>
        !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Wrong($"'{text}' is not a whole number")
        : !limits.Contains(value) ? OutOfRange(text, limits)
        : Success<Fault, TrainingConfig>(with(value));

    private static Validation<Fault, TrainingConfig> ReadNumber(string text, NumberLimits limits, Func<double, TrainingConfig> with) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value)
            ? Wrong($"'{text}' is not a number")
        : !limits.Contains(value) ? OutOfRange(text, limits)
        : Success<Fault, TrainingConfig>(with(value));

    private static Setting Whole(
        string key, NumberLimits limits, Func<TrainingConfig, int, TrainingConfig> with, Func<TrainingConfig, int> read) =>
        new(key, (c, text) => ReadWhole(text, limits, v => with(c, v)), c => Text(read(c)));

    private static Setting Parameter(
        string key, Func<TrainingParameters, int, TrainingParameters> with, Func<TrainingParameters, int> read) =>
        Whole(key, ParameterLimits.Training[key], (c, v) => c with { Parameters = with(c.Parameters, v) }, c => read(c.Parameters));

    private static Setting Stated(string key, Func<TrainingConfig, int> read) => new(
        key,
        (c, text) => ReadWhole(text, new(int.MinValue, int.MaxValue), v => c with { NumFeatures = v })
            .Bind(stated => read(stated) == read(c)
                ? Success<Fault, TrainingConfig>(c)
                : Wrong($"{text} is not the schema's number of features", $"it is {read(c)}: leave the key out, or correct it")),
        c => Text(read(c)));

    private static Setting Widths(
        string key,
        bool allowNone,
        Func<TrainingParameters, EquatableArray<int>, TrainingParameters> with,
        Func<TrainingParameters, EquatableArray<int>> read) => new(
        key,
        (c, text) =>
        {
            var limits = ParameterLimits.Training[key];
            var widths = Names(text)
                .Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var v) && limits.Contains(v) ? v : 0)
                .ToArray();
            var isList = widths.Length > 0 ? !widths.Contains(0) : allowNone && text.Trim() == "[]";
            return isList
                ? Success<Fault, TrainingConfig>(c with { Parameters = with(c.Parameters, new(widths)) })
                : Wrong(
                    $"'{text}' is not a list of widths",
                    $"give whole numbers {limits}, separated by commas{(allowNone ? ", or [] for none" : "")}");
        },
        c => $"[{string.Join(", ", read(c.Parameters).Select(Text))}]");

    private static Setting Flag(string key, Func<TrainingParameters, bool, TrainingParameters> with, Func<TrainingParameters, bool> read) => new(
        key,
        (c, text) => bool.TryParse(text, out var v)
            ? Success<Fault, TrainingConfig>(c with { Parameters = with(c.Parameters, v) })
            : Wrong($"'{text}' is neither true nor false"),
        c => read(c.Parameters) ? "true" : "false");

    private static Setting Choice(
        string key,
        EquatableArray<string> available,
        EquatableArray<string> notYet,
        Func<TrainingConfig, string, TrainingConfig> with,
        Func<TrainingConfig, string> read) => new(
        key,
        (c, text) => available.Contains(text) ? Success<Fault, TrainingConfig>(with(c, text))
            : notYet.Contains(text) ? Wrong($"{key} {text} is not available yet", $"available are {string.Join(", ", available)}")
            : Wrong($"unknown {key} '{text}'", NearestMatch.Of(text, available) is { } nearest ? $"did you mean '{nearest}'?" : $"available are {string.Join(", ", available)}"),
        read);

    private static Validation<Fault, TrainingConfig> SetDevice(TrainingConfig config, string text) =>
        DeviceNames.IsWellFormed(text)
            ? Success<Fault, TrainingConfig>(config with { Device = text })
            : Wrong($"unknown device '{text}'", "give cpu, cuda or cuda:N");

    // Whether there are such columns is asked when the inputs are chosen, as for those to exclude.
    private static Validation<Fault, TrainingConfig> SetEncode(TrainingConfig config, string text)
    {
        var entries = Names(text).Select(ReadEncoding).ToArray();
        var twice = entries.SelectMany(entry => entry.SuccessAsEnumerable())
            .GroupBy(entry => entry.Column, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => Fault.Usage($"the column '{group.Key}' stands twice", $"join its encodings with '{NumericEncoding.Joint}'"));
        var faults = toSeq(entries).Bind(entry => entry.Match(_ => Seq<Fault>(), wrong => wrong)) + toSeq(twice);
        return faults.IsEmpty
            ? Success<Fault, TrainingConfig>(config with { Encode = new(entries.SelectMany(entry => entry.SuccessAsEnumerable())) })
            : Fail<Fault, TrainingConfig>(faults.Strict());
    }

    private static Validation<Fault, ColumnEncoding> ReadEncoding(string entry)
    {
        // A name may hold the sign, an encoding does not.
        var at = entry.LastIndexOf('=');
        if (at <= 0)
        {
            return Fail<Fault, ColumnEncoding>(Fault.Usage(
                $"'{entry}' is no COLUMN=ENCODING",
                $"write age=log1p{NumericEncoding.Joint}quantile:16, or {ColumnEncoding.Others}=log1p for all other numeric features"));
        }

        var column = entry[..at].TrimEnd();
        var encodings = NumericEncoding.Parse([entry[(at + 1)..].TrimStart()], out var problems);
        return problems.Count == 0
            ? Success<Fault, ColumnEncoding>(new(column, encodings))
            : Fail<Fault, ColumnEncoding>(toSeq(problems.Select(p => Fault.Usage($"column '{column}': {p.What}", p.Advice))).Strict());
    }

    private static Setting Fraction(
        string key, Func<TrainingParameters, double, TrainingParameters> with, Func<TrainingParameters, double> read) => new(
        key,
        (c, text) => ReadNumber(text, ParameterLimits.Training[key], v => c with { Parameters = with(c.Parameters, v) }),
        c => Text(read(c.Parameters)));

    private static Setting FromColumns(string key, Func<SyntheticSource, int> read) => OfSource(
        key, (_, _, _) => Wrong($"{key} follows from the schema's columns", "leave it out"), s => Text(read(s)));

    private static Setting Drawn(
        string key, Func<SyntheticSource, double, SyntheticSource> with, Func<SyntheticSource, double> read) => OfSource(
        key,
        (c, source, text) => ReadNumber(text, ParameterLimits.Drawn[key], v => c with { Source = with(source, v) }),
        s => Text(read(s)));

    // The key is the schema's name of the parameter, save where a training parameter has that name.
    private static Setting DrawnWhole(
        string key, string parameter, Func<SyntheticSource, int, SyntheticSource> with, Func<SyntheticSource, int> read) => OfSource(
        key,
        (c, source, text) => ReadWhole(text, ParameterLimits.Drawn[parameter], v => c with { Source = with(source, v) }),
        s => Text(read(s)));

    private static Setting OfSource(
        string key,
        Func<TrainingConfig, SyntheticSource, string, Validation<Fault, TrainingConfig>> apply,
        Func<SyntheticSource, string> read) => new(
        key,
        (c, text) => c.Source is SyntheticSource source
            ? apply(c, source, text)
            : Wrong($"{c.Dataset} reads files; {key} belongs to datasets that are drawn on the spot"),
        c => c.Source is SyntheticSource source ? read(source) : null);
}
