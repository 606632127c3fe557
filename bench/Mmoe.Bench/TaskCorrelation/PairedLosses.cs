using Mmoe.Training;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>A loss of all runs, compared between families on the same data.</summary>
internal sealed class PairedLosses(StudyOptions options, IReadOnlyList<StudyRun> runs, Func<StudyRun, double> loss)
{
    private readonly Dictionary<(string Family, double Correlation, int Seed), double> losses =
        runs.ToDictionary(r => (r.Case.Family, r.Case.Correlation, r.Case.Seed), loss);

    /// <summary>Per seed.</summary>
    public double[] Of(string family, double correlation) =>
        [.. Enumerable.Range(1, options.Seeds).Select(seed => this.losses[(family, correlation, seed)])];

    /// <summary>Per seed, what mmoe gains on a family: above 0 where it is better.</summary>
    public double[] Lead(string family, double correlation) =>
        [.. this.Of(family, correlation).Zip(this.Of(ModelNames.Mmoe, correlation), (other, mmoe) => other - mmoe)];
}
