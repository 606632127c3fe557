using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>The best score of a task so far, or of the average.</summary>
/// <param name="Name">The task's name, or <c>average</c>.</param>
/// <param name="Epoch">The epoch that reached it first, from 1.</param>
/// <param name="Score">The score; finite.</param>
public sealed record BestScore(string Name, int Epoch, double Score);

/// <summary>
/// What training needs to go on as if it had never stopped. There is no state of a random generator: all randomness derives from the seed
/// and the step.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="FirstMoments">Adam's m, laid out as the parameters.</param>
/// <param name="SecondMoments">Adam's v, laid out as the parameters.</param>
/// <param name="Best">The best scores so far; none for a task that has had no score yet.</param>
public sealed record TrainingState(
    long Step, int Seed, EquatableArray<float> FirstMoments, EquatableArray<float> SecondMoments, EquatableArray<BestScore> Best)
{
    /// <summary>What tells the rows of the run from others, so that it does not go on with those; null where nothing does.</summary>
    public string? Data { get; init; }

    /// <summary>Of the steps, those that changed nothing, since their gradient overflowed in half precision.</summary>
    public long Skipped { get; init; }

    /// <summary>What the loss is multiplied by in half precision; null where it is not.</summary>
    public double? LossScale { get; init; }

    /// <summary>The steps since the scale of the loss changed last.</summary>
    public int GoodSteps { get; init; }

    /// <summary>What is done of the epoch after <see cref="Checkpoint.Epoch"/>; null where that is nothing.</summary>
    public BegunEpoch? Begun { get; init; }
}

/// <summary>What is done of an epoch that was interrupted.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="LossSum">The sum of the loss over their rows.</param>
/// <param name="Seconds">How long they took.</param>
public sealed record BegunEpoch(int Steps, double LossSum, double Seconds);

/// <summary>
/// A model with all that it takes to use it: a safetensors file in which every parameter is a tensor of its own, under its stable name, and
/// everything else is JSON in the metadata. Data only; nothing in it is executed.
/// </summary>
/// <param name="Schema">The schema that the model was trained for.</param>
/// <param name="Spec">The model.</param>
/// <param name="Inputs">What it sees, with all that was fitted for it.</param>
/// <param name="TargetScaling">How its targets are scaled, one scale per task.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="ValidationMetrics">The metrics on the validation split as a JSON object; see <see cref="EvaluationReport.ToJson"/>.</param>
/// <param name="Parameters">The flat vector, laid out by <see cref="ParameterLayout.Of"/>; columns that no parameter uses are 0.</param>
/// <param name="Training">The state to resume from; null in a checkpoint that is only used.</param>
public sealed record Checkpoint(
    SchemaSummary Schema,
    ModelSpec Spec,
    InputLayout Inputs,
    TargetScaling TargetScaling,
    int Epoch,
    string ValidationMetrics,
    EquatableArray<float> Parameters,
    TrainingState? Training)
{
    /// <summary>How the rows were drawn that the model was trained on; null where they come from files.</summary>
    /// <remarks>Its parameters can be overridden per run, and evaluation must draw from the same distribution.</remarks>
    public SyntheticSource? Drawn { get; init; }

    /// <summary>Where the parameters lie in <see cref="Parameters"/>. Computed on each call.</summary>
    public ParameterLayout Layout() => ParameterLayout.Of(this.Spec, this.Inputs.Width);

    /// <summary>Writes the checkpoint whole or not at all; see <see cref="Safetensors.Save"/>.</summary>
    /// <param name="path">The file to make or replace; its folder is made if it is not there.</param>
    /// <returns>Nothing, or a fault; a former file is then untouched.</returns>
    /// <exception cref="ArgumentException">The vectors do not fit the spec, or a number in the metadata is not finite.</exception>
    public Validation<Fault, Unit> Save(string path) => Safetensors.Save(path, CheckpointFormat.ToFile(this));

    /// <summary>Reads a checkpoint and checks that its parts fit each other.</summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <returns>The checkpoint, or what is wrong with the file.</returns>
    public static Validation<Fault, Checkpoint> Load(string path) => Faulty.Validated(faults => Load(path, faults));

    /// <summary>
    /// <see cref="Load(string)"/> for applications that are trimmed or compiled ahead of time: nothing of LanguageExt is reached.
    /// </summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <param name="faults">Where to add what is wrong with the file.</param>
    /// <returns>The checkpoint; null after a fault.</returns>
    public static Checkpoint? Load(string path, ICollection<Fault> faults) =>
        Safetensors.Read(path, faults) is { } file ? CheckpointFormat.OfFile(file, path, faults) : null;

    /// <summary>Reads a checkpoint from memory; see <see cref="Load(string)"/>.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for faults.</param>
    public static Validation<Fault, Checkpoint> Parse(ReadOnlyMemory<byte> bytes, string name) =>
        Faulty.Validated(faults => Parse(bytes, name, faults));

    /// <summary>Reads a checkpoint from memory; see <see cref="Load(string, ICollection{Fault})"/>.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for faults.</param>
    /// <param name="faults">Where to add what is wrong with the file.</param>
    /// <returns>The checkpoint; null after a fault.</returns>
    public static Checkpoint? Parse(ReadOnlyMemory<byte> bytes, string name, ICollection<Fault> faults) =>
        Safetensors.Parse(bytes, name, faults) is { } file ? CheckpointFormat.OfFile(file, name, faults) : null;

    /// <summary>Whether the model was trained for a dataset as it is now.</summary>
    /// <param name="dataset">The dataset that it is to be used with.</param>
    /// <param name="path">The file that it comes from, for the fault; null if there is none.</param>
    /// <returns>The checkpoint itself, or a fault that names the other dataset, or tells how the schemas differ.</returns>
    public Validation<Fault, Checkpoint> CheckAgainst(DatasetDescriptor dataset, string? path = null) =>
        Faulty.Validated(faults => this.CheckAgainst(dataset, faults, path) ? this : null);

    /// <summary><see cref="CheckAgainst(DatasetDescriptor, string)"/> for applications that are trimmed or compiled ahead of time.</summary>
    /// <param name="dataset">The dataset that it is to be used with.</param>
    /// <param name="faults">Where to add a fault that names the other dataset, or tells how the schemas differ.</param>
    /// <param name="path">The file that it comes from, for the fault; null if there is none.</param>
    /// <returns>Whether they do not.</returns>
    public bool CheckAgainst(DatasetDescriptor dataset, ICollection<Fault> faults, string? path = null)
    {
        // A file may come from anywhere, and state the fingerprint of another schema than that which it describes.
        var differences = this.Schema.Differences(SchemaSummary.Of(dataset));
        if (this.Schema.Fingerprint == dataset.Fingerprint && differences.Count == 0)
        {
            return true;
        }

        var (where, subject) = path is null ? (null, "the checkpoint was") : (new FileLocation(path), "was");
        if (this.Schema.Dataset != dataset.Name)
        {
            faults.Add(Fault.Data(
                $"{subject} trained for the dataset '{this.Schema.Dataset}', not '{dataset.Name}'",
                where,
                $"name a checkpoint of '{dataset.Name}', or use the dataset '{this.Schema.Dataset}'"));
            return false;
        }

        const int Shown = 5;
        var more = differences.Count > Shown ? $", and {differences.Count - Shown} more" : "";
        var text = differences.Count == 0 ? "their fingerprints differ" : string.Join(", ", differences.Take(Shown)) + more;
        faults.Add(Fault.Data(
            $"{subject} trained for another schema of '{this.Schema.Dataset}' than '{dataset.Name}' has now: {text}",
            where,
            "use the schema that it was trained for, or train again"));
        return false;
    }
}
