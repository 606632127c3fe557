using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Tasks.</content>
internal sealed partial class SchemaParser
{
    private sealed record TaskDraft(JsonString Name, JsonString? Identifier, string Description, TaskModel Model);

    private List<TaskModel> ReadTasks(SchemaFields dataset, List<ColumnModel> columns, bool columnsAreSound)
    {
        if (dataset.As<JsonArray>(dataset.Require("tasks"), "an array of tasks") is not { } array)
        {
            return [];
        }

        if (array.Items.Count == 0)
        {
            this.report.Add(SchemaRules.NothingThere, dataset.Find("tasks")!.NameSpan, "task");
        }

        var used = new HashSet<int>();
        var allSuit = true;
        var drafts = new List<TaskDraft>();
        var seen = new Dictionary<string, JsonSpan>(StringComparer.Ordinal);
        foreach (var item in array.Items)
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (dataset.As<JsonObject>(item, "A task", "an object") is not { } node)
            {
                allSuit = false;
                continue;
            }

            var (column, draft) = this.ReadTask(node, columns, columnsAreSound, seen);
            allSuit &= column >= 0;
            used.Add(column);
            if (draft is not null)
            {
                drafts.Add(draft);
            }
        }

        if (columnsAreSound && allSuit)
        {
            this.ReportUnused(dataset, columns, used);
        }

        var clashes = new List<NameClash>();
        var names = IdentifierScope.Tasks
            .Assign([.. drafts.Select(d => new Nameable(d.Name.Value, d.Identifier?.Value))], Identifiers.OfName, clashes);
        this.ReportClashes(clashes, [.. drafts.Select(d => d.Identifier)], i => drafts[i].Name.Value);
        return [.. drafts.Select((d, i) => d.Model with { Identifier = names[i] })];
    }

    // A task whose column is misspelt may be the one that uses a label: one mistake, one message. So this is asked only where all suit.
    private void ReportUnused(SchemaFields dataset, List<ColumnModel> columns, HashSet<int> used)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] is CategoricalLabelModel or NumericLabelModel && !used.Contains(i))
            {
                this.report.Add(SchemaRules.UnusedLabel, ColumnNameSpan(dataset, columns[i]), SchemaReport.Quote(columns[i].Name));
            }
        }
    }

    // The column that suits the task, or -1; and the task, if it can be told.
    private (int Column, TaskDraft? Task) ReadTask(
        JsonObject node, List<ColumnModel> columns, bool columnsAreSound, Dictionary<string, JsonSpan> seen)
    {
        var fields = new SchemaFields(node, "a task", SchemaProperties.Task, this.report);
        var name = fields.Formed(
            fields.RequiredText("name"),
            "a task's name",
            "it must be lower-case letters, digits, '_' and '-', and not 'average'",
            text => text != "average" && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-'));
        var kind = fields.Choice(fields.Require("kind"), "binary", "multiclass", "regression");
        var column = fields.RequiredText("column");
        var identifier = fields.Identifier();
        var description = fields.Text("description")?.Value ?? "";
        if (kind is not null and not "binary")
        {
            fields.Forbid("positive", $"a {kind} task");
        }

        var positive = kind == "binary" && fields.Require("positive") is not null ? fields.Texts("positive", allowEmpty: true) : null;
        if (name is not null && seen.TryGetValue(name.Value, out var first))
        {
            this.report.Add(SchemaRules.DuplicateTask, name.Span, first, name.Value);
            name = null;
        }
        else if (name is not null)
        {
            seen.Add(name.Value, name.Span);
        }

        if (column is null)
        {
            return (-1, null);
        }

        var index = columns.FindIndex(c => c.Name == column.Value);
        if (index < 0)
        {
            // Columns that could not be read may hold the one that is meant.
            if (columnsAreSound)
            {
                var labels = columns.Where(c => c is CategoricalLabelModel or NumericLabelModel).Select(c => c.Name).ToArray();
                this.report.Add(
                    SchemaRules.UnknownColumn, column.Span, SchemaReport.Quote(column.Value), this.report.Instead(column.Value, labels));
            }

            return (-1, null);
        }

        if (kind is null || !this.Suits(kind, name, column, columns[index]))
        {
            return (-1, null);
        }

        var codes = positive is null ? default : this.ReadPositive(fields, positive, name, (CategoricalLabelModel)columns[index]);
        TaskModel model = kind switch
        {
            "binary" => new BinaryTaskModel(name?.Value ?? "", "", description, index, codes),
            "multiclass" => new MulticlassTaskModel(name?.Value ?? "", "", description, index),
            _ => new RegressionTaskModel(name?.Value ?? "", "", description, index),
        };
        return (index, name is null ? null : new(name, identifier, description, model));
    }

    private bool Suits(string kind, JsonString? name, JsonString column, ColumnModel found)
    {
        var suits = kind == "regression" ? found is NumericLabelModel : found is CategoricalLabelModel;
        if (!suits)
        {
            this.report.Add(
                SchemaRules.UnsuitableColumn,
                column.Span,
                kind,
                name?.Value ?? "",
                SchemaReport.Quote(found.Name),
                Describe(found),
                Remedy(kind, found));
        }

        return suits;
    }

    private static string Describe(ColumnModel column) => column switch
    {
        CategoricalFeatureModel => "a categorical feature",
        NumericFeatureModel => "a numeric feature",
        CategoricalLabelModel => "a categorical label",
        NumericLabelModel => "a numeric label",
        WeightColumnModel => "a weight",
        _ => "ignored",
    };

    private static string Remedy(string kind, ColumnModel column)
    {
        var needed = kind == "regression" ? "it needs a numeric label" : "it needs a categorical label";
        return needed + (kind, column) switch
        {
            ("regression", NumericFeatureModel) or ("binary" or "multiclass", CategoricalFeatureModel) =>
                "; the role 'label' makes it one, and no feature any more",
            ("regression", WeightColumnModel) => "; the role 'label' makes it one, and no weight any more",
            (_, CategoricalLabelModel) => ", or the task the kind 'binary' or 'multiclass'",
            (_, NumericLabelModel) => ", or the task the kind 'regression'",
            _ => "",
        };
    }

    private EquatableArray<int> ReadPositive(SchemaFields fields, List<JsonString> positive, JsonString? task, CategoricalLabelModel column)
    {
        var codeOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < column.Vocabulary.Values.Count; i++)
        {
            codeOf[column.Vocabulary.Values[i].Text] = i;
        }

        // A vocabulary that could not be read is reported where it stands.
        if (codeOf.Count == 0)
        {
            return default;
        }

        var codes = new SortedDictionary<int, JsonSpan>();
        var before = this.report.Count;
        foreach (var value in positive)
        {
            if (!codeOf.TryGetValue(value.Value, out var code))
            {
                this.report.Add(
                    SchemaRules.UnknownPositive,
                    value.Span,
                    SchemaReport.Quote(value.Value),
                    SchemaReport.Quote(column.Name),
                    this.report.Instead(value.Value, codeOf.Keys));
            }
            else if (codes.TryGetValue(code, out var first))
            {
                this.report.Add(
                    SchemaRules.DuplicateValue,
                    value.Span,
                    first,
                    SchemaReport.Quote(value.Value),
                    $"the positive values of task '{task?.Value}'");
            }
            else
            {
                codes.Add(code, value.Span);
            }
        }

        var isArrayOfTexts = fields.Find("positive")!.Value is JsonArray array && array.Items.Count == positive.Count;
        if (isArrayOfTexts && this.report.Count == before && (codes.Count == 0 || codes.Count == codeOf.Count))
        {
            this.report.Add(
                SchemaRules.PositiveSet,
                fields.Find("positive")!.NameSpan,
                task?.Value ?? "",
                codes.Count == 0 ? "none" : "all",
                SchemaReport.Number(codeOf.Count));
        }

        return new(codes.Keys);
    }

    private static JsonSpan ColumnNameSpan(SchemaFields dataset, ColumnModel column)
    {
        var node = (JsonObject)((JsonArray)dataset.Find("columns")!.Value).Items[column.FileIndex];
        return node.Properties.First(p => p.Name == "name").Value.Span;
    }
}
