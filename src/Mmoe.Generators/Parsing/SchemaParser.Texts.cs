using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Texts that the files are said to hold: can they?</content>
internal sealed partial class SchemaParser
{
    private readonly List<FileText> texts = [];
    private readonly List<(string File, JsonString Text)> endings = [];
    private bool suffixesAreSound = true;

    /// <summary>A text that a field of a file is compared with.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="Column">The column; null if it may be any.</param>
    /// <param name="What">What the text is.</param>
    private sealed record FileText(JsonString Text, ColumnDraft? Column, string What);

    // How files are written and what they append stands anywhere in the file, so that this comes last.
    private void CheckTexts(FormatModel format, SourceModel source, int columns)
    {
        var syntax = new FieldSyntax(format.Delimiter, format.Quote, format.Comment, format.Trim);
        foreach (var (file, text) in this.endings)
        {
            if (syntax.ObstacleAtEnd(text.Value) is { } obstacle)
            {
                var subject = $"The text '{SchemaReport.Quote(text.Value)}' that file '{SchemaReport.Quote(file)}' appends";
                this.ReportImpossible(syntax, text, subject, obstacle);
            }
        }

        if (source is not FileSourceModel files || !this.suffixesAreSound)
        {
            return;
        }

        // A value of which one file can hold no trace may come from another.
        var only = columns == 1;
        var anywhere = files.Files.SelectMany(f => f.TrimEnd).Select(t => t.Suffix).Append("").Distinct().ToArray();
        var byColumn = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (text, column, what) in this.texts)
        {
            this.cancellation.ThrowIfCancellationRequested();
            var first = column is { FileIndex: 0 };
            var suffixes = anywhere;
            if (column is not null && !byColumn.TryGetValue(column.Name.Value, out suffixes))
            {
                suffixes = SuffixesOf(files, column.Name.Value);
                byColumn.Add(column.Name.Value, suffixes);
            }

            if (suffixes.Any(suffix => syntax.Write(text.Value, suffix, first, only) is not null))
            {
                continue;
            }

            var where = column is null ? "" : $" of column '{SchemaReport.Quote(column.Name.Value)}'";
            var written = syntax.Write(text.Value, first, only) is null ? text.Value : text.Value + suffixes[0];
            this.ReportImpossible(syntax, text, $"The {what} '{SchemaReport.Quote(text.Value)}'{where}", syntax.Obstacle(written, only));
        }
    }

    // What each file appends to a column; nothing where there is no file.
    private static string[] SuffixesOf(FileSourceModel source, string column) =>
    [
        .. source.Files.Select(f => f.TrimEnd.FirstOrDefault(t => t.Column == column)?.Suffix ?? "").DefaultIfEmpty("").Distinct(),
    ];

    private void ReportImpossible(FieldSyntax syntax, JsonString text, string subject, FieldObstacle obstacle)
    {
        const string Quotes = "name the 'quote' of the format, if the files have one";
        var (why, remedy) = obstacle switch
        {
            FieldObstacle.Length => ($"a field holds at most {SchemaReport.Number(FieldSyntax.MaxBytes)} bytes", "shorten it"),
            FieldObstacle.Delimiter => (
                $"it holds the delimiter '{SchemaReport.Quote(syntax.Delimiter.ToString())}', which ends a field", Quotes),
            FieldObstacle.LineBreak => ("it holds a line break, which ends a record", Quotes),
            FieldObstacle.Blanks => (
                "'trim' takes the blanks off its ends",
                $"write '{SchemaReport.Quote(text.Value.Trim(' ', '\t'))}', or {Quotes}"),
            FieldObstacle.EmptyLine => ("a line without text is skipped", Quotes),
            _ => (
                $"a line that starts with '{SchemaReport.Quote(syntax.Comment ?? "")}' is a comment, and this is the first column",
                "take another 'comment', or leave it out"),
        };
        this.report.Add(SchemaRules.ImpossibleText, text.Span, subject, why, remedy);
    }
}
