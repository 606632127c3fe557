using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mmoe.Model;

/// <summary>The fold from a spec to what is wrong with it.</summary>
internal sealed class ModelFaults(ModelSpec spec, IReadOnlyList<TaskHead> tasks)
{
    /// <summary>Residuals within each other; more than anyone draws, and few enough for a stack.</summary>
    private const int MostNesting = 16;

    /// <summary>More faults than these say nothing new, and a spec may come from anywhere.</summary>
    private const int MostFaults = 100;

    /// <summary>More names than these are no help in a text.</summary>
    private const int MostNames = 20;

    private readonly List<string> faults = [];

    /// <summary>All faults.</summary>
    public string[] All(int inputs)
    {
        this.Expect(inputs >= 1, $"the model has {inputs} inputs; it needs at least one");
        var streams = new Dictionary<string, int?>(StringComparer.Ordinal);
        for (var level = 0; level < spec.Levels.Count; level++)
        {
            streams = this.Level(level, inputs, streams);
        }

        this.Towers(inputs, streams);
        this.Weighting();
        return [.. this.faults];
    }

    private Dictionary<string, int?> Level(int number, int inputs, Dictionary<string, int?> below)
    {
        var level = spec.Levels[number];
        var place = spec.Levels.Count == 1 ? "" : $" of level {number}";
        if (level.Experts.Count == 0)
        {
            this.Expect(false, $"{(place.Length == 0 ? "the model" : $"level {number}")} has no expert; it needs at least one");
        }

        var widths = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (var expert in level.Experts)
        {
            var owner = $"expert {expert.Name}{place}";
            this.Expect(expert.Name.Length > 0, $"an expert{place} has no name");
            this.Expect(!widths.ContainsKey(expert.Name), $"two experts{place} are called '{expert.Name}'; names must differ");
            var width = this.Read(expert.Reads, owner, inputs, below);
            widths[expert.Name] = this.Network(expert.Network, owner, width, expert.Reads == Streams.Input ? "an expert" : null);
        }

        var streams = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (var mixture in level.Mixtures)
        {
            this.Expect(mixture.Stream.Length > 0, $"a stream{place} has no name");
            this.Expect(
                mixture.Stream != Streams.Input, $"a stream{place} is called '{Streams.Input}', which is the name of the model's input");
            this.Expect(!streams.ContainsKey(mixture.Stream), $"two streams{place} are called '{mixture.Stream}'; names must differ");
            streams[mixture.Stream] = this.Mixture(mixture, place, inputs, widths, below);
        }

        var used = level.Mixtures.SelectMany(m => m.Experts).ToHashSet(StringComparer.Ordinal);
        foreach (var expert in level.Experts.Where(e => !used.Contains(e.Name)))
        {
            this.Expect(false, $"expert {expert.Name}{place} is part of no mixture");
        }

        var readers = number + 1 < spec.Levels.Count
            ? spec.Levels[number + 1].Experts.Select(e => e.Reads)
                .Concat(spec.Levels[number + 1].Mixtures.Select(m => m.Gate).OfType<SoftmaxGate>().Select(g => g.Reads))
            : spec.Towers.Select(t => t.Reads);
        foreach (var stream in streams.Keys.Except(readers, StringComparer.Ordinal))
        {
            this.Expect(false, $"nothing reads the stream '{stream}'{place}");
        }

        return streams;
    }

    private int? Mixture(Mixture mixture, string place, int inputs, Dictionary<string, int?> experts, Dictionary<string, int?> below)
    {
        var owner = $"the mixture '{mixture.Stream}'{place}";
        this.Expect(mixture.Experts.Count > 0, $"{owner} has no expert; it needs at least one");
        this.Expect(
            mixture.Experts.Distinct(StringComparer.Ordinal).Count() == mixture.Experts.Count, $"{owner} names an expert twice");
        foreach (var name in mixture.Experts.Where(name => !experts.ContainsKey(name)))
        {
            this.Expect(false, $"{owner} names the expert '{name}', the level has {Names(experts.Keys)}");
        }

        (string Name, int Width)? first = null;
        foreach (var name in mixture.Experts)
        {
            if (experts.GetValueOrDefault(name) is { } width)
            {
                first ??= (name, width);
                this.Expect(
                    width == first.Value.Width,
                    $"expert {name}{place} gives {width} values, expert {first.Value.Name} gives {first.Value.Width}; "
                    + $"the results of experts that are mixed must be equally wide");
            }
        }

        switch (mixture.Gate)
        {
            case PassGate:
                this.Expect(
                    mixture.Experts.Count <= 1,
                    $"{owner} has {mixture.Experts.Count} experts and no gate to choose among them; take one expert, or a gate");
                break;
            case StitchGate stitch:
                this.Expect(
                    stitch.Initial.Count == mixture.Experts.Count,
                    $"the stitch of {owner} begins with {stitch.Initial.Count} weights, and there are {mixture.Experts.Count} experts");
                this.Expect(stitch.Initial.All(float.IsFinite), $"a weight that the stitch of {owner} begins with is not finite");
                break;
            case SoftmaxGate gate:
                this.Gate(gate, mixture, $"the gate of {owner}", inputs, below);
                break;
            default:
                this.Expect(false, $"{owner} has a gate of a kind that is not known: {mixture.Gate.GetType().Name}");
                break;
        }

        return first?.Width;
    }

    private void Gate(SoftmaxGate gate, Mixture mixture, string owner, int inputs, Dictionary<string, int?> below)
    {
        this.Expect(
            gate.Temperature > 0 && double.IsFinite(gate.Temperature) && float.IsFinite((float)(1 / gate.Temperature)),
            $"the temperature of {owner} is {Text(gate.Temperature)}; it must be above 0, and its inverse a single-precision number");
        if (gate.TopK is { } topK)
        {
            this.Expect(
                topK >= 1 && topK <= mixture.Experts.Count,
                $"{owner} chooses the top {topK} of {mixture.Experts.Count} experts; it must be 1 to {mixture.Experts.Count}");
        }

        var hasHidden = gate.Hidden.Layers.Count > 0;
        var width = this.Read(gate.Reads, owner, inputs, below);
        this.Network(gate.Hidden, owner, width, hasHidden && gate.Reads == Streams.Input ? "a gate" : null);
    }

    private void Towers(int inputs, Dictionary<string, int?> streams)
    {
        var known = tasks.ToDictionary(t => t.Task, t => t.Head, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var t = 0; t < spec.Towers.Count; t++)
        {
            var tower = spec.Towers[t];
            var owner = $"the tower of task '{tower.Task}'";
            var hasHidden = tower.Hidden.Layers.Count > 0;
            var width = this.Read(tower.Reads, owner, inputs, streams);
            this.Network(tower.Hidden, owner, width, hasHidden && tower.Reads == Streams.Input ? "a tower" : null);
            if (!known.TryGetValue(tower.Task, out var head))
            {
                this.Expect(false, $"tower {t} is for the task '{tower.Task}', the dataset has {Names(tasks.Select(k => k.Task))}");
            }
            else if (tower.Head.GetType() != head.GetType() || tower.Head.Width != head.Width)
            {
                this.Expect(false, $"the tower of task '{tower.Task}' ends in {Text(tower.Head)}, the task needs {Text(head)}");
            }

            this.Head(tower.Head, owner);
            this.Expect(seen.Add(tower.Task), $"tower {t} is for the task '{tower.Task}', which has a tower already; a task has one");
        }

        foreach (var task in tasks.Where(task => !seen.Contains(task.Task)))
        {
            this.Expect(false, $"the task '{task.Task}' has no tower; there are towers for {Names(spec.Towers.Select(t => t.Task))}");
        }

        var order = spec.Towers.Select(t => t.Task).ToArray();
        var expected = tasks.Select(t => t.Task).ToArray();
        if (seen.Count == order.Length && seen.SetEquals(expected) && !order.SequenceEqual(expected, StringComparer.Ordinal))
        {
            this.Expect(false, $"the towers are ordered {Names(order)}, the dataset's tasks {Names(expected)}; the order must be the same");
        }

        this.Expect(tasks.Count > 0, $"the dataset has no task; there is nothing to predict");
    }

    private void Head(Head head, string owner)
    {
        var smoothing = head switch
        {
            BinaryHead binary => binary.LabelSmoothing,
            MulticlassHead multiclass => multiclass.LabelSmoothing,
            _ => 0,
        };
        this.Expect(
            head is not MulticlassHead { Classes: < 2 }, $"{owner} ends in {Text(head)}; it needs at least two");
        this.Expect(smoothing is >= 0 and < 1, $"the label smoothing of {owner} is {Text(smoothing)}; it must be from 0 to below 1");
        if (head is BinaryHead { PositiveWeight: var weight })
        {
            this.Expect(weight > 0 && double.IsFinite(weight), $"the positive weight of {owner} is {Text(weight)}; it must be above 0");
        }

        if (head is RegressionHead { HuberDelta: { } delta })
        {
            this.Expect(delta > 0 && double.IsFinite(delta), $"the Huber delta of {owner} is {Text(delta)}; it must be above 0");
        }
    }

    private void Weighting()
    {
        if (spec.Weighting is not FixedWeighting weighting)
        {
            return;
        }

        var known = spec.Towers.Select(t => t.Task).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (task, weight) in weighting.Weights)
        {
            this.Expect(weight >= 0 && double.IsFinite(weight), $"the weight of task '{task}' is {Text(weight)}; it must be 0 or more");
            this.Expect(
                known.Contains(task),
                $"there is a weight for the task '{task}', the model has {Names(spec.Towers.Select(t => t.Task))}");
            this.Expect(seen.Add(task), $"the task '{task}' has two weights");
        }

        var idle = weighting.Weights.Where(w => w.Weight == 0).Select(w => w.Task);
        this.Expect(known.Count == 0 || !known.IsSubsetOf(idle), $"every task has the weight 0; there is nothing to train");
    }

    /// <summary>The width of what is read; null where that is not known.</summary>
    private int? Read(string stream, string owner, int inputs, Dictionary<string, int?> streams)
    {
        if (stream == Streams.Input)
        {
            return inputs;
        }

        if (!streams.TryGetValue(stream, out var width))
        {
            this.Expect(false, $"{owner} reads the stream '{stream}', and there are {Names(streams.Keys.Prepend(Streams.Input))}");
        }

        return width;
    }

    /// <summary>Checks a network; the width of what it gives, null where that is not known.</summary>
    /// <param name="network">The network.</param>
    /// <param name="owner">The part, for faults.</param>
    /// <param name="inputs">The width of what it gets; null where that is not known.</param>
    /// <param name="onInput">What the part is called if it stands on the input and so must begin with a dense layer.</param>
    /// <param name="nesting">Residuals around it.</param>
    private int? Network(Network network, string owner, int? inputs, string? onInput = null, int nesting = 0)
    {
        this.Expect(
            onInput is null || network.Layers is [Dense, ..],
            $"{owner} begins with {Begin(network)}; "
            + $"{onInput} {(onInput is "an expert" ? "" : "on the input ")}must begin with a dense layer");
        var (width, dense) = (inputs, 0);
        foreach (var layer in network.Layers)
        {
            switch (layer)
            {
                case Dense d:
                    this.Expect(d.Units >= 1, $"dense layer {dense} of {owner} has {d.Units} units; it needs at least one");
                    this.Expect(Enum.IsDefined(d.Activation), $"dense layer {dense} of {owner} has no known activation");
                    dense++;
                    width = d.Units;
                    break;
                case Activate a:
                    this.Expect(Enum.IsDefined(a.Function), $"an activation of {owner} is not known");
                    break;
                case Dropout d:
                    this.Expect(d.Rate is >= 0 and < 1, $"a dropout of {owner} has the rate {Text(d.Rate)}; it must be from 0 to below 1");
                    break;
                case LayerNorm n:
                    this.Expect(
                        n.Epsilon > 0 && double.IsFinite(n.Epsilon),
                        $"a layer norm of {owner} adds {Text(n.Epsilon)}; it must be above 0");
                    break;
                case Residual when nesting == MostNesting:
                    this.Expect(false, $"{owner} has more than {MostNesting} residuals within each other");
                    break;
                case Residual r:
                    var inner = this.Network(r.Inner, $"a residual of {owner}", width, nesting: nesting + 1);
                    this.Expect(
                        width is null || inner == width,
                        $"a residual of {owner} gets {width} values and gives {inner}; both must be equally wide");
                    break;
                default:
                    this.Expect(false, $"{owner} has a layer of a kind that is not known: {layer.GetType().Name}");
                    break;
            }
        }

        return width;
    }

    private void Expect(bool condition, [InterpolatedStringHandlerArgument("", nameof(condition))] ref Otherwise otherwise)
    {
        if (otherwise.IsWanted)
        {
            this.faults.Add(otherwise.ToText());
        }
    }

    // By kind and not by ToString, which would follow residuals within residuals without end.
    private static string Begin(Network network) => network.Layers.Count == 0 ? "nothing" : network.Layers[0] switch
    {
        Activate => "an activation",
        Dropout => "a dropout",
        LayerNorm => "a layer norm",
        Residual => "a residual",
        var layer => layer.GetType().Name,
    };

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(Head head) => head switch
    {
        BinaryHead => "a binary head",
        MulticlassHead multiclass => $"a head of {multiclass.Classes} classes",
        RegressionHead => "a regression head",
        _ => head.ToString(),
    };

    private static string Names(IEnumerable<string> names)
    {
        var shown = string.Join(", ", names.Take(MostNames).Select(name => $"'{name}'"));
        var more = names.Count() - MostNames;
        return shown.Length == 0 ? "none" : more > 0 ? $"{shown} and {more} more" : shown;
    }

    /// <summary>A text that is made only where something is wrong: most of what is checked is not.</summary>
    [InterpolatedStringHandler]
    private ref struct Otherwise
    {
        private DefaultInterpolatedStringHandler text;

        public Otherwise(int literals, int values, ModelFaults owner, bool condition, out bool isWanted)
        {
            this.IsWanted = isWanted = !condition && owner.faults.Count < MostFaults;
            this.text = isWanted ? new(literals, values, CultureInfo.InvariantCulture) : default;
        }

        public bool IsWanted { get; }

        public void AppendLiteral(string value) => this.text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => this.text.AppendFormatted(value);

        public string ToText() => this.text.ToStringAndClear();
    }
}
