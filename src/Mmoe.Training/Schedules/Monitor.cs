namespace Mmoe.Training;

/// <summary>The score on validation that a run is steered by.</summary>
/// <param name="Name">A task, or <see cref="Best.Average"/>.</param>
public sealed record Monitor(string Name)
{
    /// <summary>What a configuration asks to watch.</summary>
    public static Monitor Of(TrainingConfig config) => new(config.Optimization.Monitor ?? Best.Average);

    /// <summary>The score of an epoch; not finite where it is not defined.</summary>
    public double ScoreOf(EpochReport epoch) => this.Name == Best.Average
        ? epoch.Validation.Average.Value
        : epoch.Validation.Tasks.First(task => task.Task == this.Name).Metrics.Score;

    /// <summary>Whether the best score is so many epochs old; of equal ones the first counts.</summary>
    /// <param name="epochs">Every epoch so far.</param>
    /// <param name="patience">The number of epochs; 0 for never.</param>
    public bool HasStalled(IEnumerable<EpochReport> epochs, int patience)
    {
        var (best, since) = (double.NegativeInfinity, 0);
        foreach (var score in epochs.Select(this.ScoreOf))
        {
            (best, since) = score > best ? (score, 0) : (best, since + 1);
        }

        return patience > 0 && since >= patience;
    }
}
