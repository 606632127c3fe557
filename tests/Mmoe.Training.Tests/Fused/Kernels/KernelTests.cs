using System.Runtime.InteropServices;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Fused;

namespace Mmoe.Training.Tests.Fused;

/// <summary>Kernels by themselves, against loops over single numbers.</summary>
public sealed unsafe class KernelTests
{
    private const int Rows = Lines.Rows;

    [Theory]
    [InlineData(16, 16)]
    [InlineData(48, 16)]
    [InlineData(16, 80)]
    public void Sixteen_rows_are_turned_on_their_diagonal(int fromStride, int toStride)
    {
        using var from = Numbers(16 * fromStride, 1);
        using var to = Numbers(16 * toStride, 2);
        var before = to.Span.ToArray();
        Transposition.Of16(from.Pointer, fromStride, to.Pointer, toStride);
        for (var i = 0; i < to.Length; i++)
        {
            var (row, column) = (i / toStride, i % toStride);
            Assert.Equal(column < 16 ? from.Span[(column * fromStride) + row] : before[i], to.Span[i]);
        }
    }

    [Fact]
    public void Fewer_rows_are_turned_and_the_others_are_0()
    {
        for (var count = 1; count <= 16; count++)
        {
            using var from = Numbers(16 * 16, 3);
            using var to = Numbers(16 * 16, 4);
            Transposition.Some(from.Pointer, count, to.Pointer);
            for (var i = 0; i < 256; i++)
            {
                Assert.Equal(i % 16 < count ? from.Span[(i % 16 * 16) + (i / 16)] : 0, to.Span[i]);
            }
        }
    }

    public static TheoryData<int, int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int, bool>();
            foreach (var inputs in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 23])
            {
                foreach (var outputs in (int[])[1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 48])
                {
                    shapes.Add(inputs, outputs, (inputs + outputs) % 2 == 0);
                }
            }

            return shapes;
        }
    }

    /// <summary>All sizes go through results eight, four and one at a time, and gradients of weights by lines and by rows.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_dense_layer_multiplies_matrices(int inputs, int outputs, bool hasBias)
    {
        var (from, to) = (new Lines(1, inputs), new Lines(inputs + 3, outputs));
        using var values = Numbers((inputs + outputs + 4) * Rows, 5);
        using var gradients = Numbers((inputs + outputs + 4) * Rows, 6);
        using var parameters = Numbers((inputs * outputs) + outputs + 7, 7);
        var stride = outputs < 16 ? 0 : (outputs + 15) / 16 * 16;
        var (weightSums, biasSums) = (new GradientSums(16, stride), new GradientSums(0, 0));
        var weightLength = stride == 0 ? inputs * outputs * Rows : inputs * stride;
        biasSums = new(16 + weightLength, 0);
        using var sums = Numbers(16 + weightLength + (outputs * Rows) + 16, 8);
        var (sumsBefore, gradientsBefore, valuesBefore) = (sums.Span.ToArray(), gradients.Span.ToArray(), values.Span.ToArray());
        const int Weight = 3;
        var bias = Weight + (inputs * outputs) + 2;
        var kernel = new DenseKernel(from, to, Weight, hasBias ? bias : -1, weightSums, biasSums);
        var block = new Block(values.Pointer, gradients.Pointer, parameters.Pointer, sums.Pointer, null, null, null, null);
        kernel.Forward(&block, 1);
        kernel.Backward(&block, 1);

        double X(int i, int row) => valuesBefore[((from.First + i) * Rows) + row];
        double W(int i, int o) => parameters.Span[Weight + (i * outputs) + o];
        double Dy(int o, int row) => gradientsBefore[((to.First + o) * Rows) + row];
        for (var row = 0; row < Rows; row++)
        {
            for (var o = 0; o < outputs; o++)
            {
                var expected = (hasBias ? parameters.Span[bias + o] : 0) + Enumerable.Range(0, inputs).Sum(i => X(i, row) * W(i, o));
                AssertNear(expected, values.Span[((to.First + o) * Rows) + row]);
            }

            for (var i = 0; i < inputs; i++)
            {
                var expected = gradientsBefore[((from.First + i) * Rows) + row] + Enumerable.Range(0, outputs).Sum(o => Dy(o, row) * W(i, o));
                AssertNear(expected, gradients.Span[((from.First + i) * Rows) + row]);
            }
        }

        for (var o = 0; o < outputs; o++)
        {
            for (var i = 0; i < inputs; i++)
            {
                // What was there is added to; where each element has a line, the rows of the block are added up later.
                int[] at = stride == 0
                    ? [.. Enumerable.Range(16 + (((i * outputs) + o) * Rows), Rows)]
                    : [16 + (i * stride) + o];
                AssertNear(
                    at.Sum(a => (double)sumsBefore[a]) + Enumerable.Range(0, Rows).Sum(row => X(i, row) * Dy(o, row)),
                    at.Sum(a => (double)sums.Span[a]));
            }

            for (var row = 0; row < Rows; row++)
            {
                var at = biasSums.At + (o * Rows) + row;
                AssertNear(sumsBefore[at] + (hasBias ? Dy(o, row) : 0), sums.Span[at]);
            }
        }

        // Nothing else was written.
        Assert.Equal(sumsBefore[..16], sums.Span[..16].ToArray());
        Assert.Equal(sumsBefore[^16..], sums.Span[^16..].ToArray());
        Assert.Equal(valuesBefore[..(to.First * Rows)], values.Span[..(to.First * Rows)].ToArray());
        Assert.Equal(valuesBefore[^Rows..], values.Span[^Rows..].ToArray());
    }

    /// <summary>Bit for bit what one block after the other gives, with no write beyond the room that the kernel asked for.</summary>
    [Theory]
    [InlineData(5, 7)]
    [InlineData(1, 40_000)]
    [InlineData(40_000, 9)]
    [InlineData(700, 330)]
    [InlineData(2_100, 37)]
    [InlineData(4_097, 17)]
    public void A_dense_layer_takes_several_blocks_at_once(int inputs, int outputs)
    {
        const int Most = FusedProgram.MostBlocks;
        const float Canary = 12345;
        var stride = outputs < 16 ? 0 : (outputs + 15) / 16 * 16;
        var (weightSums, weightLength) = (new GradientSums(0, stride), stride == 0 ? inputs * outputs * Rows : inputs * stride);
        var lines = inputs + outputs;
        using var parameters = Numbers((inputs + 1) * outputs, 7);
        var blocks = stackalloc Block[Most];
        foreach (var (hasBias, count) in (IEnumerable<(bool, int)>)[(true, 2), (false, 3), (false, Most), (true, Most)])
        {
            var kernel = new DenseKernel(
                new(0, inputs), new(inputs, outputs), 0, hasBias ? inputs * outputs : -1, weightSums, new(weightLength, 0));
            AlignedMemory<float>[] Memory() => [
                Numbers(Most * lines * Rows, 5),
                Numbers(Most * lines * Rows, 6),
                Numbers(weightLength + (outputs * Rows), 8),
                new(kernel.ScratchLength + Rows)];
            var (alone, together) = (Memory(), Memory());
            together[3].Span.Fill(Canary);
            Block Of(AlignedMemory<float>[] memory, int number)
            {
                var at = (nint)number * lines * Rows;
                return new(
                    memory[0].Pointer + at, memory[1].Pointer + at, parameters.Pointer, memory[2].Pointer, null, null, null, null, memory[3].Pointer);
            }

            for (var b = 0; b < count; b++)
            {
                blocks[b] = Of(together, b);
                var block = Of(alone, b);
                kernel.Forward(&block, 1);
                kernel.Backward(&block, 1);
            }

            kernel.Forward(blocks, count);
            kernel.Backward(blocks, count);

            for (var i = 0; i < 3; i++)
            {
                Assert.True(MemoryMarshal.AsBytes(alone[i].Span).SequenceEqual(MemoryMarshal.AsBytes(together[i].Span)), $"{count} blocks: {i}");
            }

            Assert.Equal(Rows, together[3].Span[kernel.ScratchLength..].Count(Canary));
            Array.ForEach(alone, memory => memory.Dispose());
            Array.ForEach(together, memory => memory.Dispose());
        }
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(5, 3, true)]
    [InlineData(16, 1, true)]
    [InlineData(45, 4, true)]
    [InlineData(16, 1, false)]
    [InlineData(23, 5, false)]
    [InlineData(48, 16, false)]
    public void Sums_of_all_chunks_are_added_to_the_flat_gradient(int columns, int chunks, bool areLines)
    {
        const int Flat = 5;
        var rows = areLines ? 1 : 7;
        var stride = areLines ? 0 : (columns + 15) / 16 * 16;
        var length = 32 + (areLines ? columns * Rows : rows * stride);
        using var sums = Numbers(chunks * length, 9);
        using var gradient = Numbers(Flat + (rows * columns) + 20, 10);
        var before = gradient.Span.ToArray();
        var part = new SummedGradient(new(16, stride), Flat, rows, columns);
        GradientReduction.Add(part, sums.Pointer, length, chunks, gradient.Pointer);
        for (var i = 0; i < before.Length; i++)
        {
            var (row, column) = ((i - Flat) / columns, (i - Flat) % columns);
            double Of(int chunk) => areLines
                ? Enumerable.Range((chunk * length) + 16 + (column * Rows), Rows).Sum(at => (double)sums.Span[at])
                : sums.Span[(chunk * length) + 16 + (row * stride) + column];
            var isOwn = i >= Flat && row < rows;
            AssertNear(before[i] + (isOwn ? Enumerable.Range(0, chunks).Sum(Of) : 0), gradient.Span[i]);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(70_000)]
    public void An_index_that_names_no_row_of_its_input_is_refused(int size)
    {
        var dataset = Samples.Dataset([2, size], 2, [0]);
        var spec = ModelFamilies.SharedBottom(dataset.Tasks, Samples.Relu(4), Network.Identity);
        var (inputs, layout) = (Samples.Layout(dataset), ParameterLayout.Of(spec, Samples.Layout(dataset).Width));
        var shape = RowShape.Of(inputs, layout.FirstLayer, 1);
        ModelInputs Rows(int first, int second) => new(2, [0, 2, first, second], new float[2 * inputs.NumericWidth], [0, 1], [1, 1]);

        PackedRows.Of(shape, spec, Rows(1, size + 1)).Dispose();
        foreach (var (first, second) in ((int, int)[])
            [(-1, 2), (2, 2), (int.MinValue, 2), (int.MaxValue, 2), (0, 1), (0, size + 2), (0, -1), (0, int.MinValue), (0, int.MaxValue)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => PackedRows.Of(shape, spec, Rows(first, second)));
        }
    }

    /// <summary>Where numbers are read in a group that is not full, no place of another row is taken for one: it would be subnormal.</summary>
    [Fact]
    public void What_follows_the_numbers_of_a_row_is_its_own()
    {
        for (var numerics = 0; numerics < 26; numerics++)
        {
            for (var gathered = 1; gathered < 34; gathered++)
            {
                var shape = new RowShape([.. Enumerable.Range(1, gathered).Select(i => 8 * i)], numerics, (8 * gathered) + numerics, 16, 1);
                var indices = Enumerable.Range(0, 2 * gathered).Select(i => (8 * (i % gathered)) + 7);
                using var rows = PackedRows.Of(shape, new ModelInputs(2, [.. indices], new float[2 * numerics], [], []));
                var numbers = new ReadOnlySpan<float>(rows.Pointer + rows.FactorsAt, (numerics + 12) / 12 * 12);
                Assert.Equal(1, numbers[numerics]);
                Assert.False(numbers[(numerics + 1)..].ContainsAnyExcept(0f));
            }
        }
    }

    [Fact]
    public void A_layout_of_another_width_than_the_first_layer_is_refused()
    {
        var model = Contract.TestModels.Mmoe(1, rows: 10);
        var narrow = model.Inputs with { Numerics = [.. model.Inputs.Numerics.Skip(1)] };
        var thrown = Assert.Throws<ArgumentException>(() => (model with { Inputs = narrow }).Fused());
        Assert.Equal($"there are {narrow.Width} inputs, and the first layer has rows for {model.Inputs.Width}", thrown.Message);
    }

    /// <summary>Threads mark at once: one that has nothing to tell of shares takes nothing back of what another told.</summary>
    [Fact]
    public void Marks_of_every_share_are_merged_whoever_marks_at_once()
    {
        const int Places = 40;
        using var crew = new Crew(2);
        using var touched = new TouchedRows(Places, 2);
        var isMarked = false;
        Action<int, int> work = (_, share) =>
        {
            touched.Of(share)[1 + share] = 1;
            if (share > 0)
            {
                Volatile.Write(ref isMarked, true);
            }

            while (!Volatile.Read(ref isMarked))
            {
                touched.Mark(0, 5);
                if (Environment.ProcessorCount == 1)
                {
                    Thread.Yield();
                }
            }
        };
        var lost = 0;
        for (var round = 0; round < 20_000; round++)
        {
            isMarked = false;
            crew.Run(2, work);
            var merged = touched.Merge(0, Places);
            lost += merged[1] == 1 && merged[2] == 1 ? 0 : 1;
            touched.EndMerge();
            touched.Clear();
        }

        Assert.Equal(0, lost);
    }

    /// <summary>Two threads would else add to one row of the first layer.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    public void Inputs_that_do_not_lie_side_by_side_are_refused(int offset)
    {
        var model = Contract.TestModels.Mmoe(1, rows: 10);
        var moved = model.Inputs with
        {
            Gathered = [.. model.Inputs.Gathered.Select(input => input.Column == "c1" ? input with { Offset = offset } : input)],
        };
        var thrown = Assert.Throws<ArgumentException>(() => (model with { Inputs = moved }).Fused());
        Assert.Equal($"the rows of 'c1' begin at {offset}, and not at 5, where those before it end", thrown.Message);
    }

    /// <summary>The engine follows the order of an epoch without a look, too.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void A_row_that_is_none_is_refused(int row)
    {
        var model = Contract.TestModels.Mmoe(1, rows: 10);
        using var engine = model.Fused();
        engine.LoadTrain(model.Rows);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => engine.TrainEpoch(new([1, 2, row], 2), _ => 0.1, _ => { }, CancellationToken.None));
        Assert.Equal(model.Parameters, engine.Parameters());
    }

    [Fact]
    public void Memory_begins_at_a_cache_line_is_zero_and_is_not_read_after_it_was_freed()
    {
        foreach (var length in (int[])[0, 1, 17, 100_000])
        {
            var memory = new AlignedMemory<float>(length);
            Assert.Equal(0, (nint)memory.Pointer % 64);
            Assert.False(memory.Span.ContainsAnyExcept(0f));
            memory.Dispose();
            memory.Dispose();
            Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedMemory<float>(-1));
    }

    private static AlignedMemory<float> Numbers(int length, int seed)
    {
        var random = new Random(seed);
        var memory = new AlignedMemory<float>(length);
        for (var i = 0; i < length; i++)
        {
            memory.Span[i] = (random.NextSingle() * 2) - 1;
        }

        return memory;
    }

    // A few dozen products of numbers below 1.
    private static void AssertNear(double expected, double actual) => Assert.Equal(expected, actual, 2e-5);
}
