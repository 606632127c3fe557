using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>
/// Rows as a model sees them: codes and intervals as rows of the first layer to gather, numbers encoded, targets standardised.
/// Arrays are row-major and never changed.
/// </summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Indices">[rows, gathered inputs]: row numbers of the first layer.</param>
/// <param name="Numerics">[rows, <see cref="InputLayout.NumericWidth"/>]: encoded, missing values filled.</param>
/// <param name="Targets">[rows, tasks]: 0 or 1, the class index, or the standardised number; NaN where the label is missing.</param>
/// <param name="Weights">[rows]: the row's weight in loss and metrics, 1 without a weight column.</param>
public sealed record ModelInputs(int Rows, int[] Indices, float[] Numerics, float[] Targets, float[] Weights)
{
    /// <summary>More bad rows than these say nothing new.</summary>
    private const int MostFaults = 10;

    /// <summary>Brings rows into the form that a model sees.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="layout">What the model sees of them.</param>
    /// <param name="targetScaling">The scales of the targets.</param>
    /// <returns>
    /// The inputs, or faults: a layout or scaling of another schema, a number missing where intervals have no place for that, a weight
    /// that is negative or not finite.
    /// </returns>
    public static Validation<Fault, ModelInputs> Of(EncodedTable table, InputLayout layout, TargetScaling targetScaling)
    {
        var weights = WeightsOf(table, layout.WeightColumn);
        var faults = Foreign(table.Descriptor, layout, targetScaling)
            .Concat(layout.Gathered.OfType<BinnedInput>().SelectMany(input => MissingFaults(table, input)))
            .Concat(WeightColumnFaults(table.Descriptor, layout.WeightColumn))
            .Concat(WeightFaults(weights, layout.WeightColumn))
            .ToSeq();
        if (!faults.IsEmpty)
        {
            return Fail<Fault, ModelInputs>(faults);
        }

        var (indices, numerics) = Encode(table, layout);
        return Success<Fault, ModelInputs>(new(table.Rows, indices, numerics, TargetsOf(table, targetScaling), weights));
    }

    private static IEnumerable<Fault> Foreign(DatasetDescriptor dataset, InputLayout layout, TargetScaling target) =>
        new[] { ("input layout", layout.Fingerprint), ("target scaling", target.Fingerprint) }
            .Where(part => part.Item2 != dataset.Fingerprint)
            .Select(part => Fault.Data($"the {part.Item1} belongs to another schema than that of '{dataset.Name}'"));

    private static (int[] Indices, float[] Numerics) Encode(EncodedTable table, InputLayout layout)
    {
        var codes = table.Codes.Span;
        var numbers = table.Numerics.Span;
        var (categoricals, numerics) = (table.Descriptor.Categoricals.Count, table.Descriptor.Numerics.Count);
        var (gathered, width) = (layout.Gathered.Count, layout.NumericWidth);
        var indices = new int[checked(table.Rows * gathered)];
        var encoded = new float[checked(table.Rows * width)];
        for (var row = 0; row < table.Rows; row++)
        {
            layout.Encode(
                codes.Slice(row * categoricals, categoricals),
                numbers.Slice(row * numerics, numerics),
                indices.AsSpan(row * gathered, gathered),
                encoded.AsSpan(row * width, width));
        }

        return (indices, encoded);
    }

    private static float[] TargetsOf(EncodedTable table, TargetScaling scaling)
    {
        var targets = table.Targets();
        var scales = scaling.Scales.AsSpan();
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = scales[i % scales.Length].Standardise(targets[i]);
        }

        return targets;
    }

    private static float[] WeightsOf(EncodedTable table, string? name)
    {
        var weights = new float[table.Rows];
        var dataset = table.Descriptor;
        switch (dataset.Columns.FirstOrDefault(c => c.Name == name))
        {
            case WeightColumn weight:
                Copy(table.Weights.Span, dataset.Weights.Count, weight.WeightIndex, weights);
                break;
            case NumericFeature feature:
                Copy(table.Numerics.Span, dataset.Numerics.Count, feature.NumericIndex, weights);
                break;
            default:
                weights.AsSpan().Fill(1);
                break;
        }

        return weights;

        static void Copy(ReadOnlySpan<float> values, int width, int column, Span<float> weights)
        {
            for (var row = 0; row < weights.Length; row++)
            {
                weights[row] = values[(row * width) + column];
            }
        }
    }

    private static IEnumerable<Fault> MissingFaults(EncodedTable table, BinnedInput input)
    {
        var width = table.Descriptor.Numerics.Count;
        return Enumerable.Range(0, input.HasMissing || input.NumericIndex >= width ? 0 : table.Rows)
            .Where(row => float.IsNaN(table.Numerics.Span[(row * width) + input.NumericIndex]))
            .Take(MostFaults)
            .Select(row => Fault.Data(
                FormattableString.Invariant(
                    $"'{input.Column}' is missing in row {row} (counted from 0), and its intervals have no place for that"),
                hint: "declare \"missing\" for the column in the schema"));
    }

    private static IEnumerable<Fault> WeightColumnFaults(DatasetDescriptor dataset, string? name)
    {
        if (name is not null && !dataset.Columns.Any(c => c.Name == name && (c is WeightColumn or NumericFeature)))
        {
            yield return Fault.Data($"'{dataset.Name}' has no column '{name}' to weigh rows by");
        }
    }

    private static IEnumerable<Fault> WeightFaults(float[] weights, string? column) => weights
        .Select((weight, row) => (weight, row))
        .Where(w => !(float.IsFinite(w.weight) && w.weight >= 0))
        .Take(MostFaults)
        .Select(w => Fault.Data(
            FormattableString.Invariant($"the weight in row {w.row} (counted from 0) is {w.weight}, in column '{column}'"),
            hint: "a weight is a finite number, not below 0"));
}
