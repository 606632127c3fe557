namespace Mmoe.Training;

/// <summary>PCGrad, Yu et al. 2020, "Gradient Surgery for Multi-Task Learning", algorithm 1, on inner products alone.</summary>
/// <remarks>
/// All that the algorithm does to a task's gradient is to add multiples of other tasks' gradients, so that every inner product it asks for
/// follows from those of the original gradients: the long vectors are read once, and mixed once.
/// </remarks>
public static class PcGrad
{
    /// <summary>By what each task's gradient is to be multiplied, so that the sum is the algorithm's result.</summary>
    /// <param name="products">[tasks, tasks]: the inner products of the tasks' gradients.</param>
    /// <param name="order">[tasks, tasks]: for each task all tasks in the order in which it meets them; it passes itself over.</param>
    /// <returns>[tasks].</returns>
    public static double[] Coefficients(ReadOnlySpan<double> products, ReadOnlySpan<int> order)
    {
        var tasks = (int)Math.Sqrt(products.Length);
        if (products.Length != tasks * tasks || order.Length != products.Length)
        {
            throw new ArgumentException($"{products.Length} products and {order.Length} tasks to meet are not of one number of tasks");
        }

        var sum = new double[tasks];
        var own = new double[tasks];
        for (var i = 0; i < tasks; i++)
        {
            Array.Clear(own);
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

        return sum;
    }

    /// <summary>A random order for every task, from the seed and the step.</summary>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The steps done before.</param>
    /// <returns>[tasks, tasks].</returns>
    public static int[] Order(int tasks, int seed, long step)
    {
        var random = StepRandom.Of(seed, step, "pcgrad");
        var order = new int[tasks * tasks];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i % tasks;
        }

        for (var i = 0; i < tasks; i++)
        {
            random.Shuffle(order.AsSpan(i * tasks, tasks));
        }

        return order;
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
