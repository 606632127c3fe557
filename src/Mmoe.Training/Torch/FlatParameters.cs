using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>
/// One flat vector, and the leaves that autograd differentiates by: views of its parts in the shapes that the network uses. A step of the
/// optimiser changes the flat vector in place and with it every leaf.
/// </summary>
/// <remarks>
/// Leaves that are views cost nothing in a step; splitting and reshaping one flat leaf would be a dozen more operations in it.
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private readonly List<(int Offset, Tensor Leaf)> parts = [];
    private Tensor[]? leaves;
    private Tensor?[] gaps = [];

    /// <summary>Zeros.</summary>
    /// <param name="length">The length of the flat vector.</param>
    /// <param name="device">Where it lies.</param>
    public FlatParameters(int length, Device device) => this.Vector = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();

    /// <summary>The flat vector; needs no gradient itself.</summary>
    public Tensor Vector { get; }

    /// <summary>The leaves in the order of the flat vector. No part can be added afterwards.</summary>
    public Tensor[] Leaves => this.leaves ??= this.Close();

    /// <summary>A part of the vector as a leaf.</summary>
    /// <param name="offset">Its first element.</param>
    /// <param name="shape">Its dimensions; the elements lie row by row, without gaps.</param>
    public Tensor Part(int offset, params long[] shape)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var count = 1L;
        foreach (var length in shape)
        {
            count *= length;
        }

        var leaf = this.Vector.narrow(0, offset, count).view(shape).requires_grad_().DetachFromDisposeScope();
        this.parts.Add((offset, leaf));
        return leaf;
    }

    /// <summary>The gradient of the flat vector.</summary>
    /// <param name="gradients">The gradients of <see cref="Leaves"/>.</param>
    /// <returns>A new vector, 0 where no leaf lies.</returns>
    public Tensor Flatten(IList<Tensor> gradients)
    {
        var pieces = new List<Tensor>(2 * gradients.Count);
        for (var i = 0; i < gradients.Count; i++)
        {
            pieces.Add(gradients[i].reshape(-1));
            if (this.gaps[i] is { } gap)
            {
                pieces.Add(gap);
            }
        }

        return cat(pieces);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, leaf) in this.parts)
        {
            leaf.Dispose();
        }

        foreach (var gap in this.gaps)
        {
            gap?.Dispose();
        }

        this.Vector.Dispose();
    }

    // The vector begins with the first layer's block; gaps can only follow a part.
    private Tensor[] Close()
    {
        this.parts.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        var ends = this.parts.Select(part => part.Offset + part.Leaf.numel()).ToArray();
        var begins = this.parts.Select(part => (long)part.Offset).Append(this.Vector.numel()).ToArray();
        if (begins[0] != 0 || ends.Where((end, i) => end > begins[i + 1]).Any())
        {
            throw new InvalidOperationException("the parts of the flat vector overlap, or leave its beginning out");
        }

        this.gaps =
        [
            .. ends.Select((end, i) => begins[i + 1] == end
                ? null
                : zeros(begins[i + 1] - end, ScalarType.Float32, this.Vector.device).DetachFromDisposeScope()),
        ];
        return [.. this.parts.Select(part => part.Leaf)];
    }
}
