namespace Mmoe.Training.Tests;

public class PcGradTests
{
    [Fact]
    public void Two_gradients_that_run_against_each_other_are_freed_of_it()
    {
        // g₀ = (1, 0), g₁ = (-1, 1): g₀ + ½·g₁ = (½, ½) and g₁ + g₀ = (0, 1), in sum (½, 3/2) = 2·g₀ + 3/2·g₁.
        Assert.Equal([2, 1.5], PcGrad.Coefficients([1, -1, -1, 2], [0, 1, 0, 1]));
    }

    [Fact]
    public void Gradients_that_agree_are_added_as_they_are()
    {
        Assert.Equal([1, 1], PcGrad.Coefficients([1, 0.5, 0.5, 4], [0, 1, 1, 0]));
        Assert.Equal([1, 1], PcGrad.Coefficients([1, 0, 0, 4], [0, 1, 1, 0]));
        Assert.Equal([1], PcGrad.Coefficients([9], [0]));
    }

    [Fact]
    public void A_task_without_a_gradient_changes_nothing() =>
        Assert.Equal([1, 1, 1], PcGrad.Coefficients([1, 0, 2, 0, 0, 0, 2, 0, 5], [0, 1, 2, 0, 1, 2, 0, 1, 2]));

    [Fact]
    public void The_order_in_which_tasks_meet_matters()
    {
        // g₀ = (1, 0), g₁ = (-1, 1), g₂ = (-1, -2). First g₁: (½, ½), which runs against g₂ by 3/2 of 5, so + 0.3·g₂ = (0.2, -0.1).
        // First g₂: (1, 0) + 0.2·g₂ = (0.8, -0.4), against g₁ by 1.2 of 2, so + 0.6·g₁ = (0.2, 0.2).
        double[] products = [1, -1, -1, -1, 2, -1, -1, -1, 5];
        var (first, second) = (PcGrad.Coefficients(products, [1, 2, 0, 0, 1, 2, 0, 1, 2]), PcGrad.Coefficients(products, [2, 1, 0, 0, 1, 2, 0, 1, 2]));

        Assert.Equal(0.5 - 0.6, first[1] - second[1], 1e-12);
        Assert.Equal(0.3 - 0.2, first[2] - second[2], 1e-12);
        Assert.Equal(0, first[0] - second[0], 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_is_the_algorithm_on_the_vectors_themselves(int seed)
    {
        const int Length = 6;
        var random = new Random(seed);
        var tasks = seed + 1;
        var gradients = Enumerable.Range(0, tasks).Select(_ => Vector(random, Length)).ToArray();
        var order = PcGrad.Order(tasks, seed, step: 7);
        double[] products = [.. gradients.SelectMany(g => gradients.Select(h => Product(g, h)))];

        var coefficients = PcGrad.Coefficients(products, order);

        // Algorithm 1 as the paper writes it.
        var expected = new double[Length];
        for (var i = 0; i < tasks; i++)
        {
            double[] own = [.. gradients[i]];
            foreach (var j in order[(i * tasks)..((i + 1) * tasks)].Where(j => j != i))
            {
                var product = Product(own, gradients[j]);
                if (product < 0)
                {
                    own = [.. own.Select((value, k) => value - (product / Product(gradients[j], gradients[j]) * gradients[j][k]))];
                }
            }

            expected = [.. expected.Zip(own, (sum, value) => sum + value)];
        }

        for (var k = 0; k < Length; k++)
        {
            Assert.Equal(expected[k], gradients.Select((g, t) => coefficients[t] * g[k]).Sum(), 1e-9);
        }
    }

    [Fact]
    public void The_order_is_of_all_tasks_for_each_and_derives_from_seed_and_step()
    {
        var order = PcGrad.Order(5, seed: 3, step: 11);

        Assert.All(order.Chunk(5), own => Assert.Equal([0, 1, 2, 3, 4], own.Order()));
        Assert.Equal(order, PcGrad.Order(5, 3, 11));
        Assert.NotEqual(order, PcGrad.Order(5, 3, 12));
        Assert.NotEqual(order, PcGrad.Order(5, 4, 11));
    }

    [Fact]
    public void Each_task_meets_the_others_in_every_order_whatever_the_others_do()
    {
        var orders = Enumerable.Range(0, 600)
            .Select(step => PcGrad.Order(3, seed: 3, step).Chunk(3).Select(own => string.Join(" ", own)).ToArray())
            .ToArray();

        // Of six orders each comes a hundred times in the mean, and each of the 36 pairs of two tasks' orders about 17 times.
        Assert.All(
            orders.SelectMany(own => own.Select((text, task) => (task, text))).CountBy(one => one),
            one => Assert.InRange(one.Value, 60, 140));
        Assert.Equal(36, orders.Select(own => (own[0], own[1])).Distinct().Count());
        Assert.Equal(36, orders.Select(own => (own[1], own[2])).Distinct().Count());
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PcGrad.Coefficients([1, 2, 3], [0, 1, 2]));
        Assert.Throws<ArgumentException>(() => PcGrad.Coefficients([1, 0, 0, 1], [0, 1]));
    }

    private static double[] Vector(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextDouble() - 0.5)];

    private static double Product(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
