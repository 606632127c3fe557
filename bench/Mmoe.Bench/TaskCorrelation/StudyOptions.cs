using System.Globalization;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>What is asked of the study.</summary>
/// <param name="Seeds">Runs per family and correlation that are reported.</param>
/// <param name="TuningSeeds">
/// Runs per family and learning rate that choose the family's rate, at the least and at the greatest correlation; their data are none of
/// those reported.
/// </param>
/// <param name="Correlations">The task correlations.</param>
/// <param name="LearningRates">The rates to choose from.</param>
/// <param name="TrainRows">Rows of the train split.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="BatchSize">Rows per step.</param>
/// <param name="Workers">Runs side by side.</param>
/// <param name="Results">The path of the results, without an ending: <c>.csv</c> and <c>.md</c> are made.</param>
/// <param name="Journal">Where finished runs are kept, and looked for; null for none.</param>
/// <param name="Plot">The path of the plot; null for none.</param>
internal sealed record StudyOptions(
    int Seeds,
    int TuningSeeds,
    double[] Correlations,
    double[] LearningRates,
    int TrainRows,
    int Epochs,
    int BatchSize,
    int Workers,
    string Results,
    string? Journal,
    string? Plot)
{
    private static readonly StudyOptions Default = new(
        Seeds: 20,
        TuningSeeds: 3,
        [0, 0.25, 0.5, 0.75, 0.9, 1],
        [0.001, 0.003, 0.01],
        TrainRows: 50_000,
        Epochs: 6,
        BatchSize: 128,
        Workers: 2,
        Path.Combine("bench", "results", "task-correlation"),
        Journal: null,
        Path.Combine("docs", "images", "task-correlation.png"));

    /// <summary>Reads <c>--name value</c> pairs; what they are is in the README beside this project.</summary>
    public static StudyOptions Parse(string[] args)
    {
        if (args.Length % 2 == 1)
        {
            throw new FormatException($"'{args[^1]}' has no value");
        }

        return args.Chunk(2).Aggregate(Default, (options, pair) => pair[0] switch
        {
            "--seeds" => options with { Seeds = Whole(pair[1]) },
            "--tuning-seeds" => options with { TuningSeeds = Whole(pair[1]) },
            "--correlations" => options with { Correlations = Numbers(pair[1]) },
            "--learning-rates" => options with { LearningRates = Numbers(pair[1]) },
            "--train-rows" => options with { TrainRows = Whole(pair[1]) },
            "--epochs" => options with { Epochs = Whole(pair[1]) },
            "--batch-size" => options with { BatchSize = Whole(pair[1]) },
            "--workers" => options with { Workers = Whole(pair[1]) },
            "--out" => options with { Results = pair[1] },
            "--journal" => options with { Journal = pair[1] },
            "--plot" => options with { Plot = pair[1] == "none" ? null : pair[1] },
            var other => throw new FormatException($"there is no option '{other}'"),
        });
    }

    private static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double[] Numbers(string text) => [.. text.Split(',').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
}
