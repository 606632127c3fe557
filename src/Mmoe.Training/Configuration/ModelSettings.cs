using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The keys of <see cref="ModelOptions"/>.</summary>
internal static class ModelSettings
{
    private const string NotStated = "default";

    private static readonly NumberLimits Positive = new(0, 1_000_000, AboveMin: true);

    /// <summary>The keys in the order in which they are written.</summary>
    public static EquatableArray<Setting> All { get; } =
    [
        Settings.Choice(
            "activation",
            [.. Activations.All.Select(named => named.Name)],
            default,
            (c, v) => With(c, o => o with { Activation = Activations.All.First(named => named.Name == v).Activation }),
            c => c.Options.Activation.Name()),
        new(
            "dropout",
            (c, text) => Settings.ReadNumber(text, new(0, 0.99), v => With(c, o => o with { Dropout = v })),
            c => Settings.Text(c.Options.Dropout)),
        Flag("layer_norm", (o, v) => o with { LayerNorm = v }, o => o.LayerNorm),
        Flag("residual", (o, v) => o with { Residual = v }, o => o.Residual),
        Flag("expert_bias", (o, v) => o with { ExpertBias = v }, o => o.ExpertBias),
        Optional("gate_bias", Settings.ReadFlag, (o, v) => o with { GateBias = v }, o => Text(o.GateBias)),
        new(
            "gate_units",
            (c, text) => Settings.ReadWidths(text, ParameterLimits.Training["units"], allowNone: true, v => With(c, o => o with { GateUnits = v })),
            c => Settings.Text(c.Options.GateUnits)),
        OptionalNumber("gate_temperature", Positive, (o, v) => o with { GateTemperature = v }, o => o.GateTemperature),
        OptionalWhole("top_k", new(1, 4_096), (o, v) => o with { TopK = v }, o => o.TopK),
        OptionalWhole("shared_experts", new(0, 4_096), (o, v) => o with { SharedExperts = v }, o => o.SharedExperts),
        OptionalWhole("task_experts", new(0, 4_096), (o, v) => o with { TaskExperts = v }, o => o.TaskExperts),
        OptionalWhole("levels", new(1, 64), (o, v) => o with { Levels = v }, o => o.Levels),
        OptionalNumber("stitch_own", new(-1_000, 1_000), (o, v) => o with { StitchOwn = v }, o => o.StitchOwn),
        PerTask("positive_weight", Positive, (o, v) => o with { PositiveWeight = v }, o => o.PositiveWeight),
        PerTask("label_smoothing", new(0, 0.99), (o, v) => o with { LabelSmoothing = v }, o => o.LabelSmoothing),
        PerTask("huber_delta", Positive, (o, v) => o with { HuberDelta = v }, o => o.HuberDelta),
        Settings.Choice(
            "weighting", WeightingNames.Available, default, (c, v) => With(c, o => o with { Weighting = v }), c => c.Options.Weighting),
        PerTask("task_weights", new(0, 1_000_000), (o, v) => o with { TaskWeights = v }, o => o.TaskWeights),
        new(
            "freeze",
            (c, text) => Success<Fault, TrainingConfig>(With(c, o => o with { Freeze = Settings.Names(text) })),
            c => $"[{string.Join(", ", c.Options.Freeze)}]"),
    ];

    private static TrainingConfig With(TrainingConfig config, Func<ModelOptions, ModelOptions> change) =>
        config with { Options = change(config.Options) };

    private static string? Text(bool? flag) => flag switch { true => "true", false => "false", null => null };

    private static Setting Flag(string key, Func<ModelOptions, bool, ModelOptions> with, Func<ModelOptions, bool> read) =>
        new(key, (c, text) => Settings.ReadFlag(text, v => With(c, o => with(o, v))), c => Text(read(c.Options)));

    private static Setting OptionalWhole(
        string key, NumberLimits limits, Func<ModelOptions, int?, ModelOptions> with, Func<ModelOptions, int?> read) =>
        Optional<int>(
            key, (text, set) => Settings.ReadWhole(text, limits, set), with, o => read(o)?.ToString(CultureInfo.InvariantCulture));

    private static Setting OptionalNumber(
        string key, NumberLimits limits, Func<ModelOptions, double?, ModelOptions> with, Func<ModelOptions, double?> read) =>
        Optional<double>(
            key, (text, set) => Settings.ReadNumber(text, limits, set), with, o => read(o) is { } value ? Settings.Text(value) : null);

    // What is not stated is written as the word for that, so that a saved configuration names every key.
    private static Setting Optional<T>(
        string key,
        Func<string, Func<T, TrainingConfig>, Validation<Fault, TrainingConfig>> parse,
        Func<ModelOptions, T?, ModelOptions> with,
        Func<ModelOptions, string?> read)
        where T : struct => new(
        key,
        (c, text) => text == NotStated
            ? Success<Fault, TrainingConfig>(With(c, o => with(o, null)))
            : parse(text, v => With(c, o => with(o, v))),
        c => read(c.Options) ?? NotStated);

    private static Setting PerTask(
        string key,
        NumberLimits limits,
        Func<ModelOptions, EquatableArray<TaskNumber>, ModelOptions> with,
        Func<ModelOptions, EquatableArray<TaskNumber>> read) => new(
        key,
        (c, text) => ReadTaskNumbers(c, text, limits).Map(numbers => With(c, o => with(o, numbers))),
        c => read(c.Options) is { Count: > 0 } numbers
            ? string.Join(", ", numbers.Select(n => n.Task is null ? Settings.Text(n.Value) : $"{n.Task}:{Settings.Text(n.Value)}"))
            : NotStated);

    // A number for all tasks, or task:number for some.
    private static Validation<Fault, EquatableArray<TaskNumber>> ReadTaskNumbers(TrainingConfig config, string text, NumberLimits limits)
    {
        if (text == NotStated)
        {
            return Success<Fault, EquatableArray<TaskNumber>>(default);
        }

        var parts = text.Trim().Trim('[', ']').Split(',', StringSplitOptions.TrimEntries);
        return parts
            .Select(part =>
            {
                var colon = part.LastIndexOf(':');
                var (task, number) = colon < 0 ? (null, part) : (part[..colon].Trim(), part[(colon + 1)..].Trim());
                return task is null && parts.Length > 1
                    ? Fail<Fault, TaskNumber>(Fault.Usage($"'{part}' is for no task", "give one number for all tasks, or task:number for each"))
                    : Number(config, number, limits).Map(value => new TaskNumber(task, value));
            })
            .Aggregate(
                Success<Fault, Seq<TaskNumber>>(default), (all, one) => (all, one).Apply((numbers, number) => numbers.Add(number)))
            .Map(numbers => new EquatableArray<TaskNumber>(numbers));
    }

    private static Validation<Fault, double> Number(TrainingConfig config, string text, NumberLimits limits)
    {
        var value = 0.0;
        return Settings.ReadNumber(text, limits, v =>
        {
            value = v;
            return config;
        }).Map(_ => value);
    }
}
