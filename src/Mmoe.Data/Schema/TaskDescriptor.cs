namespace Mmoe.Data;

/// <summary>
/// Something to predict: a name, a label column, and a kind that decides loss, metrics and predictions.
/// </summary>
/// <param name="Name">The task's name, as in reports and checkpoints.</param>
/// <param name="Description">What is predicted, in a sentence; empty if the schema does not tell.</param>
/// <param name="Index">The position among the dataset's tasks.</param>
public abstract record TaskDescriptor(string Name, string Description, int Index)
{
    /// <summary>The column that the task's labels come from.</summary>
    public abstract LabelColumn LabelColumn { get; }

    /// <summary>The number of values that a model gives for one row of this task.</summary>
    public abstract int OutputWidth { get; }

    /// <summary>The task's target for a value of the label column: NaN stays NaN.</summary>
    /// <param name="label">A value of the label column as encoded: a code, or a number; NaN where it is missing.</param>
    /// <returns>0 or 1 for a binary task, the class index for a multi-class task, the number for a regression.</returns>
    public abstract float Target(float label);
}

/// <summary>Whether the label is one of the positive values.</summary>
/// <param name="Name"><inheritdoc cref="TaskDescriptor" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="TaskDescriptor" path="/param[@name='Description']"/></param>
/// <param name="Index"><inheritdoc cref="TaskDescriptor" path="/param[@name='Index']"/></param>
/// <param name="Label">The column that the labels come from.</param>
/// <param name="PositiveCodes">The codes of the positive values, ascending.</param>
public sealed record BinaryTask(string Name, string Description, int Index, CategoricalLabel Label, EquatableArray<int> PositiveCodes)
    : TaskDescriptor(Name, Description, Index)
{
    /// <inheritdoc/>
    public override LabelColumn LabelColumn => this.Label;

    /// <inheritdoc/>
    public override int OutputWidth => 1;

    /// <inheritdoc/>
    public override float Target(float label) => float.IsNaN(label) ? float.NaN : this.PositiveCodes.AsSpan().Contains((int)label) ? 1f : 0f;
}

/// <summary>Which value of the vocabulary the label is.</summary>
/// <param name="Name"><inheritdoc cref="TaskDescriptor" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="TaskDescriptor" path="/param[@name='Description']"/></param>
/// <param name="Index"><inheritdoc cref="TaskDescriptor" path="/param[@name='Index']"/></param>
/// <param name="Label">The column that the labels come from; its vocabulary's codes are the classes.</param>
public sealed record MulticlassTask(string Name, string Description, int Index, CategoricalLabel Label)
    : TaskDescriptor(Name, Description, Index)
{
    /// <inheritdoc/>
    public override LabelColumn LabelColumn => this.Label;

    /// <inheritdoc/>
    public override int OutputWidth => this.Label.Vocabulary.Count;

    /// <inheritdoc/>
    public override float Target(float label) => label;
}

/// <summary>A number.</summary>
/// <param name="Name"><inheritdoc cref="TaskDescriptor" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="TaskDescriptor" path="/param[@name='Description']"/></param>
/// <param name="Index"><inheritdoc cref="TaskDescriptor" path="/param[@name='Index']"/></param>
/// <param name="Label">The column that the labels come from.</param>
public sealed record RegressionTask(string Name, string Description, int Index, NumericLabel Label) : TaskDescriptor(Name, Description, Index)
{
    /// <inheritdoc/>
    public override LabelColumn LabelColumn => this.Label;

    /// <inheritdoc/>
    public override int OutputWidth => 1;

    /// <inheritdoc/>
    public override float Target(float label) => label;
}
