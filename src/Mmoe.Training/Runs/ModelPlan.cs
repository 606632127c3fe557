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
    /// <returns>The plan, or every fault of features and model together.</returns>
    public static Validation<Fault, ModelPlan> Of(DatasetDescriptor dataset, TrainingConfig config)
    {
        var inputs = InputLayout.Of(dataset, config.Exclude, config.WeightBy);
        var spec = Family(dataset, config).Check(dataset.Tasks);
        return (inputs, spec).Apply((i, s) => new ModelPlan(dataset, s, i, ParameterLayout.Of(s, i.Width)));
    }

    private static ModelSpec Family(DatasetDescriptor dataset, TrainingConfig config)
    {
        var p = config.Parameters;
        return config.Model switch
        {
            ModelNames.Mmoe => ModelFamilies.Mmoe(dataset.Tasks, p.NumExperts, p.Units, p.TowerUnits),
            ModelNames.OneGate => ModelFamilies.OneGate(dataset.Tasks, p.NumExperts, p.Units, p.TowerUnits),
            ModelNames.SharedBottom => ModelFamilies.SharedBottom(dataset.Tasks, p.Units, p.TowerUnits),
            _ => throw new ArgumentException($"'{config.Model}' is no model family", nameof(config)),
        };
    }
}

/// <summary>A plan with what was fitted on the train split: everything but the parameters.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Scaling">How numeric features are scaled.</param>
/// <param name="Targets">How regression targets are scaled.</param>
public sealed record FittedModel(ModelPlan Plan, NumericScaling Scaling, TargetScaling Targets)
{
    /// <summary>Fits scaling on the train split, which is the only type of split that it takes.</summary>
    public static Validation<Fault, FittedModel> Of(ModelPlan plan, TrainSplit train) =>
        (NumericScaling.Fit(train), TargetScaling.Fit(train)).Apply((scaling, targets) => new FittedModel(plan, scaling, targets));

    /// <summary>Encoded rows as the model sees them.</summary>
    public Validation<Fault, ModelInputs> Inputs(EncodedTable table) => ModelInputs.Of(table, this.Plan.Inputs, this.Scaling, this.Targets);

    /// <summary>The metrics of an engine's present parameters on rows.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="inputs">The rows.</param>
    public EvaluationReport Evaluate(IEngine engine, ModelInputs inputs) =>
        EvaluationReport.Of(
            this.Plan.Dataset.Tasks,
            Outputs.Of(this.Plan.Spec, this.Targets, engine.Logits(inputs)),
            this.Targets.Restore(inputs.Targets),
            inputs.Weights);
}
