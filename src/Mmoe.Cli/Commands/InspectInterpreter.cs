using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>
/// <c>mmoe inspect RUN|CHECKPOINT</c>: what a checkpoint holds, and on rows how its gates use the experts; without libtorch.
/// </summary>
internal static class InspectInterpreter
{
    public static Validation<Fault, int> Run(InspectCommand command, DatasetRegistry datasets, MmoeHost host) =>
        from asked in (
                AskedRows.Of(command.Data, command.Split, SplitName.Validation, host),
                TrainedModel.Locate(command.Target, host),
                command.Png is null ? Success<Fault, Option<string>>(None) : NewFile.Free("--png", command.Png, host).Map(Some))
            .Apply((rows, path, picture) => (Rows: rows, Path: path, Picture: picture))
        from model in TrainedModel.Load(asked.Path, datasets)
        from shown in command.Format == InspectFormat.Mermaid
            ? Success<Fault, int>(ShowMermaid(model.Checkpoint, host))
            : Show(command, asked.Rows, host.Shown(asked.Path), asked.Picture, model, host)
        select shown;

    private static int ShowMermaid(Checkpoint checkpoint, MmoeHost host)
    {
        host.Out.Write(checkpoint.Spec.Mermaid(checkpoint.Inputs));
        return 0;
    }

    private static Validation<Fault, int> Show(
        InspectCommand command, AskedRows rows, string path, Option<string> picture, TrainedModel model, MmoeHost host)
    {
        var checkpoint = model.Checkpoint;
        var stitches = StitchWeights.Of(checkpoint.Spec, checkpoint.Layout(), checkpoint.Parameters.AsSpan());
        return
            from drawable in CheckPicture(command, checkpoint.Spec)
            from gates in Gates(command, rows, model, host)
            let inspection = new Inspection(path, checkpoint, gates, stitches)
            from drawn in picture.Match(Some: file => Draw(file, inspection), None: () => Success<Fault, Unit>(unit))
            select Print(command, inspection, host);
    }

    private static Validation<Fault, Unit> CheckPicture(InspectCommand command, ModelSpec spec) =>
        command.Png is not null && spec.Levels.All(level => level.Mixtures.All(mixture => mixture.Gate is PassGate))
            ? Fail<Fault, Unit>(Fault.Usage($"--png {command.Png}: the model has no gates to draw", "leave it out"))
            : Success<Fault, Unit>(unit);

    /// <summary>How the gates use the experts. Rows that nobody asked for may be missing; what was asked for may not.</summary>
    private static Validation<Fault, GatesOnRows> Gates(InspectCommand command, AskedRows asked, TrainedModel model, MmoeHost host)
    {
        var forward = new ManagedForward(model.Checkpoint.Spec, model.Checkpoint.Inputs);
        if (forward.Gates.Count == 0)
        {
            var rows = command.Split is not null ? "--split" : command.Data is not null ? "--data" : null;
            return rows is null
                ? Success<Fault, GatesOnRows>(new NoGates())
                : Fail<Fault, GatesOnRows>(Fault.Usage($"{rows}: the model has no gates that look at rows", "leave it out"));
        }

        var isAsked = command is not { Data: null, Split: null, Png: null };
        return isAsked
            ? Measure(asked, forward, model, host)
            : host.FindData(model.Dataset, asked.Data, SplitName.Validation).Match(
                Succ: _ => Measure(asked, forward, model, host),
                Fail: faults => Success<Fault, GatesOnRows>(new NoRows(faults.Head)));
    }

    private static Validation<Fault, GatesOnRows> Measure(AskedRows asked, ManagedForward forward, TrainedModel model, MmoeHost host) =>
        from table in asked.Load(model, host)
        from inputs in model.Inputs(table)
        from usage in GateUsage.Of(forward, model.Checkpoint.Parameters.AsSpan(), inputs, host.Interrupted)
        select (GatesOnRows)new MeasuredGates(asked.Name, table.Rows, usage);

    private static Validation<Fault, Unit> Draw(string path, Inspection inspection)
    {
        var png = GatesPicture.Of(inspection).Png();
        return AtomicFile.Create(path, stream =>
        {
            stream.Write(png);
            return Success<Fault, Unit>(unit);
        });
    }

    private static int Print(InspectCommand command, Inspection inspection, MmoeHost host)
    {
        if (command.Format == InspectFormat.Json)
        {
            host.Out.WriteLine(JsonText.Of(json => InspectionJson.Write(json, inspection)));
            if (inspection.Gates is NoRows missing)
            {
                host.Error.WriteLine(missing.Advice);
            }
        }
        else
        {
            InspectionText.Write(host.Out, inspection);
            if (command.Png is not null)
            {
                host.Out.WriteLine($"picture: {command.Png}");
            }
        }

        return 0;
    }
}
