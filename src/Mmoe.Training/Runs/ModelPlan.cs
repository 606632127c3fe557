using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>What is to be trained, checked before any row is read.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Spec">The model.</param>
/// <param name="Inputs">The features that it is to see, and by which encodings.</param>
public sealed record ModelPlan(DatasetDescriptor Dataset, ModelSpec Spec, InputPlan Inputs)
{
    /// <summary>What is trained on; null for a new model.</summary>
    public StartingPoint? Start { get; init; }

    /// <summary>The plan of a configuration.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="resumed">The folder of the run that goes on; null where one begins.</param>
    /// <returns>The plan, or all faults of the engine, the steps, the features and the model's parts; or else those of the model as a whole.</returns>
    public static Validation<Fault, ModelPlan> Of(DatasetDescriptor dataset, TrainingConfig config, RunDirectory? resumed = null)
    {
        if (config.Checkpoint is { } path)
        {
            // What a run has begun with was fitted for it already, as its configuration says.
            return from steps in Check(dataset, config)
                   from start in StartingPoint.Of(path, resumed, dataset.Tasks, config.Parameters.Seed)
                   let encode = start.IsOfRun ? default : config.Encode
                   from inputs in InputPlan.Of(dataset, config.Exclude, config.WeightBy, encode, start.Checkpoint.Inputs)
                   from adapted in ModelBuilder.Retrain(dataset.Tasks, start.Tasks.Spec, config.Options)
                   from spec in adapted.Check(inputs).MapFail(fault => OfModel(fault, "the checkpoint's model"))
                   select new ModelPlan(dataset, spec, inputs) { Start = start };
        }

        return (
            Check(dataset, config),
            InputPlan.Of(dataset, config.Exclude, config.WeightBy, config.Encode),
            ModelBuilder.Build(dataset.Tasks, config))
            .Apply((_, inputs, built) => (Inputs: inputs, Spec: built))
            .Bind(both => both.Spec.Check(both.Inputs)
                .MapFail(fault => OfModel(fault, $"model {config.Model}"))
                .Map(sound => new ModelPlan(dataset, sound, both.Inputs)));
    }

    private static Validation<Fault, Unit> Check(DatasetDescriptor dataset, TrainingConfig config) =>
        (Optimizers.Check(dataset.Tasks, config), Engines.Check(config)).Apply((_, _) => unit);

    private static Fault OfModel(Fault fault, string model) => fault.Key is { } key
        ? fault with { What = $"{key}: {fault.What}" }
        : fault with { What = $"{model}: {fault.What}", Key = "model" };
}

/// <summary>A plan with what was fitted on the train split: everything but the parameters.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Inputs">The features that the model sees, with their encodings.</param>
/// <param name="Layout">Its parameters.</param>
/// <param name="Targets">How regression targets are scaled.</param>
public sealed record FittedModel(ModelPlan Plan, InputLayout Inputs, ParameterLayout Layout, TargetScaling Targets)
{
    /// <summary>What was carried over of the checkpoint that is trained on; null for a new model.</summary>
    public ParameterTransfer? Transfer { get; private init; }

    /// <summary>
    /// Fits encodings and scaling on the train split, which is the only type of split that it takes: of the features that the model sees,
    /// and no others; where a checkpoint is trained on, of those that it does not have.
    /// </summary>
    public static Validation<Fault, FittedModel> Of(ModelPlan plan, TrainSplit train) =>
        (plan.Inputs.Fit(train), TargetScaling.Fit(train))
            .Apply((inputs, targets) => plan.Start is { } start
                ? new FittedModel(plan, inputs, ParameterLayout.Of(plan.Spec, inputs.Width), start.Keep(targets, plan.Spec))
                {
                    Transfer = start.Carry(plan.Dataset, plan.Spec, inputs),
                }
                : new FittedModel(plan, inputs, ParameterLayout.Of(plan.Spec, inputs.Width), targets));

    /// <summary>Encoded rows as the model sees them, with the targets that metrics compare with.</summary>
    public Validation<Fault, ModelRows> Rows(EncodedTable table) =>
        ModelInputs.Of(table, this.Inputs, this.Targets).Map(inputs => new ModelRows(inputs, table.Targets()));

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
