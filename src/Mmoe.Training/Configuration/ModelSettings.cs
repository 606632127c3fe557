using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The keys of <see cref="ModelOptions"/>.</summary>
internal static class ModelSettings
{
    private const string NotStated = OptionSettings<ModelOptions>.NotStated;

    private static readonly OptionSettings<ModelOptions> Keys = new(c => c.Options, (c, o) => c with { Options = o });

    private static readonly NumberLimits Positive = new(0, 1_000_000, AboveMin: true);

    /// <summary>The keys in the order in which they are written.</summary>
    public static EquatableArray<Setting> All { get; } =
    [
        .. Layers.Select(setting => setting.OfNewModel()),
        PerTask("positive_weight", Positive, (o, v) => o with { PositiveWeight = v }, o => o.PositiveWeight),
        PerTask("label_smoothing", new(0, 0.99), (o, v) => o with { LabelSmoothing = v }, o => o.LabelSmoothing),
        PerTask("huber_delta", Positive, (o, v) => o with { HuberDelta = v }, o => o.HuberDelta),
        Keys.Choice("weighting", WeightingNames.Available, (o, v) => o with { Weighting = v }, o => o.Weighting).OfNewModel(),
        PerTask("task_weights", new(0, 1_000_000), (o, v) => o with { TaskWeights = v }, o => o.TaskWeights),
        Keys.Of(
            "freeze",
            text => Settings.Elements(text).Map(names => new EquatableArray<string>(names)),
            (o, v) => o with { Freeze = v },
            o => $"[{string.Join(", ", o.Freeze)}]"),
    ];

    private static EquatableArray<Setting> Layers =>
    [
        Keys.Choice(
            "activation",
            [.. Activations.All.Select(named => named.Name)],
            (o, v) => o with { Activation = Activations.All.First(named => named.Name == v).Activation },
            o => o.Activation.Name()),
        Keys.Of("dropout", text => Settings.ReadNumber(text, new(0, 0.99)), (o, v) => o with { Dropout = v }, o => Settings.Text(o.Dropout)),
        Keys.Flag("layer_norm", (o, v) => o with { LayerNorm = v }, o => o.LayerNorm),
        Keys.Flag("residual", (o, v) => o with { Residual = v }, o => o.Residual),
        Keys.Flag("expert_bias", (o, v) => o with { ExpertBias = v }, o => o.ExpertBias),
        Keys.OptionalFlag("gate_bias", (o, v) => o with { GateBias = v }, o => o.GateBias),
        Keys.Of(
            "gate_units",
            text => Settings.ReadWidths(text, ParameterLimits.Training["units"], allowNone: true),
            (o, v) => o with { GateUnits = v },
            o => Settings.Text(o.GateUnits)),
        Keys.Number("gate_temperature", new(0.000001, 1_000_000), (o, v) => o with { GateTemperature = v }, o => o.GateTemperature),
        Keys.Whole("top_k", new(1, 4_096), (o, v) => o with { TopK = v }, o => o.TopK),
        Keys.Whole("shared_experts", new(0, 4_096), (o, v) => o with { SharedExperts = v }, o => o.SharedExperts),
        Keys.Whole("task_experts", new(0, 4_096), (o, v) => o with { TaskExperts = v }, o => o.TaskExperts),
        Keys.Whole("levels", new(1, 64), (o, v) => o with { Levels = v }, o => o.Levels),
        Keys.Number("stitch_own", new(-1_000, 1_000), (o, v) => o with { StitchOwn = v }, o => o.StitchOwn),
    ];

    private static Setting PerTask(
        string key,
        NumberLimits limits,
        Func<ModelOptions, EquatableArray<TaskNumber>, ModelOptions> with,
        Func<ModelOptions, EquatableArray<TaskNumber>> read)
    {
        var setting = Keys.Of(
            key,
            text => text == NotStated ? Success<Fault, EquatableArray<TaskNumber>>(default) : ReadTaskNumbers(text, limits),
            with,
            o => read(o) is { Count: > 0 } numbers ? $"[{string.Join(", ", numbers.Select(Text))}]" : NotStated);
        return setting with { Pairing = ':' };
    }

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

    private static string Text(TaskNumber number) =>
        number.Task is null ? Settings.Text(number.Value) : $"{number.Task}:{Settings.Text(number.Value)}";
}
