using Mmoe.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>Shortens a flat gradient in place; see <see cref="Clipping"/>.</summary>
internal abstract class TorchClipping : IDisposable
{
    /// <summary>The clipping of a value.</summary>
    /// <param name="clipping">The value.</param>
    /// <param name="layout">Where the tensors lie in the gradient.</param>
    /// <param name="device">Where the gradient lies.</param>
    public static TorchClipping? Of(Clipping clipping, ParameterLayout layout, Device device) => clipping switch
    {
        NoClipping => null,
        GlobalNormClipping global => new ByAll(global.Norm),
        TensorNormClipping tensor => new ByTensor(tensor.Norm, layout, device),
        _ => throw new ArgumentException($"there is no operation for {clipping}", nameof(clipping)),
    };

    /// <summary>Shortens a gradient. Gradients must be off.</summary>
    public abstract void Apply(Tensor gradient);

    /// <inheritdoc/>
    public abstract void Dispose();

    // norm / max(norm, |g|): 1 where the gradient is not too long. In double precision: the squares of large floats are none.
    private static Tensor Factor(Tensor norms, Scalar norm) => norms.clamp_min(norm).reciprocal_().mul_(norm).to(ScalarType.Float32);

    private sealed class ByAll(double norm) : TorchClipping
    {
        private readonly Scalar norm = norm;

        public override void Apply(Tensor gradient) => gradient.mul_(Factor(gradient.to(ScalarType.Float64).norm(), this.norm));

        public override void Dispose() => this.norm.Dispose();
    }

    private sealed class ByTensor : TorchClipping
    {
        private readonly Scalar norm;
        private readonly Tensor owners;
        private readonly Tensor zeros;

        public ByTensor(double norm, ParameterLayout layout, Device device)
        {
            this.norm = norm;
            using var scope = NewDisposeScope();

            // What belongs to no tensor has a gradient of 0, and counts to one more of its own.
            var owner = new float[layout.Length];
            owner.AsSpan().Fill(layout.Entries.Count);
            for (var i = 0; i < layout.Entries.Count; i++)
            {
                layout.Entries[i].CopyTo([.. Enumerable.Repeat((float)i, layout.Entries[i].Count)], owner);
            }

            this.owners = TensorCopies.ToTensor<long>([.. owner.Select(i => (long)i)], ScalarType.Int64).to(device).DetachFromDisposeScope();
            this.zeros = torch.zeros(layout.Entries.Count + 1, ScalarType.Float64, device).DetachFromDisposeScope();
        }

        public override void Apply(Tensor gradient)
        {
            var wide = gradient.to(ScalarType.Float64);
            var squares = this.zeros.index_add(0, this.owners, wide.mul_(wide), RootedScalars.One);
            gradient.mul_(Factor(squares.sqrt_(), this.norm).index_select(0, this.owners));
        }

        public override void Dispose()
        {
            this.norm.Dispose();
            this.owners.Dispose();
            this.zeros.Dispose();
        }
    }
}
