using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe datasets [NAME]</c>: reads descriptors and looks for files; touches neither data nor libtorch.</summary>
internal static class DatasetsInterpreter
{
    /// <summary>What stands in the place of a folder for a dataset without files.</summary>
    public const string Drawn = "drawn on the spot";

    public static Validation<Fault, int> Run(DatasetsCommand command, DatasetRegistry datasets, MmoeHost host) =>
        host.CheckDataFolder(command.Data).Bind(_ => command.Name is null
            ? Success<Fault, int>(List(command, datasets, host))
            : datasets.Find(command.Name).Map(dataset => Show(command, dataset.Descriptor, host)));

    private static int List(DatasetsCommand command, DatasetRegistry datasets, MmoeHost host)
    {
        // Nothing to list is no fault, but seldom what was meant; results stay on standard output.
        if (datasets.Datasets.Count == 0)
        {
            host.Error.WriteLine(datasets.Summary);
        }

        if (command.Json)
        {
            host.Out.WriteLine(JsonText.Indented(json =>
            {
                json.WriteStartArray();
                foreach (var dataset in datasets.Datasets)
                {
                    DescriptorJson.Write(json, dataset.Descriptor, Survey(dataset.Descriptor, command, host));
                }

                json.WriteEndArray();
            }));
        }
        else if (datasets.Datasets.Count > 0)
        {
            Tables.Write(
                host.Out,
                ["dataset", "features#", "one-hot#", "numeric#", "tasks", "data"],
                datasets.Datasets.Select(d => d.Descriptor).Select(d => (string[])
                [
                    d.Name,
                    Number(d.NumFeatures),
                    Number(d.OneHotWidth),
                    Number(d.Numerics.Count),
                    string.Join(", ", d.Tasks.Select(t => t.Name)),
                    Survey(d, command, host).Match(Some: Short, None: () => Drawn),
                ]));
        }

        return 0;
    }

    private static int Show(DatasetsCommand command, DatasetDescriptor dataset, MmoeHost host)
    {
        var survey = Survey(dataset, command, host);
        if (command.Json)
        {
            host.Out.WriteLine(JsonText.Indented(json => DescriptorJson.Write(json, dataset, survey)));
            return 0;
        }

        host.Out.WriteLine($"{dataset.Name}: {dataset.Description}");
        host.Out.WriteLine();
        host.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"features     {dataset.NumFeatures} ({dataset.OneHotWidth} one-hot of {dataset.Categoricals.Count} categorical columns + {dataset.Numerics.Count} numeric)"));
        if (dataset.Numerics.Where(n => n.Bins.Count > 0).ToArray() is { Length: > 0 } binned)
        {
            host.Out.WriteLine($"bins         {string.Join(", ", binned.Select(n => $"{n.Name} at {Numbers(n.Bins)}"))}");
        }

        if (dataset.Numerics.Where(n => n.Encodings.Count > 0).ToArray() is { Length: > 0 } encoded)
        {
            host.Out.WriteLine($"encodings    {string.Join(", ", encoded.Select(n => $"{n.Name} by {NumericEncoding.Join(n.Encodings)}"))}");
        }

        host.Out.WriteLine($"fingerprint  {dataset.Fingerprint}");
        host.Out.WriteLine($"data         {survey.Match(Some: found => Long(found, command), None: () => Drawn)}");
        foreach (var (file, path) in survey.ToSeq().Bind(found => found.Files.ToSeq()))
        {
            var origin = file.Url is null ? "" : $"  {string.Join(" > ", file.Member.Prepend(file.Url))}";
            host.Out.WriteLine($"  {(path is null ? "missing" : "present")}  {file.Path}{origin}");
        }

        host.Out.WriteLine();
        Tables.Write(host.Out, ["column", "role", "values#", "offset#", "description"], dataset.Columns.Select(ColumnCells));
        host.Out.WriteLine();
        Tables.Write(host.Out, ["task", "kind", "label", "description"], dataset.Tasks.Select(t => (string[])[t.Name, Kind(t), Label(t), t.Description]));
        host.Out.WriteLine();
        Tables.Write(
            host.Out,
            ["parameter", "any#", "cpu#", "gpu#"],
            DescriptorJson.Parameters(dataset.Training.Any)
                .Zip(DescriptorJson.Parameters(dataset.Training.Cpu), DescriptorJson.Parameters(dataset.Training.Gpu))
                .Select(p => (string[])[p.First.Name, p.First.Text, p.Second.Text, p.Third.Text]));
        return 0;
    }

    /// <summary>What there is of a dataset's files; none for one without files.</summary>
    private static Option<DataSurvey> Survey(DatasetDescriptor dataset, DatasetsCommand command, MmoeHost host) =>
        dataset.Source is FileSource source ? host.SurveyData(dataset, source, command.Data) : None;

    private static string Short(DataSurvey survey) => survey.Directory is null ? "not found" : $"{survey.Directory.Path}{Missing(survey)}";

    private static string Long(DataSurvey survey, DatasetsCommand command) => survey.Directory is null
        ? $"not found: searched {string.Join(", ", survey.Searched)}; {DataDirectory.Advice(command.Data)}"
        : $"{survey.Directory.Path}{Missing(survey)}";

    private static string Missing(DataSurvey survey) =>
        survey.IsComplete ? "" : $", without {string.Join(", ", survey.Files.Where(f => f.Path is null).Select(f => f.File.Path))}";

    private static string[] ColumnCells(Column column) => column switch
    {
        CategoricalFeature c => [c.Name, "feature", Number(c.Vocabulary.Count), Number(c.Offset), c.Description],
        NumericFeature { UsableAsWeight: true } c => [c.Name, "feature, weight", Range(c.Range), Number(c.Offset), c.Description],
        NumericFeature c => [c.Name, "feature", Range(c.Range), Number(c.Offset), c.Description],
        CategoricalLabel c => [c.Name, "label", Number(c.Vocabulary.Count), "", c.Description],
        NumericLabel c => [c.Name, "label", Range(c.Range), "", c.Description],
        WeightColumn c => [c.Name, "weight", Range(c.Range), "", c.Description],
        IgnoredColumn c => [c.Name, "ignored", "", "", c.Reason],
        _ => [column.Name, "", "", "", column.Description],
    };

    private static string Kind(TaskDescriptor task) => DescriptorJson.Kind(task);

    private static string Label(TaskDescriptor task) => task switch
    {
        BinaryTask binary => $"{binary.Label.Name} is {string.Join(" or ", binary.PositiveCodes.Select(code => $"'{binary.Label.Vocabulary[code]}'"))}",
        MulticlassTask multiclass => $"{multiclass.Label.Name}: {multiclass.OutputWidth.ToString(CultureInfo.InvariantCulture)} classes",
        _ => task.LabelColumn.Name,
    };

    private static string Range(NumericRange? range) => range is null ? "number" : $"number, {range}";

    private static string Numbers(EquatableArray<float> values) =>
        string.Join(" ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
