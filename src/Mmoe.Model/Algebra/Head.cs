using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>What a task's tower ends in: the width of its logits, what they mean, and the loss that trains them.</summary>
public abstract record Head
{
    /// <summary>The number of logits.</summary>
    public abstract int Width { get; }

    /// <summary>The head that fits a task's kind, with the plain loss.</summary>
    /// <param name="task">The task; a multi-class task has one class per value of its vocabulary.</param>
    public static Head For(TaskDescriptor task) => task switch
    {
        BinaryTask => new BinaryHead(),
        MulticlassTask multiclass => new MulticlassHead(multiclass.OutputWidth),
        RegressionTask => new RegressionHead(),
        _ => throw new ArgumentException($"there is no head for a task of type {task.GetType().Name}", nameof(task)),
    };
}

/// <summary>
/// One logit z; its logistic function is the probability of the positive class. Loss: binary cross-entropy
/// -p·y·log σ(z) - (1 - y)·log(1 - σ(z)).
/// </summary>
/// <param name="PositiveWeight">p: how much a positive row counts against a negative one; above 0.</param>
/// <param name="LabelSmoothing">
/// ε, from 0 to below 1: trained is towards y·(1 - ε) + ε/2 in place of the label y; Szegedy et al. 2016, section 7, for two classes.
/// </param>
public sealed record BinaryHead(double PositiveWeight = 1, double LabelSmoothing = 0) : Head
{
    /// <inheritdoc/>
    public override int Width => 1;

    /// <summary>What is trained towards; see <see cref="LabelSmoothing"/>.</summary>
    /// <param name="label">The label: 0 or 1, or NaN, which it stays.</param>
    public double Smoothed(double label) => (label * (1 - this.LabelSmoothing)) + (this.LabelSmoothing / 2);
}

/// <summary>A logit per class; their softmax gives the probabilities. Loss: cross-entropy.</summary>
/// <param name="Classes">The number of classes, at least 2.</param>
/// <param name="LabelSmoothing">
/// ε, from 0 to below 1: trained is towards the label's class with 1 - ε, and ε spread evenly over all classes; Szegedy et al. 2016, section 7.
/// </param>
public sealed record MulticlassHead(int Classes, double LabelSmoothing = 0) : Head
{
    /// <inheritdoc/>
    public override int Width => this.Classes;
}

/// <summary>
/// One number: the target, standardised with the train split's mean and deviation. Loss of an error e: e²; or Huber's with a limit δ
/// (Huber 1964): e²/2 up to δ, and δ·(|e| - δ/2) beyond.
/// </summary>
/// <param name="HuberDelta">δ, above 0, in deviations of the target; null for the squared error.</param>
public sealed record RegressionHead(double? HuberDelta = null) : Head
{
    /// <inheritdoc/>
    public override int Width => 1;
}
