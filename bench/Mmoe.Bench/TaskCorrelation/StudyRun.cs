using Mmoe.Data.Datasets;
using Mmoe.Training;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>What is to be run.</summary>
/// <param name="Family">The model family.</param>
/// <param name="Correlation">The tasks' correlation.</param>
/// <param name="LearningRate">Adam's rate.</param>
/// <param name="Seed">What fixes the data, the initial values and the order of rows.</param>
internal sealed record StudyCase(string Family, double Correlation, double LearningRate, int Seed);

/// <summary>What came of it. A loss is the mean over both tasks of the squared error, in variances of the target.</summary>
/// <param name="Case">What was run.</param>
/// <param name="Parameters">The number of parameters.</param>
/// <param name="BestEpoch">The epoch that validation chose.</param>
/// <param name="TrainLoss">The mean over the steps of the last epoch.</param>
/// <param name="ValidationLoss">Of the epoch that validation chose.</param>
/// <param name="TestLoss">Of the same epoch.</param>
internal sealed record StudyRun(StudyCase Case, int Parameters, int BestEpoch, double TrainLoss, double ValidationLoss, double TestLoss)
{
    /// <summary>The families, the one that the others are compared with first.</summary>
    public static readonly string[] Families = [ModelNames.Mmoe, ModelNames.OneGate, ModelNames.SharedBottom];

    /// <summary>Trains as <c>mmoe train synthetic</c> does: 8 experts of 16 units, a shared bottom of 128, towers of 8.</summary>
    public static StudyRun Of(StudyCase study, StudyOptions options)
    {
        var defaults = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        var source = (Data.SyntheticSource)defaults.Source;

        // Every family of a seed gets the same rows, so that differences are paired.
        var config = defaults with
        {
            Model = study.Family,
            Source = source with { Correlation = study.Correlation, TrainRows = options.TrainRows, Seed = 1_000 + study.Seed },
            Parameters = defaults.Parameters with
            {
                NumExperts = 8,
                Units = [16],
                TowerUnits = [8],
                LearningRate = study.LearningRate,
                EpochSize = options.Epochs,
                BatchSize = options.BatchSize,
                Seed = study.Seed,
                SaveCheckpoint = false,
            },
            Optimization = defaults.Optimization with { TrainMetrics = false },
        };
        var folder = Directory.CreateTempSubdirectory("mmoe-study-");
        try
        {
            var run = Trainer.Train(Synthetic.Descriptor, config, folder.FullName)
                .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));

            // The loop's loss is the sum over the tasks of the error of standardised targets.
            return new(
                study,
                run.Parameters,
                run.BestEpoch,
                run.Epochs[^1].Loss / 2,
                1 - run.Validation.Average.Value,
                1 - run.Test.Average.Value);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
