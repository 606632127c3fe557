namespace Mmoe.Model;

/// <summary>A part of a model: an expert, the network of a gate, or a tower.</summary>
/// <param name="Owner">What the names of its parameters begin with: <c>experts.0</c>, <c>levels.1.gates.income</c>.</param>
/// <param name="Reads">The stream that it gets.</param>
public sealed record Part(string Owner, string Reads);

/// <summary>
/// Parts side by side that take the same steps, so that they lie side by side in the flat vector and can be computed as one batch.
/// </summary>
/// <param name="First">The position of the first part among those of its kind on its level.</param>
/// <param name="Parts">The parts.</param>
/// <param name="Inputs">The width of what each part gets.</param>
/// <param name="Steps">What each of them does; nothing where the parts give what they get.</param>
public sealed record Bundle(int First, EquatableArray<Part> Parts, int Inputs, EquatableArray<Step> Steps)
{
    /// <summary>Whether the parts stand on the input: then their first step, which is dense, lies in the block of the first layer.</summary>
    public bool ReadsInput => this.Parts[0].Reads == Streams.Input;

    /// <summary>The width of what each part gives.</summary>
    public int Outputs => this.Steps.Count == 0 ? this.Inputs : this.Steps[^1].Outputs;

    /// <summary>The first step of parts that stand on the input.</summary>
    public DenseStep InputStep => (DenseStep)this.Steps[0];

    /// <summary>The steps whose parameters do not lie in the block of the first layer.</summary>
    public EquatableArray<Step> OtherSteps => this.ReadsInput ? new(this.Steps.Skip(1)) : this.Steps;
}

/// <summary>A mixture in its place.</summary>
/// <param name="Owner">What the names of its gate's parameters begin with: <c>gates.income</c>.</param>
/// <param name="Stream">The stream that it gives.</param>
/// <param name="Experts">The positions on the level of the experts that take part.</param>
/// <param name="Gate">How they are mixed.</param>
/// <param name="GatePart">For a softmax gate, the position of its network among those of the level; else -1.</param>
public sealed record PlacedMixture(string Owner, string Stream, EquatableArray<int> Experts, Gate Gate, int GatePart);

/// <summary>A level in its place.</summary>
/// <param name="Experts">The experts, in order; what a run of equal ones computes is one batch.</param>
/// <param name="Gates">The networks of softmax gates, in the order of the mixtures.</param>
/// <param name="Mixtures">The mixtures, in order.</param>
/// <param name="Streams">The streams that the level gives.</param>
public sealed record PlacedLevel(
    EquatableArray<Bundle> Experts, EquatableArray<Bundle> Gates, EquatableArray<PlacedMixture> Mixtures, EquatableArray<StreamWidth> Streams);

/// <summary>A stream and its width.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Width">Its width.</param>
public readonly record struct StreamWidth(string Stream, int Width);

/// <summary>
/// A spec with all widths and names worked out: what layout, engines and renderings fold over.
/// </summary>
/// <param name="Inputs">The number of input features.</param>
/// <param name="Levels">The levels, the one next to the input first.</param>
/// <param name="Towers">The towers, in order, each with its last layer.</param>
public sealed record Arrangement(int Inputs, EquatableArray<PlacedLevel> Levels, EquatableArray<Bundle> Towers)
{
    /// <summary>Everything that has a network, in the order of the flat vector.</summary>
    public IEnumerable<Bundle> Bundles => this.Levels.SelectMany(level => level.Experts.Concat(level.Gates)).Concat(this.Towers);

    /// <summary>Arranges a spec.</summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">The number of input features.</param>
    /// <exception cref="ArgumentException">A part of the spec does not fit another.</exception>
    public static Arrangement Of(ModelSpec spec, int inputs)
    {
        EquatableArray<StreamWidth> streams = [];
        var levels = new List<PlacedLevel>();
        foreach (var level in spec.Levels)
        {
            levels.Add(Place(level, levels.Count, inputs, streams));
            streams = levels[^1].Streams;
        }

        var towers = spec.Towers.Select(tower =>
        {
            var width = WidthOf(streams, tower.Reads, inputs);
            var hidden = Step.Of(tower.Hidden, width);
            var output = new DenseStep("output", Outputs(hidden, width), tower.Head.Width, Activation.Identity, HasBias: true);
            return new Single(new Part(ParameterNames.Tower(tower.Task), tower.Reads), width, [.. hidden, output], tower.Head);
        });
        return new(inputs, new(levels), Bundled(towers));
    }

    private static PlacedLevel Place(Level level, int number, int inputs, EquatableArray<StreamWidth> below)
    {
        var experts = Bundled(level.Experts.Select(expert =>
        {
            var width = WidthOf(below, expert.Reads, inputs);
            var part = new Part(ParameterNames.Expert(number, expert.Name), expert.Reads);
            return new Single(part, width, Step.Of(expert.Network, width), null);
        }));
        var positions = level.Experts.Select((expert, e) => (expert.Name, e)).ToDictionary(StringComparer.Ordinal);
        var widths = experts.SelectMany(bundle => Enumerable.Repeat(bundle.Outputs, bundle.Parts.Count)).ToArray();

        var gates = new List<Single>();
        var mixtures = level.Mixtures.Select(mixture =>
        {
            var owner = ParameterNames.Gate(number, mixture.Stream);
            var part = -1;
            if (mixture.Gate is SoftmaxGate gate)
            {
                var width = WidthOf(below, gate.Reads, inputs);
                var hidden = Step.Of(gate.Hidden, width);
                var logits = new DenseStep("", Outputs(hidden, width), mixture.Experts.Count, Activation.Identity, gate.HasBias);
                part = gates.Count;
                gates.Add(new(new Part(owner, gate.Reads), width, [.. hidden, logits], gate with { Reads = "" }));
            }

            return new PlacedMixture(owner, mixture.Stream, new(mixture.Experts.Select(name => positions[name])), mixture.Gate, part);
        }).ToArray();

        return new(
            experts,
            Bundled(gates),
            new(mixtures.AsSpan()),
            new(mixtures.Select(mixture => new StreamWidth(mixture.Stream, widths[mixture.Experts[0]]))));
    }

    private static int Outputs(EquatableArray<Step> steps, int inputs) => steps.Count == 0 ? inputs : steps[^1].Outputs;

    // A run of neighbours that are alike in everything but their names and the streams they read.
    private static EquatableArray<Bundle> Bundled(IEnumerable<Single> parts)
    {
        var all = parts.ToArray();
        var bundles = new List<Bundle>();
        for (int first = 0, next; first < all.Length; first = next)
        {
            for (next = first + 1; next < all.Length && AreAlike(all[first], all[next]);)
            {
                next++;
            }

            bundles.Add(new(first, new(all[first..next].Select(p => p.Part)), all[first].Inputs, all[first].Steps));
        }

        return new(bundles);
    }

    // The width of what they get is that of their first step, but for parts that do nothing.
    private static bool AreAlike(Single one, Single other) =>
        one.Inputs == other.Inputs
        && one.Steps == other.Steps
        && Equals(one.Kind, other.Kind)
        && (one.Part.Reads == Streams.Input) == (other.Part.Reads == Streams.Input);

    private static int WidthOf(EquatableArray<StreamWidth> streams, string name, int inputs)
    {
        if (name == Streams.Input)
        {
            return inputs;
        }

        foreach (var stream in streams)
        {
            if (stream.Stream == name)
            {
                return stream.Width;
            }
        }

        throw new ArgumentException($"there is no stream '{name}'");
    }

    /// <summary>A part, before it is bundled.</summary>
    private readonly record struct Single(Part Part, int Inputs, EquatableArray<Step> Steps, object? Kind);
}
