using System.Globalization;
using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Cli;

/// <summary>A dataset's descriptor as JSON, for scripts.</summary>
internal static class DescriptorJson
{
    public static void Write(Utf8JsonWriter json, DatasetDescriptor dataset, Option<DataSurvey> survey)
    {
        json.WriteStartObject();
        json.WriteString("name", dataset.Name);
        json.WriteString("description", dataset.Description);
        json.WriteString("fingerprint", dataset.Fingerprint);
        WriteData(json, survey);
        json.WriteNumber("numFeatures", dataset.NumFeatures);
        json.WriteNumber("oneHotWidth", dataset.OneHotWidth);
        json.WriteStartArray("columns");
        foreach (var column in dataset.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("role", Role(column));
            json.WriteString("description", column.Description);
            if (VocabularyOf(column) is { } vocabulary)
            {
                json.WriteStartArray("vocabulary");
                foreach (var text in vocabulary.Texts)
                {
                    json.WriteStringValue(text);
                }

                json.WriteEndArray();
            }

            if (RangeOf(column) is { } range)
            {
                json.WriteStartObject("range");
                WriteBound(json, "min", range.Min);
                WriteBound(json, "max", range.Max);
                json.WriteEndObject();
            }

            if (column is NumericFeature { Bins: { Count: > 0 } bins })
            {
                json.WriteStartArray("bins");
                foreach (var edge in bins)
                {
                    json.WriteNumberValue(edge);
                }

                json.WriteEndArray();
            }

            if (column is NumericFeature { Encodings: { Count: > 0 } encodings })
            {
                json.WriteStartArray("encoding");
                foreach (var encoding in encodings)
                {
                    json.WriteStringValue(encoding.ToString());
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tasks");
        foreach (var task in dataset.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("name", task.Name);
            json.WriteString("kind", Kind(task));
            json.WriteString("column", task.LabelColumn.Name);
            json.WriteString("description", task.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("training");
        foreach (var (name, parameters) in new[] { ("any", dataset.Training.Any), ("cpu", dataset.Training.Cpu), ("gpu", dataset.Training.Gpu) })
        {
            json.WriteStartObject(name);
            foreach (var (parameter, text) in Parameters(parameters))
            {
                json.WritePropertyName(parameter);
                json.WriteRawValue(text);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static string Kind(TaskDescriptor task) => task switch
    {
        BinaryTask => "binary",
        MulticlassTask => "multiclass",
        _ => "regression",
    };

    /// <summary>The parameters by the names of configuration files, as JSON texts.</summary>
    public static IReadOnlyList<(string Name, string Text)> Parameters(TrainingParameters p) =>
    [
        ("num_experts", Text(p.NumExperts)),
        ("units", Text(p.Units)),
        ("tower_units", Text(p.TowerUnits)),
        ("batch_size", Text(p.BatchSize)),
        ("epoch_size", Text(p.EpochSize)),
        ("learning_rate", p.LearningRate.ToString("R", CultureInfo.InvariantCulture)),
        ("save_checkpoint", p.SaveCheckpoint ? "true" : "false"),
        ("save_checkpoint_epochs", Text(p.SaveCheckpointEpochs)),
        ("keep_checkpoint_max", Text(p.KeepCheckpointMax)),
        ("warmup_epochs", Text(p.WarmupEpochs)),
        ("seed", Text(p.Seed)),
    ];

    private static void WriteData(Utf8JsonWriter json, Option<DataSurvey> survey)
    {
        json.WriteString("data", survey.MatchUnsafe(Some: found => found.Directory?.Path, None: () => DatasetsInterpreter.Drawn));
        json.WriteStartArray("searched");
        foreach (var place in survey.ToSeq().Bind(found => found.Searched.ToSeq()))
        {
            json.WriteStringValue(place);
        }

        json.WriteEndArray();
        json.WriteStartArray("files");
        foreach (var (file, path) in survey.ToSeq().Bind(found => found.Files.ToSeq()))
        {
            json.WriteStartObject();
            json.WriteString("name", file.Path);
            json.WriteString("found", path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Role(Column column) => column switch
    {
        CategoricalFeature or NumericFeature => "feature",
        LabelColumn => "label",
        WeightColumn => "weight",
        _ => "ignored",
    };

    private static Vocabulary? VocabularyOf(Column column) => column switch
    {
        CategoricalFeature c => c.Vocabulary,
        CategoricalLabel c => c.Vocabulary,
        _ => null,
    };

    private static NumericRange? RangeOf(Column column) => column switch
    {
        NumericFeature n => n.Range,
        NumericLabel l => l.Range,
        WeightColumn w => w.Range,
        _ => null,
    };

    private static void WriteBound(Utf8JsonWriter json, string name, float? bound)
    {
        if (bound is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(EquatableArray<int> values) => $"[{string.Join(", ", values.Select(Text))}]";
}
