using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <summary>What a schema file says, and what is wrong with it.</summary>
/// <param name="Dataset">The dataset, or its valid part; null if not even a name can be told.</param>
/// <param name="Problems">All problems in the order of the file.</param>
/// <param name="NameSpan">Where the dataset is named.</param>
/// <param name="IdentifierSpan">Where its C# type is named, by an identifier or else by the name.</param>
/// <param name="Sample">The sample that it names; null if it names none, or none that could be.</param>
internal sealed record ParsedSchema(
    DatasetModel? Dataset, EquatableArray<SchemaProblem> Problems, JsonSpan NameSpan, JsonSpan IdentifierSpan, ParsedSample? Sample);

/// <summary>Reads schema files as documented in <c>docs/schema.md</c>.</summary>
/// <remarks>
/// It reports all problems of a file at once and never throws on any text. Of a partly broken file it gives the valid part, so that code
/// which uses the rest still compiles.
/// </remarks>
internal sealed partial class SchemaParser
{
    private readonly SchemaReport report = new();
    private readonly CancellationToken cancellation;

    private SchemaParser(CancellationToken cancellation) => this.cancellation = cancellation;

    /// <summary>Reads a schema.</summary>
    public static ParsedSchema Parse(string text, CancellationToken cancellation = default)
    {
        var parser = new SchemaParser(cancellation);
        var tree = JsonReader.Read(text, cancellation);
        foreach (var error in tree.Errors)
        {
            if (error.Repeats is { } repeated)
            {
                parser.report.Add(SchemaRules.DuplicateProperty, error.Span, repeated.First, SchemaReport.Quote(repeated.Name));
            }
            else
            {
                parser.report.Add(SchemaRules.InvalidJson, error.Span, error.Message);
            }
        }

        var (dataset, name, identifier, sample) = tree.Root is null ? default : parser.ReadRoot(tree.Root);
        return new(dataset, parser.report.InFileOrder(), name, identifier, sample);
    }

    private (DatasetModel? Dataset, JsonSpan Name, JsonSpan Identifier, ParsedSample? Sample) ReadRoot(JsonNode root)
    {
        if (root is not JsonObject node)
        {
            this.report.Add(SchemaRules.WrongType, SchemaFields.Head(root), "A schema", "an object", root.Kind);
            return default;
        }

        var fields = new SchemaFields(node, "a schema", SchemaProperties.Dataset, this.report);
        fields.Text("$schema");
        var name = fields.Formed(
            fields.RequiredText("name"),
            "a dataset's name",
            "it must be lower-case letters, digits and single hyphens, starting with a letter",
            IsDatasetName);
        var identifier = fields.Identifier();
        var description = fields.RequiredText("description")?.Value ?? "";
        var homepage = fields.FilledText("homepage")?.Value;
        var license = fields.FilledText("license")?.Value;
        var before = this.report.Count;
        var (format, marks) = this.ReadFormat(fields);
        var formatIsSound = this.report.Count == before;

        var typeName = this.NameType(name, identifier);
        var soundBefore = this.report.Count;
        var columns = this.ReadColumns(fields, typeName ?? "", format.Trim, marks);
        var columnsAreSound = columns is not null && this.report.Count == soundBefore;
        var columnList = columns ?? [];

        var tasks = this.ReadTasks(fields, columnList, columnsAreSound);
        var tasksAreSound = columns is not null && this.report.Count == soundBefore;
        var source = this.ReadSource(fields, columnList, columnsAreSound, tasksAreSound ? tasks : null);
        this.CheckNumFeatures(fields, columnList, columnsAreSound);
        if (formatIsSound)
        {
            this.CheckTexts(format, source, (fields.Find("columns")?.Value as JsonArray)?.Items.Count ?? 0);
        }

        var training = this.ReadTraining(fields);

        // Last: what the sample is checked by is what has no problem by now.
        var sample = this.ReadSample(fields, format, columnList, source);
        if (name is null || typeName is null)
        {
            return (null, default, default, sample);
        }

        var dataset = new DatasetModel(
            name.Value, typeName, description, homepage, license, format, source, new(columnList), new(tasks), training);
        return (dataset, name.Span, (identifier ?? name).Span, sample);
    }

    private string? NameType(JsonString? name, JsonString? identifier)
    {
        if (name is null)
        {
            return null;
        }

        var clashes = new List<NameClash>();
        var typeName = IdentifierScope.Datasets.Assign([new(name.Value, identifier?.Value)], Identifiers.OfName, clashes)[0];
        this.ReportClashes(clashes, [identifier], i => "");
        return typeName;
    }

    private void ReportClashes(List<NameClash> clashes, IReadOnlyList<JsonString?> stated, Func<int, string> textOf)
    {
        foreach (var clash in clashes)
        {
            var identifier = stated[clash.Index]!;
            var why = clash.Taken < 0
                ? "emitted code uses it itself"
                : $"it is that of '{SchemaReport.Quote(textOf(clash.Taken))}'";
            this.report.Add(SchemaRules.IdentifierClash, identifier.Span, identifier.Value, why);
        }
    }

    private (FormatModel Format, List<string> Marks) ReadFormat(SchemaFields dataset)
    {
        var plain = new FormatModel(',', Header: false, Quote: null, Comment: null, Trim: false);
        if (dataset.As<JsonObject>(dataset.Find("format"), "an object") is not { } node)
        {
            return (plain, []);
        }

        var fields = new SchemaFields(node, "'format'", SchemaProperties.Format, this.report);
        var delimiter = this.AsciiCharacter(fields, "delimiter");
        var quote = this.AsciiCharacter(fields, "quote");
        if (quote is not null && quote.Value == (delimiter?.Value ?? ","))
        {
            this.report.Add(
                SchemaRules.MalformedText, quote.Span, SchemaReport.Quote(quote.Value), "the 'quote'", "it is the delimiter already");
            quote = null;
        }

        var trim = fields.Boolean("trim") ?? plain.Trim;
        if (trim && quote?.Value is " " or "\t")
        {
            this.report.Add(
                SchemaRules.MalformedText,
                quote.Span,
                SchemaReport.Quote(quote.Value),
                "the 'quote'",
                "it is a blank, which 'trim' takes off");
            quote = null;
        }

        var comment = fields.Formed(
            fields.FilledText("comment"),
            "the 'comment'",
            "it is the start of a line, so it must not hold a line break",
            text => text.IndexOfAny(['\n', '\r']) < 0);
        var format = new FormatModel(
            delimiter?.Value[0] ?? plain.Delimiter,
            fields.Boolean("header") ?? plain.Header,
            quote?.Value[0],
            comment?.Value,
            trim);
        return (format, this.Marks(fields, "missing", null) ?? []);
    }

    private JsonString? AsciiCharacter(SchemaFields fields, string name) => fields.Formed(
        fields.Text(name),
        $"the '{name}'",
        "it must be one ASCII character, and no line break",
        text => text.Length == 1 && text[0] is < '\u0080' and not '\n' and not '\r' and not '\0');

    private List<string>? Marks(SchemaFields fields, string name, ColumnDraft? column)
    {
        if (fields.Texts(name, allowEmpty: true) is not { } texts)
        {
            return null;
        }

        var marks = new List<string>();
        var seen = new Dictionary<string, JsonSpan>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (seen.TryGetValue(text.Value, out var first))
            {
                this.report.Add(
                    SchemaRules.DuplicateValue, text.Span, first, SchemaReport.Quote(text.Value), "the marks of a missing value");
                continue;
            }

            seen.Add(text.Value, text.Span);
            marks.Add(text.Value);
            this.texts.Add(new(text, column, "missing mark"));
        }

        return marks;
    }

    private void CheckNumFeatures(SchemaFields fields, List<ColumnModel> columns, bool columnsAreSound)
    {
        var stated = fields.Integer("num_features", new NumberLimits(1, int.MaxValue));
        if (stated is null || !columnsAreSound)
        {
            return;
        }

        var oneHot = columns.OfType<CategoricalFeatureModel>().Sum(c => c.Vocabulary.Values.Count);
        var numeric = columns.OfType<NumericFeatureModel>().Count();
        if (stated != oneHot + numeric)
        {
            this.report.Add(
                SchemaRules.NumFeatures,
                fields.Find("num_features")!.Value.Span,
                SchemaReport.Number(oneHot + numeric),
                SchemaReport.Number(oneHot),
                SchemaReport.Number(numeric),
                SchemaReport.Number(stated.Value));
        }
    }

    private static bool IsDatasetName(string text)
    {
        if (text[0] is not (>= 'a' and <= 'z') || text[text.Length - 1] == '-')
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ((>= 'a' and <= 'z') or (>= '0' and <= '9')) && (text[i] != '-' || text[i - 1] == '-'))
            {
                return false;
            }
        }

        return true;
    }
}
