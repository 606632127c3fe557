using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>
/// A way to arrange the parts that a configuration describes to a model, under the name by which <c>--model</c> asks for it.
/// </summary>
/// <param name="Name">The name, in lower case, with hyphens between words.</param>
/// <param name="Description">What it is, in one line.</param>
/// <param name="Arrange">The model of parts. Its towers are given the losses that the configuration names, and its weighting.</param>
public sealed record ModelFamily(string Name, string Description, Func<ModelParts, ModelSpec> Arrange)
{
    /// <summary>
    /// The keys that this family has a use for, of <see cref="OwnKeys"/>. To set one of the others is a fault: it would change nothing.
    /// </summary>
    public EquatableArray<string> Keys { get; init; }

    /// <summary>The keys that shape gates: what a family names that uses <see cref="ModelParts.Gate"/>.</summary>
    public static EquatableArray<string> GateKeys { get; } = ["gate_bias", "gate_units", "gate_temperature", "top_k"];

    /// <summary>The keys of the configuration that not every family has a use for.</summary>
    public static EquatableArray<string> OwnKeys { get; } = [.. ModelBuilder.OwnKeys.Select(own => own.Key)];
}

/// <summary>What a configuration says of a model, as the parts that a <see cref="ModelFamily"/> arranges.</summary>
/// <param name="Tasks">What is predicted, in the dataset's order.</param>
/// <param name="Experts"><c>num_experts</c>.</param>
/// <param name="Expert">The network of one expert: <c>units</c>, with dropout, layer norm and the like as configured.</param>
/// <param name="Tower">The hidden layers of a tower: <c>tower_units</c>, likewise.</param>
/// <param name="BottomLayers">
/// The layers of a network that stands in place of all experts and has their capacity: each <c>num_experts</c> times as wide as an
/// expert's.
/// </param>
/// <param name="Gate">A gate: <c>gate_units</c>, <c>gate_temperature</c> and the like.</param>
public sealed record ModelParts(
    EquatableArray<TaskDescriptor> Tasks,
    int Experts,
    Network Expert,
    Network Tower,
    EquatableArray<Network> BottomLayers,
    SoftmaxGate Gate)
{
    /// <summary><c>shared_experts</c>: the number of experts that all tasks share, beside those of each task's own.</summary>
    public int SharedExperts { get; init; }

    /// <summary><c>task_experts</c>: the number of experts of each task's own.</summary>
    public int TaskExperts { get; init; }

    /// <summary><c>levels</c>.</summary>
    public int Levels { get; init; }

    /// <summary><c>stitch_own</c>: what a task starts to take of its own.</summary>
    public float StitchOwn { get; init; }

    /// <summary><see cref="BottomLayers"/>, one after the other.</summary>
    public Network Bottom => this.BottomLayers.Aggregate(Network.Identity, (network, layer) => network >> layer);
}

/// <summary>Families by name: a value that an application composes and hands on.</summary>
public sealed class ModelFamilyRegistry
{
    private static readonly ModelFamily[] Literature =
    [
        new(
            ModelNames.Mmoe,
            "experts that all tasks share, and a gate for each task",
            p => ModelFamilies.Mmoe(p.Tasks, p.Experts, p.Expert, p.Tower, p.Gate)) { Keys = ModelFamily.GateKeys },
        new(
            ModelNames.SingleTask,
            "a network for each task alone",
            p => ModelFamilies.SingleTask(p.Tasks, p.Bottom, p.Tower)),
        new(
            ModelNames.SharedBottom,
            "one network that all tasks share",
            p => ModelFamilies.SharedBottom(p.Tasks, p.Bottom, p.Tower)),
        new(
            ModelNames.OneGate,
            "experts and one gate that all tasks share",
            p => ModelFamilies.OneGate(p.Tasks, p.Experts, p.Expert, p.Tower, p.Gate)) { Keys = ModelFamily.GateKeys },
        new(
            ModelNames.Cgc,
            "experts of each task's own beside shared ones, and a gate for each task",
            p => ModelFamilies.Cgc(p.Tasks, p.TaskExperts, p.SharedExperts, p.Expert, p.Tower, p.Gate))
        {
            Keys = [.. ModelFamily.GateKeys, "shared_experts", "task_experts"],
        },
        new(
            ModelNames.Ple,
            "levels of cgc, one on the other",
            p => ModelFamilies.Ple(p.Tasks, p.Levels, p.TaskExperts, p.SharedExperts, p.Expert, p.Tower, p.Gate))
        {
            Keys = [.. ModelFamily.GateKeys, "shared_experts", "task_experts", "levels"],
        },
        new(
            ModelNames.CrossStitch,
            "a network for each task, stitched to the others after each layer",
            p => ModelFamilies.CrossStitch(p.Tasks, p.BottomLayers, p.Tower, p.StitchOwn)) { Keys = ["stitch_own"] },
    ];

    private ModelFamilyRegistry(EquatableArray<ModelFamily> families) => this.Families = families;

    /// <summary>The families of the literature; see <see cref="ModelFamilies"/>.</summary>
    public static ModelFamilyRegistry BuiltIn { get; } = new([.. Literature]);

    /// <summary>A registry of one family.</summary>
    /// <param name="family">The family.</param>
    public static ModelFamilyRegistry Only(ModelFamily family) => new([family]);

    /// <summary>The families, those of the literature first.</summary>
    public EquatableArray<ModelFamily> Families { get; }

    /// <summary>The names, in the same order.</summary>
    public EquatableArray<string> Names => [.. this.Families.Select(family => family.Name)];

    /// <summary>These and more.</summary>
    /// <param name="families">Families with names of their own.</param>
    /// <returns>The registry, or a fault for each name that occurs twice, and for each that could not be written on a command line.</returns>
    public Validation<Fault, ModelFamilyRegistry> With(params IEnumerable<ModelFamily> families)
    {
        EquatableArray<ModelFamily> all = [.. this.Families, .. families];
        var faults = all.GroupBy(family => family.Name, StringComparer.Ordinal)
            .Where(named => named.Count() > 1)
            .Select(named => Fault.Usage($"{named.Count()} model families are named '{named.Key}'", "rename all but one"))
            .Concat(all.SelectMany(FaultsOf))
            .ToSeq();
        return faults.IsEmpty ? Success<Fault, ModelFamilyRegistry>(new(all)) : Fail<Fault, ModelFamilyRegistry>(faults);
    }

    /// <summary>What is wrong with a family, whatever the others are.</summary>
    internal static IEnumerable<Fault> FaultsOf(ModelFamily family) => family.Keys
        .Except(ModelFamily.OwnKeys, StringComparer.Ordinal)
        .Select(key => Fault.Usage(
            $"the model family '{family.Name}' names the key '{key}', which every family has or none",
            $"take some of {string.Join(", ", ModelFamily.OwnKeys)}"))
        .Concat(IsName(family.Name)
            ? []
            : [Fault.Usage($"a model family is named '{family.Name}'", "take letters, digits and hyphens")]);

    /// <summary>The family of a name, or a fault that names the nearest, or else all.</summary>
    public Validation<Fault, ModelFamily> Find(string name)
    {
        if (this.Families.FirstOrDefault(family => family.Name == name) is { } found)
        {
            return Success<Fault, ModelFamily>(found);
        }

        var nearest = NearestMatch.Of(name, this.Names);
        return Fail<Fault, ModelFamily>(Fault.Usage(
            $"unknown model '{name}'",
            nearest is null ? $"available are {string.Join(", ", this.Names)}" : $"did you mean '{nearest}'?"));
    }

    // A configuration file and a command line hold it as it is.
    private static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && name[0] != '-';
}
