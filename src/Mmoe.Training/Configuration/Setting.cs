using System.Globalization;
using System.Numerics;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>One key of the configuration: how its text is read into a configuration, and written back.</summary>
/// <param name="Key">The key, in snake case, as in configuration files and <c>--set</c>.</param>
/// <param name="Apply">The configuration with the key set, or what is wrong with the text.</param>
/// <param name="Text">The key's value in a configuration; null if the configuration has none.</param>
public sealed record Setting(string Key, Func<TrainingConfig, string, Validation<Fault, TrainingConfig>> Apply, Func<TrainingConfig, string?> Text)
{
    /// <summary>What stands between a name and its value in the elements of a list of such; null if the key takes no such list.</summary>
    internal char? Pairing { get; init; }

    /// <summary>Whether the key says what a new model is like, so that it has no meaning where a checkpoint's model is trained on.</summary>
    internal bool IsOfNewModel { get; private init; }

    /// <summary>The same key as one that says what a new model is like; a configuration that trains a checkpoint on has no value for it.</summary>
    internal Setting OfNewModel() => this with
    {
        IsOfNewModel = true,
        Text = config => config.Checkpoint is null ? this.Text(config) : null,
    };
}

/// <summary>All keys of the configuration: one table for the command line, <c>--set</c> and the saved configuration.</summary>
public static class Settings
{
    /// <summary>The keys in the order in which they are written.</summary>
    public static EquatableArray<Setting> All { get; } = new(
    [
        new("dataset", SetDataset, c => c.Dataset),
        Stated("num_features", c => c.NumFeatures),
        new("checkpoint", SetCheckpoint, c => c.Checkpoint),
        new Setting("model", (c, text) => c.Families.Find(text).Map(family => c with { Model = family.Name }), c => c.Model).OfNewModel(),
        Choice("engine", EngineNames.Available, (c, v) => c with { Engine = v }, c => c.Engine),
        new("device", SetDevice, c => c.Device),
        Whole("threads", new(1, 1024), (c, v) => c with { Threads = v }, c => c.Threads),
        Parameter("num_experts", (p, v) => p with { NumExperts = v }, p => p.NumExperts).OfNewModel(),
        Widths("units", allowNone: false, (p, v) => p with { Units = v }, p => p.Units).OfNewModel(),
        Widths("tower_units", allowNone: true, (p, v) => p with { TowerUnits = v }, p => p.TowerUnits).OfNewModel(),
        .. ModelSettings.All,
        Parameter("batch_size", (p, v) => p with { BatchSize = v }, p => p.BatchSize),
        Parameter("epoch_size", (p, v) => p with { EpochSize = v }, p => p.EpochSize),
        Fraction("learning_rate", (p, v) => p with { LearningRate = v }, p => p.LearningRate),
        Choice("schedule", ScheduleNames.Available, (c, v) => c with { Schedule = v }, c => c.Schedule),
        Parameter("warmup_epochs", (p, v) => p with { WarmupEpochs = v }, p => p.WarmupEpochs),
        .. OptimizationSettings.All,
        Flag("save_checkpoint", (p, v) => p with { SaveCheckpoint = v }, p => p.SaveCheckpoint),
        Parameter("save_checkpoint_epochs", (p, v) => p with { SaveCheckpointEpochs = v }, p => p.SaveCheckpointEpochs),
        Parameter("keep_checkpoint_max", (p, v) => p with { KeepCheckpointMax = v }, p => p.KeepCheckpointMax),
        Parameter("seed", (p, v) => p with { Seed = v }, p => p.Seed),
        new("exclude", SetExclude, c => $"[{string.Join(", ", c.Exclude)}]"),
        new("weight_by", (c, v) => Success<Fault, TrainingConfig>(c with { WeightBy = v.Length == 0 ? null : v }), c => c.WeightBy),
        new("encode", SetEncode, c => c.Encode.Count == 0 ? null : string.Join(',', c.Encode)) { Pairing = '=' },
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
    public static Validation<Fault, TrainingConfig> Set(TrainingConfig config, string key, string text, string source) => Find(key)
        .Bind(setting => setting.Apply(config, text))
        .MapFail(fault => fault with { What = $"{source}: {fault.What}" });

    /// <summary>All keys, in the same order.</summary>
    internal static IEnumerable<string> Keys => All.Select(setting => setting.Key);

    /// <summary>The setting of a key, or a fault that names the nearest, or else all.</summary>
    internal static Validation<Fault, Setting> Find(string key)
    {
        if (All.FirstOrDefault(setting => setting.Key == key) is { } found)
        {
            return Success<Fault, Setting>(found);
        }

        var nearest = NearestMatch.Of(key, Keys);
        return Fail<Fault, Setting>(Fault.Usage(
            $"unknown key '{key}'", nearest is null ? $"the keys are {string.Join(", ", Keys)}" : $"did you mean '{nearest}'?"));
    }

    /// <summary>The elements of a list, with or without brackets; an empty one is more likely a slip than meant to be left out.</summary>
    internal static Validation<Fault, Seq<string>> Elements(string text)
    {
        var trimmed = text.Trim();
        var inner = trimmed is ['[', .., ']'] ? trimmed[1..^1] : trimmed;
        var elements = string.IsNullOrWhiteSpace(inner) ? [] : inner.Split(',', StringSplitOptions.TrimEntries);
        var faults = elements
            .Select((element, i) => (Text: element, Number: i + 1))
            .Where(element => element.Text.Length == 0)
            .Select(element => Fault.Usage($"element {Text(element.Number)} of '{text}' is empty"))
            .ToSeq();
        return faults.IsEmpty ? Success<Fault, Seq<string>>(elements.ToSeq()) : Fail<Fault, Seq<string>>(faults);
    }

    internal static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    internal static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static Validation<Fault, TrainingConfig> Wrong(string what, string? hint = null) => Wrong<TrainingConfig>(what, hint);

    private static Validation<Fault, T> Wrong<T>(string what, string? hint = null) => Fail<Fault, T>(Fault.Usage(what, hint));

    private static Validation<Fault, T> OutOfRange<T>(string text, NumberLimits limits) =>
        Wrong<T>($"{text} is out of range", $"give a number {limits}");

    // What is too large for the type is a number all the same, and out of every range.
    internal static Validation<Fault, int> ReadWhole(string text, NumberLimits limits) =>
        !BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Wrong<int>($"'{text}' is not a whole number", Slips.Number(text))
        : value < int.MinValue || value > int.MaxValue || !limits.Contains((int)value) ? OutOfRange<int>(text, limits)
        : Success<Fault, int>((int)value);

    // A double that is too large is read as infinite, as is the word; only the former has digits.
    internal static Validation<Fault, double> ReadNumber(string text, NumberLimits limits) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !text.Any(char.IsAsciiDigit)
            ? Wrong<double>($"'{text}' is not a number", Slips.Number(text))
        : !limits.Contains(value) ? OutOfRange<double>(text, limits)
        : Success<Fault, double>(value);

    internal static Validation<Fault, bool> ReadFlag(string text) =>
        bool.TryParse(text, out var flag) ? Success<Fault, bool>(flag)
        : Wrong<bool>($"'{text}' is neither true nor false", Slips.Flag(text));

    internal static Validation<Fault, EquatableArray<int>> ReadWidths(string text, NumberLimits limits, bool allowNone)
    {
        var hint = $"give whole numbers {limits}, separated by commas{(allowNone ? ", or [] for none" : "")}";
        return Elements(text)
            .Bind(elements => elements.IsEmpty && !(allowNone && text.Trim().StartsWith('['))
                ? Wrong<Seq<int>>($"'{text}' is not a list of widths")
                : elements.Map(element => ReadWhole(element, limits)).Sequence())
            .Map(widths => new EquatableArray<int>(widths))
            .MapFail(fault => fault with { Hint = hint });
    }

    internal static string Text(EquatableArray<int> widths) => $"[{string.Join(", ", widths.Select(Text))}]";

    private static Setting Whole(
        string key, NumberLimits limits, Func<TrainingConfig, int, TrainingConfig> with, Func<TrainingConfig, int> read) =>
        new(key, (c, text) => ReadWhole(text, limits).Map(v => with(c, v)), c => Text(read(c)));

    private static Setting Parameter(
        string key, Func<TrainingParameters, int, TrainingParameters> with, Func<TrainingParameters, int> read) =>
        Whole(key, ParameterLimits.Training[key], (c, v) => c with { Parameters = with(c.Parameters, v) }, c => read(c.Parameters));

    private static Validation<Fault, TrainingConfig> SetDataset(TrainingConfig config, string text) => text == config.Dataset
        ? Success<Fault, TrainingConfig>(config)
        : Wrong($"'{text}' is not the dataset that is asked for", $"it is '{config.Dataset}': leave the key out, or correct it");

    private static Setting Stated(string key, Func<TrainingConfig, int> read) => new(
        key,
        (c, text) => ReadWhole(text, new(int.MinValue, int.MaxValue))
            .Bind(stated => stated == read(c)
                ? Success<Fault, TrainingConfig>(c)
                : Wrong($"{text} is not the schema's number of features", $"it is {read(c)}: leave the key out, or correct it")),
        c => Text(read(c)));

    private static Setting Widths(
        string key,
        bool allowNone,
        Func<TrainingParameters, EquatableArray<int>, TrainingParameters> with,
        Func<TrainingParameters, EquatableArray<int>> read) => new(
        key,
        (c, text) => ReadWidths(text, ParameterLimits.Training[key], allowNone)
            .Map(widths => c with { Parameters = with(c.Parameters, widths) }),
        c => Text(read(c.Parameters)));

    private static Setting Flag(string key, Func<TrainingParameters, bool, TrainingParameters> with, Func<TrainingParameters, bool> read) => new(
        key,
        (c, text) => ReadFlag(text).Map(v => c with { Parameters = with(c.Parameters, v) }),
        c => read(c.Parameters) ? "true" : "false");

    internal static Setting Choice(
        string key,
        EquatableArray<string> available,
        Func<TrainingConfig, string, TrainingConfig> with,
        Func<TrainingConfig, string> read) => new(
        key,
        (c, text) => available.Contains(text) ? Success<Fault, TrainingConfig>(with(c, text))
            : Wrong($"unknown {key} '{text}'", NearestMatch.Of(text, available) is { } nearest ? $"did you mean '{nearest}'?" : $"available are {string.Join(", ", available)}"),
        read);

    private static Validation<Fault, TrainingConfig> SetExclude(TrainingConfig config, string text) => Elements(text)
        .Map(names => config with { Exclude = new(names) })
        .MapFail(fault => fault with { Hint = "give names, separated by commas" });

    // Whether there is such a file is asked when the model is built.
    private static Validation<Fault, TrainingConfig> SetCheckpoint(TrainingConfig config, string text) => string.IsNullOrWhiteSpace(text)
        ? Wrong("the value is empty", "name a checkpoint's file, or leave the key out")
        : Success<Fault, TrainingConfig>(config with { Checkpoint = text, Model = ModelNames.FineTuned });

    private static Validation<Fault, TrainingConfig> SetDevice(TrainingConfig config, string text) =>
        DeviceNames.IsWellFormed(text)
            ? Success<Fault, TrainingConfig>(config with { Device = text })
            : Wrong($"unknown device '{text}'", "give cpu, cuda or cuda:N");

    // Whether there are such columns is asked when the inputs are chosen, as for those to exclude.
    private static Validation<Fault, TrainingConfig> SetEncode(TrainingConfig config, string text) => Elements(text).Bind(elements =>
    {
        var entries = elements.Map(ReadEncoding).ToArray();
        var twice = entries.SelectMany(entry => entry.SuccessAsEnumerable())
            .GroupBy(entry => entry.Column, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => Fault.Usage($"the column '{group.Key}' stands twice", $"join its encodings with '{NumericEncoding.Joint}'"));
        var faults = toSeq(entries).Bind(entry => entry.Match(_ => Seq<Fault>(), wrong => wrong)) + toSeq(twice);
        return faults.IsEmpty
            ? Success<Fault, TrainingConfig>(config with { Encode = new(entries.SelectMany(entry => entry.SuccessAsEnumerable())) })
            : Fail<Fault, TrainingConfig>(faults.Strict());
    });

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
        (c, text) => ReadNumber(text, ParameterLimits.Training[key]).Map(v => c with { Parameters = with(c.Parameters, v) }),
        c => Text(read(c.Parameters)));

    private static Setting FromColumns(string key, Func<SyntheticSource, int> read) => OfSource(
        key,
        (c, source, text) => text == Text(read(source))
            ? Success<Fault, TrainingConfig>(c)
            : Wrong($"{key} follows from the schema's columns", $"it is {Text(read(source))}: leave the key out, or correct it"),
        s => Text(read(s)));

    private static Setting Drawn(
        string key, Func<SyntheticSource, double, SyntheticSource> with, Func<SyntheticSource, double> read) => OfSource(
        key,
        (c, source, text) => ReadNumber(text, ParameterLimits.Drawn[key]).Map(v => c with { Source = with(source, v) }),
        s => Text(read(s)));

    // The key is the schema's name of the parameter, save where a training parameter has that name.
    private static Setting DrawnWhole(
        string key, string parameter, Func<SyntheticSource, int, SyntheticSource> with, Func<SyntheticSource, int> read) => OfSource(
        key,
        (c, source, text) => ReadWhole(text, ParameterLimits.Drawn[parameter]).Map(v => c with { Source = with(source, v) }),
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
