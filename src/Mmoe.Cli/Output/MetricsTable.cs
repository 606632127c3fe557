using System.Globalization;
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

    private static string Text(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
