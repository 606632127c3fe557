using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>
/// y = x · W + b. Of several blocks, one after the other takes its turn with a part of the weights, or of their gradients, as long as that is
/// in the processor's own cache: a large layer is then fetched once for all of them.
/// </summary>
internal sealed unsafe class DenseKernel(Lines from, Lines to, int weight, int bias, GradientSums weightSums, GradientSums biasSums) : BlockKernel
{
    /// <summary>Columns of the weights whose results are computed in one go.</summary>
    private const int Strip = 8;

    /// <summary>Floats of a part: 128 KiB.</summary>
    private const int PartLength = 1 << 15;

    private readonly int inputs = from.Count;
    private readonly int outputs = to.Count;
    private readonly int columnsAtOnce = PartOf(to.Count, from.Count);
    private readonly int rowsAtOnce = PartOf(from.Count, to.Count);

    /// <inheritdoc/>
    public override int ScratchLength => checked(this.columnsAtOnce * this.inputs);

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Forward(Block* blocks, int count)
    {
        var w = blocks->Parameters + weight;
        if (count == 1)
        {
            this.Forward(*blocks, w, 0, this.outputs);
            return;
        }

        // Strip behind strip: an element of a column is far from the one below it, often so that few of them fit into a cache together.
        var packed = blocks->Scratch;
        for (var first = 0; first < this.outputs; first += this.columnsAtOnce)
        {
            var end = Math.Min(first + this.columnsAtOnce, this.outputs);
            var rest = end - ((end - first) % Strip);
            for (var o = first; o < rest; o += Strip)
            {
                Pack(w + o, this.outputs, packed + ((nint)(o - first) * this.inputs), this.inputs);
            }

            for (var b = 0; b < count; b++)
            {
                this.ForwardStrips(blocks[b], packed, first, rest);
                this.Forward(blocks[b], w, rest, end);
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Backward(Block* blocks, int count)
    {
        for (var b = 0; b < count; b++)
        {
            if (bias >= 0)
            {
                this.Biases(blocks[b]);
            }

            if (weightSums.AreLines)
            {
                this.WeightLines(blocks[b]);
            }
        }

        if (!weightSums.AreLines)
        {
            this.WeightRows(blocks, count);
        }

        for (var first = 0; first < this.inputs; first += this.rowsAtOnce)
        {
            for (var b = 0; b < count; b++)
            {
                this.Inputs(blocks[b], first, Math.Min(first + this.rowsAtOnce, this.inputs));
            }
        }
    }

    // How many of the columns, or rows, of so many elements each: a multiple of a strip, or all.
    private static int PartOf(int all, int elements) => Math.Min(all, Math.Max(Lines.Rows, PartLength / elements / Strip * Strip));

    [MethodImpl(Compiled.AtOnce)]
    private static void Pack(float* w, nint stride, float* strip, int rows)
    {
        for (var i = 0; i < rows; i++, w += stride, strip += Strip)
        {
            Vector256.Load(w).StoreAligned(strip);
        }
    }

    // Of weights as they lie.
    [MethodImpl(Compiled.AtOnce)]
    private void Forward(in Block block, float* w, int first, int end)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var b = bias < 0 ? null : block.Parameters + bias;
        var o = first;
        for (; o + 8 <= end; o += 8)
        {
            Products.Forward8(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }

        for (; o + 4 <= end; o += 4)
        {
            Products.Forward4(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }

        for (; o < end; o++)
        {
            Products.Forward1(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }
    }

    // Of weights in strips.
    [MethodImpl(Compiled.AtOnce)]
    private void ForwardStrips(in Block block, float* packed, int first, int end)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var b = bias < 0 ? null : block.Parameters + bias;
        for (var o = first; o < end; o += Strip, packed += (nint)Strip * this.inputs)
        {
            Products.Forward8(x, packed, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, Strip);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void Biases(in Block block)
    {
        var dy = block.GradientsOf(to);
        var sums = block.Sums + biasSums.At;
        for (var o = 0; o < this.outputs * Lines.Rows; o += Lines.Rows)
        {
            (Vector512.LoadAligned(sums + o) + Vector512.LoadAligned(dy + o)).StoreAligned(sums + o);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void WeightLines(in Block block)
    {
        var x = block.ValuesOf(from);
        var dy = block.GradientsOf(to);
        var sums = block.Sums + weightSums.At;
        for (var i = 0; i < this.inputs; i++)
        {
            var xi = Vector512.LoadAligned(x + (i * Lines.Rows));
            for (var o = 0; o < this.outputs; o++, sums += Lines.Rows)
            {
                Fma(xi, Vector512.LoadAligned(dy + (o * Lines.Rows)), Vector512.LoadAligned(sums)).StoreAligned(sums);
            }
        }
    }

    // Rows of dy side by side, and each element of x times one of them. Some sums get what all blocks add to them before the next are fetched.
    [SkipLocalsInit]
    [MethodImpl(Compiled.AtOnce)]
    private void WeightRows(Block* blocks, int count)
    {
        const int Square = Lines.Rows * Lines.Rows;
        var memory = stackalloc float[(FusedProgram.MostBlocks * Square) + Lines.Rows];
        var turned = (float*)(((nint)memory + 63) & ~63);
        var sums = blocks->Sums + weightSums.At;
        for (var o = 0; o < this.outputs; o += Lines.Rows)
        {
            for (var b = 0; b < count; b++)
            {
                Transposition.Some(
                    blocks[b].GradientsOf(to) + (o * Lines.Rows), Math.Min(Lines.Rows, this.outputs - o), turned + (b * Square));
            }

            var dw = sums + o;
            var i = 0;
            for (; i + 6 <= this.inputs; i += 6, dw += 6 * (nint)weightSums.Stride)
            {
                for (var b = 0; b < count; b++)
                {
                    Products.Outer6(blocks[b].ValuesOf(from) + (i * Lines.Rows), turned + (b * Square), dw, weightSums.Stride);
                }
            }

            for (; i < this.inputs; i++, dw += weightSums.Stride)
            {
                for (var b = 0; b < count; b++)
                {
                    Products.Outer1(blocks[b].ValuesOf(from) + (i * Lines.Rows), turned + (b * Square), dw);
                }
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void Inputs(in Block block, int first, int end)
    {
        var dy = block.GradientsOf(to);
        var w = block.Parameters + weight;
        var dx = block.GradientsOf(from);
        var i = first;
        for (; i + 8 <= end; i += 8)
        {
            Products.Backward8(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }

        for (; i + 4 <= end; i += 4)
        {
            Products.Backward4(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }

        for (; i < end; i++)
        {
            Products.Backward1(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }
    }
}
