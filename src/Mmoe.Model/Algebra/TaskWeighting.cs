namespace Mmoe.Model;

/// <summary>How the losses of tasks become one step of training.</summary>
public abstract record TaskWeighting
{
    /// <summary>The sum of all losses.</summary>
    public static TaskWeighting Equal { get; } = new FixedWeighting(default);
}

/// <summary>Σ w·L over the tasks, with weights that stay.</summary>
/// <param name="Weights">The weights, 0 or more; a task that is not named weighs 1.</param>
public sealed record FixedWeighting(EquatableArray<TaskWeight> Weights) : TaskWeighting
{
    /// <summary>The weight of a task.</summary>
    public double Of(string task)
    {
        foreach (var weight in this.Weights)
        {
            if (weight.Task == task)
            {
                return weight.Weight;
            }
        }

        return 1;
    }
}

/// <summary>The weight of a task's loss.</summary>
/// <param name="Task">The task.</param>
/// <param name="Weight">Its weight, 0 or more.</param>
public sealed record TaskWeight(string Task, double Weight);

/// <summary>
/// Weights that are learned from each task's uncertainty: Kendall et al. 2018, section 3.2. With s = log σ², a parameter per task that
/// starts at 0, the loss is Σ e^-s·L + s/2, where L is ½e² for a squared error (equation 7) and the cross-entropy for classes (equation 10).
/// A task without a labelled row in the batch adds nothing.
/// </summary>
public sealed record UncertaintyWeighting : TaskWeighting;

/// <summary>
/// The gradients of the tasks, each first freed of what runs against another's: PCGrad, Yu et al. 2020, algorithm 1. The order in which a
/// task meets the others derives from the seed and the step.
/// </summary>
public sealed record PcGradWeighting : TaskWeighting;
