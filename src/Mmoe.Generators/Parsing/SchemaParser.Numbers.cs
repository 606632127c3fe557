using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Ranges, bins and encodings of numeric columns.</content>
internal sealed partial class SchemaParser
{
    private const int MaxEdges = 1_000;

    /// <summary>A number longer than any single needs is no slip of the pen; it would only make a strange literal.</summary>
    private const int MaxNumberLength = 32;

    /// <summary>A number as written and as rows hold it; the latter decides, and only the former is emitted.</summary>
    private sealed record SingleDraft(JsonNumber Number, float Value)
    {
        public string Raw => this.Number.Raw;

        public JsonSpan Span => this.Number.Span;
    }

    private sealed record RangeDraft(SingleDraft? Min, SingleDraft? Max)
    {
        public RangeModel Model => new(this.Min?.Raw, this.Max?.Raw);
    }

    private RangeDraft? ReadRange(ColumnDraft draft)
    {
        if (draft.Fields.As<JsonObject>(draft.Fields.Find("range"), "an object") is not { } node)
        {
            return null;
        }

        var fields = new SchemaFields(node, "'range'", SchemaProperties.Range, this.report);
        if (fields.Find("min") is null && fields.Find("max") is null)
        {
            this.ReportRange(draft, fields.Brace, null, "it has neither 'min' nor 'max'");
            return null;
        }

        var (min, max) = (this.ReadBound(draft, fields, "min"), this.ReadBound(draft, fields, "max"));
        if (min is not null && max is not null && min.Value >= max.Value)
        {
            this.ReportRange(draft, max.Span, min.Span, $"'max', {max.Raw}, is not above 'min', {min.Raw}{InSinglePrecision(min, max)}");
            return null;
        }

        if (draft.Role == "weight" && max is { Value: < 0 })
        {
            this.ReportRange(draft, max.Span, null, $"'max', {max.Raw}, is below 0, and a weight is not");
            return null;
        }

        return min is null && max is null ? null : new(min, max);
    }

    private SingleDraft? ReadBound(ColumnDraft draft, SchemaFields range, string name)
    {
        if (range.As<JsonNumber>(range.Find(name), "a number") is not { } number)
        {
            return null;
        }

        var bound = ReadSingle(number, out var problem);
        if (bound is null)
        {
            this.ReportRange(draft, number.Span, null, $"'{name}', {SchemaReport.Quote(number.Raw)}, {problem}");
        }

        return bound;
    }

    private EquatableArray<string> ReadBins(ColumnDraft draft, RangeDraft? range)
    {
        var property = draft.Fields.Find("bins");
        if (draft.Fields.As<JsonArray>(property, "an array of numbers") is not { } array)
        {
            return default;
        }

        var count = array.Items.Count;
        if (count is 0 or > MaxEdges)
        {
            var many = $"there are {SchemaReport.Number(count)}, more than {SchemaReport.Number(MaxEdges)}";
            this.ReportBins(draft, property!.NameSpan, null, count == 0 ? "there is none" : many);
            return default;
        }

        var before = this.report.Count;
        var edges = this.ReadEdges(draft, array);
        this.CheckOrder(draft, edges);
        this.CheckRange(draft, edges, range);
        return this.report.Count == before ? new(edges.Select(e => e.Raw)) : default;
    }

    private List<SingleDraft> ReadEdges(ColumnDraft draft, JsonArray array)
    {
        var edges = new List<SingleDraft>();
        foreach (var item in array.Items)
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (draft.Fields.As<JsonNumber>(item, "An edge of 'bins'", "a number") is not { } number)
            {
                continue;
            }

            if (ReadSingle(number, out var problem) is { } edge)
            {
                edges.Add(edge);
            }
            else
            {
                this.ReportBins(draft, number.Span, null, $"{SchemaReport.Quote(number.Raw)} {problem}");
            }
        }

        return edges;
    }

    // The first alone: what follows an edge out of order is often in order again, or wrong for the same reason.
    private void CheckOrder(ColumnDraft draft, List<SingleDraft> edges)
    {
        for (var i = 1; i < edges.Count; i++)
        {
            var (last, edge) = (edges[i - 1], edges[i]);
            if (edge.Value <= last.Value)
            {
                var problem = $"{edge.Raw} is not above {last.Raw} before it{InSinglePrecision(last, edge)}";
                this.ReportBins(draft, edge.Span, last.Span, problem);
                return;
            }
        }
    }

    private void CheckRange(ColumnDraft draft, List<SingleDraft> edges, RangeDraft? range)
    {
        foreach (var edge in edges)
        {
            if (range?.Min is { } min && edge.Value < min.Value)
            {
                this.ReportRange(draft, edge.Span, min.Span, $"the edge {edge.Raw} of 'bins' is below 'min', {min.Raw}");
            }
            else if (range?.Max is { } max && edge.Value > max.Value)
            {
                this.ReportRange(draft, edge.Span, max.Span, $"the edge {edge.Raw} of 'bins' is above 'max', {max.Raw}");
            }
        }
    }

    private EquatableArray<NumericEncoding> ReadEncodings(ColumnDraft draft)
    {
        var property = draft.Fields.Find("encoding");
        var texts = property?.Value is JsonString single ? [single]
            : property?.Value is JsonArray ? draft.Fields.Texts("encoding", allowEmpty: true)
            : null;
        if (property is null || texts is null)
        {
            draft.Fields.As<JsonString>(property, "a string or an array of strings");
            return default;
        }

        if (property.Value is JsonArray { Items.Count: 0 })
        {
            this.ReportEncoding(draft, property.NameSpan, null, "there is none; leave 'encoding' out");
        }

        var encodings = NumericEncoding.Parse([.. texts.Select(text => text.Value)], out var problems);
        foreach (var problem in problems)
        {
            var other = problem.Other is { } first && first != problem.Text ? texts[first].Span : default(JsonSpan?);
            this.ReportEncoding(draft, texts[problem.Text].Span, other, $"{problem.What}; {problem.Advice}");
        }

        return problems.Count == 0 ? encodings : default;
    }

    private void ReportRange(ColumnDraft draft, JsonSpan span, JsonSpan? other, string problem) =>
        this.report.Add(SchemaRules.ImpossibleRange, span, other, SchemaReport.Quote(draft.Name.Value), problem);

    private void ReportBins(ColumnDraft draft, JsonSpan span, JsonSpan? other, string problem) =>
        this.report.Add(SchemaRules.BinsNotIncreasing, span, other, SchemaReport.Quote(draft.Name.Value), problem);

    private void ReportEncoding(ColumnDraft draft, JsonSpan span, JsonSpan? other, string problem) =>
        this.report.Add(SchemaRules.ImpossibleEncoding, span, other, SchemaReport.Quote(draft.Name.Value), problem);

    private static string InSinglePrecision(SingleDraft one, SingleDraft other) =>
        one.Value == other.Value && one.Raw != other.Raw ? " in single precision" : "";

    private static SingleDraft? ReadSingle(JsonNumber number, out string problem)
    {
        problem = number.Raw.Length > MaxNumberLength
            ? $"has more than {SchemaReport.Number(MaxNumberLength)} characters"
            : "is too large for single precision";
        return number.Raw.Length <= MaxNumberLength
            && SinglePrecision.TryParse(number.Raw, out var value) ? new(number, value) : null;
    }
}
