using System.Runtime.CompilerServices;

namespace Mmoe.Model;

/// <summary>
/// Sums of rows, each times a number: what dense layers and mixtures are. The sum of a column stays in a register until all rows are added.
/// </summary>
internal static class Sums
{
    /// <summary>The first layer of one row: biases, gathered rows, and rows times numbers.</summary>
    /// <param name="rows">The block: rows that can be gathered, those of the numbers, and the biases, of the length of the line each.</param>
    /// <param name="indices">The rows to gather.</param>
    /// <param name="numbers">The numbers, one for each of the last rows before the biases.</param>
    /// <param name="line">Where to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row to gather, or there are more numbers than rows.</exception>
    public static void Gathered(ReadOnlySpan<float> rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> numbers, Span<float> line)
    {
        var inputs = (rows.Length / line.Length) - 1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Length, inputs, nameof(numbers));
        foreach (var index in indices)
        {
            if ((uint)index >= (uint)inputs)
            {
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"the model has the inputs from 0 to {inputs - 1}");
            }
        }

        var kernel = new GatheredKernel(rows, indices, numbers, line, inputs);
        Lanes.Over(line.Length, ref kernel);
    }

    /// <summary>x · W + b.</summary>
    /// <param name="x">x.</param>
    /// <param name="weights">W, one row of the length of y for each element of x.</param>
    /// <param name="bias">b; empty for none.</param>
    /// <param name="y">Where to write.</param>
    public static void Dense(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y)
    {
        weights = weights[..(x.Length * y.Length)];
        if (y.Length == 1)
        {
            var product = new ProductKernel(x, weights);
            Lanes.Over(x.Length, ref product);
            y[0] = bias.IsEmpty ? product.Sum : product.Sum + bias[0];
            return;
        }

        var kernel = new DenseKernel(x, weights, bias.IsEmpty ? bias : bias[..y.Length], y);
        Lanes.Over(y.Length, ref kernel);
    }

    /// <summary>A sum of regions, each times a weight.</summary>
    /// <param name="weights">One weight for each region.</param>
    /// <param name="from">The regions, of one length.</param>
    /// <param name="memory">Where they lie.</param>
    /// <param name="to">Where to write, in the same memory.</param>
    public static void Mixed(ReadOnlySpan<float> weights, ReadOnlySpan<Region> from, Span<float> memory, Region to)
    {
        foreach (var region in from)
        {
            _ = memory.Slice(region.Start, to.Length);
        }

        var kernel = new MixKernel(weights[..from.Length], from, memory, memory.Slice(to.Start, to.Length));
        Lanes.Over(to.Length, ref kernel);
    }

    private readonly ref struct GatheredKernel(
        ReadOnlySpan<float> rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> numbers, Span<float> line, int inputs) : IKernel
    {
        private readonly ReadOnlySpan<float> rows = rows;
        private readonly ReadOnlySpan<int> indices = indices;
        private readonly ReadOnlySpan<float> numbers = numbers;
        private readonly Span<float> line = line;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane>
        {
            var stride = this.line.Length;
            var rows = this.rows;
            var indices = this.indices;
            var numbers = this.numbers;
            var sum = TLane.Load(rows, (inputs * stride) + at);
            var i = 0;

            // In pairs, so that the next addition waits for half as many.
            for (; i < indices.Length - 1; i += 2)
            {
                sum += TLane.Load(rows, (indices[i] * stride) + at) + TLane.Load(rows, (indices[i + 1] * stride) + at);
            }

            if (i < indices.Length)
            {
                sum += TLane.Load(rows, (indices[i] * stride) + at);
            }

            var row = ((inputs - numbers.Length) * stride) + at;
            foreach (var number in numbers)
            {
                sum = TLane.MultiplyAdd(TLane.Load(rows, row), TLane.Of(number), sum);
                row += stride;
            }

            sum.Store(this.line, at);
        }
    }

    private readonly ref struct DenseKernel(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y)
        : IKernel
    {
        private readonly ReadOnlySpan<float> x = x;
        private readonly ReadOnlySpan<float> weights = weights;
        private readonly ReadOnlySpan<float> bias = bias;
        private readonly Span<float> y = y;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane>
        {
            var (width, row) = (this.y.Length, at);
            var weights = this.weights;
            var sum = this.bias.IsEmpty ? TLane.Of(0) : TLane.Load(this.bias, at);
            foreach (var value in this.x)
            {
                sum = TLane.MultiplyAdd(TLane.Load(weights, row), TLane.Of(value), sum);
                row += width;
            }

            sum.Store(this.y, at);
        }
    }

    private ref struct ProductKernel(ReadOnlySpan<float> left, ReadOnlySpan<float> right) : IKernel
    {
        private readonly ReadOnlySpan<float> left = left;
        private readonly ReadOnlySpan<float> right = right;

        public float Sum { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane> =>
            this.Sum += (TLane.Load(this.left, at) * TLane.Load(this.right, at)).Sum();
    }

    private readonly ref struct MixKernel(ReadOnlySpan<float> weights, ReadOnlySpan<Region> from, ReadOnlySpan<float> memory, Span<float> to)
        : IKernel
    {
        private readonly ReadOnlySpan<float> weights = weights;
        private readonly ReadOnlySpan<Region> from = from;
        private readonly ReadOnlySpan<float> memory = memory;
        private readonly Span<float> to = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane>
        {
            var weights = this.weights;
            var memory = this.memory;
            var from = this.from;
            var sum = TLane.Of(0);
            for (var i = 0; i < from.Length; i++)
            {
                sum = TLane.MultiplyAdd(TLane.Load(memory, from[i].Start + at), TLane.Of(weights[i]), sum);
            }

            sum.Store(this.to, at);
        }
    }
}
