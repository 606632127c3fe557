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
    private readonly bool[]? isTrained;
    private readonly ScalarType type;
    private Tensor[]? leaves;
    private Tensor?[] pieces = [];

    /// <summary>Zeros.</summary>
    /// <param name="length">The length of the flat vector.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="isTrained">Per element, whether training changes it; null where it changes all.</param>
    /// <param name="type">What the vector and its leaves hold; gradients are handed out in float32 always.</param>
    public FlatParameters(int length, Device device, bool[]? isTrained = null, ScalarType type = ScalarType.Float32)
    {
        this.type = type;
        this.Vector = zeros(length, type, device).DetachFromDisposeScope();
        this.isTrained = isTrained;
        if (isTrained is not null)
        {
            using var scope = NewDisposeScope();
            float[] mask = [.. isTrained.Select(trained => trained ? 1f : 0f)];
            this.Trained = TensorCopies.ToTensor<float>(mask, ScalarType.Float32).to(device).DetachFromDisposeScope();
        }
    }

    /// <summary>The flat vector; needs no gradient itself.</summary>
    public Tensor Vector { get; }

    /// <summary>1 where training changes the vector and 0 elsewhere; null where it changes all.</summary>
    public Tensor? Trained { get; }

    /// <summary>
    /// The leaves in the order of the flat vector, but for those of which training changes nothing. No part can be added afterwards.
    /// </summary>
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
    /// <returns>A new vector of float32, 0 where no leaf lies and where training changes nothing.</returns>
    public Tensor Flatten(IList<Tensor> gradients)
    {
        var next = 0;
        var flat = cat(Array.ConvertAll(this.pieces, gap => gap ?? gradients[next++].reshape(-1)));
        flat = this.type == ScalarType.Float32 ? flat : flat.to(ScalarType.Float32);
        return this.Trained is { } trained ? flat.mul_(trained) : flat;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, leaf) in this.parts)
        {
            leaf.Dispose();
        }

        foreach (var gap in this.pieces)
        {
            gap?.Dispose();
        }

        this.Trained?.Dispose();
        this.Vector.Dispose();
    }

    private Tensor[] Close()
    {
        this.parts.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        var trained = new List<Tensor>();
        var order = new List<Tensor?>();
        var at = 0L;
        void Gap(long until)
        {
            if (until > at)
            {
                order.Add(zeros(until - at, this.type, this.Vector.device).DetachFromDisposeScope());
            }
        }

        foreach (var (offset, leaf) in this.parts)
        {
            if (offset < at)
            {
                throw new InvalidOperationException("the parts of the flat vector overlap");
            }

            if (this.isTrained?.AsSpan(offset, (int)leaf.numel()).Contains(true) == false)
            {
                leaf.requires_grad_(false);
                continue;
            }

            Gap(offset);
            trained.Add(leaf);
            order.Add(null);
            at = offset + leaf.numel();
        }

        Gap(this.Vector.numel());
        this.pieces = [.. order];
        return [.. trained];
    }
}
