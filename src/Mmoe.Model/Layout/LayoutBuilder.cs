namespace Mmoe.Model;

/// <summary>The fold from a spec to its <see cref="ParameterLayout"/>.</summary>
internal sealed class LayoutBuilder(ModelSpec spec, int inputs)
{
    /// <summary>Rows of the first layer begin at multiples of this many floats: 64 bytes, a cache line and an AVX-512 register.</summary>
    private const int RowAlignment = 16;

    private readonly List<ParameterEntry> entries = [];
    private int next;

    /// <summary>Lays everything out, in the order of the flat vector.</summary>
    public ParameterLayout Build()
    {
        var block = this.FirstLayer();
        var experts = spec.Experts.Select(expert => expert.DenseSteps(inputs).ToArray()).ToArray();
        for (var dense = 1; dense < experts.Max(e => e.Length); dense++)
        {
            this.Layer(experts
                .Select((steps, e) => (Owner: ParameterNames.Expert(e, dense), Steps: steps))
                .Where(expert => expert.Steps.Length > dense)
                .Select(expert => (expert.Owner, expert.Steps[dense])));
        }

        var width = spec.Experts[0].OutputWidth(inputs);
        var towers = spec.Towers.Select(tower => (tower.Task, Steps: tower.Hidden.DenseSteps(width).ToArray())).ToArray();
        for (var dense = 0; dense < towers.Select(t => t.Steps.Length).DefaultIfEmpty().Max(); dense++)
        {
            this.Layer(towers
                .Where(tower => tower.Steps.Length > dense)
                .Select(tower => (ParameterNames.Tower(tower.Task, dense), tower.Steps[dense])));
        }

        this.Layer(spec.Towers.Select(tower =>
            (ParameterNames.Output(tower.Task), new DenseStep(tower.Hidden.OutputWidth(width), tower.Head.Width, Activation.Identity))));
        return new ParameterLayout(new(this.entries), this.next, block);
    }

    private FirstLayerBlock FirstLayer()
    {
        var column = 0;
        var expertColumns = new List<int>();
        var gateColumns = new List<int>();
        var parts = new List<(string Owner, int Column, int Units)>();
        for (var e = 0; e < spec.Experts.Count; e++)
        {
            if (spec.Experts[e].Layers is not [Dense dense, ..])
            {
                throw new ArgumentException($"expert {e} does not begin with a dense layer", nameof(spec));
            }

            expertColumns.Add(column);
            parts.Add((ParameterNames.Expert(e, 0), column, dense.Units));
            column = checked(column + dense.Units);
        }

        for (var gate = 0; gate < spec.GateCount; gate++)
        {
            gateColumns.Add(column);
            parts.Add((ParameterNames.Gate(spec, gate), column, spec.Experts.Count));
            column = checked(column + spec.Experts.Count);
        }

        var stride = checked(column + RowAlignment - 1) / RowAlignment * RowAlignment;
        var biases = checked(inputs * stride);
        foreach (var (owner, start, units) in parts)
        {
            this.Add(ParameterNames.Weight(owner), [inputs, units], start, [stride, 1], inputs);
            this.Add(ParameterNames.Bias(owner), [units], biases + start, [1], inputs);
        }

        this.next = checked(biases + stride);
        return new FirstLayerBlock(0, inputs, stride, new(expertColumns), new(gateColumns));
    }

    private void Layer(IEnumerable<(string Owner, DenseStep Step)> layer)
    {
        var parts = layer.ToArray();
        foreach (var (owner, step) in parts)
        {
            this.Add(ParameterNames.Weight(owner), [step.Inputs, step.Units], this.next, [step.Units, 1], step.Inputs);
            this.next = checked(this.next + (step.Inputs * step.Units));
        }

        foreach (var (owner, step) in parts)
        {
            this.Add(ParameterNames.Bias(owner), [step.Units], this.next, [1], step.Inputs);
            this.next = checked(this.next + step.Units);
        }
    }

    private void Add(string name, ReadOnlySpan<int> shape, int offset, ReadOnlySpan<int> strides, int fanIn)
    {
        var start = shape.Length == 1 ? Initialisation.Zero : Initialisation.TruncatedNormal;
        this.entries.Add(new(name, new(shape), offset, new(strides), start, fanIn));
    }
}
