namespace Mmoe.Model;

/// <summary>The fold from an arranged spec to its <see cref="ParameterLayout"/>.</summary>
internal sealed class LayoutBuilder(ModelSpec spec, Arrangement arrangement)
{
    /// <summary>Rows of the first layer begin at multiples of this many floats: 64 bytes, a cache line and an AVX-512 register.</summary>
    private const int RowAlignment = 16;

    private readonly List<ParameterEntry> entries = [];
    private int next;

    /// <summary>The length of a row of the first layer with so many columns in use.</summary>
    public static double Stride(double columns) => Math.Ceiling(columns / RowAlignment) * RowAlignment;

    /// <summary>Lays everything out, in the order of the flat vector.</summary>
    public ParameterLayout Build()
    {
        var block = this.FirstLayer();
        foreach (var bundle in arrangement.Bundles)
        {
            this.Steps(bundle.Parts, bundle.OtherSteps);
        }

        foreach (var mixture in arrangement.Levels.SelectMany(level => level.Mixtures))
        {
            if (mixture.Gate is StitchGate stitch)
            {
                this.Vector(ParameterNames.Stitch(mixture.Owner), stitch.Initial.Count, new GivenInitialisation(stitch.Initial));
            }
        }

        if (spec.Weighting is UncertaintyWeighting)
        {
            foreach (var tower in spec.Towers)
            {
                this.Vector(ParameterNames.LogVariance(tower.Task), 1, Initialisation.Zero);
            }
        }

        return new ParameterLayout(new(this.entries), this.next, block);
    }

    private FirstLayerBlock FirstLayer()
    {
        var column = 0;
        var columns = new List<BlockColumns>();
        foreach (var bundle in arrangement.Bundles.Where(bundle => bundle.ReadsInput))
        {
            if (bundle.Steps is not [DenseStep dense, ..])
            {
                throw new ArgumentException($"'{bundle.Parts[0].Owner}' stands on the input and does not begin with a dense layer");
            }

            foreach (var part in bundle.Parts)
            {
                columns.Add(new(part.Owner, column, dense.Outputs, dense.HasBias));
                column = checked(column + dense.Outputs);
            }
        }

        var inputs = arrangement.Inputs;
        var stride = checked((int)Stride(column));
        var biases = checked(inputs * stride);
        var names = arrangement.Bundles.Where(b => b.ReadsInput).SelectMany(b => b.Parts.Select(part => b.Steps[0].Owner(part.Owner)));
        foreach (var (part, owner) in columns.Zip(names))
        {
            this.Add(ParameterNames.Weight(owner), [inputs, part.Count], part.First, [stride, 1], Initialisation.TruncatedNormal, inputs);
            if (part.HasBias)
            {
                this.Add(ParameterNames.Bias(owner), [part.Count], biases + part.First, [1], Initialisation.Zero, inputs);
            }
        }

        this.next = checked(biases + stride);
        return new FirstLayerBlock(0, inputs, stride, new(columns));
    }

    private void Steps(EquatableArray<Part> parts, EquatableArray<Step> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case DenseStep dense:
                    foreach (var part in parts)
                    {
                        var weight = ParameterNames.Weight(dense.Owner(part.Owner));
                        this.Add(
                            weight, [dense.Inputs, dense.Outputs], this.next, [dense.Outputs, 1], Initialisation.TruncatedNormal, dense.Inputs);
                        this.next = checked(this.next + (dense.Inputs * dense.Outputs));
                    }

                    this.Vectors(parts, dense.HasBias ? dense : null, ParameterNames.Bias, Initialisation.Zero);
                    break;
                case NormStep norm:
                    this.Vectors(parts, norm, ParameterNames.Scale, Initialisation.One);
                    this.Vectors(parts, norm, ParameterNames.Shift, Initialisation.Zero);
                    break;
                case ResidualStep residual:
                    this.Steps(parts, residual.Inner);
                    break;
                case ActivateStep or DropoutStep:
                    break;
                default:
                    throw new ArgumentException($"there is no layout for {step}", nameof(steps));
            }
        }
    }

    private void Vectors(EquatableArray<Part> parts, Step? step, Func<string, string> name, Initialisation initialisation)
    {
        if (step is not null)
        {
            foreach (var part in parts)
            {
                this.Vector(name(step.Owner(part.Owner)), step.Outputs, initialisation, step.Inputs);
            }
        }
    }

    private void Vector(string name, int length, Initialisation initialisation, int fanIn = 1)
    {
        this.Add(name, [length], this.next, [1], initialisation, fanIn);
        this.next = checked(this.next + length);
    }

    private void Add(
        string name, ReadOnlySpan<int> shape, int offset, ReadOnlySpan<int> strides, Initialisation initialisation, int fanIn) =>
        this.entries.Add(new(name, new(shape), offset, new(strides), initialisation, fanIn));
}
