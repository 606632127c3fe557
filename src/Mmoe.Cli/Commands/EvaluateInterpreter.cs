using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe evaluate RUN|CHECKPOINT</c>: the reference forward pass over the checkpoint's parameters, without libtorch.</summary>
internal static class EvaluateInterpreter
{
    // The summary of a file's metrics has no split; this is what stands in its place.
    private const string WholeFile = "file";

    public static Validation<Fault, int> Run(EvaluateCommand command, DatasetRegistry datasets, MmoeHost host) =>
        from asked in (ReadSplit(command, host), CheckData(command.Data, host), Locate(command.Target, host))
            .Apply((split, _, path) => (Split: split, Path: path))
        from checkpoint in Checkpoint.Load(asked.Path)
        from dataset in datasets.Find(checkpoint.Schema.Dataset)
        from matching in checkpoint.CheckAgainst(dataset.Descriptor)
        let descriptor = checkpoint.Drawn is null ? dataset.Descriptor : dataset.Descriptor with { Source = checkpoint.Drawn }
        from table in Rows(command, asked.Split, descriptor, host)
        from report in Evaluate(checkpoint, descriptor, table, host.Interrupted)
        select Show(command, asked.Split.Match(Some: s => s.ToString().ToLowerInvariant(), None: () => WholeFile), report, table.Rows, host);

    /// <summary>The metrics of a checkpoint on rows.</summary>
    private static Validation<Fault, EvaluationReport> Evaluate(
        Checkpoint checkpoint, DatasetDescriptor dataset, EncodedTable table, CancellationToken interrupted) =>
        from inputs in ModelInputs.Of(table, checkpoint.Inputs, checkpoint.TargetScaling)
        let outputs = Outputs(checkpoint, inputs, interrupted)
        from report in EvaluationReport.Of(dataset.Tasks, outputs, table.Targets(), inputs.Weights)
        select report;

    private static float[] Outputs(Checkpoint checkpoint, ModelInputs inputs, CancellationToken interrupted)
    {
        var outputs = new ManagedForward(checkpoint.Spec, checkpoint.Inputs).Logits(checkpoint.Parameters.AsSpan(), inputs, interrupted);
        Model.Outputs.Write(checkpoint.Spec, checkpoint.TargetScaling, outputs, outputs);
        return outputs;
    }

    /// <summary>The split asked for; none where a file is scored whole.</summary>
    private static Validation<Fault, Option<SplitName>> ReadSplit(EvaluateCommand command, MmoeHost host)
    {
        var isFile = command.Data is not null && File.Exists(Path.GetFullPath(command.Data, host.CurrentDirectory));
        return command.Split switch
        {
            null => Success<Fault, Option<SplitName>>(isFile ? None : Some(SplitName.Test)),
            _ when isFile => Fail<Fault, Option<SplitName>>(Fault.Usage($"--split {command.Split}: {command.Data} is a file, of which every row is scored", "leave --split out, or give --data a folder")),
            "train" => Success<Fault, Option<SplitName>>(Some(SplitName.Train)),
            "validation" => Success<Fault, Option<SplitName>>(Some(SplitName.Validation)),
            "test" => Success<Fault, Option<SplitName>>(Some(SplitName.Test)),
            var other => Fail<Fault, Option<SplitName>>(Fault.Usage($"--split {other}: there is no such split", "give train, validation or test")),
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

    /// <summary>The checkpoint file: a file as it is, the best average of a run's folder.</summary>
    private static Validation<Fault, string> Locate(string target, MmoeHost host)
    {
        var path = Path.GetFullPath(target, host.CurrentDirectory);
        var best = new RunDirectory(path).Best(Best.Average);
        return File.Exists(path) ? Success<Fault, string>(path)
            : File.Exists(best) ? Success<Fault, string>(best)
            : Directory.Exists(path) ? Fail<Fault, string>(Fault.Usage($"{target}: the folder holds no checkpoints/best-average.safetensors", "name a run's folder or a checkpoint file"))
            : Fail<Fault, string>(Fault.Usage($"{target}: there is no such run or checkpoint", "name a run's folder or a checkpoint file"));
    }

    private static Validation<Fault, EncodedTable> Rows(EvaluateCommand command, Option<SplitName> split, DatasetDescriptor dataset, MmoeHost host) => split.Match(
        Some: name => host.FindData(dataset, command.Data, name)
            .Bind(directory => SplitLoader.LoadSplit(dataset, directory, name, host.Interrupted)),
        None: () => SplitLoader.LoadFile(dataset, Path.GetFullPath(command.Data!, host.CurrentDirectory), host.Interrupted));

    private static int Show(EvaluateCommand command, string split, EvaluationReport report, int rows, MmoeHost host)
    {
        if (command.Json)
        {
            host.Out.WriteLine(JsonText.Indented(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("rows", rows);
                json.WritePropertyName("metrics");
                json.WriteStartObject();
                json.WritePropertyName(split);
                report.WriteTo(json);
                json.WriteEndObject();
                json.WriteEndObject();
            }));
        }
        else
        {
            host.Out.WriteLine($"{split}: {Counted.Of(rows, "row")}");
            MetricsTable.Write(host.Out, (split, report));
        }

        return 0;
    }
}
