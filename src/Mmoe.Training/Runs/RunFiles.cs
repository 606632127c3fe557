using System.Globalization;
using System.Text;
using System.Text.Json;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Writes what a run leaves behind, apart from checkpoints.</summary>
internal static class RunFiles
{
    /// <summary>The configuration as YAML, one key a line.</summary>
    public static string ConfigText(TrainingConfig config) =>
        string.Concat(Settings.All.Prepend(new Setting("dataset", (c, _) => Success<Fault, TrainingConfig>(c), c => c.Dataset))
            .Select(setting => (setting.Key, Text: setting.Text(config)))
            .Where(line => line.Text is not null)
            .Select(line => $"{line.Key}: {line.Text}\n"));

    /// <summary>Writes <c>config.yaml</c>.</summary>
    public static Validation<Fault, Unit> WriteConfig(RunDirectory directory, TrainingConfig config) =>
        AtomicFile.Write(directory.Config, Encoding.UTF8.GetBytes(ConfigText(config)));

    /// <summary>Writes <c>metrics.jsonl</c>: all epochs so far, so that the file is whole at any moment.</summary>
    public static Validation<Fault, Unit> WriteMetrics(RunDirectory directory, IEnumerable<EpochReport> epochs)
    {
        using var lines = new MemoryStream();
        foreach (var epoch in epochs)
        {
            using (var json = new Utf8JsonWriter(lines))
            {
                json.WriteStartObject();
                json.WriteNumber("epoch", epoch.Epoch);
                WriteNumber(json, "loss", epoch.Loss);
                json.WriteNumber("learningRate", epoch.LearningRate);
                json.WriteNumber("seconds", epoch.Seconds);
                json.WriteNumber("steps", epoch.Steps);
                json.WriteStartObject("validation");
                WriteReport(json, epoch.Validation);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            lines.WriteByte((byte)'\n');
        }

        return AtomicFile.Write(directory.Metrics, lines.ToArray());
    }

    /// <summary>Writes <c>summary.json</c>.</summary>
    public static Validation<Fault, Unit> WriteSummary(RunDirectory directory, RunSummary summary) =>
        AtomicFile.Write(directory.Summary, Encoding.UTF8.GetBytes(RunSummaryJson.Text(summary)));

    private static void WriteReport(Utf8JsonWriter json, EvaluationReport report) => report.WriteTo(json);

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
