using System.Diagnostics;
using System.Globalization;
using Mmoe.Data;
using Mmoe.Training;

namespace Mmoe.Cli;

/// <summary>What a person sees of a run while it goes on: a line per epoch, and on a terminal one that is redrawn within an epoch.</summary>
internal sealed class EpochProgress(MmoeHost host, DatasetDescriptor dataset, TrainingConfig config)
{
    private const int RedrawMilliseconds = 100;

    private readonly int epochs = config.Parameters.EpochSize;

    private readonly Stopwatch sinceDrawn = Stopwatch.StartNew();

    private int drawn;

    /// <summary>The effective configuration, the run's folder and the model's size, once everything is checked.</summary>
    public void Started(RunStart start)
    {
        host.Error.Write(RunFiles.ConfigText(config));
        host.Error.WriteLine(start.Done switch
        {
            null => $"this run is written to {host.Shown(start.Directory.Path)}",
            { Epochs: 0, Steps: 0 } => $"{host.Shown(start.Directory.Path)} holds no checkpoint yet: this run starts at step 0",
            var done => $"this run goes on in {host.Shown(start.Directory.Path)} after {TrainInterpreter.Describe(done)}",
        });
        if (start.Epochs.LastOrDefault() is { } last && (last.Engine, last.Device) != (start.Engine.Name, start.Engine.Device))
        {
            host.Error.WriteLine(
                $"epoch {last.Epoch} was trained by {last.Engine} on {last.Device}, and {start.Engine.Name} on {start.Engine.Device} goes on: "
                + "the result may differ in the last digits from that of a run that never stopped");
        }

        host.Error.WriteLine(
            $"{Counted.Of(start.Model.Layout.ParameterCount, "parameter")} over {Counted.Of(start.Model.Inputs.Width, "feature")}");
    }

    public void Step(int epoch, int done, int steps)
    {
        if (host.IsTerminal && (done == steps || this.sinceDrawn.ElapsedMilliseconds >= RedrawMilliseconds))
        {
            this.sinceDrawn.Restart();
            const int Width = 30;
            var filled = (int)((long)Width * done / steps);
            var bar = new string('#', filled).PadRight(Width, '.');
            var line = string.Create(
                CultureInfo.InvariantCulture, $"epoch {epoch}/{this.epochs} [{bar}] {done}/{Counted.Of(steps, "step")}");
            host.Error.Write("\r" + line);
            this.drawn = line.Length;
            if (done == steps)
            {
                this.Ended();
            }
        }
    }

    /// <summary>Takes the bar away, so that what comes next starts a line of its own.</summary>
    public void Ended()
    {
        if (this.drawn > 0)
        {
            host.Error.Write("\r" + new string(' ', this.drawn) + "\r");
            this.drawn = 0;
        }
    }

    public void Epoch(EpochReport report)
    {
        var scores = dataset.Tasks.Zip(report.Validation.Tasks, (task, result) => $"{task.Name} {ScoreName(task)} {Number(result.Metrics.Score)}");
        host.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {report.Epoch}/{this.epochs}  loss {report.Loss:0.0000}  validation {string.Join("  ", scores)}  {report.Seconds:0.00} s  {report.Seconds * 1e6 / report.Steps:0} µs per step"));
    }

    private static string ScoreName(TaskDescriptor task) => task switch
    {
        BinaryTask => "AUC",
        MulticlassTask => "macro AUC",
        _ => "R²",
    };

    private static string Number(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
