using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>How tasks choose among experts.</summary>
public enum Gating
{
    /// <summary>There is one expert and every task uses it as it is: a shared bottom.</summary>
    None,

    /// <summary>One softmax gate over the input for all tasks: OMoE; Ma et al. 2018, section 4.1.</summary>
    Shared,

    /// <summary>A softmax gate over the input for each task: MMoE; Ma et al. 2018, section 4.2, equations 5 to 8.</summary>
    PerTask,
}

/// <summary>What a task's tower ends in: the width of its logits and what they mean.</summary>
public abstract record Head
{
    /// <summary>The number of logits.</summary>
    public abstract int Width { get; }

    /// <summary>The head that fits a task's kind.</summary>
    /// <param name="task">The task; a multi-class task has one class per value of its vocabulary.</param>
    public static Head For(TaskDescriptor task) => task switch
    {
        BinaryTask => new BinaryHead(),
        MulticlassTask multiclass => new MulticlassHead(multiclass.OutputWidth),
        RegressionTask => new RegressionHead(),
        _ => throw new ArgumentException($"there is no head for a task of type {task.GetType().Name}", nameof(task)),
    };
}

/// <summary>One logit; its logistic function is the probability of the positive class. Loss: binary cross-entropy.</summary>
public sealed record BinaryHead : Head
{
    /// <inheritdoc/>
    public override int Width => 1;
}

/// <summary>A logit per class; their softmax gives the probabilities. Loss: cross-entropy.</summary>
/// <param name="Classes">The number of classes, at least 2.</param>
public sealed record MulticlassHead(int Classes) : Head
{
    /// <inheritdoc/>
    public override int Width => this.Classes;
}

/// <summary>One number: the target, standardised with the train split's mean and deviation. Loss: mean squared error.</summary>
public sealed record RegressionHead : Head
{
    /// <inheritdoc/>
    public override int Width => 1;
}

/// <summary>What stands between the mixture and a task's logits: hidden layers, then a dense layer of the head's width.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Hidden">The hidden layers; may be <see cref="Network.Identity"/>.</param>
/// <param name="Head">What the tower ends in.</param>
public sealed record Tower(string Task, Network Hidden, Head Head);

/// <summary>
/// A model definition: a value without tensors, comparable, printable and serialisable. Interpreters are folds over it.
/// </summary>
/// <param name="Experts">The experts, all over the same input, with results of the same width. Each begins with a dense layer.</param>
/// <param name="Gating">How tasks choose among them.</param>
/// <param name="Towers">One tower per task, in the order of the dataset's tasks.</param>
public sealed record ModelSpec(EquatableArray<Network> Experts, Gating Gating, EquatableArray<Tower> Towers)
{
    /// <summary>The number of gates: one per task, one for all, or none.</summary>
    public int GateCount => this.Gating switch { Gating.None => 0, Gating.Shared => 1, _ => this.Towers.Count };

    /// <summary>The number of logits for one row: the widths of all heads, added up.</summary>
    public int LogitWidth => this.Towers.Sum(t => t.Head.Width);

    /// <summary>The gate that a tower's mixture uses.</summary>
    /// <param name="tower">The tower's position.</param>
    /// <returns>The gate's position; -1 without gates.</returns>
    public int GateOf(int tower) => this.Gating switch { Gating.None => -1, Gating.Shared => 0, _ => tower };
}
