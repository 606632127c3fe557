using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <summary>A sample that a schema names.</summary>
/// <param name="Path">Its path from the schema's folder.</param>
/// <param name="PathSpan">Where the schema says it.</param>
/// <param name="Format">How it is written; null if the schema is too broken to tell, or its columns are.</param>
/// <param name="Columns">The columns in file order.</param>
internal sealed record ParsedSample(string Path, JsonSpan PathSpan, FormatModel? Format, EquatableArray<ParsedSampleColumn> Columns);

/// <summary>A column as a sample is checked by it.</summary>
/// <param name="Column">The column; null if something is wrong with it.</param>
/// <param name="NameSpan">Where it is named.</param>
/// <param name="Suffix">The text that the sample appends to its values; empty if none.</param>
internal sealed record ParsedSampleColumn(ColumnModel? Column, JsonSpan NameSpan, string Suffix);

/// <content>The sample.</content>
internal sealed partial class SchemaParser
{
    // Read after all else. A value is judged only by what nothing is wrong with: one mistake in the schema is not a hundred in the sample.
    private ParsedSample? ReadSample(SchemaFields dataset, FormatModel format, List<ColumnModel> columns, SourceModel source)
    {
        var path = dataset.Formed(
            dataset.FilledText("sample"),
            "a sample's path",
            $"it must lead from the schema's folder to a file in it, with '/' between names, and not end in '{MmoeGenerator.Suffix}'",
            text => IsInnerPath(text) && !text.EndsWith(MmoeGenerator.Suffix, StringComparison.OrdinalIgnoreCase));
        if (path is null)
        {
            return null;
        }

        var problems = this.report.Starts();
        if (Holds(dataset.Find("format")?.Value, problems)
            || this.SuffixesOf(dataset, source, problems) is not { } suffixes
            || dataset.Find("columns")?.Value is not JsonArray array)
        {
            return new(path.Value, path.Span, null, default);
        }

        var sound = columns.ToDictionary(c => c.FileIndex);
        var checkedBy = new List<ParsedSampleColumn>();
        for (var i = 0; i < array.Items.Count; i++)
        {
            checkedBy.Add(sound.TryGetValue(i, out var column) && !Holds(array.Items[i], problems)
                ? new(column, ColumnNameSpan(dataset, column), suffixes.FirstOrDefault(s => s.Column == column.Name)?.Suffix ?? "")
                : new(null, default, ""));
        }

        return new(path.Value, path.Span, format, new(checkedBy));
    }

    // A sample is written as the file that is trained on. Null if that one cannot be told, or not what it appends to values.
    private IEnumerable<SuffixModel>? SuffixesOf(SchemaFields dataset, SourceModel source, int[] problems)
    {
        if (source is not FileSourceModel files)
        {
            return [];
        }

        var file = files.Files.FirstOrDefault(f => f.Id == files.Train.File);
        var node = Property(Property(Property(dataset.Find("source")?.Value, "files"), file?.Id), "trimEnd");
        return file is null || Holds(node, problems) ? null : file.TrimEnd;
    }

    private static JsonNode? Property(JsonNode? node, string? name) =>
        (node as JsonObject)?.Properties.FirstOrDefault(p => p.Name == name)?.Value;

    // Whether one of the problems, by the places where they start, is in a node.
    private static bool Holds(JsonNode? node, int[] problems)
    {
        if (node is null)
        {
            return false;
        }

        var first = Array.BinarySearch(problems, node.Span.Start);
        first = first < 0 ? ~first : first;
        return first < problems.Length && problems[first] < node.Span.End;
    }
}
