using Mmoe.Data;
using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>Everything that decides a training run, complete: the effective configuration, which is saved with the run.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="NumFeatures">The schema's number of features; derived, and stated for the reader.</param>
/// <param name="Model">The model family.</param>
/// <param name="Engine">The engine that trains.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda[:N]</c>.</param>
/// <param name="Threads">Threads of the engine; at this project's model sizes a step is too small to be worth splitting.</param>
/// <param name="Schedule">How the learning rate changes: one of <see cref="ScheduleNames"/>.</param>
/// <param name="Parameters">The training parameters.</param>
/// <param name="Exclude">Feature columns that the model does not see.</param>
/// <param name="WeightBy">The column that weighs rows; null if every row counts the same.</param>
/// <param name="Encode">How numeric features are encoded where the schema's encodings are not to be taken; each column once.</param>
/// <param name="Source">Where the rows come from; its parameters may be overridden where rows are drawn on the spot.</param>
public sealed record TrainingConfig(
    string Dataset,
    int NumFeatures,
    string Model,
    string Engine,
    string Device,
    int Threads,
    string Schedule,
    TrainingParameters Parameters,
    EquatableArray<string> Exclude,
    string? WeightBy,
    EquatableArray<ColumnEncoding> Encode,
    DataSource Source)
{
    /// <summary>The families that <see cref="Model"/> may name.</summary>
    public ModelFamilyRegistry Families { get; init; } = ModelFamilyRegistry.BuiltIn;

    /// <summary>What is said of the model beyond its family and sizes.</summary>
    public ModelOptions Options { get; init; } = ModelOptions.Default;

    /// <summary>
    /// The checkpoint that is trained on; null for a new model. Where there is one, the model is the checkpoint's, and of
    /// <see cref="Options"/> count the losses, the weights of tasks and what is frozen; see <see cref="ConfigLayers.OfCheckpoint"/>.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>What is said of the steps beyond rate, batch and epochs.</summary>
    public OptimizationOptions Optimization { get; init; } = OptimizationOptions.Default;

    /// <summary>This configuration for a family, whether or not it has been in <see cref="Families"/>.</summary>
    /// <param name="family">The family.</param>
    public TrainingConfig With(ModelFamily family) => this with { Families = ModelFamilyRegistry.Only(family), Model = family.Name };

    /// <summary>The configuration that a schema gives for a device.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="device"><c>cpu</c> or <c>cuda[:N]</c>.</param>
    public static TrainingConfig DefaultsOf(DatasetDescriptor dataset, string device) => new(
        dataset.Name,
        dataset.NumFeatures,
        ModelNames.Mmoe,
        EngineNames.Auto,
        device,
        Threads: 1,
        ScheduleNames.Constant,
        device == DeviceNames.Cpu ? dataset.Training.Cpu : dataset.Training.Gpu,
        Exclude: default,
        WeightBy: null,
        Encode: default,
        dataset.Source);
}

/// <summary>The model families of the command line.</summary>
public static class ModelNames
{
    /// <summary>A network for each task alone.</summary>
    public const string SingleTask = "single-task";

    /// <summary>One shared bottom.</summary>
    public const string SharedBottom = "shared-bottom";

    /// <summary>One softmax gate for all tasks.</summary>
    public const string OneGate = "one-gate";

    /// <summary>A softmax gate per task over shared experts.</summary>
    public const string Mmoe = "mmoe";

    /// <summary>Experts of each task's own beside shared ones.</summary>
    public const string Cgc = "cgc";

    /// <summary>Levels of CGC, one on the other.</summary>
    public const string Ple = "ple";

    /// <summary>A network for each task, stitched to the others after each layer.</summary>
    public const string CrossStitch = "cross-stitch";

    /// <summary>What stands in place of a family where a checkpoint's model is trained on.</summary>
    public const string FineTuned = "fine-tuned";

    /// <summary>The families of the literature; an application may have more, see <see cref="ModelFamilyRegistry"/>.</summary>
    public static EquatableArray<string> Available => ModelFamilyRegistry.BuiltIn.Names;
}

/// <summary>The engines of the command line.</summary>
public static class EngineNames
{
    /// <summary>The best engine that can run the model.</summary>
    public const string Auto = "auto";

    /// <summary>The fused engine on the CPU.</summary>
    public const string Fused = "fused";

    /// <summary>TorchSharp's autograd.</summary>
    public const string Torch = "torch";

    /// <summary>The engines that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = new([Auto, Fused, Torch]);
}

/// <summary>The devices of the command line.</summary>
public static class DeviceNames
{
    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>The first GPU, or with <c>:N</c> the one numbered N from 0.</summary>
    public const string Cuda = "cuda";

    /// <summary>Whether the text names a device.</summary>
    public static bool IsWellFormed(string text) =>
        text is Cpu or Cuda
        || (text.StartsWith("cuda:", StringComparison.Ordinal) && text.Length is > 5 and < 9 && text.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
}
