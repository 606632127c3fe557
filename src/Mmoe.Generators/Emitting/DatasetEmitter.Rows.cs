using Mmoe.Generators.Models;
using static Mmoe.Generators.Emitting.CSharpText;

namespace Mmoe.Generators.Emitting;

/// <content>Rows and their encoding.</content>
internal sealed partial class DatasetEmitter
{
    private void EmitRow() => this.writer
        .Summary("One row: all features, and the labels and weights that are known of it.")
        .Line(EmittedFile.GeneratedCode)
        .Block("public sealed record Row", () => this.writer.Members(
            this.dataset.Columns.Where(c => c is not IgnoredColumnModel).Select(c => (Action)(() => this.EmitRowProperty(c)))));

    private void EmitRowProperty(ColumnModel column)
    {
        var summary = column.Description.Length == 0 ? $"The column <c>{Doc(column.Name)}</c>." : Doc(Sentence(column.Description));
        const string label = " A label; null where it is missing or not known.";
        var (remark, declaration) = column switch
        {
            CategoricalFeatureModel => ("", $"public required {column.Identifier} {column.Identifier} {{ get; init; }}"),
            NumericFeatureModel { Missing: null } => ("", $"public required float {column.Identifier} {{ get; init; }}"),
            NumericFeatureModel => (" Null where it is missing.", $"public required float? {column.Identifier} {{ get; init; }}"),
            CategoricalLabelModel => (label, $"public {column.Identifier}? {column.Identifier} {{ get; init; }}"),
            NumericLabelModel => (label, $"public float? {column.Identifier} {{ get; init; }}"),
            _ => (" A weight.", $"public float {column.Identifier} {{ get; init; }} = 1f;"),
        };
        this.writer.Line($"/// <summary>{summary}{remark}</summary>").Line(declaration);
    }

    private void EmitEncode() => this.writer
        .Line("/// <inheritdoc/>")
        .Block($"public static void Encode(Row row, {Data}.EncodedRow encoded)", () =>
        {
            this.Each(this.categoricals, (c, i) => $"encoded.Codes[{i}] = row.{c.Identifier}.Code;");
            this.Each(this.numerics, (c, i) => $"encoded.Numerics[{i}] = row.{c.Identifier}{(c.Missing is null ? "" : " ?? float.NaN")};");
            this.Each(this.labels, (c, i) => c is CategoricalLabelModel
                ? $"encoded.Labels[{i}] = row.{c.Identifier}?.Code ?? float.NaN;"
                : $"encoded.Labels[{i}] = row.{c.Identifier} ?? float.NaN;");
            this.Each(this.weights, (c, i) => $"encoded.Weights[{i}] = row.{c.Identifier};");
        });

    private void EmitDecode() => this.writer
        .Line("/// <inheritdoc/>")
        .Line($"public static Row Decode({Data}.EncodedRow encoded) => new()")
        .Line("{")
        .Indented(() =>
        {
            this.Each(this.categoricals, (c, i) => $"{c.Identifier} = {c.Identifier}.FromCode(encoded.Codes[{i}]),");
            this.Each(this.numerics, (c, i) => c.Missing is null
                ? $"{c.Identifier} = encoded.Numerics[{i}],"
                : $"{c.Identifier} = float.IsNaN(encoded.Numerics[{i}]) ? null : encoded.Numerics[{i}],");
            this.Each(this.labels, (c, i) =>
                $"{c.Identifier} = float.IsNaN(encoded.Labels[{i}]) ? null : "
                + (c is CategoricalLabelModel ? $"{c.Identifier}.FromCode(LabelCode(encoded.Labels[{i}]))," : $"encoded.Labels[{i}],"));
            this.Each(this.weights, (c, i) => $"{c.Identifier} = encoded.Weights[{i}],");
        })
        .Line("};");

    private void EmitLabelCode() => this.writer
        .Line("// A label that is no whole number is no code, and becomes one that no vocabulary has.")
        .Line("private static int LabelCode(float label) => label == (int)label ? (int)label : -1;");

    private void Each<T>(IReadOnlyList<T> columns, Func<T, string, string> line)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            this.writer.Line(line(columns[i], Literal(i)));
        }
    }
}
