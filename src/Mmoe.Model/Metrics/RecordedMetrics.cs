namespace Mmoe.Model;

/// <summary>Metrics that were written down earlier: their numbers, and nothing of what they were computed from.</summary>
/// <param name="Recorded">All numbers; NaN where the metric was not defined.</param>
/// <param name="ScoreName">Which of them is the score.</param>
public sealed record RecordedMetrics(EquatableArray<MetricValue> Recorded, string ScoreName) : TaskMetrics
{
    /// <inheritdoc/>
    public override double Score => this.Recorded.First(metric => metric.Name == this.ScoreName).Value;

    /// <inheritdoc/>
    public override EquatableArray<MetricValue> Values => this.Recorded;
}
