using System.Globalization;
using System.Text;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Emitting;

/// <summary>
/// The canonical text of what an encoded row means, whose SHA-256 is a dataset's fingerprint.
/// </summary>
/// <remarks>
/// <para>The text is UTF-8. Every line ends in <c>\n</c>; its parts are separated by one space.</para>
/// <list type="bullet">
/// <item>A text stands as <c>length:text</c>, its length in UTF-8 bytes, so that no text can pass for another.</item>
/// <item>A list stands as its number of items, and then the items.</item>
/// <item>The first line is <c>mmoe-fingerprint 1</c>.</item>
/// <item>Then, per column in file order: <c>column</c> name role kind, where role is <c>feature</c>, <c>label</c>, <c>weight</c> or
/// <c>ignored</c>, and kind is <c>categorical</c> or <c>numeric</c>, or <c>none</c> for an ignored column. A categorical column goes on
/// with the list of its values in code order. A column that declares missing values goes on with <c>missing</c>, for a feature its policy
/// (<c>mean</c> or <c>zero</c>), and the list of its marks, sorted by UTF-16 code unit (those of the format where it lists none).</item>
/// <item>Then, per task in order: <c>task</c> name kind column, where kind is <c>binary</c>, <c>multiclass</c> or <c>regression</c>. A
/// binary task goes on with the list of its positive values in code order.</item>
/// </list>
/// <para>
/// Descriptions, addresses, identifiers, splits and training parameters are not part of it, nor are ranges, bins and encodings: an encoded
/// row holds numbers as they are, and what a model was trained with is saved with the model.
/// </para>
/// </remarks>
internal static class FingerprintText
{
    /// <summary>The fingerprint: SHA-256 of the canonical text, in lower-case hexadecimal.</summary>
    public static string Hash(DatasetModel dataset) => Identifiers.Hash(Of(dataset), 64);

    /// <summary>The canonical text.</summary>
    public static string Of(DatasetModel dataset)
    {
        var builder = new StringBuilder("mmoe-fingerprint 1\n");
        foreach (var column in dataset.Columns)
        {
            var (role, kind) = RoleAndKind(column);
            builder.Append("column ").Append(Text(column.Name)).Append(' ').Append(role).Append(' ').Append(kind);
            var vocabulary = (column as CategoricalFeatureModel)?.Vocabulary ?? (column as CategoricalLabelModel)?.Vocabulary;
            if (vocabulary is not null)
            {
                AppendList(builder, vocabulary.Values.Select(v => v.Text));
            }

            AppendMissing(builder, column);
            builder.Append('\n');
        }

        foreach (var task in dataset.Tasks)
        {
            var column = dataset.Columns[task.Column];
            var kind = task is BinaryTaskModel ? "binary" : task is MulticlassTaskModel ? "multiclass" : "regression";
            builder.Append("task ").Append(Text(task.Name)).Append(' ').Append(kind).Append(' ').Append(Text(column.Name));
            if (task is BinaryTaskModel binary)
            {
                var values = ((CategoricalLabelModel)column).Vocabulary.Values;
                AppendList(builder, binary.PositiveCodes.Select(code => values[code].Text));
            }

            builder.Append('\n');
        }

        return builder.ToString();
    }

    private static (string Role, string Kind) RoleAndKind(ColumnModel column) => column switch
    {
        CategoricalFeatureModel => ("feature", "categorical"),
        NumericFeatureModel => ("feature", "numeric"),
        CategoricalLabelModel => ("label", "categorical"),
        NumericLabelModel => ("label", "numeric"),
        WeightColumnModel => ("weight", "numeric"),
        _ => ("ignored", "none"),
    };

    private static void AppendMissing(StringBuilder builder, ColumnModel column)
    {
        if (column is NumericFeatureModel { Missing: { } missing })
        {
            builder.Append(" missing ").Append(missing.Policy == MissingPolicyModel.Zero ? "zero" : "mean");
            AppendList(builder, missing.Marks.OrderBy(m => m, StringComparer.Ordinal));
        }

        var marks = (column as CategoricalLabelModel)?.Marks ?? (column as NumericLabelModel)?.Marks;
        if (marks is { } labelMarks)
        {
            builder.Append(" missing");
            AppendList(builder, labelMarks.OrderBy(m => m, StringComparer.Ordinal));
        }
    }

    private static void AppendList(StringBuilder builder, IEnumerable<string> texts)
    {
        var list = texts.ToArray();
        builder.Append(' ').Append(Number(list.Length));
        foreach (var text in list)
        {
            builder.Append(' ').Append(Text(text));
        }
    }

    private static string Text(string text) => $"{Number(Encoding.UTF8.GetByteCount(text))}:{text}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
