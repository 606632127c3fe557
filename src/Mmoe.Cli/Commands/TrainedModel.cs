using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>A checkpoint and the dataset that it was trained for, as it is compiled in.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Dataset">The dataset; drawn rows come from the distribution that the checkpoint names.</param>
internal sealed record TrainedModel(Checkpoint Checkpoint, DatasetDescriptor Dataset)
{
    /// <summary>The checkpoint file: a file as it is, the best average of a run's folder.</summary>
    public static Validation<Fault, string> Locate(string target, MmoeHost host)
    {
        var path = Path.GetFullPath(target, host.CurrentDirectory);
        var best = new RunDirectory(path).Best(Best.Average);
        var lacks = Directory.Exists(path) ? "the folder holds no checkpoints/best-average.safetensors" : "there is no such run or checkpoint";
        return File.Exists(path) ? Success<Fault, string>(path)
            : File.Exists(best) ? Success<Fault, string>(best)
            : Fail<Fault, string>(Fault.Usage($"{target}: {lacks}", "name a run's folder or a checkpoint file"));
    }

    /// <summary>Reads a checkpoint whose schema must be that of a dataset that is compiled in.</summary>
    public static Validation<Fault, TrainedModel> Load(string path, DatasetRegistry datasets) =>
        from checkpoint in Checkpoint.Load(path)
        from dataset in datasets.Find(checkpoint.Schema.Dataset)
        from matching in checkpoint.CheckAgainst(dataset.Descriptor, path)
        select new TrainedModel(
            checkpoint, checkpoint.Drawn is null ? dataset.Descriptor : dataset.Descriptor with { Source = checkpoint.Drawn });

    /// <summary>Rows as the model sees them.</summary>
    public Validation<Fault, ModelInputs> Inputs(EncodedTable table) =>
        ModelInputs.Of(table, this.Checkpoint.Inputs, this.Checkpoint.TargetScaling);
}

/// <summary>The rows that a model is to be used on.</summary>
/// <param name="Data">A data directory or one file; null to search.</param>
/// <param name="Split">The split; none where a file is taken whole.</param>
internal sealed record AskedRows(string? Data, Option<SplitName> Split)
{
    // A whole file has no split; this is what stands in its place.
    private const string WholeFile = "file";

    /// <summary>What to call them.</summary>
    public string Name => this.Split.Match(Some: split => split.ToString().ToLowerInvariant(), None: () => WholeFile);

    /// <summary>Reads <c>--data</c> and <c>--split</c>.</summary>
    /// <param name="data">A data directory or one file; null to search.</param>
    /// <param name="split">The split's name; null where the user named none.</param>
    /// <param name="otherwise">The split of a data directory where the user named none.</param>
    /// <param name="host">Where relative paths start.</param>
    public static Validation<Fault, AskedRows> Of(string? data, string? split, SplitName otherwise, MmoeHost host) =>
        (ReadSplit(data, split, otherwise, host), CheckData(data, host)).Apply((asked, _) => new AskedRows(data, asked));

    /// <summary>The rows, checked as the model weighs them.</summary>
    public Validation<Fault, EncodedTable> Load(TrainedModel model, MmoeHost host) => this.Split.Match(
        Some: name => host.FindData(model.Dataset, this.Data, name)
            .Bind(directory => SplitLoader.LoadSplit(
                model.Dataset, directory, name, model.Checkpoint.Inputs.WeightColumn, host.Interrupted)),
        None: () => SplitLoader.LoadFile(
            model.Dataset,
            Path.GetFullPath(this.Data!, host.CurrentDirectory),
            model.Checkpoint.Inputs.WeightColumn,
            host.Interrupted));

    private static Validation<Fault, Option<SplitName>> ReadSplit(string? data, string? split, SplitName otherwise, MmoeHost host)
    {
        var isFile = data is not null && File.Exists(Path.GetFullPath(data, host.CurrentDirectory));
        return split switch
        {
            null => Success<Fault, Option<SplitName>>(isFile ? None : Some(otherwise)),
            _ when isFile => Fail<Fault, Option<SplitName>>(Fault.Usage(
                $"--split {split}: {data} is a file, of which every row is scored", "leave --split out, or give --data a folder")),
            "train" => Success<Fault, Option<SplitName>>(Some(SplitName.Train)),
            "validation" => Success<Fault, Option<SplitName>>(Some(SplitName.Validation)),
            "test" => Success<Fault, Option<SplitName>>(Some(SplitName.Test)),
            var other => Fail<Fault, Option<SplitName>>(
                Fault.Usage($"--split {other}: there is no such split", "give train, validation or test")),
        };
    }

    /// <summary>What is no file would be searched as a folder; a name that is neither is most likely a file's, and misspelt.</summary>
    private static Validation<Fault, Unit> CheckData(string? data, MmoeHost host) =>
        data is not null && Path.GetFullPath(data, host.CurrentDirectory) is var path && !Path.Exists(path)
            ? Fail<Fault, Unit>(Fault.Data(
                "there is neither a file nor a folder of this name",
                new(path),
                "give --data a data directory, or a file of which every row is scored"))
            : Success<Fault, Unit>(unit);
}
