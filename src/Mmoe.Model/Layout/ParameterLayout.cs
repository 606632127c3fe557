namespace Mmoe.Model;

/// <summary>How a parameter starts.</summary>
public abstract record Initialisation
{
    /// <summary>All 0.</summary>
    public static Initialisation Zero { get; } = new ConstantInitialisation(0);

    /// <summary>All 1.</summary>
    public static Initialisation One { get; } = new ConstantInitialisation(1);

    /// <summary>Truncated normal (at two deviations) with variance 1 / fan-in; LeCun et al. 1998, section 4.6.</summary>
    public static Initialisation TruncatedNormal { get; } = new TruncatedNormalInitialisation();
}

/// <summary>The same number everywhere.</summary>
/// <param name="Value">The number.</param>
public sealed record ConstantInitialisation(float Value) : Initialisation;

/// <summary>Numbers that the spec gives.</summary>
/// <param name="Values">One per element.</param>
public sealed record GivenInitialisation(EquatableArray<float> Values) : Initialisation;

/// <summary>See <see cref="Initialisation.TruncatedNormal"/>.</summary>
public sealed record TruncatedNormalInitialisation : Initialisation;

/// <summary>Where one named tensor lies in the flat vector.</summary>
/// <param name="Name">A stable name derived from the spec, as in checkpoints: <c>experts.0.dense.0.weight</c>.</param>
/// <param name="Shape">Its dimensions; a weight is [inputs, outputs].</param>
/// <param name="Offset">The position of its first element in the flat vector.</param>
/// <param name="Strides">The distance in the flat vector between neighbours along each dimension.</param>
/// <param name="Initialisation">How it starts.</param>
/// <param name="FanIn">The number of inputs of a unit that the tensor feeds.</param>
public sealed record ParameterEntry(
    string Name, EquatableArray<int> Shape, int Offset, EquatableArray<int> Strides, Initialisation Initialisation, int FanIn)
{
    /// <summary>The number of elements.</summary>
    public int Count => this.Shape.Aggregate(1, (product, length) => product * length);

    /// <summary>The elements one row after the other, as a checkpoint holds them.</summary>
    /// <param name="flat">The flat vector.</param>
    /// <param name="contiguous">Where to write: <see cref="Count"/> elements.</param>
    public void CopyFrom(ReadOnlySpan<float> flat, Span<float> contiguous)
    {
        var (width, count) = (this.Shape[^1], this.Count);
        for (var row = 0; row * width < count; row++)
        {
            flat.Slice(this.RowOffset(row), width).CopyTo(contiguous.Slice(row * width, width));
        }
    }

    /// <summary>The inverse of <see cref="CopyFrom"/>.</summary>
    /// <param name="contiguous">The elements: <see cref="Count"/> of them, one row after the other.</param>
    /// <param name="flat">The flat vector to write into; what lies outside the entry stays.</param>
    public void CopyTo(ReadOnlySpan<float> contiguous, Span<float> flat)
    {
        var (width, count) = (this.Shape[^1], this.Count);
        for (var row = 0; row * width < count; row++)
        {
            contiguous.Slice(row * width, width).CopyTo(flat.Slice(this.RowOffset(row), width));
        }
    }

    // An entry is a vector or a matrix, and neighbours within a row always touch.
    private int RowOffset(int row) => this.Offset + (this.Shape.Count == 1 ? 0 : row * this.Strides[0]);
}

/// <summary>
/// The block of the first layer: one row of columns per input feature, then one row of biases. A row holds the columns of everything that
/// stands on the input, side by side, so that a code or an interval is one gathered row.
/// </summary>
/// <param name="Offset">The position of the block in the flat vector.</param>
/// <param name="Inputs">The number of input features; row <c>Inputs</c> holds the biases.</param>
/// <param name="Stride">Floats per row, a multiple of 16; columns that no part uses stay 0.</param>
/// <param name="Columns">The columns of each part that stands on the input, in order; those of a bundle are neighbours.</param>
public sealed record FirstLayerBlock(int Offset, int Inputs, int Stride, EquatableArray<BlockColumns> Columns);

/// <summary>The columns of one part's first dense layer.</summary>
/// <param name="Owner">The part: <c>experts.0</c>.</param>
/// <param name="First">The first of its columns.</param>
/// <param name="Count">The number of columns, which is that of units.</param>
/// <param name="HasBias">Whether the row of biases holds any for it; else it holds 0 there.</param>
public sealed record BlockColumns(string Owner, int First, int Count, bool HasBias);

/// <summary>Every parameter of a model in one flat vector of float32.</summary>
/// <param name="Entries">The named tensors.</param>
/// <param name="Length">The length of the flat vector, unused columns included.</param>
/// <param name="FirstLayer">The block of the first layer.</param>
/// <remarks>
/// After the first layer's block come the parts, bundle by bundle in the order of <see cref="Arrangement.Bundles"/>: of each layer all
/// weights in the order of their owners, then all biases, so that equal parts are one contiguous batch. The weights of stitches and of the
/// tasks' uncertainties come last.
/// </remarks>
public sealed record ParameterLayout(EquatableArray<ParameterEntry> Entries, int Length, FirstLayerBlock FirstLayer)
{
    /// <summary>The number of parameters: elements of all entries.</summary>
    public int ParameterCount => this.Entries.Sum(e => e.Count);

    /// <summary>The entry of a name; see <see cref="ParameterNames"/>. Searches all entries.</summary>
    /// <exception cref="KeyNotFoundException">There is no such entry.</exception>
    public ParameterEntry this[string name] =>
        this.Entries.FirstOrDefault(e => e.Name == name) ?? throw new KeyNotFoundException($"the model has no parameter '{name}'");

    /// <summary>Lays a model's parameters out.</summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">The number of input features; see <see cref="InputLayout.Width"/>.</param>
    /// <exception cref="ArgumentException">A part on the input does not begin with a dense layer.</exception>
    /// <exception cref="OverflowException">The flat vector would be longer than <see cref="int.MaxValue"/>.</exception>
    public static ParameterLayout Of(ModelSpec spec, int inputs) => new LayoutBuilder(spec, Arrangement.Of(spec, inputs)).Build();
}
