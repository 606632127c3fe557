using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe evaluate RUN|CHECKPOINT</c>: the reference forward pass over the checkpoint's parameters, without libtorch.</summary>
internal static class EvaluateInterpreter
{
    public static Validation<Fault, int> Run(EvaluateCommand command, DatasetRegistry datasets, MmoeHost host) =>
        from asked in (AskedRows.Of(command.Data, command.Split, SplitName.Test, host), TrainedModel.Locate(command.Target, host))
            .Apply((rows, path) => (Rows: rows, Path: path))
        from model in TrainedModel.Load(asked.Path, datasets)
        from table in asked.Rows.Load(model, host)
        from report in Evaluate(model, table, host.Interrupted)
        select Show(command, asked.Rows.Name, report, table.Rows, host);

    /// <summary>The metrics of a checkpoint on rows.</summary>
    private static Validation<Fault, EvaluationReport> Evaluate(TrainedModel model, EncodedTable table, CancellationToken interrupted) =>
        from inputs in model.Inputs(table)
        let outputs = Outputs(model.Checkpoint, inputs, interrupted)
        from report in EvaluationReport.Of(model.Dataset.Tasks, outputs, table.Targets(), inputs.Weights)
        select report;

    private static float[] Outputs(Checkpoint checkpoint, ModelInputs inputs, CancellationToken interrupted)
    {
        var outputs = new ManagedForward(checkpoint.Spec, checkpoint.Inputs).Logits(checkpoint.Parameters.AsSpan(), inputs, interrupted);
        Model.Outputs.Write(checkpoint.Spec, checkpoint.TargetScaling, outputs, outputs);
        return outputs;
    }

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
