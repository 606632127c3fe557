namespace Mmoe.Data;

/// <summary>Collects rows whose number is not known beforehand, in blocks: nothing is copied until the table is made.</summary>
internal sealed class EncodedTableBuilder
{
    private readonly DatasetDescriptor descriptor;
    private readonly int codes;
    private readonly int numerics;
    private readonly int labels;
    private readonly int weights;
    private readonly int rowsPerBlock;
    private readonly List<Block> blocks = [];

    public EncodedTableBuilder(DatasetDescriptor descriptor)
    {
        this.descriptor = descriptor;
        this.codes = descriptor.Categoricals.Count;
        this.numerics = descriptor.Numerics.Count;
        this.labels = descriptor.Labels.Count;
        this.weights = descriptor.Weights.Count;
        var widest = Math.Max(1, Math.Max(Math.Max(this.codes, this.numerics), Math.Max(this.labels, this.weights)));
        this.rowsPerBlock = Math.Max(16, (1 << 18) / widest);
        this.MaxRows = Array.MaxLength / widest;
    }

    /// <summary>The number of rows committed.</summary>
    public int Rows { get; private set; }

    /// <summary>The most rows that one array per kind can hold.</summary>
    public int MaxRows { get; }

    /// <summary>The place of the next row; the same place until <see cref="Commit"/>.</summary>
    public EncodedRow Next()
    {
        var row = this.Rows % this.rowsPerBlock;
        if (this.Rows / this.rowsPerBlock == this.blocks.Count)
        {
            this.blocks.Add(new(
                GC.AllocateUninitializedArray<int>(this.rowsPerBlock * this.codes),
                GC.AllocateUninitializedArray<float>(this.rowsPerBlock * this.numerics),
                GC.AllocateUninitializedArray<float>(this.rowsPerBlock * this.labels),
                GC.AllocateUninitializedArray<float>(this.rowsPerBlock * this.weights)));
        }

        var block = this.blocks[^1];
        return new()
        {
            Codes = block.Codes.AsSpan(row * this.codes, this.codes),
            Numerics = block.Numerics.AsSpan(row * this.numerics, this.numerics),
            Labels = block.Labels.AsSpan(row * this.labels, this.labels),
            Weights = block.Weights.AsSpan(row * this.weights, this.weights),
        };
    }

    /// <summary>Keeps the row written last.</summary>
    public void Commit() => this.Rows++;

    /// <summary>The rows as a table. The builder is empty afterwards.</summary>
    public EncodedTable Build()
    {
        var table = new EncodedTable(
            this.descriptor,
            this.Rows,
            this.Concat(b => b.Codes, this.codes),
            this.Concat(b => b.Numerics, this.numerics),
            this.Concat(b => b.Labels, this.labels),
            this.Concat(b => b.Weights, this.weights));
        this.blocks.Clear();
        this.Rows = 0;
        return table;
    }

    private T[] Concat<T>(Func<Block, T[]> part, int width)
    {
        var all = GC.AllocateUninitializedArray<T>(this.Rows * width);
        var left = all.AsSpan();
        foreach (var block in this.blocks)
        {
            var taken = Math.Min(left.Length, part(block).Length);
            part(block).AsSpan(0, taken).CopyTo(left);
            left = left[taken..];
        }

        return all;
    }

    private sealed record Block(int[] Codes, float[] Numerics, float[] Labels, float[] Weights);
}
