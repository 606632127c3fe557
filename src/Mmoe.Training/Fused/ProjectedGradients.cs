using Mmoe.Data;

namespace Mmoe.Training.Fused;

/// <summary>The gradients of single tasks, and what <see cref="PcGrad"/> makes of them; the memory is there from the beginning.</summary>
internal sealed class ProjectedGradients : IDisposable
{
    private readonly int seed;
    private readonly AlignedMemory<float>[] tasks;
    private readonly AlignedMemory<float> mixed;
    private readonly double[] products;
    private readonly int[] order;
    private readonly double[] factors;
    private readonly double[] own;
    private readonly DeterministicRandom random = DeterministicRandom.FromSeed(0, "");

    /// <summary>Takes memory.</summary>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="length">The length of a gradient, a multiple of 16.</param>
    /// <param name="seed">The seed of the run.</param>
    public ProjectedGradients(int tasks, long length, int seed)
    {
        this.seed = seed;
        this.tasks = [.. Enumerable.Range(0, tasks).Select(_ => new AlignedMemory<float>(length))];
        this.mixed = new(length);
        (this.products, this.order) = (new double[tasks * tasks], new int[tasks * tasks]);
        (this.factors, this.own) = (new double[tasks], new double[tasks]);
    }

    /// <summary>Takes a task's gradient of the batch, and leaves 0 in its place.</summary>
    public void Take(int task, AlignedMemory<float> gradient)
    {
        gradient.Span.CopyTo(this.tasks[task].Span);
        gradient.Span.Clear();
    }

    /// <summary>Adds the mixture of the tasks' gradients to the step's sum.</summary>
    /// <param name="step">The steps done before.</param>
    public void Mix(long step)
    {
        var count = this.tasks.Length;
        for (var i = 0; i < this.products.Length; i++)
        {
            this.products[i] = FlatVectors.Dot(this.tasks[i / count], this.tasks[i % count]);
        }

        PcGrad.Order(this.order, this.random, count, this.seed, step);
        PcGrad.Coefficients(this.products, this.order, this.factors, this.own);
        for (var t = 0; t < count; t++)
        {
            FlatVectors.AddScaled(this.mixed, this.tasks[t], (float)this.factors[t]);
        }
    }

    /// <summary>Writes the step's sum over a gradient, and begins a new one.</summary>
    public void Give(AlignedMemory<float> gradient)
    {
        this.mixed.Span.CopyTo(gradient.Span);
        this.mixed.Span.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.mixed.Dispose();
        foreach (var task in this.tasks)
        {
            task.Dispose();
        }
    }
}
