namespace Mmoe.Data;

/// <summary>Rows as codes and numbers, row-major. Immutable: who makes one from memory of their own must not change that memory.</summary>
public sealed class EncodedTable
{
    /// <summary>Takes rows.</summary>
    /// <param name="descriptor">The dataset that the rows belong to.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="codes">[rows, categorical features]: codes of the features' vocabularies.</param>
    /// <param name="numerics">[rows, numeric features], in the file's units; NaN where missing.</param>
    /// <param name="labels">[rows, label columns]: codes or numbers; NaN where missing.</param>
    /// <param name="weights">[rows, weight columns].</param>
    /// <exception cref="ArgumentException">A length is not rows times columns, or a code is outside its vocabulary.</exception>
    public EncodedTable(
        DatasetDescriptor descriptor,
        int rows,
        ReadOnlyMemory<int> codes,
        ReadOnlyMemory<float> numerics,
        ReadOnlyMemory<float> labels,
        ReadOnlyMemory<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        CheckLength(codes.Length, rows, descriptor.Categoricals.Count, nameof(codes));
        CheckLength(numerics.Length, rows, descriptor.Numerics.Count, nameof(numerics));
        CheckLength(labels.Length, rows, descriptor.Labels.Count, nameof(labels));
        CheckLength(weights.Length, rows, descriptor.Weights.Count, nameof(weights));
        CheckCodes(descriptor, codes.Span);
        this.Descriptor = descriptor;
        this.Rows = rows;
        this.Codes = codes;
        this.Numerics = numerics;
        this.Labels = labels;
        this.Weights = weights;
    }

    /// <summary>The dataset that the rows belong to.</summary>
    public DatasetDescriptor Descriptor { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>[rows, categorical features]: the value's position in the feature's vocabulary.</summary>
    public ReadOnlyMemory<int> Codes { get; }

    /// <summary>[rows, numeric features], in the file's units; NaN where a number is missing.</summary>
    public ReadOnlyMemory<float> Numerics { get; }

    /// <summary>[rows, label columns]: the code, or the number; NaN where a label is missing.</summary>
    public ReadOnlyMemory<float> Labels { get; }

    /// <summary>[rows, weight columns].</summary>
    public ReadOnlyMemory<float> Weights { get; }

    /// <summary>What the tasks are to predict: [rows, tasks], new memory.</summary>
    /// <returns>Per task 0 or 1, the class index, or the number; NaN where the label is missing.</returns>
    public float[] Targets()
    {
        var tasks = this.Descriptor.Tasks.AsSpan();
        var width = this.Descriptor.Labels.Count;
        var labels = this.Labels.Span;
        var targets = new float[checked(this.Rows * tasks.Length)];
        for (var task = 0; task < tasks.Length; task++)
        {
            var column = tasks[task].LabelColumn.LabelIndex;
            for (var row = 0; row < this.Rows; row++)
            {
                targets[(row * tasks.Length) + task] = tasks[task].Target(labels[(row * width) + column]);
            }
        }

        return targets;
    }

    /// <summary>A copy of a row, over new memory.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public EncodedRow CopyRow(int row)
    {
        var copy = EncodedRows.Create(this.Descriptor);
        this.CopyRow(row, copy);
        return copy;
    }

    /// <summary>Copies a row; allocates nothing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="into">Where to; its spans have the lengths of the dataset.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public void CopyRow(int row, EncodedRow into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, this.Rows);
        Part(this.Codes.Span, row, into.Codes.Length).CopyTo(into.Codes);
        Part(this.Numerics.Span, row, into.Numerics.Length).CopyTo(into.Numerics);
        Part(this.Labels.Span, row, into.Labels.Length).CopyTo(into.Labels);
        Part(this.Weights.Span, row, into.Weights.Length).CopyTo(into.Weights);

        static ReadOnlySpan<T> Part<T>(ReadOnlySpan<T> all, int row, int width) => all.Slice(row * width, width);
    }

    /// <summary>The number of rows and the dataset's name.</summary>
    public override string ToString() => $"{this.Rows} rows of {this.Descriptor.Name}";

    private static void CheckLength(int length, int rows, int width, string name)
    {
        if (length != (long)rows * width)
        {
            throw new ArgumentException($"{length} elements, expected {rows} rows of {width}.", name);
        }
    }

    private static void CheckCodes(DatasetDescriptor descriptor, ReadOnlySpan<int> codes)
    {
        var features = descriptor.Categoricals.AsSpan();
        var sizes = new int[features.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = features[i].Vocabulary.Count;
        }

        for (; !codes.IsEmpty; codes = codes[sizes.Length..])
        {
            for (var i = 0; i < sizes.Length; i++)
            {
                if ((uint)codes[i] >= (uint)sizes[i])
                {
                    throw new ArgumentException($"Code {codes[i]} is outside the vocabulary of '{features[i].Name}'.", nameof(codes));
                }
            }
        }
    }
}
