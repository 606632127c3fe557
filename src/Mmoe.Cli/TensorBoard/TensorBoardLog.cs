using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli.TensorBoard;

/// <summary>
/// A run as TensorBoard reads it: scalars in an event file in the run's folder, whose steps are epochs. Every epoch is there as soon as it
/// is done. A number that is not defined has no point.
/// </summary>
/// <param name="isWanted">Whether it is written at all.</param>
/// <param name="clock">What event files take their times from.</param>
internal sealed class TensorBoardLog(bool isWanted, TimeProvider clock)
{
    private string path = "";
    private Option<Fault> fault;

    /// <summary>An observer that writes what it sees, after having told another.</summary>
    public RunObserver Watching(RunObserver observer) => isWanted
        ? observer with { Started = observer.Started + this.Start, Epoch = observer.Epoch + this.Write }
        : observer;

    /// <summary>Writes what is known of the best epoch only, where the run went through: on the test split, and on train if not before.</summary>
    /// <returns>Nothing; or the first fault, after which nothing more was written. A run does not end for it.</returns>
    public Validation<Fault, Unit> End(RunEnd end)
    {
        if (isWanted && end is FinishedRun { Summary: var summary })
        {
            var train = summary.Epochs.Any(epoch => epoch.Epoch == summary.BestEpoch && epoch.Train is not null) ? [] : Of("train", summary.Train);
            this.Append(EventMessage.Scalars(this.Now, summary.BestEpoch, train.Concat(Of("test", summary.Test)).Where(IsDefined)));
        }

        return this.fault.Match(Some: Fail<Fault, Unit>, None: Success<Fault, Unit>(unit));
    }

    private double Now => clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private void Start(RunStart start)
    {
        // TensorBoard takes the files of a folder in the order of their names, those of a run that goes on too.
        var now = this.Now;
        this.path = Path.Combine(start.Directory.TensorBoard, string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{(long)now:0000000000}.{Environment.MachineName}.{Environment.ProcessId}"));
        this.Append(EventMessage.Version(now));

        // An epoch that was saved and not yet written here when the process was killed is in no file: TensorBoard takes the later of two points.
        foreach (var epoch in start.Epochs)
        {
            this.Write(epoch);
        }
    }

    private void Write(EpochReport epoch) => this.Append(EventMessage.Scalars(
        this.Now,
        epoch.Epoch,
        (epoch.Train is { } train ? Of("train", train) : [])
            .Concat(Of("validation", epoch.Validation))
            .Prepend(("learning_rate", epoch.LearningRate))
            .Prepend(("loss", epoch.Loss))
            .Where(IsDefined)));

    // The names of summary.json: metrics.validation.income.auc is validation/income/auc.
    private static IEnumerable<(string Tag, double Value)> Of(string split, EvaluationReport report) => report.Tasks
        .SelectMany(task => task.Metrics.Values.Select(metric => ($"{split}/{task.Task}/{metric.Name}", metric.Value)))
        .Append(($"{split}/average", report.Average.Value));

    private static bool IsDefined((string Tag, double Value) scalar) => double.IsFinite(scalar.Value);

    private void Append(byte[] message)
    {
        if (this.fault.IsSome)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
            using var stream = new FileStream(this.path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            TfRecord.Write(stream, message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            this.fault = new Fault(FaultKind.Run, $"cannot be written: {e.Message}", new FileLocation(this.path));
        }
    }
}
