using System.Globalization;
using System.Text.Json;
using Mmoe.Model;

namespace Mmoe.Cli;

/// <summary>Metrics of several splits, side by side.</summary>
internal static class MetricsTable
{
    public static void Write(TextWriter writer, params ReadOnlySpan<(string Split, EvaluationReport Report)> reports)
    {
        var columns = new List<string> { "task", "metric" };
        foreach (var (split, _) in reports)
        {
            columns.Add($"{split}#");
        }

        var rows = new List<string[]>();
        for (var task = 0; task < reports[0].Report.Tasks.Count; task++)
        {
            var names = reports[0].Report.Tasks[task].Metrics.Values;
            for (var metric = 0; metric < names.Count; metric++)
            {
                var row = new List<string> { metric == 0 ? reports[0].Report.Tasks[task].Task : "", names[metric].Name };
                foreach (var (_, report) in reports)
                {
                    row.Add(Text(report.Tasks[task].Metrics.Values[metric].Value));
                }

                rows.Add([.. row]);
            }
        }

        Tables.Write(writer, columns, rows);
    }

    /// <summary>Metrics that a checkpoint holds as JSON; see <see cref="EvaluationReport.WriteTo"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="split">What they were measured on.</param>
    /// <param name="metrics">The object; what is no number in it is undefined, since the file may come from anywhere.</param>
    public static void Write(TextWriter writer, string split, JsonElement metrics)
    {
        IEnumerable<string[]> Rows(JsonProperty task) => task.Value.ValueKind == JsonValueKind.Object
            ? task.Value.EnumerateObject().Select((metric, m) => (string[])[m == 0 ? task.Name : "", metric.Name, Text(metric.Value)])
            : [[task.Name, "", Text(task.Value)]];
        Tables.Write(writer, ["task", "metric", $"{split}#"], metrics.EnumerateObject().SelectMany(Rows));
    }

    private static string Text(JsonElement value) =>
        Text(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : double.NaN);

    private static string Text(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
