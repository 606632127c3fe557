using System.Globalization;
using Mmoe.Model;
using Mmoe.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mmoe.Cli;

/// <summary>
/// What stands below the lines of a run on a terminal: a bar of the epoch under way with the run's pace, and the metrics of the epoch before
/// it, a table for the tasks of each kind.
/// </summary>
internal static class LiveTable
{
    // It says little of a training, and a line has room for 80 characters.
    private const string NotShown = "auc_flattened";
    private const int BarWidth = 24;

    /// <summary>The bar and the tables.</summary>
    /// <param name="pace">How far the run is; null before the first step.</param>
    /// <param name="last">The last epoch that is done; null before there is one.</param>
    /// <param name="best">The best scores so far.</param>
    public static IRenderable Of(Pace? pace, EpochReport? last, Best best) => new Rows(
        new[] { pace is null ? null : Bar(pace) }
            .Concat(last is null ? [] : Tables(last, best))
            .OfType<IRenderable>());

    private static Text Bar(Pace pace)
    {
        var filled = (int)((long)BarWidth * pace.Done / pace.Steps);
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {pace.Epoch}/{pace.Epochs} [{new string('#', filled).PadRight(BarWidth, '.')}] {pace.Done}/{pace.Steps} steps  "
                + $"{pace.MicrosecondsPerStep:0} µs per step  {pace.RowsPerSecond:#,0} rows/s  {Pace.Text(pace.Left)} left"));
    }

    private static IEnumerable<IRenderable> Tables(EpochReport last, Best best)
    {
        yield return new Text(string.Create(
            CultureInfo.InvariantCulture, $"epoch {last.Epoch}: loss {last.Loss:0.0000}; on validation, mean score {Number(last.Validation.Average.Value)}"));
        foreach (var kind in last.Validation.Tasks.GroupBy(task => string.Join(' ', Shown(task.Metrics).Select(metric => metric.Name))))
        {
            var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
            table.AddColumn(new TableColumn(new Text("task")));
            foreach (var metric in Shown(kind.First().Metrics))
            {
                table.AddColumn(new TableColumn(new Text(metric.Name)).RightAligned());
            }

            table.AddColumn(new TableColumn(new Text("best score")).RightAligned());
            foreach (var task in kind)
            {
                table.AddRow(Shown(task.Metrics).Select(metric => Number(metric.Value)).Prepend(task.Task).Append(BestOf(task.Task, best))
                    .Select(cell => new Text(cell)));
            }

            yield return table;
        }
    }

    private static IEnumerable<MetricValue> Shown(TaskMetrics metrics) => metrics.Values.Where(metric => metric.Name != NotShown);

    private static string BestOf(string task, Best best) => best.Scores.FirstOrDefault(score => score.Name == task) is { } score
        ? string.Create(CultureInfo.InvariantCulture, $"{score.Score:0.0000} in {score.Epoch}")
        : "undefined";

    private static string Number(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
