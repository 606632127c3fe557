using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Bench.Steps;

/// <summary>The rows that are trained on.</summary>
/// <param name="Train">Rows of census-income.</param>
/// <param name="Origin">Where they come from, in words.</param>
internal sealed record StepData(TrainSplit Train, string Origin)
{
    // As many as the train split of census-income has.
    private const int DrawnRows = 55_424;

    /// <summary>The train split of census-income if <see cref="DataDirectory.Variable"/> is set, or else rows that its schema allows.</summary>
    public static StepData Find()
    {
        var dataset = CensusIncome.Descriptor;
        if (Environment.GetEnvironmentVariable(DataDirectory.Variable) is not { Length: > 0 })
        {
            return new(
                Draw(dataset), $"{DrawnRows:N0} rows drawn from the schema of census-income ({DataDirectory.Variable} is not set)");
        }

        var table = DataDirectory.Find(dataset, null, DataSearch.Live())
            .Bind(directory => SplitLoader.LoadSplit(dataset, directory, SplitName.Train))
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        return new(new(table), $"the {table.Rows:N0} train rows of census-income");
    }

    private static TrainSplit Draw(DatasetDescriptor dataset)
    {
        var (codes, numerics) = (new int[DrawnRows * dataset.Categoricals.Count], new float[DrawnRows * dataset.Numerics.Count]);
        var (labels, weights) = (new float[DrawnRows * dataset.Labels.Count], new float[DrawnRows * dataset.Weights.Count]);
        var random = DeterministicRandom.FromSeed(1, "steps");
        for (var row = 0; row < DrawnRows; row++)
        {
            RowSampler.Sample(
                dataset,
                random,
                new EncodedRow
                {
                    Codes = Part(codes, row, dataset.Categoricals.Count),
                    Numerics = Part(numerics, row, dataset.Numerics.Count),
                    Labels = Part(labels, row, dataset.Labels.Count),
                    Weights = Part(weights, row, dataset.Weights.Count),
                });
        }

        return new(new EncodedTable(dataset, DrawnRows, codes, numerics, labels, weights));

        static Span<T> Part<T>(T[] all, int row, int width) => all.AsSpan(row * width, width);
    }
}
