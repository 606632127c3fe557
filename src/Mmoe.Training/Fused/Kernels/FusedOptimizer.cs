using System.Runtime.CompilerServices;
using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>An optimiser on the flat vector, with its state.</summary>
internal sealed unsafe class FusedOptimizer : IDisposable
{
    /// <summary>Fewer floats than these are updated by one thread, if one thread made their gradient.</summary>
    private const int LeastShared = 1 << 15;

    private readonly Optimizer options;
    private readonly AlignedMemory<float> parameters;
    private readonly AlignedMemory<float> gradient;
    private readonly AlignedMemory<float> first;
    private readonly AlignedMemory<float> second;
    private readonly AlignedMemory<float>? trained;
    private readonly TouchedRows touched;
    private readonly Crew crew;
    private readonly int rows;
    private readonly int stride;
    private readonly float[] sums;
    private readonly Action<int, int> update;

    // Adam without decay, and without parameters that stay: then rows without a gradient are known to be, and pass faster.
    private readonly bool isPlain;
    private AdamStep step;
    private float rate;
    private int pieces;

    /// <summary>The optimiser before its first update.</summary>
    /// <param name="options">The optimiser.</param>
    /// <param name="block">The first layer, with which the flat vector begins.</param>
    /// <param name="parameters">The flat vector; its length is a multiple of 16.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="trained">Above 0 where training changes the vector; null where it changes all.</param>
    /// <param name="touched">The rows of the first layer that have a gradient; read and cleared by Adam where it is plain.</param>
    /// <param name="crew">The threads.</param>
    public FusedOptimizer(
        Optimizer options,
        FirstLayerBlock block,
        AlignedMemory<float> parameters,
        AlignedMemory<float> gradient,
        AlignedMemory<float>? trained,
        TouchedRows touched,
        Crew crew)
    {
        (this.options, this.parameters, this.gradient, this.trained, this.touched, this.crew) =
            (options, parameters, gradient, trained, touched, crew);
        (this.rows, this.stride) = (block.Inputs + 1, block.Stride);
        this.first = new(parameters.Length, number: 2);
        this.second = new(options is Adam ? parameters.Length : 0, number: 3);
        this.sums = new float[crew.Count];
        this.update = this.UpdatePiece;
        this.isPlain = options is Adam { WeightDecay: 0 } && trained is null;
    }

    /// <summary>The number of updates done.</summary>
    public long Updates { get; set; }

    /// <summary>The first moments; see <see cref="OptimizerState.FirstMoment"/>.</summary>
    public Span<float> First => this.first.Span;

    /// <summary>The second moments; empty where there are none.</summary>
    public Span<float> Second => this.second.Span;

    /// <summary>Changes the parameters by their gradient, and sets that to 0.</summary>
    /// <param name="learningRate">α.</param>
    /// <param name="isShared">Whether threads made the gradient together: then each updates about what it has in its cache.</param>
    /// <returns>The sum of the gradient, which is finite where all of it is.</returns>
    public float Update(double learningRate, bool isShared)
    {
        this.Updates++;
        this.rate = (float)learningRate;
        this.step = this.options is Adam adam ? AdamStep.Of(adam, this.Updates, learningRate) : default;
        this.pieces = isShared || this.parameters.Length >= LeastShared ? this.crew.Count : 1;
        Array.Clear(this.sums);
        this.crew.Run(this.pieces, this.update);
        this.touched.EndMerge();
        return this.sums.Sum();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.first.Dispose();
        this.second.Dispose();
    }

    [MethodImpl(Compiled.AtOnce)]
    private void UpdatePiece(int thread, int piece)
    {
        var state = new UpdateState(
            this.parameters.Pointer,
            this.gradient.Pointer,
            this.first.Pointer,
            this.second.Pointer,
            this.trained is { } mask ? mask.Pointer : null);
        var (from, to) = (this.Row(piece), this.Row(piece + 1));
        var (begin, end) = ((nint)from * this.stride, (nint)to * this.stride);
        var firstLayer = this.isPlain
            ? Fused.Updates.Adam(
                this.step, state, begin, to - from, this.stride, this.touched.Merge(begin / Lines.Rows, end / Lines.Rows))
            : this.Update(state, begin, end);
        this.sums[piece] = firstLayer + this.Update(state, this.Rest(piece), this.Rest(piece + 1));
    }

    private int Row(int piece) => (int)((long)this.rows * piece / this.pieces);

    // What follows the first layer, in vectors.
    private nint Rest(int piece)
    {
        var begin = (nint)this.rows * this.stride;
        return begin + ((((nint)this.parameters.Length - begin) / Lines.Rows * piece / this.pieces) * Lines.Rows);
    }

    private float Update(in UpdateState state, nint from, nint to) => this.options switch
    {
        Adam when this.isPlain => Fused.Updates.Adam(this.step, state, from, to),
        Adam => Fused.Updates.DecayingAdam(this.step, state, from, to),
        Sgd sgd => Fused.Updates.Sgd((float)sgd.Momentum, (float)sgd.WeightDecay, this.rate, state, from, to),
        _ => throw new InvalidOperationException($"there is no update for {this.options}"),
    };
}
