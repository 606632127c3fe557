using Mmoe.Generators.Models;
using static Mmoe.Generators.Emitting.CSharpText;

namespace Mmoe.Generators.Emitting;

/// <summary>Prints a dataset: one method per member. All decisions have been taken by then.</summary>
/// <remarks>
/// Names from elsewhere stand with <c>global::</c>. The dataset's nested types stand with their simple names where nothing can hide them,
/// which is directly in the dataset; in <c>Columns</c> and <c>Tasks</c> a property of the same name would.
/// </remarks>
internal sealed partial class DatasetEmitter
{
    private const string Array = "global::Mmoe.EquatableArray";
    private const string Data = "global::Mmoe.Data";

    private readonly IndentedWriter writer = new();
    private readonly EmittedDataset emitted;
    private readonly DatasetModel dataset;
    private readonly string type;
    private readonly CategoricalFeatureModel[] categoricals;
    private readonly NumericFeatureModel[] numerics;
    private readonly ColumnModel[] labels;
    private readonly WeightColumnModel[] weights;
    private readonly int[] offsets;
    private readonly int oneHotWidth;

    private DatasetEmitter(EmittedDataset emitted)
    {
        this.emitted = emitted;
        this.dataset = emitted.Dataset;
        this.type = $"global::{emitted.Namespace}.{emitted.Dataset.TypeName}";
        this.categoricals = [.. this.dataset.Columns.OfType<CategoricalFeatureModel>()];
        this.numerics = [.. this.dataset.Columns.OfType<NumericFeatureModel>()];
        this.labels = [.. this.dataset.Columns.Where(c => c is CategoricalLabelModel or NumericLabelModel)];
        this.weights = [.. this.dataset.Columns.OfType<WeightColumnModel>()];
        this.offsets = new int[this.categoricals.Length];
        foreach (var i in Enumerable.Range(0, this.categoricals.Length))
        {
            this.offsets[i] = this.oneHotWidth;
            this.oneHotWidth += this.categoricals[i].Vocabulary.Values.Count;
        }
    }

    /// <summary>The source of a dataset.</summary>
    public static string Emit(EmittedDataset emitted, CancellationToken cancellation = default)
    {
        var emitter = new DatasetEmitter(emitted);
        emitter.EmitFile(cancellation);
        return emitter.writer.ToString();
    }

    private void EmitFile(CancellationToken cancellation)
    {
        EmittedFile.Header(this.writer, this.emitted.Namespace);
        this.EmitDataset(cancellation);
        foreach (var (column, vocabulary) in this.dataset.Vocabularies().Where(v => v.Vocabulary.IsEnum))
        {
            cancellation.ThrowIfCancellationRequested();
            this.writer.Line();
            VocabularyEmitter.EmitCompanion(this.writer, this.emitted, column, vocabulary);
        }
    }

    private void EmitDataset(CancellationToken cancellation)
    {
        var name = this.dataset.TypeName;
        this.writer.Line($"/// <summary>{Doc(Sentence(this.dataset.Description))}</summary>");
        var remarks = new[] { ("Described at", this.dataset.Homepage), ("License:", this.dataset.License) }
            .Where(r => r.Item2 is not null)
            .Select(r => $"{r.Item1} {Doc(Sentence(r.Item2!))}")
            .ToArray();
        if (remarks.Length > 0)
        {
            this.writer.Line($"/// <remarks>{string.Join(" ", remarks)}</remarks>");
        }

        this.writer
            .Line(EmittedFile.GeneratedCode)
            .Block(
                $"public sealed class {name} : {Data}.IDataset<{name}.Row, {name}.Prediction>",
                () => this.writer.Members(this.Members(cancellation)));
    }

    private IEnumerable<Action> Members(CancellationToken cancellation)
    {
        yield return this.EmitConstants;
        yield return this.EmitConstructor;
        yield return this.EmitDescriptor;
        yield return this.EmitFace;
        yield return this.EmitEncode;
        yield return this.EmitDecode;
        yield return this.EmitToPrediction;
        if (this.labels.OfType<CategoricalLabelModel>().Any())
        {
            yield return this.EmitLabelCode;
        }

        if (this.dataset.Tasks.OfType<MulticlassTaskModel>().Any())
        {
            yield return this.EmitIndexOfMax;
        }

        yield return this.EmitRow;
        yield return this.EmitPrediction;
        yield return this.EmitColumns;
        yield return this.EmitTasks;
        yield return this.EmitSizes;
        yield return this.EmitOffsets;
        yield return this.EmitTaskNames;
        yield return this.EmitDefaults;
        foreach (var (column, vocabulary) in this.dataset.Vocabularies())
        {
            cancellation.ThrowIfCancellationRequested();
            yield return () => VocabularyEmitter.EmitType(this.writer, this.emitted, column, vocabulary);
        }
    }

    private void EmitConstants() => this.writer.Members(
    [
        () => this.EmitConstant("string", "Name", Literal(this.dataset.Name), "The dataset's name, as on the command line."),
        () => this.EmitConstant(
            "string",
            "Fingerprint",
            Literal(FingerprintText.Hash(this.dataset)),
            "SHA-256 over the canonical columns and tasks: what an encoded row means."),
        () => this.EmitConstant(
            "int", "NumFeatures", Literal(this.oneHotWidth + this.numerics.Length), "The number of one-hot and numeric features."),
        () => this.EmitConstant(
            "int", "OneHotWidth", Literal(this.oneHotWidth), "The number of one-hot features: all values of categorical features."),
        () => this.EmitConstant("int", "CategoricalCount", Literal(this.categoricals.Length), "The number of categorical features."),
        () => this.EmitConstant("int", "NumericCount", Literal(this.numerics.Length), "The number of numeric features."),
        () => this.EmitConstant("int", "LabelCount", Literal(this.labels.Length), "The number of label columns."),
        () => this.EmitConstant("int", "WeightCount", Literal(this.weights.Length), "The number of columns that can only be weights."),
        () => this.EmitConstant("int", "TaskCount", Literal(this.dataset.Tasks.Count), "The number of tasks."),
    ]);

    private void EmitConstructor() => this.writer.Block($"private {this.dataset.TypeName}()", () => { });

    private void EmitFace() => this.writer
        .Summary("The dataset for callers that know it only by name.")
        .Line($"public static {Data}.IDataset Face {{ get; }} = new {Data}.DatasetFace<{this.dataset.TypeName}, Row, Prediction>();");

    private void EmitSizes() => this.EmitConstantsOf(
        "Sizes",
        "The number of values of each categorical feature.",
        this.categoricals.Select(c => (c.Identifier, Literal(c.Vocabulary.Values.Count), $"The number of values of <c>{Doc(c.Name)}</c>.")),
        "int");

    private void EmitOffsets() => this.EmitConstantsOf(
        "Offsets",
        "The position of each categorical feature's first value among all one-hot features.",
        this.categoricals.Select(
            (c, i) => (c.Identifier, Literal(this.offsets[i]), $"The position of the first value of <c>{Doc(c.Name)}</c>.")),
        "int");

    private void EmitTaskNames() => this.EmitConstantsOf(
        "TaskNames",
        "The tasks' names, as in reports and checkpoints.",
        this.dataset.Tasks.Select(t => (t.Identifier, Literal(t.Name), $"The task <c>{Doc(t.Name)}</c>.{DescriptionOf(t.Description)}")),
        "string");

    private void EmitConstantsOf(
        string name, string summary, IEnumerable<(string Name, string Value, string Summary)> constants, string type) =>
        this.EmitStaticClass(
            name, summary, constants.Select(c => (Action)(() => this.EmitConstant(type, c.Name, c.Value, c.Summary))));

    private void EmitStaticClass(string name, string summary, IEnumerable<Action> members) => this.writer
        .Summary(summary)
        .Line(EmittedFile.GeneratedCode)
        .Block($"public static class {name}", () => this.writer.Members(members));

    private void EmitConstant(string constantType, string name, string value, string summary) => this.writer
        .Summary(summary)
        .Line($"public const {constantType} {name} = {value};");

    private static string DescriptionOf(string description) => description.Length == 0 ? "" : " " + Doc(Sentence(description));
}
