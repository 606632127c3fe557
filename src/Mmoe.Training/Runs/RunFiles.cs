using System.Text;
using System.Text.Json;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Writes what a run leaves behind, apart from checkpoints.</summary>
public static class RunFiles
{
    /// <summary>The configuration as YAML, one key a line: the content of <c>config.yaml</c>, which <see cref="ConfigFile"/> reads.</summary>
    public static string ConfigText(TrainingConfig config) =>
        string.Concat(Settings.All
            .Select(setting => (setting.Key, Text: setting.Text(config)))
            .Where(line => line.Text is not null)
            .Select(line => $"{line.Key}: {YamlText.Of(line.Text!)}\n"));

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
                json.WritePropertyName("validation");
                epoch.Validation.WriteTo(json);
                json.WriteEndObject();
            }

            lines.WriteByte((byte)'\n');
        }

        return Write(directory.Metrics, lines.ToArray());
    }

    /// <summary>Writes <c>summary.json</c>.</summary>
    public static Validation<Fault, Unit> WriteSummary(RunDirectory directory, RunSummary summary) =>
        Write(directory.Summary, Encoding.UTF8.GetBytes(RunSummaryJson.Text(summary)));

    private static Validation<Fault, Unit> Write(string path, byte[] content) => AtomicFile.Write(path, stream => stream.Write(content));

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
