using System.Diagnostics;
using System.Globalization;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using Spectre.Console;

namespace Mmoe.Cli;

/// <summary>
/// What a person sees of a run while it goes on: a line per epoch, and on a terminal below the lines a bar and a table that are redrawn
/// within an epoch.
/// </summary>
internal sealed class EpochProgress(MmoeHost host, DatasetDescriptor dataset, TrainingConfig config)
{
    private const int RedrawMilliseconds = 100;

    private readonly int epochs = config.Parameters.EpochSize;

    private readonly Stopwatch sinceDrawn = Stopwatch.StartNew();
    private readonly Stopwatch sinceStart = new();
    private readonly Stopwatch inEpoch = new();

    private (IAnsiConsole Console, LiveDisplayContext Display)? live;
    private Best best = Best.None;
    private EpochReport? last;
    private int rows;
    private RunProgress done = new(0, 0);

    /// <summary>Lets a run go on while what it shows can be redrawn; when it ends, only the lines are left.</summary>
    public T During<T>(Func<T> run)
    {
        if (!host.IsTerminal)
        {
            return run();
        }

        // Detection looks at this process's console, and switches a Windows console to escape sequences.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = ReferenceEquals(host.Error, Console.Error) ? AnsiSupport.Detect : AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(host.Error),
        });
        return console.Profile.Capabilities.Ansi ? During(console, run) : run();
    }

    /// <summary>The effective configuration, the run's folder and the model's size, once everything is checked.</summary>
    public void Started(RunStart start)
    {
        this.Write(RunFiles.ConfigText(config).TrimEnd('\n'));
        this.Write(start.Done switch
        {
            null => $"this run is written to {host.Shown(start.Directory.Path)}",
            { Epochs: 0, Steps: 0 } => $"{host.Shown(start.Directory.Path)} holds no checkpoint yet: this run starts at step 0",
            var done when start.IsDone =>
                $"the run in {host.Shown(start.Directory.Path)} is done after {TrainInterpreter.Describe(done)}: it is evaluated again",
            var done => $"this run goes on in {host.Shown(start.Directory.Path)} after {TrainInterpreter.Describe(done)}",
        });
        if (start.Epochs.LastOrDefault() is { } before && (before.Engine, before.Device) != (start.Engine.Name, start.Engine.Device))
        {
            this.Write(
                $"epoch {before.Epoch} was trained by {before.Engine} on {before.Device}, and {start.Engine.Name} on {start.Engine.Device} goes on: "
                + "the result may differ in the last digits from that of a run that never stopped");
        }

        if (start.Carried is { } carried)
        {
            foreach (var line in FineTuning.Lines(start.Model, host.Shown))
            {
                this.Write(line);
            }

            this.Write($"before the first step: validation {this.Scores(carried)}");
        }

        this.Write($"{Counted.Of(start.Model.Layout.ParameterCount, "parameter")} over {Counted.Of(start.Model.Inputs.Width, "feature")}, "
            + $"engine {start.Engine.Name} on {start.Engine.Device}");
        this.rows = start.Rows;
        this.done = start.Done ?? this.done;
        this.best = start.Epochs.Aggregate(Best.None, (best, epoch) => best.With(epoch));
        this.sinceStart.Start();
        this.inEpoch.Start();
    }

    public void Step(int epoch, int done, int steps)
    {
        if (done > 0 && (done == steps || this.sinceDrawn.ElapsedMilliseconds >= RedrawMilliseconds))
        {
            this.sinceDrawn.Restart();
            this.Draw(this.PaceOf(epoch, done, steps));
        }
    }

    public void Epoch(EpochReport report)
    {
        var pace = this.PaceOf(report.Epoch, report.Steps, report.Steps);
        var left = report.Epoch < this.epochs ? $"  {Pace.Text(pace.Left)} left" : "";
        this.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {report.Epoch}/{this.epochs}  loss {report.Loss:0.0000}  validation {this.Scores(report.Validation)}  {report.Seconds:0.00} s  ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Seconds * 1e6 / report.Steps:0} µs per step  {this.rows / report.Seconds:#,0} rows/s{left}"));
        (this.last, this.best) = (report, this.best.With(report));
        this.inEpoch.Restart();
        this.Draw(pace);
    }

    private Pace PaceOf(int epoch, int done, int steps) =>
        new(epoch, this.epochs, done, steps, this.done, this.rows, this.inEpoch.Elapsed, this.sinceStart.Elapsed);

    private T During<T>(IAnsiConsole console, Func<T> run)
    {
        try
        {
            return console.Live(LiveTable.Of(null, null, Best.None)).AutoClear(true).Start(display =>
            {
                this.live = (console, display);
                return run();
            });
        }
        finally
        {
            this.live = null;
        }
    }

    private void Draw(Pace pace)
    {
        this.live?.Display.UpdateTarget(LiveTable.Of(pace, this.last, this.best));
    }

    private void Write(string text)
    {
        if (this.live is { } view)
        {
            view.Console.Write(new Text(text + "\n"));
        }
        else
        {
            host.Error.WriteLine(text);
        }
    }

    private string Scores(EvaluationReport report) => string.Join(
        "  ", dataset.Tasks.Zip(report.Tasks, (task, result) => $"{task.Name} {ScoreName(task)} {Number(result.Metrics.Score)}"));

    private static string ScoreName(TaskDescriptor task) => task switch
    {
        BinaryTask => "AUC",
        MulticlassTask => "macro AUC",
        _ => "R²",
    };

    private static string Number(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
