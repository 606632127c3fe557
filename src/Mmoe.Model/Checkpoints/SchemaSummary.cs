using System.Text.Json;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>What the fingerprint of a schema covers of one column.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Role"><c>feature</c>, <c>label</c>, <c>weight</c> or <c>ignored</c>.</param>
/// <param name="Kind"><c>categorical</c>, <c>numeric</c>, or empty for an ignored column.</param>
/// <param name="Vocabulary">The values in code order; empty unless categorical.</param>
/// <param name="MissingMarks">Texts that mark a missing value.</param>
/// <param name="MissingPolicy"><c>mean</c> or <c>zero</c>; null unless a feature whose values may be missing.</param>
public sealed record SchemaColumn(
    string Name, string Role, string Kind, EquatableArray<string> Vocabulary, EquatableArray<string> MissingMarks, string? MissingPolicy);

/// <summary>What the fingerprint of a schema covers of one task.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Kind"><c>binary</c>, <c>multiclass</c> or <c>regression</c>.</param>
/// <param name="Column">The label column.</param>
/// <param name="Positive">The positive values of a binary task, in code order; else empty.</param>
public sealed record SchemaTask(string Name, string Kind, string Column, EquatableArray<string> Positive);

/// <summary>
/// What a model must know of the schema that it was trained for: enough to say what differs in another, and to name inputs and outputs.
/// </summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Fingerprint">The schema's fingerprint.</param>
/// <param name="Columns">All columns in file order.</param>
/// <param name="Tasks">All tasks in order.</param>
public sealed record SchemaSummary(
    string Dataset, string Fingerprint, EquatableArray<SchemaColumn> Columns, EquatableArray<SchemaTask> Tasks)
{
    private const string Categorical = "categorical";

    private const string Numeric = "numeric";

    /// <summary>The summary of a dataset.</summary>
    public static SchemaSummary Of(DatasetDescriptor dataset) =>
        new(dataset.Name, dataset.Fingerprint, new(dataset.Columns.Select(Of)), new(dataset.Tasks.Select(Of)));

    /// <summary>What is not the same in another schema; empty if all that the fingerprint covers is.</summary>
    /// <param name="other">The other schema.</param>
    /// <returns>Sentences that tell what this schema has and the other has not, columns first.</returns>
    public EquatableArray<string> Differences(SchemaSummary other) => new(
    [
        .. Differences("column", this.Columns, other.Columns, c => c.Name, Differences),
        .. Differences("task", this.Tasks, other.Tasks, t => t.Name, Differences),
    ]);

    /// <summary>The tasks with the heads that fit them.</summary>
    internal IReadOnlyList<TaskHead> Heads() =>
    [
        .. this.Tasks.Select(task => new TaskHead(task.Name, task.Kind switch
        {
            "binary" => new BinaryHead(),
            "regression" => new RegressionHead(),
            _ => new MulticlassHead(this.Columns.FirstOrDefault(c => c.Name == task.Column)?.Vocabulary.Count ?? 0),
        })),
    ];

    /// <summary>The categorical features in code order.</summary>
    internal IEnumerable<SchemaColumn> Categoricals => this.Columns.Where(c => c is { Role: "feature", Kind: Categorical });

    /// <summary>The numeric features in order.</summary>
    internal IEnumerable<SchemaColumn> Numerics => this.Columns.Where(c => c is { Role: "feature", Kind: Numeric });

    /// <summary>Writes the summary as an object.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("dataset", this.Dataset);
        writer.WriteString("fingerprint", this.Fingerprint);
        writer.WriteStartArray("columns");
        foreach (var column in this.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("role", column.Role);
            writer.WriteString("kind", column.Kind);
            Write(writer, "vocabulary", column.Vocabulary);
            Write(writer, "missing_marks", column.MissingMarks);
            writer.WriteString("missing_policy", column.MissingPolicy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("tasks");
        foreach (var task in this.Tasks)
        {
            writer.WriteStartObject();
            writer.WriteString("name", task.Name);
            writer.WriteString("kind", task.Kind);
            writer.WriteString("column", task.Column);
            Write(writer, "positive", task.Positive);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote; throws <see cref="MalformedException"/>.</summary>
    internal static SchemaSummary Read(JsonElement json) => new(
        json.Member("dataset").Text(),
        json.Member("fingerprint").Text(),
        json.Member("columns").Items(column => new SchemaColumn(
            column.Member("name").Text(),
            OneOf(column.Member("role"), "feature", "label", "weight", "ignored"),
            OneOf(column.Member("kind"), Categorical, Numeric, ""),
            column.Member("vocabulary").Items(Malformed.Text),
            column.Member("missing_marks").Items(Malformed.Text),
            column.Optional("missing_policy")?.Text())).Distinct("column", c => c.Name),
        json.Member("tasks").Items(task => new SchemaTask(
            task.Member("name").Text(),
            OneOf(task.Member("kind"), "binary", "multiclass", "regression"),
            task.Member("column").Text(),
            task.Member("positive").Items(Malformed.Text))).Distinct("task", t => t.Name));

    private static SchemaColumn Of(Column column) => column switch
    {
        CategoricalFeature c => new(c.Name, "feature", Categorical, new(c.Vocabulary.Texts), default, null),
        NumericFeature n => new(
            n.Name,
            "feature",
            Numeric,
            default,
            n.Missing?.Marks ?? default,
            n.Missing?.Policy switch { null => null, MissingPolicy.Zero => "zero", _ => "mean" }),
        CategoricalLabel l => new(l.Name, "label", Categorical, new(l.Vocabulary.Texts), l.MissingMarks, null),
        NumericLabel l => new(l.Name, "label", Numeric, default, l.MissingMarks, null),
        WeightColumn w => new(w.Name, "weight", Numeric, default, default, null),
        _ => new(column.Name, "ignored", "", default, default, null),
    };

    private static SchemaTask Of(TaskDescriptor task) => task switch
    {
        BinaryTask b => new(b.Name, "binary", b.Label.Name, new(b.PositiveCodes.Select(code => b.Label.Vocabulary[code]))),
        MulticlassTask m => new(m.Name, "multiclass", m.Label.Name, default),
        _ => new(task.Name, "regression", task.LabelColumn.Name, default),
    };

    private static IEnumerable<string> Differences<T>(
        string what, EquatableArray<T> here, EquatableArray<T> there, Func<T, string> name, Func<T, T, IEnumerable<string>> inside)
    {
        var others = there.ToDictionary(name, StringComparer.Ordinal);
        var own = here.Select(name).ToHashSet(StringComparer.Ordinal);
        foreach (var item in here)
        {
            if (!others.TryGetValue(name(item), out var other))
            {
                yield return $"the {what} '{name(item)}' is gone";
                continue;
            }

            foreach (var difference in inside(item, other))
            {
                yield return $"the {what} '{name(item)}' {difference}";
            }
        }

        foreach (var item in there.Where(item => !own.Contains(name(item))))
        {
            yield return $"the {what} '{name(item)}' is new";
        }

        if (own.SetEquals(others.Keys) && !here.Select(name).SequenceEqual(there.Select(name), StringComparer.Ordinal))
        {
            yield return $"the {what}s stand in another order";
        }
    }

    private static IEnumerable<string> Differences(SchemaColumn here, SchemaColumn there)
    {
        if ((here.Role, here.Kind) != (there.Role, there.Kind))
        {
            yield return $"was {RoleOf(here)} and is {RoleOf(there)}";
            yield break;
        }

        var gone = here.Vocabulary.Except(there.Vocabulary, StringComparer.Ordinal).ToArray();
        var added = there.Vocabulary.Except(here.Vocabulary, StringComparer.Ordinal).ToArray();
        if (gone.Length > 0)
        {
            yield return $"has no longer {Values(gone)}";
        }

        if (added.Length > 0)
        {
            yield return $"has now also {Values(added)}";
        }

        if (gone.Length + added.Length == 0 && here.Vocabulary != there.Vocabulary)
        {
            yield return "has its values in another order";
        }

        if (here.MissingMarks != there.MissingMarks || here.MissingPolicy != there.MissingPolicy)
        {
            yield return "treats missing values in another way";
        }
    }

    private static IEnumerable<string> Differences(SchemaTask here, SchemaTask there)
    {
        if (here.Kind != there.Kind)
        {
            yield return $"was {here.Kind} and is {there.Kind}";
        }

        if (here.Column != there.Column)
        {
            yield return $"was about '{here.Column}' and is about '{there.Column}'";
        }

        if (here.Positive != there.Positive)
        {
            yield return $"had the positive {Values([.. here.Positive])} and has {Values([.. there.Positive])}";
        }
    }

    private static string RoleOf(SchemaColumn column) => column.Role == "ignored" ? "ignored" : $"a {column.Kind} {column.Role}";

    private static string Values(string[] values)
    {
        const int Shown = 3;
        var more = values.Length > Shown ? $" and {values.Length - Shown} more" : "";
        return $"{(values.Length == 1 ? "value" : "values")} {string.Join(", ", values.Take(Shown).Select(v => $"'{v}'"))}{more}";
    }

    private static string OneOf(JsonElement json, params ReadOnlySpan<string> values)
    {
        var text = json.Text();
        return values.Contains(text) ? text : throw new MalformedException($"'{text}' is none of {string.Join(", ", values.ToArray())}");
    }

    private static void Write(Utf8JsonWriter writer, string name, EquatableArray<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
