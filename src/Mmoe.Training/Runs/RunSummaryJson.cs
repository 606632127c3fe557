using System.Text.Json;
using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>A run's summary as JSON: the content of <c>summary.json</c>.</summary>
public static class RunSummaryJson
{
    /// <summary>The text, indented. What is not defined on the data is null.</summary>
    public static string Text(RunSummary summary) => JsonText.Indented(json => Write(json, summary)) + "\n";

    private static void Write(Utf8JsonWriter json, RunSummary summary)
    {
        json.WriteStartObject();
        json.WriteString("dataset", summary.Config.Dataset);
        json.WriteString("model", summary.Config.Model);
        if (summary.Config.Checkpoint is { } checkpoint)
        {
            json.WriteString("checkpoint", checkpoint);
        }

        json.WriteString("engine", summary.Engine);
        json.WriteString("device", summary.Config.Device);
        WriteEngines(json, summary);
        json.WriteNumber("seed", summary.Config.Parameters.Seed);
        json.WriteNumber("parameters", summary.Parameters);
        json.WriteNumber("epochs", summary.Epochs.Count);
        json.WriteNumber("bestEpoch", summary.BestEpoch);
        json.WriteNumber("steps", summary.Steps);
        json.WriteStartArray("secondsPerEpoch");
        foreach (var epoch in summary.Epochs)
        {
            json.WriteNumberValue(epoch.Seconds);
        }

        json.WriteEndArray();
        json.WriteNumber("microsecondsPerStep", summary.MicrosecondsPerStep);
        json.WriteNumber("rowsPerSecond", summary.RowsPerSecond);
        json.WriteNumber("peakMemoryBytes", summary.PeakMemoryBytes);
        json.WriteStartObject("metrics");
        foreach (var (split, report) in new[] { ("train", summary.Train), ("validation", summary.Validation), ("test", summary.Test) })
        {
            json.WritePropertyName(split);
            report.WriteTo(json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A run may have gone on with another engine than it began with.
    private static void WriteEngines(Utf8JsonWriter json, RunSummary summary)
    {
        json.WriteStartArray("engines");
        foreach (var (engine, device, epochs) in summary.Engines)
        {
            json.WriteStartObject();
            json.WriteString("engine", engine);
            json.WriteString("device", device);
            json.WriteNumber("epochs", epochs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
