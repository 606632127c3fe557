using System.Globalization;
using System.Text.Json;
using Mmoe.Model;

namespace Mmoe.Cli;

/// <summary>An inspection as tables.</summary>
internal static class InspectionText
{
    // A little less than the width of a table, whose columns have space beside them.
    private const int Width = 130;

    public static void Write(TextWriter writer, Inspection inspection)
    {
        var checkpoint = inspection.Checkpoint;
        foreach (var (name, value) in Facts(inspection))
        {
            writer.WriteLine($"{name,-12}{value}");
        }

        writer.WriteLine();
        foreach (var line in checkpoint.Spec.Describe(checkpoint.Inputs).TrimEnd('\n').Split('\n'))
        {
            writer.WriteLine(line.TrimEnd());
        }

        writer.WriteLine();
        using var metrics = JsonDocument.Parse(checkpoint.ValidationMetrics);
        MetricsTable.Write(writer, "validation", metrics.RootElement);
        writer.WriteLine();
        WriteGates(writer, inspection);
        WriteStitches(writer, inspection);
    }

    private static IEnumerable<(string Name, string Value)> Facts(Inspection inspection)
    {
        var (checkpoint, inputs) = (inspection.Checkpoint, inspection.Checkpoint.Inputs);
        yield return ("checkpoint", inspection.Path);
        yield return ("dataset", checkpoint.Schema.Dataset);
        yield return ("epoch", checkpoint.Training is { } training
            ? Invariant($"{checkpoint.Epoch}, after {training.Step} steps, with the optimiser's state")
            : Invariant($"{checkpoint.Epoch}"));
        var kinds = new[]
        {
            Counted(inputs.Gathered.OfType<CategoricalInput>(), input => input.Size, "categorical", "values"),
            Counted(inputs.Gathered.OfType<BinnedInput>(), input => input.Size, "binned", "intervals"),
            inputs.NumericWidth == 0 ? null : Invariant($"{inputs.NumericWidth} numeric"),
        };
        yield return ("inputs", Invariant($"{inputs.Width} features: {string.Join(", ", kinds.OfType<string>())}"));
        yield return ("excluded", inspection.Excluded.Any() ? string.Join(", ", inspection.Excluded) : "nothing");
        yield return ("weight", inputs.WeightColumn ?? "every row counts the same");
        if (checkpoint.Spec.Frozen.Count > 0)
        {
            yield return ("frozen", string.Join(", ", checkpoint.Spec.Frozen));
        }
    }

    private static string? Counted<T>(IEnumerable<T> inputs, Func<T, int> size, string kind, string parts) =>
        inputs.Any() ? Invariant($"{inputs.Count()} {kind} of {inputs.Sum(size)} {parts}") : null;

    private static void WriteGates(TextWriter writer, Inspection inspection)
    {
        switch (inspection.Gates)
        {
            case NoGates when inspection.Stitches.Count == 0:
                writer.WriteLine("the model has no gates");
                break;
            case NoRows missing:
                writer.WriteLine(missing.Advice);
                break;
            case MeasuredGates measured:
                foreach (var level in measured.Usage.GroupBy(gate => gate.Level))
                {
                    var title = inspection.LevelTitle(level.Key);
                    var experts = inspection.ExpertsOf(level.Key, level.SelectMany(gate => gate.Experts.Select(e => e.Expert)));
                    writer.WriteLine(Invariant($"{title}gate weights on {measured.Rows}, {measured.Count} rows"));
                    WriteTable(writer, "gate", experts, "evenness", level.SelectMany(Lines));
                }

                break;
        }
    }

    private static IEnumerable<Line> Lines(GateUsage gate) =>
    [
        new(gate.Stream, "mean", gate.Experts.ToDictionary(e => e.Expert, e => Number(e.MeanWeight)), Number(gate.Evenness)),
        new("", "top share", gate.Experts.ToDictionary(e => e.Expert, e => Number(e.TopShare)), ""),
    ];

    private static void WriteStitches(TextWriter writer, Inspection inspection)
    {
        foreach (var level in inspection.Stitches.GroupBy(stitch => stitch.Level))
        {
            writer.WriteLine($"{inspection.LevelTitle(level.Key)}stitch weights, the same for every row");
            WriteTable(
                writer,
                "stitch",
                inspection.ExpertsOf(level.Key, level.SelectMany(stitch => stitch.Experts)),
                null,
                level.Select(stitch => new Line(
                    stitch.Stream,
                    "weight",
                    stitch.Experts.Zip(stitch.Weights, (expert, weight) => (expert, Number(weight))).ToDictionary(),
                    "")));
        }
    }

    // A column per expert; as many tables as it takes to keep each within the width.
    private static void WriteTable(TextWriter writer, string owner, string[] experts, string? summary, IEnumerable<Line> lines)
    {
        var rows = lines.ToArray();
        var fixedWidth = rows.Max(row => row.Owner.Length + row.Measure.Length) + (summary?.Length ?? 0);
        int WidthOf(string expert) => Math.Max(Number(0).Length, expert.Length) + 2;
        for (var (first, next) = (0, 0); first < experts.Length; first = next)
        {
            var width = fixedWidth;
            for (next = first; next < experts.Length && (next == first || width + WidthOf(experts[next]) < Width); next++)
            {
                width += WidthOf(experts[next]);
            }

            var some = experts[first..next];
            var summaries = next == experts.Length && summary is not null ? new[] { summary } : [];
            Tables.Write(
                writer,
                [owner, "", .. some.Select(name => $"{name}#"), .. summaries.Select(name => $"{name}#")],
                rows.Select(row => (string[])
                [
                    row.Owner,
                    row.Measure,
                    .. some.Select(name => row.Cells.GetValueOrDefault(name, "")),
                    .. summaries.Select(_ => row.Summary),
                ]));
        }
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Line(string Owner, string Measure, Dictionary<string, string> Cells, string Summary);
}
