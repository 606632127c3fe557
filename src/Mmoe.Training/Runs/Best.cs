using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>
/// The best scores so far: of the average and of each task. Selection sees metrics of the validation split only, through
/// <see cref="EpochReport"/>; a tie goes to the earlier epoch, and a score that is not defined is never the best.
/// </summary>
/// <param name="Scores">One entry for the average and for each task that has had a score.</param>
public sealed record Best(EquatableArray<BestScore> Scores)
{
    /// <summary>The name under which the average's best epoch stands; no task may have it.</summary>
    public const string Average = "average";

    /// <summary>Before the first epoch.</summary>
    public static Best None { get; } = new(default(EquatableArray<BestScore>));

    /// <summary>The best scores with one more epoch.</summary>
    public Best With(EpochReport epoch) => new(new EquatableArray<BestScore>(
        epoch.Validation.Tasks.Select(t => (Name: t.Task, t.Metrics.Score))
            .Prepend((Name: Average, Score: epoch.Validation.Average.Value))
            .Select(s => (s.Name, s.Score, Best: this.Scores.FirstOrDefault(b => b.Name == s.Name)))
            .Select(s => double.IsFinite(s.Score) && (s.Best is null || s.Score > s.Best.Score) ? new BestScore(s.Name, epoch.Epoch, s.Score) : s.Best)
            .OfType<BestScore>()));

    /// <summary>The names whose best epoch is this one: <see cref="Average"/>, and tasks.</summary>
    public IEnumerable<string> NamesOf(int epoch) => this.Scores.Where(b => b.Epoch == epoch).Select(b => b.Name);
}
