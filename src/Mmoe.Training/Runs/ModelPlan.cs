using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>What is to be trained, checked and laid out, before any row is read.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Spec">The model.</param>
/// <param name="Inputs">The features that it sees.</param>
/// <param name="Layout">Its parameters.</param>
public sealed record ModelPlan(DatasetDescriptor Dataset, ModelSpec Spec, InputLayout Inputs, ParameterLayout Layout)
{
    /// <summary>The plan of a configuration.</summary>
    /// <returns>The plan, or the faults of the features, or else those of the model.</returns>
    public static Validation<Fault, ModelPlan> Of(DatasetDescriptor dataset, TrainingConfig config)
    {
        return from inputs in InputLayout.Of(dataset, config.Exclude, config.WeightBy)
               from built in ModelBuilder.Build(dataset.Tasks, config)
               from spec in built.Check(inputs, dataset.Tasks)
               let layout = ParameterLayout.Of(spec, inputs.Width)
               from frozen in ModelBuilder.Freeze(spec, layout, config.Options.Freeze)
               select new ModelPlan(dataset, frozen, inputs, layout);
    }
}

/// <summary>A plan with what was fitted on the train split: everything but the parameters.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Scaling">How the numeric features that the model sees are scaled.</param>
/// <param name="Targets">How regression targets are scaled.</param>
public sealed record FittedModel(ModelPlan Plan, NumericScaling Scaling, TargetScaling Targets)
{
    /// <summary>
    /// Fits scaling on the train split, which is the only type of split that it takes: of the features that the model sees, and no others.
    /// </summary>
    public static Validation<Fault, FittedModel> Of(ModelPlan plan, TrainSplit train)
    {
        var seen = plan.Inputs.Numerics.Select(input => plan.Dataset.Numerics[input.NumericIndex]);
        return (NumericScaling.Fit(train, seen), TargetScaling.Fit(train))
            .Apply((scaling, targets) => new FittedModel(plan, scaling, targets));
    }

    /// <summary>Encoded rows as the model sees them, with the targets that metrics compare with.</summary>
    public Validation<Fault, ModelRows> Rows(EncodedTable table) =>
        ModelInputs.Of(table, this.Plan.Inputs, this.Scaling, this.Targets).Map(inputs => new ModelRows(inputs, table.Targets()));

    /// <summary>The metrics of logits.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="logits">[rows, widths of all heads], as an engine gives them; overwritten by the outputs.</param>
    /// <returns>The metrics, or a fault for each task with an output that is not finite.</returns>
    public Validation<Fault, EvaluationReport> Evaluate(ModelRows rows, float[] logits)
    {
        Outputs.Write(this.Plan.Spec, this.Targets, logits, logits);
        return EvaluationReport.Of(this.Plan.Dataset.Tasks, logits, rows.Targets, rows.Inputs.Weights);
    }
}

/// <summary>Rows as a model sees them.</summary>
/// <param name="Inputs">What goes in.</param>
/// <param name="Targets">[rows, tasks]: 0 or 1, the class index, or the number in the label's units; NaN where the label is missing.</param>
public sealed record ModelRows(ModelInputs Inputs, float[] Targets);
