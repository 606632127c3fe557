using FsCheck.Xunit;

namespace Mmoe.Training.Tests.Runs;

public sealed class RowOrderTests
{
    [Property]
    public void It_is_a_permutation_that_depends_on_seed_and_epoch_alone(ushort rows, int seed, ushort epoch)
    {
        var order = RowOrder.Of(rows % 500, seed, epoch);
        Assert.Equal(Enumerable.Range(0, rows % 500), order.Order());
        Assert.Equal(order, RowOrder.Of(rows % 500, seed, epoch));
    }

    [Fact]
    public void Every_seed_and_epoch_has_another_order()
    {
        var orders = new[] { (5, 1), (5, 2), (6, 1), (-5, 1) }.Select(k => string.Join(",", RowOrder.Of(50, k.Item1, k.Item2)));
        Assert.Equal(4, orders.Distinct().Count());
    }

    [Fact]
    public void Every_row_comes_first_about_equally_often()
    {
        var counts = Enumerable.Range(1, 10_000).Select(epoch => RowOrder.Of(10, 5, epoch)[0]).CountBy(row => row).Select(c => c.Value);

        // Binomial with mean 1,000 and deviation 30: five deviations.
        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }
}
