using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>How the losses of tasks become the one that a step follows; see <see cref="Loss.Weighted"/>.</summary>
internal sealed class TaskWeights
{
    private readonly ModelSpec spec;
    private readonly int[] logVariances;
    private readonly float[] values;

    /// <summary>Weights of a model's tasks.</summary>
    public TaskWeights(ModelSpec spec, ParameterLayout layout)
    {
        this.spec = spec;
        this.logVariances = spec.Weighting is UncertaintyWeighting
            ? [.. spec.Towers.Select(tower => layout[ParameterNames.LogVariance(tower.Task)].Offset)]
            : [];
        this.values = new float[this.logVariances.Length];
        this.Factors = [.. spec.Towers.Select(tower => spec.Weighting is FixedWeighting weighting ? (float)weighting.Of(tower.Task) : 1)];
        this.Losses = new double[spec.Towers.Count];
        this.Totals = new double[spec.Towers.Count];
    }

    /// <summary>Per task, by what its loss counts.</summary>
    public float[] Factors { get; }

    /// <summary>Per task, its loss in the batch at hand.</summary>
    public double[] Losses { get; }

    /// <summary>Per task, the weight of the rows that have its label.</summary>
    public double[] Totals { get; }

    /// <summary>Takes weights that are learned out of the flat vector.</summary>
    public void Read(ReadOnlySpan<float> parameters)
    {
        for (var t = 0; t < this.logVariances.Length; t++)
        {
            this.values[t] = parameters[this.logVariances[t]];
            this.Factors[t] = (float)(Math.Exp(-this.values[t]) * Model.Loss.Likelihood(this.spec.Towers[t].Head));
        }
    }

    /// <summary>The loss of the batch.</summary>
    public double Loss()
    {
        var sum = 0.0;
        for (var t = 0; t < this.Losses.Length; t++)
        {
            var spread = this.values.Length > 0 && this.Totals[t] > 0 ? this.values[t] / 2 : 0;
            sum += (this.Factors[t] * this.Losses[t]) + spread;
        }

        return sum;
    }

    /// <summary>Adds the gradient of weights that are learned: of e^-s·L + s/2.</summary>
    public void AddGradient(Span<float> gradient)
    {
        for (var t = 0; t < this.logVariances.Length; t++)
        {
            gradient[this.logVariances[t]] += this.Totals[t] > 0 ? (float)(0.5 - (this.Factors[t] * this.Losses[t])) : 0;
        }
    }
}
