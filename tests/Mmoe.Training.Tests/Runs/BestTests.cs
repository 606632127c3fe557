using Mmoe.Model;

namespace Mmoe.Training.Tests.Runs;

public sealed class BestTests
{
    [Fact]
    public void The_average_and_each_task_keep_an_epoch_of_their_own()
    {
        var best = Best.None.With(Epoch(1, 0.5, 0.9)).With(Epoch(2, 0.7, 0.6)).With(Epoch(3, 0.69, 0.8));
        Assert.Equal([new("average", 3, 0.745), new("a", 2, 0.7), new("b", 1, 0.9)], best.Scores.Select(s => s with { Score = Math.Round(s.Score, 6) }));
        Assert.Equal(["average"], best.NamesOf(3));
        Assert.Equal(["a"], best.NamesOf(2));
    }

    [Fact]
    public void A_tie_goes_to_the_earlier_epoch()
    {
        var best = Best.None.With(Epoch(1, 0.5, 0.5)).With(Epoch(2, 0.5, 0.5));
        Assert.All(best.Scores, s => Assert.Equal(1, s.Epoch));
        Assert.Empty(best.NamesOf(2));
    }

    [Fact]
    public void A_score_that_is_not_defined_is_never_the_best()
    {
        var best = Best.None.With(Epoch(1, double.NaN, 0.5)).With(Epoch(2, double.NaN, 0.4));
        Assert.Equal([new("average", 1, 0.5), new("b", 1, 0.5)], best.Scores);
        Assert.Contains(new("a", 3, 0.1), best.With(Epoch(3, 0.1, 0.3)).Scores);
    }

    [Fact]
    public void What_an_epoch_is_on_the_train_split_chooses_nothing()
    {
        // On train the first is by far the best, and on validation the last.
        EpochReport[] plain = [Epoch(1, 0.3, 0.2), Epoch(2, 0.4, 0.3), Epoch(3, 0.5, 0.4)];
        EpochReport[] told = [plain[0] with { Train = Epoch(1, 0.9, 0.9).Validation }, plain[1], plain[2] with { Train = Epoch(3, 0.1, 0.1).Validation }];
        static Best BestOf(EpochReport[] epochs) => epochs.Aggregate(Best.None, (best, epoch) => best.With(epoch));
        Assert.Equal(BestOf(plain), BestOf(told));
        Assert.All(BestOf(told).Scores, score => Assert.Equal(3, score.Epoch));
        Assert.All([Best.Average, "a", "b"], name =>
        {
            var monitor = new Monitor(name);
            Assert.Equal(plain.Select(monitor.ScoreOf), told.Select(monitor.ScoreOf));
            Assert.False(monitor.HasStalled(told, 1));
        });
    }

    private static EpochReport Epoch(int epoch, double a, double b) => new(
        epoch, 0, 0.001, 1, 1, new(new EquatableArray<TaskResult>([new("a", new RegressionMetrics(0, 0, a)), new("b", new RegressionMetrics(0, 0, b))])));
}
