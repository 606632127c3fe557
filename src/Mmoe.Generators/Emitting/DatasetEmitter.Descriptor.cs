using Mmoe.Generators.Models;
using static Mmoe.Generators.Emitting.CSharpText;

namespace Mmoe.Generators.Emitting;

/// <content>The descriptor: columns, files and defaults.</content>
internal sealed partial class DatasetEmitter
{
    private void EmitDescriptor() => this.writer
        .Line("/// <inheritdoc/>")
        .Line($"public static {Data}.DatasetDescriptor Descriptor {{ get; }} = new()")
        .Line("{")
        .Indented(() =>
        {
            this.writer
                .Line($"Contract = {Data}.GeneratedContract.V1,")
                .Line($"Name = {this.dataset.TypeName}.Name,")
                .Line($"Description = {Literal(this.dataset.Description)},")
                .Line($"Fingerprint = {this.dataset.TypeName}.Fingerprint,")
                .Line($"Format = {this.Format()},");
            this.EmitList($"Columns = new {Array}<{Data}.Column>(", this.dataset.Columns.Select(c => $"Columns.{c.Identifier}"), "),");
            this.EmitList($"Tasks = new {Array}<{Data}.TaskDescriptor>(", this.dataset.Tasks.Select(t => $"Tasks.{t.Identifier}"), "),");
            this.EmitSource();
            this.writer.Line($"Training = new {Data}.TrainingDefaults(").Indented(() =>
            {
                this.EmitParameters("Any", "Defaults", ",");
                this.EmitParameters("Cpu", "Defaults.Cpu", ",");
                this.EmitParameters("Gpu", "Defaults.Gpu", "),");
            });
        })
        .Line("};");

    private void EmitList(string head, IEnumerable<string> items, string after) => this.writer
        .Line(head + "[")
        .Indented(() => this.writer.Items(items, ",", ","))
        .Line("]" + after);

    private string Format()
    {
        var format = this.dataset.Format;
        var quote = format.Quote is { } value ? Literal(value) : "null";
        return $"new {Data}.FileFormat(Delimiter: {Literal(format.Delimiter)}, Header: {Literal(format.Header)}, Quote: {quote}, "
            + $"Comment: {LiteralOrNull(format.Comment)}, Trim: {Literal(format.Trim)})";
    }

    private void EmitSource()
    {
        if (this.dataset.Source is SyntheticSourceModel synthetic)
        {
            this.EmitSyntheticSource(synthetic);
        }
        else
        {
            this.EmitFileSource((FileSourceModel)this.dataset.Source);
        }
    }

    private void EmitFileSource(FileSourceModel source) => this.writer
        .Line($"Source = new {Data}.FileSource(")
        .Indented(() =>
        {
            this.EmitList($"Files: new {Array}<{Data}.DataFile>(", source.Files.Select(File), "),");
            this.writer
                .Line($"Train: {Split(source.Train)},")
                .Line($"Validation: {Split(source.Validation)},")
                .Line($"Test: {Split(source.Test)}),");
        });

    private static string File(FileModel file)
    {
        var suffixes = file.TrimEnd.Select(s => $"new({Literal(s.Column)}, {Literal(s.Suffix)})");
        return $"new(Id: {Literal(file.Id)}, Path: {Literal(file.Path)}, Url: {LiteralOrNull(file.Url)}, "
            + $"Member: new([{List(file.Member)}]), Sha256: {LiteralOrNull(file.Sha256)}, TrimEnd: new([{string.Join(", ", suffixes)}]))";
    }

    private static string Split(SplitModel split) =>
        $"new(File: {Literal(split.File)}, Modulo: {Literal(split.Modulo)}, Remainders: new([{List(split.Remainders)}]))";

    private void EmitSyntheticSource(SyntheticSourceModel source) => this.writer
        .Line($"Source = new {Data}.SyntheticSource(")
        .Indented(() => this.writer.Items(
            [
                $"Dimension: {Literal(source.Dimension)}",
                $"Correlation: {source.Correlation}d",
                $"Scale: {source.Scale}d",
                $"Terms: {Literal(source.Terms)}",
                $"NoiseVariance: {source.NoiseVariance}d",
                $"TrainRows: {Literal(source.TrainRows)}",
                $"ValidationRows: {Literal(source.ValidationRows)}",
                $"TestRows: {Literal(source.TestRows)}",
                $"Seed: {Literal(source.Seed)}",
            ],
            ",",
            "),"));

    private void EmitParameters(string device, string defaults, string after)
    {
        string[] names =
        [
            "NumExperts", "Units", "TowerUnits", "BatchSize", "EpochSize", "LearningRate", "SaveCheckpoint", "SaveCheckpointEpochs",
            "KeepCheckpointMax", "WarmupEpochs", "Seed",
        ];
        var values = names.Select(n => n is "Units" or "TowerUnits" ? $"{n}: new({defaults}.{n})" : $"{n}: {defaults}.{n}");
        this.writer.Line($"{device}: new(").Indented(() => this.writer.Items(values, ",", ")" + after));
    }

    private void EmitColumns() => this.EmitStaticClass(
        "Columns",
        "The columns. What a column is for is its type.",
        this.dataset.Columns.Select(c => (Action)(() => this.EmitColumn(c))));

    private void EmitColumn(ColumnModel column)
    {
        var summary = column.Description.Length == 0 ? "" : " " + Doc(Sentence(column.Description));
        var vocabulary = VocabularyEmitter.Expression(this.emitted, column);
        var (kind, rest) = column switch
        {
            CategoricalFeatureModel c => ("CategoricalFeature", this.CategoricalArguments(c, vocabulary)),
            NumericFeatureModel n => ("NumericFeature", this.NumericArguments(n)),
            CategoricalLabelModel l => ("CategoricalLabel", $"{Marks(l.Marks ?? default)}, {this.LabelIndex(l)}, {vocabulary}"),
            NumericLabelModel l => ("NumericLabel", $"{Marks(l.Marks ?? default)}, {this.LabelIndex(l)}{Range(l.Range)}"),
            WeightColumnModel w => ("WeightColumn", $"{Literal(System.Array.IndexOf(this.weights, w))}{Range(w.Range)}"),
            _ => ("IgnoredColumn", Literal(((IgnoredColumnModel)column).Reason)),
        };
        var first = $"{Literal(column.Name)}, {Literal(column.Description)}, {Literal(column.FileIndex)}";
        this.writer
            .Line($"/// <summary>The column <c>{Doc(column.Name)}</c>.{summary}</summary>")
            .Line($"public static {Data}.{kind} {column.Identifier} {{ get; }} = new(")
            .Indented(() => this.writer.Line($"{first}, {rest});"));
    }

    private string CategoricalArguments(CategoricalFeatureModel column, string vocabulary)
    {
        var index = System.Array.IndexOf(this.categoricals, column);
        return $"{vocabulary}, {Literal(index)}, {Literal(this.offsets[index])}";
    }

    private string NumericArguments(NumericFeatureModel column)
    {
        var index = System.Array.IndexOf(this.numerics, column);
        var missing = column.Missing is null
            ? "null"
            : $"new({Marks(column.Missing.Marks)}, {Data}.MissingPolicy.{column.Missing.Policy})";
        return $"{missing}, {Literal(index)}, {Literal(this.oneHotWidth + index)}, {Literal(column.UsableAsWeight)}"
            + $"{Range(column.Range)}{Bins(column.Bins)}{Encodings(column.Encodings)}";
    }

    // Named arguments, so that a column says only what its schema says.
    private static string Range(RangeModel? range) =>
        range is null ? "" : $", Range: new(Min: {SingleOrNull(range.Min)}, Max: {SingleOrNull(range.Max)})";

    private static string Bins(EquatableArray<string> edges) =>
        edges.Count == 0 ? "" : $", Bins: new([{string.Join(", ", edges.Select(SingleOrNull))}])";

    private static string Encodings(EquatableArray<NumericEncoding> encodings) =>
        encodings.Count == 0 ? "" : $", Encodings: new([{string.Join(", ", encodings.Select(Encoding))}])";

    private static string Encoding(NumericEncoding encoding) =>
        $"global::Mmoe.NumericEncoding.{encoding.Kind}" + (encoding.Count == 0 ? "" : $"({Literal(encoding.Count)})");

    private static string SingleOrNull(string? number) => number is null ? "null" : number + "f";

    private string LabelIndex(ColumnModel column) => Literal(System.Array.IndexOf(this.labels, column));

    private static string Marks(EquatableArray<string> marks) => $"new([{List(marks)}])";

    private void EmitDefaults() => this.EmitStaticClass(
        "Defaults",
        "The training parameters to start from, before a device is considered.",
        [
            .. this.ParameterMembers(this.dataset.Training.Any),
            () => this.EmitStaticClass(
                "Cpu", "The training parameters to start from on a CPU.", this.ParameterMembers(this.dataset.Training.Cpu)),
            () => this.EmitStaticClass(
                "Gpu", "The training parameters to start from on a GPU.", this.ParameterMembers(this.dataset.Training.Gpu)),
        ]);

    private IEnumerable<Action> ParameterMembers(ParametersModel parameters) =>
    [
        () => this.EmitConstant("int", "NumExperts", Literal(parameters.NumExperts), "The number of experts."),
        () => this.EmitWidths("Units", parameters.Units, "The widths of an expert's dense layers."),
        () => this.EmitWidths("TowerUnits", parameters.TowerUnits, "The widths of a tower's dense layers before its output."),
        () => this.EmitConstant("int", "BatchSize", Literal(parameters.BatchSize), "Rows per training step."),
        () => this.EmitConstant("int", "EpochSize", Literal(parameters.EpochSize), "Passes over the train split."),
        () => this.EmitConstant("double", "LearningRate", parameters.LearningRate + "d", "The learning rate of the optimiser."),
        () => this.EmitConstant("bool", "SaveCheckpoint", Literal(parameters.SaveCheckpoint), "Whether epoch checkpoints are written."),
        () => this.EmitConstant(
            "int", "SaveCheckpointEpochs", Literal(parameters.SaveCheckpointEpochs), "Epochs between two epoch checkpoints."),
        () => this.EmitConstant("int", "KeepCheckpointMax", Literal(parameters.KeepCheckpointMax), "How many epoch checkpoints are kept."),
        () => this.EmitConstant("int", "WarmupEpochs", Literal(parameters.WarmupEpochs), "Epochs of rising learning rate."),
        () => this.EmitConstant("int", "Seed", Literal(parameters.Seed), "Fixes initial values and the order of rows."),
    ];

    private void EmitWidths(string name, EquatableArray<int> widths, string summary) => this.writer
        .Summary(summary)
        .Line($"public static global::System.ReadOnlySpan<int> {name} => [{List(widths)}];");
}
