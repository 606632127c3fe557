using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Where rows come from.</content>
internal sealed partial class SchemaParser
{
    private static readonly SplitModel NoSplit = new("", 1, new([0]));

    /// <summary>A split with the places that its mistakes are reported at.</summary>
    private sealed record SplitDraft(string Name, JsonSpan NameSpan, SplitModel Model);

    private SourceModel ReadSource(SchemaFields dataset, List<ColumnModel> columns, bool columnsAreSound, List<TaskModel>? soundTasks)
    {
        if (dataset.As<JsonObject>(dataset.Require("source"), "an object") is not { } node)
        {
            return new FileSourceModel(default, NoSplit, NoSplit, NoSplit);
        }

        var fields = new SchemaFields(node, "'source'", SchemaProperties.Source, this.report);
        if (fields.Find("generator") is not null)
        {
            fields.Forbid("files", "a source with a 'generator'");
            fields.Forbid("splits", "a source with a 'generator'");
            return this.ReadSynthetic(fields, columns, soundTasks);
        }

        fields.Forbid("parameters", "a source of files");
        var files = this.ReadFiles(fields, columns, columnsAreSound);
        var splits = this.ReadSplits(fields, files);
        return new FileSourceModel(
            new(files ?? []), ModelOf(splits, "train"), ModelOf(splits, "validation"), ModelOf(splits, "test"));
    }

    private static SplitModel ModelOf(List<SplitDraft> splits, string name) => splits.FirstOrDefault(s => s.Name == name)?.Model ?? NoSplit;

    private List<FileModel>? ReadFiles(SchemaFields source, List<ColumnModel> columns, bool columnsAreSound)
    {
        if (source.As<JsonObject>(source.Require("files"), "an object of files") is not { } node)
        {
            return null;
        }

        if (node.Properties.Count == 0)
        {
            this.report.Add(SchemaRules.NothingThere, source.Find("files")!.NameSpan, "file");
        }

        var files = new List<FileModel>();
        foreach (var property in node.Properties)
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (property.Name.Length == 0)
            {
                this.report.Add(SchemaRules.MalformedText, property.NameSpan, "", "a file's id", "it must not be empty");
            }

            if (source.As<JsonObject>(property, "an object") is { } file)
            {
                files.Add(this.ReadFile(property.Name, file, columns, columnsAreSound));
            }
        }

        return files;
    }

    private FileModel ReadFile(string id, JsonObject node, List<ColumnModel> columns, bool columnsAreSound)
    {
        var before = this.report.Count;
        var fields = new SchemaFields(node, "a file", SchemaProperties.File, this.report);
        var suffixes = this.ReadTrimEnd(id, fields, columns, columnsAreSound);
        this.suffixesAreSound &= this.report.Count == before;
        var path = fields.Formed(
            fields.RequiredText("path"),
            "a file's path",
            "it must lead from the data directory to a file in it, with '/' between names",
            IsInnerPath);
        var url = fields.Formed(
            fields.FilledText("url"),
            "a file's address",
            "it must start with 'https://' or 'http://'",
            text => text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal));
        var member = fields.Texts("member", allowEmpty: false) ?? [];
        var sha256 = fields.Formed(
            fields.FilledText("sha256"),
            "a SHA-256",
            "it must be 64 hexadecimal digits",
            text => text.Length == 64 && text.All(IsHexDigit));
        if (url is not null && fields.Find("sha256") is null)
        {
            this.report.Add(SchemaRules.NoChecksum, url.Span, SchemaReport.Quote(id));
        }

        return new(id, path?.Value ?? "", url?.Value, new(member.Select(m => m.Value)), sha256?.Value.ToLowerInvariant(), new(suffixes));
    }

    private List<SuffixModel> ReadTrimEnd(string id, SchemaFields file, List<ColumnModel> columns, bool columnsAreSound)
    {
        var suffixes = new List<SuffixModel>();
        if (file.As<JsonObject>(file.Find("trimEnd"), "an object of column to text") is not { } node)
        {
            return suffixes;
        }

        foreach (var property in node.Properties)
        {
            var suffix = file.Filled(file.As<JsonString>(property, "a string"), "a text to trim");
            if (columnsAreSound && columns.All(c => c.Name != property.Name))
            {
                this.report.Add(
                    SchemaRules.UnknownColumn,
                    property.NameSpan,
                    SchemaReport.Quote(property.Name),
                    this.report.Instead(property.Name, [.. columns.Select(c => c.Name)]));
            }
            else if (suffix is not null)
            {
                suffixes.Add(new(property.Name, suffix.Value));
                this.endings.Add((id, suffix));
            }
        }

        return suffixes;
    }

    private List<SplitDraft> ReadSplits(SchemaFields source, List<FileModel>? files)
    {
        var splits = new List<SplitDraft>();
        if (source.As<JsonObject>(source.Require("splits"), "an object") is not { } node)
        {
            return splits;
        }

        var fields = new SchemaFields(node, "'splits'", SchemaProperties.Splits, this.report);
        foreach (var name in SchemaProperties.Splits)
        {
            if (fields.Require(name) is { } property
                && fields.As<JsonObject>(property, "an object") is { } split
                && this.ReadSplit(name, split, files) is { } model)
            {
                splits.Add(new(name, property.NameSpan, model));
            }
        }

        // Of two splits the one further down is reported.
        var ordered = splits.OrderBy(s => s.NameSpan.Start).ToArray();
        for (var second = 1; second < ordered.Length; second++)
        {
            for (var first = 0; first < second; first++)
            {
                if (Overlap(ordered[first].Model, ordered[second].Model))
                {
                    this.report.Add(
                        SchemaRules.OverlappingSplits,
                        ordered[second].NameSpan,
                        ordered[first].NameSpan,
                        ordered[first].Name,
                        ordered[second].Name,
                        SchemaReport.Quote(ordered[first].Model.File));
                }
            }
        }

        return splits;
    }

    private SplitModel? ReadSplit(string name, JsonObject node, List<FileModel>? files)
    {
        var fields = new SchemaFields(node, "a split", SchemaProperties.Split, this.report);
        var before = this.report.Count;
        var file = fields.RequiredText("file");
        if (file is not null && files is { Count: > 0 } && files.All(f => f.Id != file.Value))
        {
            this.report.Add(
                SchemaRules.UnknownFile,
                file.Span,
                SchemaReport.Quote(file.Value),
                this.report.Instead(file.Value, [.. files.Select(f => f.Id)]));
        }

        var modulo = fields.Integer("modulo", new NumberLimits(1, int.MaxValue));
        var array = fields.As<JsonArray>(fields.Find("remainders"), "an array of numbers");
        var missing = (fields.Find("modulo"), fields.Find("remainders")) switch
        {
            ({ } stated, null) => (stated.NameSpan, "'modulo' needs 'remainders'"),
            (null, { } stated) => (stated.NameSpan, "'remainders' need 'modulo'"),
            _ => default,
        };
        if (missing.Item2 is { } why)
        {
            this.report.Add(SchemaRules.SplitRule, missing.NameSpan, name, why);
        }

        var remainders = this.ReadRemainders(name, fields, array, modulo);
        return this.report.Count > before || file is null
            ? null
            : modulo is null ? NoSplit with { File = file.Value } : new(file.Value, modulo.Value, new(remainders));
    }

    private SortedSet<int> ReadRemainders(string split, SchemaFields fields, JsonArray? array, int? modulo)
    {
        var remainders = new SortedSet<int>();
        if (array is { Items.Count: 0 })
        {
            this.report.Add(SchemaRules.SplitRule, fields.Find("remainders")!.NameSpan, split, "it lists no remainder, so it holds no row");
        }

        foreach (var item in array?.Items ?? [])
        {
            this.cancellation.ThrowIfCancellationRequested();
            if (fields.As<JsonNumber>(item, "A remainder", "a number") is not { } number
                || fields.Integer(number, "remainders", new NumberLimits(0, int.MaxValue)) is not { } remainder)
            {
                continue;
            }

            if (remainder >= modulo)
            {
                this.report.Add(
                    SchemaRules.SplitRule,
                    number.Span,
                    split,
                    $"the remainder {SchemaReport.Number(remainder)} is not below the modulo {SchemaReport.Number(modulo.Value)}");
            }
            else if (!remainders.Add(remainder))
            {
                this.report.Add(SchemaRules.SplitRule, number.Span, split, $"the remainder {SchemaReport.Number(remainder)} stands twice");
            }
        }

        return remainders;
    }

    // Indices i with i ≡ a (mod m) and i ≡ b (mod n) exist exactly if a ≡ b modulo the greatest common divisor of m and n.
    private static bool Overlap(SplitModel left, SplitModel right)
    {
        if (left.File != right.File)
        {
            return false;
        }

        var (a, b) = (left.Modulo, right.Modulo);
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        var rests = new HashSet<int>(left.Remainders.Select(r => r % a));
        return right.Remainders.Any(r => rests.Contains(r % a));
    }

    private SyntheticSourceModel ReadSynthetic(SchemaFields source, List<ColumnModel> columns, List<TaskModel>? soundTasks)
    {
        var before = this.report.Count;
        var generator = source.Choice(source.Find("generator"), "synthetic-regression");
        var node = source.As<JsonObject>(source.Find("parameters"), "an object") ?? new JsonObject(default, []);
        var fields = new SchemaFields(node, "'parameters'", SchemaProperties.Parameters, this.report);
        var limits = ParameterLimits.Drawn;
        var model = new SyntheticSourceModel(
            Dimension: fields.Integer("dimension", limits) ?? 100,
            Correlation: fields.Fraction("correlation", limits) ?? "0.8",
            Scale: fields.Fraction("scale", limits) ?? "0.3",
            Terms: fields.Integer("terms", limits) ?? 5,
            NoiseVariance: fields.Fraction("noise_variance", limits) ?? "0.01",
            TrainRows: fields.Integer("train_rows", limits) ?? 10_000,
            ValidationRows: fields.Integer("validation_rows", limits) ?? 1_000,
            TestRows: fields.Integer("test_rows", limits) ?? 1_000,
            Seed: fields.Integer("seed", limits) ?? 5);
        if (generator is not null && soundTasks is not null && this.report.Count == before)
        {
            this.CheckSyntheticColumns(source, model.Dimension, columns, soundTasks);
        }

        return model;
    }

    private void CheckSyntheticColumns(SchemaFields source, int dimension, List<ColumnModel> columns, List<TaskModel> tasks)
    {
        var features = columns.OfType<NumericFeatureModel>().Count();
        var labels = columns.OfType<NumericLabelModel>().Count();
        var others = columns.Count - features - labels;
        if (features == dimension && labels == 2 && others == 0 && tasks.Count == 2 && tasks[0].Column != tasks[1].Column)
        {
            return;
        }

        this.report.Add(
            SchemaRules.SyntheticColumns,
            source.Find("generator")!.Value.Span,
            $"{SchemaReport.Number(dimension)} numeric features and 2 numeric labels with a regression task each",
            $"{SchemaReport.Number(features)} numeric features, {SchemaReport.Number(labels)} numeric labels, "
            + $"{SchemaReport.Number(others)} other columns and {SchemaReport.Number(tasks.Count)} tasks");
    }

    // A schema may be a stranger's: no path may lead out of the data directory.
    private static bool IsInnerPath(string path) =>
        path.IndexOfAny(['\\', ':', '\0']) < 0 && path.Split('/').All(part => part is not ("" or "." or ".."));

    private static bool IsHexDigit(char c) => c is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F');
}
