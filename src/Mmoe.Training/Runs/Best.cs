using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>
/// The best epochs so far: by mean score, and by each task's score. Selection accepts metrics of the validation split only, through
/// <see cref="EpochReport"/>; a tie goes to the earlier epoch, and a score that is not defined is never better.
/// </summary>
/// <param name="Average">The best epoch by mean score; null before the first epoch.</param>
/// <param name="Tasks">The best epoch of each task, in order.</param>
public sealed record Best(BestEpoch? Average, EquatableArray<BestEpoch?> Tasks)
{
    /// <summary>Before the first epoch.</summary>
    public static Best None(int tasks) => new(null, new(new BestEpoch?[tasks]));

    /// <summary>The best epochs with one more.</summary>
    public Best With(EpochReport epoch) => new(
        Better(this.Average, new(epoch.Epoch, epoch.Validation.Average)),
        new(this.Tasks.Zip(epoch.Validation.Tasks, (best, task) => Better(best, new(epoch.Epoch, task.Metrics.Score)))));

    private static BestEpoch Better(BestEpoch? best, BestEpoch next) =>
        best is null || next.Score > best.Score || (double.IsNaN(best.Score) && !double.IsNaN(next.Score)) ? next : best;
}

/// <summary>An epoch and its score on validation.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Score">The score; NaN where it is not defined.</param>
public sealed record BestEpoch(int Epoch, double Score);
