using System.Globalization;

namespace Mmoe.Testing;

/// <summary>
/// A row of a dataset as codes and numbers, as a value: an <see cref="EncodedRow"/> that can be kept, compared, printed and made simpler.
/// </summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Codes">One code per categorical feature.</param>
/// <param name="Numerics">One number per numeric feature; NaN where it is missing.</param>
/// <param name="Labels">One value per label column: the code, or the number; NaN where it is missing.</param>
/// <param name="Weights">One number per weight column.</param>
public sealed record EncodedSample(
    DatasetDescriptor Dataset,
    EquatableArray<int> Codes,
    EquatableArray<float> Numerics,
    EquatableArray<float> Labels,
    EquatableArray<float> Weights)
{
    /// <summary>Takes a copy of a row.</summary>
    /// <param name="dataset">The dataset that the row belongs to.</param>
    /// <param name="row">The row.</param>
    public static EncodedSample Of(DatasetDescriptor dataset, EncodedRow row) =>
        new(dataset, new(row.Codes), new(row.Numerics), new(row.Labels), new(row.Weights));

    /// <summary>The row that a seed gives, as <see cref="RowSampler"/> draws it.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="seed">The seed.</param>
    public static EncodedSample Draw(DatasetDescriptor dataset, ulong seed)
    {
        var row = EncodedRows.Create(dataset);
        RowSampler.Sample(dataset, DeterministicRandom.FromSeed(seed, dataset.Name), row);
        return Of(dataset, row);
    }

    /// <summary>The row, over new memory.</summary>
    public EncodedRow ToRow()
    {
        var row = EncodedRows.Create(this.Dataset);
        this.Codes.AsSpan().CopyTo(row.Codes);
        this.Numerics.AsSpan().CopyTo(row.Numerics);
        this.Labels.AsSpan().CopyTo(row.Labels);
        this.Weights.AsSpan().CopyTo(row.Weights);
        return row;
    }

    /// <summary>
    /// Rows that are simpler in one column, or in all: first values of vocabularies, small whole numbers within the columns' ranges, nothing
    /// missing, weights of 1. Whoever keeps following them comes to an end.
    /// </summary>
    public IEnumerable<EncodedSample> Simpler()
    {
        var simplest = new EncodedSample(
            this.Dataset,
            new(new int[this.Codes.Count]),
            new(this.Dataset.Numerics.Select(n => Simplest(n.Range, 0))),
            new(this.Dataset.Labels.Select(l => Simplest(RangeOf(l), 0))),
            new(this.Dataset.Weights.Select(w => Simplest(w.Range, 1))));
        if (this == simplest)
        {
            return [];
        }

        var inOneColumn = Each(this.Codes, (code, _) => SimplerCodes(code), codes => this with { Codes = codes })
            .Concat(Each(
                this.Numerics,
                (number, i) => SimplerNumbers(number, this.Dataset.Numerics[i].Range),
                numerics => this with { Numerics = numerics }))
            .Concat(Each(
                this.Labels,
                (number, i) => SimplerNumbers(number, RangeOf(this.Dataset.Labels[i])),
                labels => this with { Labels = labels }))
            .Concat(Each(
                this.Weights,
                (weight, i) => Simplest(this.Dataset.Weights[i].Range, 1) is var simplest && weight == simplest ? [] : [simplest],
                weights => this with { Weights = weights }));
        return inOneColumn.Prepend(simplest).Distinct();
    }

    /// <summary>The first column whose value is another in <paramref name="actual"/>, and both values; null if none is.</summary>
    /// <param name="actual">A row of the same dataset.</param>
    public string? Difference(EncodedSample actual) => this.Dataset.Columns
        .Select(column => (column.Name, Expected: this.Text(column), Actual: actual.Text(column)))
        .Where(c => c.Expected != c.Actual)
        .Select(c => $"column '{c.Name}': {c.Expected} became {c.Actual}")
        .FirstOrDefault();

    /// <summary>The dataset's name, and each column that is read with its value.</summary>
    public override string ToString() =>
        $"{this.Dataset.Name}: "
        + string.Join(", ", this.Dataset.Columns.Where(c => c is not IgnoredColumn).Select(c => $"{c.Name}={this.Text(c)}"));

    private static IEnumerable<EncodedSample> Each<T>(
        EquatableArray<T> values, Func<T, int, IEnumerable<T>> simpler, Func<EquatableArray<T>, EncodedSample> with)
    {
        for (var i = 0; i < values.Count; i++)
        {
            foreach (var value in simpler(values[i], i))
            {
                T[] changed = [.. values];
                changed[i] = value;
                yield return with(new(changed));
            }
        }
    }

    // Each is smaller than the code that it comes from.
    private static IEnumerable<int> SimplerCodes(int code) => code <= 0 ? [] : [0, code / 2, code - 1];

    private static NumericRange? RangeOf(LabelColumn label) => (label as NumericLabel)?.Range;

    // What is preferred if the range holds it; else the whole number in the range that is nearest to 0, or the bound if there is none.
    private static float Simplest(NumericRange? range, float preferred)
    {
        if (range?.Contains(preferred) != false)
        {
            return preferred;
        }

        var bound = range.Min > 0 ? range.Min.Value : range.Max < 0 ? range.Max.Value : 0;
        var whole = bound > 0 ? MathF.Ceiling(bound) : MathF.Floor(bound);
        return range.Contains(whole) ? whole : bound;
    }

    private static IEnumerable<float> SimplerNumbers(float number, NumericRange? range)
    {
        var simplest = Simplest(range, 0);
        return number == simplest
            ? []
            : SimplerNumbers(number).Where(n => range?.Contains(n) != false).Prepend(simplest);
    }

    // Each is whole where its origin is not, else nearer to 0, else positive. A label's codes are such numbers.
    private static IEnumerable<float> SimplerNumbers(float number)
    {
        if (float.IsNaN(number))
        {
            yield break;
        }

        if (number < 0)
        {
            yield return -number;
        }

        if (!float.IsInteger(number))
        {
            yield return MathF.Truncate(number);
            yield return MathF.Truncate(number) + MathF.Sign(number);
        }
        else
        {
            // Ever smaller steps towards 0, so that the least failing number is found in some tens of tries and not one by one.
            for (var step = MathF.Truncate(number / 2); step != 0 && number - step != number; step = MathF.Truncate(step / 2))
            {
                yield return number - step;
            }
        }
    }

    private static string Number(float number) => float.IsNaN(number) ? "missing" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Value(Vocabulary vocabulary, float code) =>
        float.IsNaN(code) ? "missing"
        : float.IsInteger(code) && code >= 0 && code < vocabulary.Count ? $"'{vocabulary[(int)code]}'"
        : $"no value (code {Number(code)})";

    private string Text(Column column) => column switch
    {
        CategoricalFeature c => Value(c.Vocabulary, this.Codes[c.CodeIndex]),
        NumericFeature n => Number(this.Numerics[n.NumericIndex]),
        CategoricalLabel l => Value(l.Vocabulary, this.Labels[l.LabelIndex]),
        NumericLabel l => Number(this.Labels[l.LabelIndex]),
        WeightColumn w => Number(this.Weights[w.WeightIndex]),
        _ => "",
    };
}
