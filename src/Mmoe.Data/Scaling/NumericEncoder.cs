namespace Mmoe.Data;

/// <summary>
/// How a number of one column becomes numbers that a model sees: a value, fitted on the train split and saved with the model. A missing
/// number is encoded as the number that the schema's policy puts in its place.
/// </summary>
public abstract record NumericEncoder
{
    /// <summary>How many numbers it gives.</summary>
    public abstract int Width { get; }

    /// <summary>Encodes a number; allocates nothing.</summary>
    /// <param name="value">The number in the column's units; NaN where it is missing.</param>
    /// <param name="into">Where to write: <see cref="Width"/> numbers, all of them written.</param>
    public abstract void Encode(float value, Span<float> into);
}

/// <summary>What is done to a number before it is standardised.</summary>
public enum NumericTransform
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>x becomes sign(x) · log(1 + |x|).</summary>
    Log1p,
}

/// <summary>A number, or its logarithm, brought to mean 0 and deviation 1 on the train split.</summary>
/// <param name="Transform">What is done first.</param>
/// <param name="Mean">The mean of what that gives, over the values present in the train split.</param>
/// <param name="Deviation">Its population standard deviation; 1 for a column that is constant there.</param>
/// <param name="Fill">What stands in for a missing number, in the column's units.</param>
public sealed record StandardEncoder(NumericTransform Transform, float Mean, float Deviation, float Fill) : NumericEncoder
{
    /// <inheritdoc/>
    public override int Width => 1;

    /// <inheritdoc/>
    public override void Encode(float value, Span<float> into) =>
        into[0] = (Apply(this.Transform, float.IsNaN(value) ? this.Fill : value) - this.Mean) / this.Deviation;

    /// <summary>A number after a transform; the same bits on every machine.</summary>
    internal static float Apply(NumericTransform transform, float value) => transform == NumericTransform.Identity
        ? value
        : (float)Math.CopySign(PortableMath.LogOnePlus(Math.Abs((double)value)), value);
}

/// <summary>
/// A number on a scale from 0, the least of the train split, to 1, the greatest. A number beyond them is 0 or 1 too, so that a model never
/// sees more than it was trained on.
/// </summary>
/// <param name="Min">The least value present in the train split.</param>
/// <param name="Max">The greatest; the same for a column that is constant there, of which every number up to it is 0.</param>
/// <param name="Fill"><inheritdoc cref="StandardEncoder" path="/param[@name='Fill']"/></param>
public sealed record MinMaxEncoder(float Min, float Max, float Fill) : NumericEncoder
{
    /// <inheritdoc/>
    public override int Width => 1;

    /// <inheritdoc/>
    public override void Encode(float value, Span<float> into)
    {
        // In double precision, where the difference of two singles neither overflows nor vanishes.
        var above = (double)(float.IsNaN(value) ? this.Fill : value) - this.Min;
        var range = (double)this.Max - this.Min;
        into[0] = range > 0 ? (float)Math.Clamp(above / range, 0, 1) : 0;
    }
}

/// <summary>
/// The piecewise linear encoding of Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep Learning", 2022, equation 1:
/// one component per bin, which is 0 below the bin, 1 above it, and rises linearly within. Below the first bin and above the last their
/// components go on along the same line, below 0 and above 1.
/// </summary>
/// <param name="Edges">
/// The edges of the bins, increasing: n + 1 for n of them, in the column's units. A column that is constant in the train split has one
/// edge, and so no component.
/// </param>
/// <param name="Fill"><inheritdoc cref="StandardEncoder" path="/param[@name='Fill']"/></param>
public sealed record PiecewiseLinearEncoder(EquatableArray<float> Edges, float Fill) : NumericEncoder
{
    /// <inheritdoc/>
    public override int Width => this.Edges.Count - 1;

    /// <inheritdoc/>
    public override void Encode(float value, Span<float> into)
    {
        var edges = this.Edges.AsSpan();
        if (edges.Length < 2)
        {
            return;
        }

        var number = float.IsNaN(value) ? this.Fill : value;
        var bin = Intervals.IndexOf(edges[1..^1], number);
        into[..bin].Fill(1);
        into[bin] = (float)(((double)number - edges[bin]) / ((double)edges[bin + 1] - edges[bin]));
        into[(bin + 1)..this.Width].Clear();
    }
}

/// <summary>1 where a number is missing, else 0.</summary>
public sealed record MissingEncoder : NumericEncoder
{
    /// <inheritdoc/>
    public override int Width => 1;

    /// <inheritdoc/>
    public override void Encode(float value, Span<float> into) => into[0] = float.IsNaN(value) ? 1 : 0;
}
