using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>A key that a layer of the configuration sets: a line of a file, or an option.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">Its value as text, or what is wrong with the place where it should stand.</param>
/// <param name="Source">What the user wrote, for faults: <c>--epochs</c>, or the key itself.</param>
/// <param name="At">Where the value stands in a file; null if it is in none.</param>
public sealed record ConfigEntry(string Key, Validation<Fault, string> Text, string Source, FileLocation? At = null)
{
    /// <summary>A configuration with the key set, or what is wrong and where.</summary>
    /// <param name="config">The configuration to start from.</param>
    public Validation<Fault, TrainingConfig> ApplyTo(TrainingConfig config) => this.Text.Bind(text =>
        Settings.Set(config, this.Key, text, this.Source).MapFail(fault => this.At is null ? fault : ConfigFile.Located(fault, this.At)));
}

/// <summary>The layers of a configuration: what the schema states for the device, then a file, then the command line.</summary>
public static class ConfigLayers
{
    /// <summary>The schema's defaults with entries applied in their order: of two for one key the later wins.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="families">The families that <c>model</c> may name.</param>
    /// <param name="entries">The entries of all layers above the schema, the lowest layer first. They decide the device, and so the defaults.</param>
    /// <returns>The effective configuration, or all that is wrong with the entries.</returns>
    public static Validation<Fault, TrainingConfig> Effective(
        DatasetDescriptor dataset, ModelFamilyRegistry families, Seq<ConfigEntry> entries)
    {
        var config = TrainingConfig.DefaultsOf(dataset, DeviceOf(entries)) with { Families = families };
        var faults = Seq<Fault>();
        foreach (var entry in entries)
        {
            (config, faults) = entry.ApplyTo(config).Match(Succ: set => (set, faults), Fail: wrong => (config, faults + wrong));
        }

        faults += OfNewModels(entries, config);
        return faults.IsEmpty ? Success<Fault, TrainingConfig>(config) : Fail<Fault, TrainingConfig>(faults);
    }

    /// <summary>
    /// The layer between a schema's defaults and a file where a checkpoint is trained on: the checkpoint, the features that its model does
    /// not see, though its schema had them, and the column that weighed its rows; each as far as the dataset has it.
    /// </summary>
    /// <param name="dataset">The dataset to train on with.</param>
    /// <param name="path">The checkpoint.</param>
    /// <param name="source">What the user called it, for faults.</param>
    /// <returns>The entries, or what is wrong with the file.</returns>
    public static Validation<Fault, Seq<ConfigEntry>> OfCheckpoint(DatasetDescriptor dataset, string path, string source) =>
        StartingPoint.Load(path).Map(checkpoint =>
        {
            var weight = checkpoint.Inputs.WeightColumn;
            string[] seen = [.. checkpoint.Inputs.Gathered.Select(input => input.Column), .. checkpoint.Inputs.Numerics.Select(input => input.Column)];
            var unseen = checkpoint.Schema.Columns
                .Where(column => column.Role == "feature" && column.Name != weight && !seen.Contains(column.Name, StringComparer.Ordinal))
                .Select(column => column.Name)
                .Intersect(dataset.Columns.Where(column => column is CategoricalFeature or NumericFeature).Select(column => column.Name));
            ConfigEntry Entry(string key, string text) => new(key, Success<Fault, string>(text), source);
            var entries = Seq(Entry("checkpoint", path), Entry("exclude", $"[{string.Join(", ", unseen)}]"));
            return dataset.Columns.Any(column => column.Name == weight && column is WeightColumn or NumericFeature { UsableAsWeight: true })
                ? entries.Add(Entry("weight_by", weight!))
                : entries;
        });

    /// <summary>The configuration of a run that is to go on: the one that was saved with it, but for what may change.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="families">The families that <c>model</c> may name.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="entries">
    /// What is asked for now; of keys that may not change it must be what the run has, so that the command which began a run goes on with
    /// it too.
    /// </param>
    /// <returns>
    /// The configuration, or all that is wrong with the saved one or with the entries. Where a run was killed before it saved any, that of
    /// the entries alone.
    /// </returns>
    public static Validation<Fault, TrainingConfig> Resumed(
        DatasetDescriptor dataset, ModelFamilyRegistry families, RunDirectory run, Seq<ConfigEntry> entries) =>
        !File.Exists(run.Config)
            ? Effective(dataset, families, entries)
            : ConfigFile.Read(run.Config)
                .Bind(saved => Effective(dataset, families, saved))
                .Bind(saved =>
                {
                    var faults = Seq<Fault>();
                    var config = saved;
                    foreach (var entry in entries)
                    {
                        (config, faults) = entry.ApplyTo(config).Match(
                            Succ: set => (set, faults + Changed(entry, saved, set).ToSeq()), Fail: wrong => (config, faults + wrong));
                    }

                    faults += OfNewModels(entries, saved);
                    return faults.IsEmpty ? Success<Fault, TrainingConfig>(config) : Fail<Fault, TrainingConfig>(faults);
                });

    /// <summary>The keys that may be another when a run goes on.</summary>
    public static EquatableArray<string> Changeable { get; } = ["epoch_size", "engine", "device", "threads"];

    private static Option<Fault> Changed(ConfigEntry entry, TrainingConfig saved, TrainingConfig asked) =>
        Settings.All.First(setting => setting.Key == entry.Key) is var setting
        && !Changeable.Contains(entry.Key)
        && setting.Text(saved) != setting.Text(asked)
            ? Some(new Fault(
                FaultKind.Usage,
                $"{entry.Source}: a run that goes on keeps its {entry.Key}, which is {setting.Text(saved) ?? "not set"}",
                entry.At,
                $"leave it out: only {string.Join(", ", Changeable)} may change"))
            : None;

    /// <summary>A fault of a key, with the place in a file where the key was set last, if it was in one.</summary>
    /// <param name="fault">A fault that was found later than the configuration was read: of keys that do not go together, or with the data.</param>
    /// <param name="entries">The entries of all layers above the schema.</param>
    public static Fault Placed(Fault fault, Seq<ConfigEntry> entries)
    {
        if (fault.Key is not { } key)
        {
            return fault;
        }

        var named = fault.What.StartsWith(key, StringComparison.Ordinal) ? fault : fault with { What = $"{key}: {fault.What}" };
        return entries.Filter(entry => entry.Key == key).LastOrNone().Bind(entry => Optional(entry.At)).Match(
            Some: place => ConfigFile.Located(named, place), None: () => named);
    }

    private static Seq<Fault> OfNewModels(Seq<ConfigEntry> entries, TrainingConfig config) => entries
        .Filter(entry => config.Checkpoint is not null && Settings.All.Any(setting => setting.Key == entry.Key && setting.IsOfNewModel))
        .Map(entry => new Fault(
            FaultKind.Usage, $"{entry.Source}: the model is the checkpoint's", entry.At, "leave it out, or train a new model with 'mmoe train'"))
        .Strict();

    private static string DeviceOf(Seq<ConfigEntry> entries) => entries
        .Filter(entry => entry.Key == "device")
        .Bind(entry => entry.Text.SuccessAsEnumerable().ToSeq())
        .Filter(DeviceNames.IsWellFormed)
        .LastOrNone()
        .IfNone(DeviceNames.Cpu);
}
