using Mmoe.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>The block of the first layer: from rows to the columns of all that stands on the input.</summary>
internal abstract class TorchFirstLayer : IDisposable
{
    /// <summary>Longer one-hot rows would be too much memory in batches of thousands.</summary>
    private const int MaxOneHot = 1 << 12;

    /// <summary>Makes the leaves of the block.</summary>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="block">Where its parameters lie.</param>
    /// <param name="parameters">Where to make the leaves.</param>
    public static TorchFirstLayer Of(InputLayout inputs, FirstLayerBlock block, FlatParameters parameters)
    {
        var gathered = block.Inputs - inputs.NumericWidth;
        var (offset, stride) = (block.Offset, block.Stride);
        if (gathered == 0)
        {
            return new Numbers(parameters.Part(offset, block.Inputs + 1, stride));
        }

        return IsOneHot(gathered, inputs.Gathered.Count, stride)
            ? new OneHot(parameters.Part(offset, block.Inputs + 1, stride), gathered)
            : new Gathering(
                parameters.Part(offset, gathered, stride),
                parameters.Part(offset + (gathered * stride), inputs.NumericWidth + 1, stride));
    }

    /// <summary>
    /// Whether multiplying one-hot rows is faster than gathering, forward and backward: it is where there are not many rows to choose from
    /// for each that is taken.
    /// </summary>
    /// <remarks>
    /// The dense product takes about 0.035 ns per row of the block and column, whatever is in it; a gathered row about 90 ns and 0.36 ns
    /// more per column, most of that for its gradient (AVX-512, one thread, batches of 32 to 2,048, blocks of 48 to 2,064 columns).
    /// </remarks>
    /// <param name="rows">Rows of the block that gathered inputs choose from.</param>
    /// <param name="gathered">Inputs that take one of them.</param>
    /// <param name="columns">Columns of the block.</param>
    public static bool IsOneHot(int rows, int gathered, int columns) =>
        rows <= MaxOneHot && rows <= gathered * (10 + (2_600.0 / columns));

    /// <summary>The block's columns for each row of a batch.</summary>
    /// <param name="indices">[rows, gathered inputs], int64: rows of the block.</param>
    /// <param name="numerics">[rows, numeric inputs + 1], float32: the numeric inputs, then ones, which carry the bias.</param>
    /// <returns>[rows, columns]. Its gradient is to be had before the next batch comes.</returns>
    public abstract Tensor Apply(Tensor indices, Tensor numerics);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>No input is gathered.</summary>
    internal sealed class Numbers(Tensor weights) : TorchFirstLayer
    {
        public override Tensor Apply(Tensor indices, Tensor numerics) => numerics.to(weights.dtype).mm(weights);

        public override void Dispose()
        {
        }
    }

    /// <summary>One product, and one gradient, for everything; the matrix is written anew for each batch.</summary>
    internal sealed class OneHot(Tensor weights, int gathered) : TorchFirstLayer
    {
        private (Tensor All, Tensor Numerics, Tensor Ones)? matrix;

        public override Tensor Apply(Tensor indices, Tensor numerics)
        {
            var (all, numbers, ones) = this.Matrix(indices.shape, numerics.shape[1]);
            all.zero_().scatter_(1, indices, ones);
            numbers.copy_(numerics);
            return all.mm(weights);
        }

        public override void Dispose()
        {
            this.matrix?.All.Dispose();
            this.matrix?.Numerics.Dispose();
            this.matrix?.Ones.Dispose();
            this.matrix = null;
        }

        // New memory for each batch would cost more than what is written into it.
        private (Tensor All, Tensor Numerics, Tensor Ones) Matrix(long[] shape, long numerics)
        {
            if (this.matrix is not { } made || made.All.shape[0] != shape[0])
            {
                this.Dispose();
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var all = zeros(shape[0], gathered + numerics, weights.dtype, weights.device);
                made = (all, all.narrow(1, gathered, numerics), ones(1, 1, weights.dtype, weights.device).expand(shape));
                made.All.DetachFromDisposeScope();
                made.Numerics.DetachFromDisposeScope();
                made.Ones.DetachFromDisposeScope();
                this.matrix = made;
            }

            return made;
        }
    }

    /// <summary>Sums of gathered rows, which are nowhere laid side by side, and a product for the numbers.</summary>
    internal sealed class Gathering : TorchFirstLayer
    {
        private readonly EmbeddingBag bags;
        private readonly Tensor others;

        public Gathering(Tensor gathered, Tensor others)
        {
            this.bags = nn.EmbeddingBag_from_pretrained(gathered, freeze: false, mode: EmbeddingBagMode.Sum);
            this.others = others;
        }

        public override Tensor Apply(Tensor indices, Tensor numerics) =>
            this.bags.call(indices, null, null).addmm(numerics.to(this.others.dtype), this.others);

        public override void Dispose() => this.bags.Dispose();
    }
}
