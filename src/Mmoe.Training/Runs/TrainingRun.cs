using System.Collections.Immutable;
using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean loss of the epoch's steps.</param>
/// <param name="LearningRate">The learning rate of the epoch's last step.</param>
/// <param name="Seconds">Seconds of training, without evaluation and checkpoints.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="Validation">The metrics on the validation split.</param>
public sealed record EpochReport(int Epoch, double Loss, double LearningRate, double Seconds, int Steps, EvaluationReport Validation)
{
    /// <summary>
    /// The metrics on the train split, in which the epoch ended; null where they were not asked for. Nothing is chosen by them.
    /// </summary>
    public EvaluationReport? Train { get; init; }

    /// <summary>The engine that trained it: a run may go on with another than it began with.</summary>
    public string Engine { get; init; } = "";

    /// <summary>Where that computed.</summary>
    public string Device { get; init; } = "";
}

/// <summary>What a run came to: the content of <c>summary.json</c>.</summary>
/// <param name="Config">The effective configuration.</param>
/// <param name="Engine">The engine that ended the run, and measured its best epoch; see <see cref="Engines"/> for those that trained.</param>
/// <param name="Parameters">The number of trained parameters.</param>
/// <param name="Epochs">Every epoch, in order.</param>
/// <param name="BestEpoch">The epoch whose parameters are reported: the best mean score on validation.</param>
/// <param name="TrainRows">The rows of the train split.</param>
/// <param name="PeakMemoryBytes">The most memory that the process held.</param>
/// <param name="Train">The best epoch's metrics on the train split.</param>
/// <param name="Validation">The best epoch's metrics on the validation split.</param>
/// <param name="Test">The best epoch's metrics on the test split.</param>
public sealed record RunSummary(
    TrainingConfig Config,
    string Engine,
    int Parameters,
    EquatableArray<EpochReport> Epochs,
    int BestEpoch,
    int TrainRows,
    long PeakMemoryBytes,
    EvaluationReport Train,
    EvaluationReport Validation,
    EvaluationReport Test)
{
    /// <summary>The number of steps of all epochs.</summary>
    public long Steps => this.Epochs.Sum(e => (long)e.Steps);

    /// <summary>The engines in their turn.</summary>
    public EquatableArray<EngineTurn> Engines => new(this.Epochs.Aggregate(
        ImmutableList<EngineTurn>.Empty,
        (turns, epoch) => turns is [.., var last] && (last.Engine, last.Device) == (epoch.Engine, epoch.Device)
            ? turns.SetItem(turns.Count - 1, last with { Epochs = last.Epochs + 1 })
            : turns.Add(new(epoch.Engine, epoch.Device, 1))));

    /// <summary>Microseconds per training step: the median epoch's.</summary>
    public double MicrosecondsPerStep => Median(this.Epochs.Select(e => e.Seconds * 1e6 / e.Steps));

    /// <summary>Rows per second of training: the median epoch's.</summary>
    public double RowsPerSecond => Median(this.Epochs.Select(e => this.TrainRows / e.Seconds));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>Epochs one after the other that one engine ended; another may have begun the first of them.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Device">Where it computed.</param>
/// <param name="Epochs">How many.</param>
public sealed record EngineTurn(string Engine, string Device, int Epochs);

/// <summary>How a run that got a folder ended.</summary>
/// <param name="Directory">Its folder.</param>
public abstract record RunEnd(RunDirectory Directory);

/// <summary>The run went through.</summary>
/// <param name="Directory">Its folder.</param>
/// <param name="Summary">What it came to.</param>
public sealed record FinishedRun(RunDirectory Directory, RunSummary Summary) : RunEnd(Directory);

/// <summary>The run was cancelled while it trained, evaluated or finished.</summary>
/// <param name="Directory">Its folder.</param>
/// <param name="Done">What <c>last</c> holds, from which the run can go on; null where there is no <c>last</c> yet.</param>
public sealed record InterruptedRun(RunDirectory Directory, RunProgress? Done) : RunEnd(Directory);

/// <summary>How far a run has come.</summary>
/// <param name="Epochs">Whole epochs.</param>
/// <param name="Steps">Steps of the epoch after them.</param>
public sealed record RunProgress(int Epochs, int Steps);
