using System.Text.Json;
using Mmoe.Model;

namespace Mmoe.Cli;

/// <summary>An inspection as JSON, for scripts.</summary>
internal static class InspectionJson
{
    public static void Write(Utf8JsonWriter json, Inspection inspection)
    {
        var checkpoint = inspection.Checkpoint;
        json.WriteStartObject();
        json.WriteString("checkpoint", inspection.Path);
        json.WriteString("dataset", checkpoint.Schema.Dataset);
        json.WriteString("fingerprint", checkpoint.Schema.Fingerprint);
        json.WriteNumber("epoch", checkpoint.Epoch);
        if (checkpoint.Training is { } training)
        {
            json.WriteNumber("steps", training.Step);
        }

        WriteInputs(json, inspection);
        json.WritePropertyName("model");
        json.WriteRawValue(ModelSpecJson.Write(checkpoint.Spec));
        WriteParameters(json, checkpoint.Layout());
        json.WritePropertyName("validation");
        json.WriteRawValue(checkpoint.ValidationMetrics);
        WriteGates(json, inspection.Gates as MeasuredGates);
        json.WriteStartArray("stitches");
        foreach (var stitch in inspection.Stitches)
        {
            json.WriteStartObject();
            json.WriteNumber("level", stitch.Level);
            json.WriteString("stream", stitch.Stream);
            json.WriteStartArray("experts");
            foreach (var (expert, weight) in stitch.Experts.Zip(stitch.Weights))
            {
                json.WriteStartObject();
                json.WriteString("name", expert);
                Write(json, "weight", weight);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, Inspection inspection)
    {
        var inputs = inspection.Checkpoint.Inputs;
        json.WriteStartObject("inputs");
        json.WriteNumber("features", inputs.Width);
        json.WriteStartArray("columns");
        foreach (var input in inputs.Gathered)
        {
            WriteColumn(input.Column, input is BinnedInput ? "binned" : "categorical", input.Size);
        }

        foreach (var input in inputs.Numerics)
        {
            WriteColumn(input.Column, "numeric", input.Encoder.Width);
        }

        json.WriteEndArray();
        json.WriteStartArray("excluded");
        foreach (var column in inspection.Excluded)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        json.WriteString("weightColumn", inputs.WeightColumn);
        json.WriteEndObject();

        void WriteColumn(string name, string kind, int features)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("kind", kind);
            json.WriteNumber("features", features);
            json.WriteEndObject();
        }
    }

    private static void WriteParameters(Utf8JsonWriter json, ParameterLayout layout)
    {
        json.WriteNumber("parameters", layout.ParameterCount);
        json.WriteStartArray("tensors");
        foreach (var entry in layout.Entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteStartArray("shape");
            foreach (var length in entry.Shape)
            {
                json.WriteNumberValue(length);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteGates(Utf8JsonWriter json, MeasuredGates? measured)
    {
        if (measured is null)
        {
            json.WriteNull("gateUsage");
            return;
        }

        json.WriteStartObject("gateUsage");
        json.WriteString("on", measured.Rows);
        json.WriteNumber("rows", measured.Count);
        json.WriteStartArray("gates");
        foreach (var gate in measured.Usage)
        {
            json.WriteStartObject();
            json.WriteNumber("level", gate.Level);
            json.WriteString("stream", gate.Stream);
            json.WriteNumber("evenness", gate.Evenness);
            json.WriteStartArray("experts");
            foreach (var expert in gate.Experts)
            {
                json.WriteStartObject();
                json.WriteString("name", expert.Expert);
                json.WriteNumber("meanWeight", expert.MeanWeight);
                json.WriteNumber("topShare", expert.TopShare);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // A stitch of a broken model may hold anything.
    private static void Write(Utf8JsonWriter json, string name, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
