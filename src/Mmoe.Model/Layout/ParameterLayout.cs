namespace Mmoe.Model;

/// <summary>How a parameter starts.</summary>
public enum Initialisation
{
    /// <summary>All 0.</summary>
    Zero,

    /// <summary>Truncated normal (at two deviations) with variance 1 / fan-in; LeCun et al. 1998, section 4.6.</summary>
    TruncatedNormal,
}

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
}

/// <summary>
/// The block of the first layer: one row of columns per input feature, then one row of biases. A row holds the columns of all experts and
/// gates side by side, so that a categorical input is one gathered row.
/// </summary>
/// <param name="Offset">The position of the block in the flat vector.</param>
/// <param name="Inputs">The number of input features; row <c>Inputs</c> holds the biases.</param>
/// <param name="Stride">Floats per row, a multiple of 16; columns that no part uses stay 0.</param>
/// <param name="ExpertColumns">Per expert, the first column of its first dense layer.</param>
/// <param name="GateColumns">Per gate, the first of its columns, one column per expert. One gate per task, one for all, or none.</param>
public sealed record FirstLayerBlock(int Offset, int Inputs, int Stride, EquatableArray<int> ExpertColumns, EquatableArray<int> GateColumns);

/// <summary>Every parameter of a model in one flat vector of float32.</summary>
/// <param name="Entries">The named tensors.</param>
/// <param name="Length">The length of the flat vector, unused columns included.</param>
/// <param name="FirstLayer">The block of the first layer.</param>
/// <remarks>
/// After the first layer's block come the deeper layers of the experts and then the towers, layer by layer: of each layer all weights in
/// the order of their owners, then all biases. Parts of equal shape are therefore one contiguous batch.
/// </remarks>
public sealed record ParameterLayout(EquatableArray<ParameterEntry> Entries, int Length, FirstLayerBlock FirstLayer)
{
    /// <summary>The number of parameters: elements of all entries.</summary>
    public int ParameterCount => this.Entries.Sum(e => e.Count);
}
