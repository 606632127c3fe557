using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>
/// Draws valid specs from all that the algebra can say: levels on levels, every layer, gate, head and weighting, streams read across levels
/// and the input read on any. One seed is one spec, so that a failing case is a line of code: <c>Samples.Case(dataset, seed, size)</c>.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="size">How large a spec may be, as FsCheck counts.</param>
/// <param name="widest">The most units of a layer.</param>
internal sealed class SpecDraw(int seed, int size, int widest = 6)
{
    private static readonly StreamWidth[] OnlyInput = [];

    private readonly DeterministicRandom random = DeterministicRandom.FromSeed((ulong)seed, "spec");

    /// <summary>Layers that may stand anywhere but on the input, where the first must be dense.</summary>
    /// <param name="inputs">The width of what they get.</param>
    /// <param name="onInput">Whether they stand on the input.</param>
    /// <param name="nesting">Residuals around them.</param>
    public Network Network(int inputs, bool onInput = false, int nesting = 0)
    {
        var network = onInput ? (Network)this.Dense(this.Upto(1, widest)) : Model.Network.Identity;
        for (var count = this.Upto(0, nesting == 0 ? 4 : 2); count > 0; count--)
        {
            network >>= this.Layer(network.OutputWidth(inputs), nesting);
        }

        return network;
    }

    /// <summary>A spec for these tasks with nothing frozen.</summary>
    public ModelSpec Spec(EquatableArray<TaskDescriptor> tasks)
    {
        var trunk = Trunk.Identity;
        var streams = OnlyInput;
        for (var (level, levels) = (0, this.Upto(0, 3)); level < levels; level++)
        {
            (var placed, streams) = this.Level(streams, level == levels - 1 ? tasks.Count : int.MaxValue);
            trunk >>= placed;
        }

        // The first towers take a stream each, so that every stream is read; the others read what they like.
        var free = this.Many(tasks.Count - streams.Length, () => this.Read(streams));
        string[] reads = [.. streams.Select(stream => stream.Stream), .. free];
        this.random.Shuffle(reads.AsSpan());
        return new(trunk, new(tasks.Zip(reads, (task, stream) => this.Tower(task, stream, streams)))) { Weighting = this.Weighting(tasks) };
    }

    /// <summary>The spec with some of its parts frozen, by full name or by a beginning of one.</summary>
    public ModelSpec Frozen(ModelSpec spec, ParameterLayout layout)
    {
        var parts = this.Many(this.Upto(0, 2), () =>
        {
            var segments = this.Of([.. layout.Entries]).Name.Split('.');
            return string.Join('.', segments[..(1 + this.random.NextInt32(segments.Length))]);
        });
        var frozen = spec with { Frozen = new(parts.AsSpan()) };
        return layout.Entries.All(entry => frozen.IsFrozen(entry.Name)) ? spec : frozen;
    }

    private (Level Level, StreamWidth[] Streams) Level(StreamWidth[] below, int mostStreams)
    {
        // One width or two; with a limit on streams one, so that all experts fit into the same mixture.
        int[] widths = mostStreams == int.MaxValue && this.Chance(2)
            ? [this.Upto(1, widest - 1), this.Upto(1, widest - 1)]
            : [this.Upto(1, widest)];
        var reads = this.Many(this.Upto(1, 4), () => this.Read(below)).ToList();
        reads.AddRange(below.Select(stream => stream.Stream).Except(reads, StringComparer.Ordinal));
        var experts = reads.Select((stream, e) => this.Expert($"{e}{this.Of("", "", ".x")}", stream, this.Of(widths), below)).ToArray();

        int WidthOf(Expert expert) => expert.Network.OutputWidth(Width(below, expert.Reads));
        var groups = new List<Expert[]>();
        for (var count = this.Upto(1, Math.Min(4, mostStreams)); count > 0; count--)
        {
            var width = WidthOf(this.Of(experts));
            var alike = experts.Where(e => WidthOf(e) == width).ToArray();
            this.random.Shuffle(alike.AsSpan());
            groups.Add(alike[..this.Upto(1, alike.Length)]);
        }

        // Who is in no mixture yet joins one of its width, or makes one.
        foreach (var expert in experts.Except(groups.SelectMany(group => group)).ToArray())
        {
            var home = groups.FindIndex(group => WidthOf(group[0]) == WidthOf(expert));
            groups = home < 0 ? [.. groups, [expert]] : [.. groups.Select((group, g) => g == home ? [.. group, expert] : group)];
        }

        var mixtures = groups
            .Select((group, g) => new Mixture(
                $"s{g}{this.Of("", "", ".y")}", new(group.Select(e => e.Name)), this.Gate(group.Length, below)))
            .ToArray();
        return (
            new(new(experts.AsSpan()), new(mixtures.AsSpan())),
            [.. mixtures.Zip(groups, (mixture, group) => new StreamWidth(mixture.Stream, WidthOf(group[0])))]);
    }

    private Expert Expert(string name, string reads, int width, StreamWidth[] below)
    {
        var inputs = Width(below, reads);
        var network = this.Network(inputs, onInput: reads == Streams.Input);
        return new(name, network.OutputWidth(inputs) == width ? network : network >> this.Dense(width), reads);
    }

    private Gate Gate(int experts, StreamWidth[] below)
    {
        switch (this.random.NextInt32(experts == 1 ? 4 : 3))
        {
            case 3:
                return new PassGate();
            case 2:
                return new StitchGate(new(this.Many(experts, () => (this.random.NextInt32(9) - 4) / 4f)));
            default:
                var reads = this.Read(below);
                return new SoftmaxGate(
                    reads, this.Chance(2), this.Of(1, 1, 0.5, 3), this.Chance(2) ? null : 1 + this.random.NextInt32(experts))
                {
                    Hidden = this.Chance(2) ? this.Network(Width(below, reads), reads == Streams.Input) : Model.Network.Identity,
                };
        }
    }

    private Tower Tower(TaskDescriptor task, string reads, StreamWidth[] streams)
    {
        var hidden = this.Chance(3) ? Model.Network.Identity : this.Network(Width(streams, reads), reads == Streams.Input);
        var smoothing = this.Of(0, 0, 0.1, 0.5);
        Head head = Head.For(task) switch
        {
            BinaryHead => new BinaryHead(this.Of(1, 1, 0.25, 7), smoothing),
            MulticlassHead multiclass => multiclass with { LabelSmoothing = smoothing },
            _ => new RegressionHead(this.Of<double?>(null, null, 0.5, 2)),
        };
        return new(task.Name, hidden, head, reads);
    }

    private TaskWeighting Weighting(EquatableArray<TaskDescriptor> tasks) => this.random.NextInt32(4) switch
    {
        0 => TaskWeighting.Equal,
        1 => new UncertaintyWeighting(),
        2 => new PcGradWeighting(),
        _ => new FixedWeighting(new(
            tasks.Where(_ => this.Chance(2)).Select((task, i) => new TaskWeight(task.Name, i == 0 ? 0.1 : this.Of(0, 3))))),
    };

    private Layer Layer(int inputs, int nesting) => this.random.NextInt32(nesting < 2 ? 6 : 5) switch
    {
        0 or 1 => this.Dense(this.Upto(1, widest)),
        2 => new Activate(this.Activation()),
        3 => new Dropout(this.Of(0, 0.1, 0.5)),

        // Not the usual ε: between equal elements it magnifies by hundreds what float32 and double differ in.
        4 => new LayerNorm(this.Of(0.01, 0.5)),
        _ => this.Residual(inputs, nesting),
    };

    private Residual Residual(int inputs, int nesting)
    {
        var inner = this.Network(inputs, nesting: nesting + 1);
        return new(inner.OutputWidth(inputs) == inputs ? inner : inner >> this.Dense(inputs));
    }

    private Dense Dense(int units) => new(units, this.Activation(), HasBias: !this.Chance(4));

    private Activation Activation() => this.Of([.. Activations.All.Select(named => named.Activation)]);

    private string Read(StreamWidth[] streams) => this.Of([Streams.Input, .. streams.Select(stream => stream.Stream)]);

    // What stands on the input begins with a dense layer, so that its width does not matter.
    private static int Width(StreamWidth[] streams, string name) => streams.FirstOrDefault(stream => stream.Stream == name).Width;

    private T Of<T>(params ReadOnlySpan<T> values) => values[this.random.NextInt32(values.Length)];

    private T[] Many<T>(int count, Func<T> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];

    private bool Chance(int oneIn) => this.random.NextInt32(oneIn) == 0;

    // From least to most, and towards least in small cases.
    private int Upto(int least, int most) => least + this.random.NextInt32(1 + Math.Min(most - least, ((most - least) * (size + 6)) / 30));
}
