using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Columns and their vocabularies.</content>
internal sealed partial class SchemaParser
{
    private static readonly string[] Roles = ["feature", "label", "weight", "ignored"];
    private static readonly string[] Kinds = ["categorical", "numeric"];

    /// <summary>A column that has a name of its own, before C# names are given; its role is null where it could not be read.</summary>
    private sealed record ColumnDraft(
        int FileIndex, JsonString Name, JsonString? Identifier, SchemaFields Fields, string? Role, string Kind);

    /// <summary>A value, before it is known whether values get C# names; its fields are null where it is a mere text.</summary>
    private readonly record struct ValueDraft(JsonString Text, SchemaFields? Fields);

    private List<ColumnModel>? ReadColumns(SchemaFields dataset, string typeName, bool trim, List<string> marks)
    {
        if (dataset.As<JsonArray>(dataset.Require("columns"), "an array of columns") is not { } array)
        {
            return null;
        }

        var before = this.report.Count;
        var drafts = this.ReadDrafts(dataset, array);
        var clashes = new List<NameClash>();
        var names = IdentifierScope.Columns(typeName)
            .Assign([.. drafts.Select(d => new Nameable(d.Name.Value, d.Identifier?.Value))], Identifiers.Of, clashes);
        this.ReportClashes(clashes, [.. drafts.Select(d => d.Identifier)], i => drafts[i].Name.Value);

        var columns = new List<ColumnModel>();
        for (var i = 0; i < drafts.Count; i++)
        {
            this.cancellation.ThrowIfCancellationRequested();
            columns.Add(this.ReadColumn(drafts[i], names[i], trim, marks));
        }

        if (this.report.Count == before && !columns.Any(c => c is CategoricalFeatureModel or NumericFeatureModel))
        {
            this.report.Add(SchemaRules.NothingThere, dataset.Find("columns")!.NameSpan, "feature");
        }

        return columns;
    }

    private List<ColumnDraft> ReadDrafts(SchemaFields dataset, JsonArray array)
    {
        var drafts = new List<ColumnDraft>();
        var seen = new Dictionary<string, JsonSpan>(StringComparer.Ordinal);
        for (var i = 0; i < array.Items.Count; i++)
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (dataset.As<JsonObject>(array.Items[i], "A column", "an object") is not { } node)
            {
                continue;
            }

            var fields = new SchemaFields(node, "a column", SchemaProperties.Column, this.report);
            var name = fields.RequiredText("name");
            var role = fields.Find("role") is { } roleProperty ? fields.Choice(roleProperty, Roles) : "feature";
            var kind = ReadKind(fields, role);
            var identifier = role == "ignored" ? null : fields.Identifier();
            if (name is null)
            {
                continue;
            }

            if (seen.TryGetValue(name.Value, out var first))
            {
                this.report.Add(SchemaRules.DuplicateColumn, name.Span, first, SchemaReport.Quote(name.Value));
                continue;
            }

            seen.Add(name.Value, name.Span);

            // A broken kind is guessed, so that code which uses the column still finds it.
            kind ??= fields.Find("vocabulary") is not null ? "categorical" : "numeric";
            drafts.Add(new(i, name, identifier, fields, role, kind));
        }

        return drafts;
    }

    private static string? ReadKind(SchemaFields fields, string? role) => role switch
    {
        "ignored" => null,
        "weight" => fields.Choice(fields.Require("kind"), "numeric"),
        null => fields.Choice(fields.Find("kind"), Kinds),
        _ => fields.Choice(fields.Require("kind"), Kinds),
    };

    private ColumnModel ReadColumn(ColumnDraft draft, string identifier, bool trim, List<string> marks)
    {
        var fields = draft.Fields;
        var name = draft.Name.Value;
        var description = fields.Text("description")?.Value ?? "";
        var what = draft.Role switch
        {
            "ignored" => "an ignored column",
            "weight" => "a weight column",
            _ => $"a {draft.Kind} {draft.Role}",
        };
        foreach (var property in InapplicableTo(draft))
        {
            fields.Forbid(property, what);
        }

        switch (draft.Role, draft.Kind)
        {
            case ("ignored", _):
                return new IgnoredColumnModel(name, identifier, description, draft.FileIndex, fields.RequiredText("reason")?.Value ?? "");
            case ("weight", _):
                return new WeightColumnModel(name, identifier, description, draft.FileIndex, this.ReadRange(draft)?.Model);
            case ("label", "categorical"):
                var labelMarks = this.ReadLabelMissing(draft, marks);
                return new CategoricalLabelModel(
                    name, identifier, description, draft.FileIndex, labelMarks, this.ReadVocabulary(draft, identifier, trim));
            case ("label", _):
                return new NumericLabelModel(
                    name, identifier, description, draft.FileIndex, this.ReadLabelMissing(draft, marks), this.ReadRange(draft)?.Model);
            case (_, "categorical"):
                return new CategoricalFeatureModel(
                    name, identifier, description, draft.FileIndex, this.ReadVocabulary(draft, identifier, trim));
            default:
                var range = this.ReadRange(draft);
                return new NumericFeatureModel(
                    name,
                    identifier,
                    description,
                    draft.FileIndex,
                    this.ReadMissing(draft, marks),
                    fields.Boolean("weight") ?? false,
                    range?.Model,
                    this.ReadBins(draft, range),
                    this.ReadEncodings(draft));
        }
    }

    private static string[] InapplicableTo(ColumnDraft draft) => (draft.Role, draft.Kind) switch
    {
        ("ignored", _) => ["kind", "identifier", "vocabulary", "weight", "missing", "range", "bins", "encoding"],
        ("weight", _) => ["vocabulary", "weight", "missing", "bins", "encoding", "reason"],
        ("label", "categorical") => ["weight", "range", "bins", "encoding", "reason"],
        ("label", _) => ["vocabulary", "weight", "bins", "encoding", "reason"],
        ("feature", "categorical") => ["weight", "missing", "range", "bins", "encoding", "reason"],
        ("feature", _) => ["vocabulary", "reason"],

        // What a column of an unknown role may hold is unknown too.
        _ => [],
    };

    private MissingModel? ReadMissing(ColumnDraft draft, List<string> marks)
    {
        if (draft.Fields.As<JsonObject>(draft.Fields.Find("missing"), "an object") is not { } node)
        {
            return null;
        }

        var fields = new SchemaFields(node, "'missing'", SchemaProperties.Missing, this.report);
        var policy = fields.Choice(fields.Find("policy"), "mean", "zero");
        return new(
            new(this.Marks(fields, "marks", draft) ?? marks), policy == "zero" ? MissingPolicyModel.Zero : MissingPolicyModel.Mean);
    }

    private EquatableArray<string>? ReadLabelMissing(ColumnDraft draft, List<string> marks)
    {
        if (draft.Fields.As<JsonObject>(draft.Fields.Find("missing"), "an object") is not { } node)
        {
            return null;
        }

        var fields = new SchemaFields(node, "'missing'", SchemaProperties.Missing, this.report);
        fields.Forbid("policy", "a label, which is left out where it is missing");
        return new(this.Marks(fields, "marks", draft) ?? marks);
    }

    private VocabularyModel ReadVocabulary(ColumnDraft draft, string typeName, bool trim)
    {
        if (draft.Fields.As<JsonArray>(draft.Fields.Require("vocabulary"), "an array of values") is not { } array)
        {
            return new(default);
        }

        var count = array.Items.Count;
        if (count is 0 or > VocabularyModel.MaxCount)
        {
            this.report.Add(
                SchemaRules.VocabularySize,
                draft.Fields.Find("vocabulary")!.NameSpan,
                SchemaReport.Quote(draft.Name.Value),
                SchemaReport.Number(count));
            return new(default);
        }

        var values = this.ReadValues(draft, array, trim);
        return new(new(values.Count > VocabularyModel.MaxEnum ? NamelessValues(values) : this.NamedValues(values, typeName)));
    }

    private IEnumerable<ValueModel> NamedValues(List<ValueDraft> values, string typeName)
    {
        var stated = values.Select(v => v.Fields?.Identifier()).ToArray();
        var clashes = new List<NameClash>();
        var names = IdentifierScope.Values(typeName)
            .Assign([.. values.Select((v, i) => new Nameable(v.Text.Value, stated[i]?.Value))], Identifiers.Of, clashes);
        this.ReportClashes(clashes, stated, i => values[i].Text.Value);
        return values.Select((v, i) => new ValueModel(v.Text.Value, names[i], v.Fields?.Text("description")?.Value ?? "")).ToArray();
    }

    // The values of a struct are no members: there is nothing that could bear a name or a description.
    private static IEnumerable<ValueModel> NamelessValues(List<ValueDraft> values)
    {
        var most = SchemaReport.Number(VocabularyModel.MaxEnum);
        var what = $"a value of a vocabulary of more than {most} values, which has no members in C#";
        foreach (var value in values)
        {
            value.Fields?.Forbid("identifier", what);
            value.Fields?.Forbid("description", what);
        }

        return values.Select(v => new ValueModel(v.Text.Value, "", ""));
    }

    private List<ValueDraft> ReadValues(ColumnDraft draft, JsonArray array, bool trim)
    {
        var values = new List<ValueDraft>();
        var seen = new Dictionary<string, JsonString>(StringComparer.Ordinal);
        var doubled = new HashSet<JsonString>();
        foreach (var item in array.Items)
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (this.ReadValue(draft.Fields, item) is not { } value)
            {
                continue;
            }

            var text = value.Text;
            var key = trim ? text.Value.Trim(' ', '\t') : text.Value;
            if (seen.TryGetValue(key, out var first))
            {
                var where = $"the vocabulary of column '{SchemaReport.Quote(draft.Name.Value)}'";
                this.report.Add(
                    SchemaRules.DuplicateValue,
                    text.Span,
                    first.Span,
                    SchemaReport.Quote(text.Value),
                    first.Value == text.Value ? where : $"{where} once blanks are trimmed");

                // If it is the first that has blanks, they are the one mistake, and it is told.
                doubled.Add(first);
                CheckDropped(value.Fields);
                continue;
            }

            seen.Add(key, text);
            values.Add(value);
        }

        this.texts.AddRange(values.Where(v => !doubled.Contains(v.Text)).Select(v => new FileText(v.Text, draft, "value")));
        return values;
    }

    private ValueDraft? ReadValue(SchemaFields column, JsonNode item)
    {
        if (item is JsonString plain)
        {
            return new(plain, null);
        }

        if (column.As<JsonObject>(item, "A value of a vocabulary", "a string or an object") is not { } node)
        {
            return null;
        }

        var fields = new SchemaFields(node, "a value of a vocabulary", SchemaProperties.Value, this.report);
        if (fields.As<JsonString>(fields.Require("value"), "a string") is { } text)
        {
            return new(text, fields);
        }

        CheckDropped(fields);
        return null;
    }

    // What is said of a value that does not count is read for its mistakes alone.
    private static void CheckDropped(SchemaFields? fields)
    {
        fields?.Identifier();
        fields?.Text("description");
    }
}
