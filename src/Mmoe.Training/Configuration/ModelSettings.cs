using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The keys of <see cref="ModelOptions"/>.</summary>
internal static class ModelSettings
{
    /// <summary>The word for what is not stated, so that a saved configuration names every key.</summary>
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
        Of("dropout", text => Settings.ReadNumber(text, new(0, 0.99)), (o, v) => o with { Dropout = v }, o => Settings.Text(o.Dropout)),
        Flag("layer_norm", (o, v) => o with { LayerNorm = v }, o => o.LayerNorm),
        Flag("residual", (o, v) => o with { Residual = v }, o => o.Residual),
        Flag("expert_bias", (o, v) => o with { ExpertBias = v }, o => o.ExpertBias),
        Optional<bool>("gate_bias", Settings.ReadFlag, (o, v) => o with { GateBias = v }, o => Text(o.GateBias)),
        Of(
            "gate_units",
            text => Settings.ReadWidths(text, ParameterLimits.Training["units"], allowNone: true),
            (o, v) => o with { GateUnits = v },
            o => Settings.Text(o.GateUnits)),
        Number("gate_temperature", Positive, (o, v) => o with { GateTemperature = v }, o => o.GateTemperature),
        Whole("top_k", new(1, 4_096), (o, v) => o with { TopK = v }, o => o.TopK),
        Whole("shared_experts", new(0, 4_096), (o, v) => o with { SharedExperts = v }, o => o.SharedExperts),
        Whole("task_experts", new(0, 4_096), (o, v) => o with { TaskExperts = v }, o => o.TaskExperts),
        Whole("levels", new(1, 64), (o, v) => o with { Levels = v }, o => o.Levels),
        Number("stitch_own", new(-1_000, 1_000), (o, v) => o with { StitchOwn = v }, o => o.StitchOwn),
        PerTask("positive_weight", Positive, (o, v) => o with { PositiveWeight = v }, o => o.PositiveWeight),
        PerTask("label_smoothing", new(0, 0.99), (o, v) => o with { LabelSmoothing = v }, o => o.LabelSmoothing),
        PerTask("huber_delta", Positive, (o, v) => o with { HuberDelta = v }, o => o.HuberDelta),
        Settings.Choice(
            "weighting", WeightingNames.Available, default, (c, v) => With(c, o => o with { Weighting = v }), c => c.Options.Weighting),
        PerTask("task_weights", new(0, 1_000_000), (o, v) => o with { TaskWeights = v }, o => o.TaskWeights),
        Of(
            "freeze",
            text => Settings.Elements(text).Map(names => new EquatableArray<string>(names)),
            (o, v) => o with { Freeze = v },
            o => $"[{string.Join(", ", o.Freeze)}]"),
    ];

    private static TrainingConfig With(TrainingConfig config, Func<ModelOptions, ModelOptions> change) =>
        config with { Options = change(config.Options) };

    private static Setting Of<T>(
        string key,
        Func<string, Validation<Fault, T>> parse,
        Func<ModelOptions, T, ModelOptions> with,
        Func<ModelOptions, string> text,
        char? pairing = null) =>
        new(key, (c, value) => parse(value).Map(v => With(c, o => with(o, v))), c => text(c.Options)) { Pairing = pairing };

    private static Setting Flag(string key, Func<ModelOptions, bool, ModelOptions> with, Func<ModelOptions, bool> read) =>
        Of(key, Settings.ReadFlag, with, o => Text(read(o))!);

    private static Setting Optional<T>(
        string key, Func<string, Validation<Fault, T>> parse, Func<ModelOptions, T?, ModelOptions> with, Func<ModelOptions, string?> text)
        where T : struct =>
        new(
            key,
            // Nothing stated is no value that a success could carry.
            (c, value) => value == NotStated
                ? Success<Fault, TrainingConfig>(With(c, o => with(o, null)))
                : parse(value).Map(v => With(c, o => with(o, v))),
            c => text(c.Options) ?? NotStated);

    private static Setting Whole(
        string key, NumberLimits limits, Func<ModelOptions, int?, ModelOptions> with, Func<ModelOptions, int?> read) =>
        Optional(key, text => Settings.ReadWhole(text, limits), with, o => read(o)?.ToString(CultureInfo.InvariantCulture));

    private static Setting Number(
        string key, NumberLimits limits, Func<ModelOptions, double?, ModelOptions> with, Func<ModelOptions, double?> read) =>
        Optional(key, text => Settings.ReadNumber(text, limits), with, o => read(o) is { } value ? Settings.Text(value) : null);

    private static Setting PerTask(
        string key,
        NumberLimits limits,
        Func<ModelOptions, EquatableArray<TaskNumber>, ModelOptions> with,
        Func<ModelOptions, EquatableArray<TaskNumber>> read) => Of(
        key,
        text => text == NotStated ? Success<Fault, EquatableArray<TaskNumber>>(default) : ReadTaskNumbers(text, limits),
        with,
        o => read(o) is { Count: > 0 } numbers ? $"[{string.Join(", ", numbers.Select(Text))}]" : NotStated,
        pairing: ':');

    // A number for all tasks, or task:number for some.
    private static Validation<Fault, EquatableArray<TaskNumber>> ReadTaskNumbers(string text, NumberLimits limits) => Settings.Elements(text)
        .Bind(elements => elements
            .Map(element => element.LastIndexOf(':') is >= 0 and var colon
                ? Settings.ReadNumber(element[(colon + 1)..].Trim(), limits).Map(value => new TaskNumber(element[..colon].Trim(), value))
                : elements.Count > 1 ? Fail<Fault, TaskNumber>(Fault.Usage($"'{element}' is for no task"))
                : Settings.ReadNumber(element, limits).Map(value => new TaskNumber(null, value)))
            .Sequence())
        .Map(numbers => new EquatableArray<TaskNumber>(numbers))
        .MapFail(fault => fault with { Hint = fault.Hint ?? "give one number for all tasks, or task:number, separated by commas" });

    private static string? Text(bool? flag) => flag switch { true => "true", false => "false", null => null };

    private static string Text(TaskNumber number) =>
        number.Task is null ? Settings.Text(number.Value) : $"{number.Task}:{Settings.Text(number.Value)}";
}
