using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>PCGrad, Yu et al. 2020, "Gradient Surgery for Multi-Task Learning", algorithm 1, on inner products alone.</summary>
/// <remarks>
/// All that the algorithm does to a task's gradient is to add multiples of other tasks' gradients, so that every inner product it asks for
/// follows from those of the original gradients: the long vectors are read once, and mixed once.
/// </remarks>
public static class PcGrad
{
    private const string Stream = "pcgrad";

    /// <summary>By what each task's gradient is to be multiplied, so that the sum is the algorithm's result.</summary>
    /// <param name="products">[tasks, tasks]: the inner products of the tasks' gradients.</param>
    /// <param name="order">[tasks, tasks]: for each task all tasks in the order in which it meets them; it passes itself over.</param>
    /// <returns>[tasks].</returns>
    public static double[] Coefficients(ReadOnlySpan<double> products, ReadOnlySpan<int> order)
    {
        var sum = new double[(int)Math.Sqrt(products.Length)];
        Coefficients(products, order, sum, new double[sum.Length]);
        return sum;
    }

    /// <summary>The same without an object.</summary>
    /// <param name="products"><inheritdoc cref="Coefficients(ReadOnlySpan{double}, ReadOnlySpan{int})" path="/param[@name='products']"/></param>
    /// <param name="order"><inheritdoc cref="Coefficients(ReadOnlySpan{double}, ReadOnlySpan{int})" path="/param[@name='order']"/></param>
    /// <param name="sum">[tasks], to be written: the result.</param>
    /// <param name="own">[tasks], to be written: what one task is mixed of.</param>
    internal static void Coefficients(ReadOnlySpan<double> products, ReadOnlySpan<int> order, Span<double> sum, Span<double> own)
    {
        var tasks = sum.Length;
        if (products.Length != tasks * tasks || order.Length != products.Length)
        {
            throw new ArgumentException($"{products.Length} products and {order.Length} tasks to meet are not of one number of tasks");
        }

        sum.Clear();
        for (var i = 0; i < tasks; i++)
        {
            own.Clear();
            own[i] = 1;
            foreach (var j in order.Slice(i * tasks, tasks))
            {
                var product = Product(own, products.Slice(j * tasks, tasks));
                var square = products[(j * tasks) + j];
                if (j != i && product < 0 && square > 0)
                {
                    own[j] -= product / square;
                }
            }

            for (var k = 0; k < tasks; k++)
            {
                sum[k] += own[k];
            }
        }
    }

    /// <summary>A random order for every task, from the seed and the step.</summary>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The steps done before.</param>
    /// <returns>[tasks, tasks].</returns>
    public static int[] Order(int tasks, int seed, long step)
    {
        var order = new int[tasks * tasks];
        Fill(order, StepRandom.Of(seed, step, Stream), tasks);
        return order;
    }

    /// <summary>The same without an object.</summary>
    /// <param name="order">[tasks, tasks], to be written.</param>
    /// <param name="random">What gives the numbers.</param>
    /// <param name="tasks"><inheritdoc cref="Order(int, int, long)" path="/param[@name='tasks']"/></param>
    /// <param name="seed"><inheritdoc cref="Order(int, int, long)" path="/param[@name='seed']"/></param>
    /// <param name="step"><inheritdoc cref="Order(int, int, long)" path="/param[@name='step']"/></param>
    internal static void Order(Span<int> order, DeterministicRandom random, int tasks, int seed, long step)
    {
        StepRandom.Restart(random, seed, step, Stream);
        Fill(order, random, tasks);
    }

    private static void Fill(Span<int> order, DeterministicRandom random, int tasks)
    {
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i % tasks;
        }

        for (var i = 0; i < tasks; i++)
        {
            random.Shuffle(order.Slice(i * tasks, tasks));
        }
    }

    // The inner product of Σ own·g with gⱼ.
    private static double Product(ReadOnlySpan<double> own, ReadOnlySpan<double> withJ)
    {
        var sum = 0.0;
        for (var k = 0; k < own.Length; k++)
        {
            sum += own[k] * withJ[k];
        }

        return sum;
    }
}
