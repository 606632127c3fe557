using System.Globalization;
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

    /// <summary>The fault of a run that cannot go on because of one of its files.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What is wrong with it.</param>
    internal static Fault Gone(string path, string what) => Fault.Data(what, new(path), "put it back, or train in another folder");

    /// <summary>Writes <c>config.yaml</c>.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="config">The text; see <see cref="ConfigText"/>.</param>
    public static Validation<Fault, Unit> WriteConfig(RunDirectory directory, string config) =>
        Write(directory.Config, Encoding.UTF8.GetBytes(config));

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
                json.WriteString("engine", epoch.Engine);
                json.WriteString("device", epoch.Device);
                if (epoch.Train is { } train)
                {
                    json.WritePropertyName("train");
                    train.WriteTo(json);
                }

                json.WritePropertyName("validation");
                epoch.Validation.WriteTo(json);
                json.WriteEndObject();
            }

            lines.WriteByte((byte)'\n');
        }

        return Write(directory.Metrics, lines.ToArray());
    }

    /// <summary>Reads <c>metrics.jsonl</c> up to an epoch; what follows it is of no run that goes on from there.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="epochs">The last epoch that is wanted.</param>
    /// <returns>The epochs in order, from 1; or a fault at the line that is not of the epoch it should be.</returns>
    public static Validation<Fault, Seq<EpochReport>> ReadMetrics(RunDirectory directory, EquatableArray<TaskDescriptor> tasks, int epochs)
    {
        try
        {
            var lines = epochs == 0 ? [] : File.ReadLines(directory.Metrics).Take(epochs).ToArray();
            return lines.Length < epochs
                ? Fail<Fault, Seq<EpochReport>>(Fault.Data(
                    string.Create(CultureInfo.InvariantCulture, $"ends with epoch {lines.Length}, and the run has done {epochs}"),
                    new(directory.Metrics),
                    "train again"))
                : lines.Select((line, i) => ReadEpoch(line, tasks, i + 1, new(directory.Metrics, i + 1))).ToSeq().Sequence();
        }
        catch (FileNotFoundException)
        {
            return Fail<Fault, Seq<EpochReport>>(Gone(directory.Metrics, "is missing, without which the run cannot go on"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, Seq<EpochReport>>(Fault.Run($"{directory.Metrics}: cannot be read: {e.Message}", "train again"));
        }
    }

    private static Validation<Fault, EpochReport> ReadEpoch(
        string line, EquatableArray<TaskDescriptor> tasks, int number, FileLocation place)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var epoch = json.RootElement;
            return epoch.GetProperty("epoch").GetInt32() != number
                ? NoEpoch()
                : ReadMetrics(epoch, tasks)
                    .Map(metrics => new EpochReport(
                        number,
                        epoch.GetProperty("loss").GetDouble(),
                        epoch.GetProperty("learningRate").GetDouble(),
                        epoch.GetProperty("seconds").GetDouble(),
                        epoch.GetProperty("steps").GetInt32(),
                        metrics.Validation)
                    {
                        Train = metrics.Train,
                        Engine = epoch.GetProperty("engine").GetString()!,
                        Device = epoch.GetProperty("device").GetString()!,
                    })
                    .MapFail(fault => fault with { Where = place });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return NoEpoch();
        }

        Validation<Fault, EpochReport> NoEpoch() => Fail<Fault, EpochReport>(Fault.Data(
            string.Create(CultureInfo.InvariantCulture, $"is not what this version writes of epoch {number}"), place, "train again"));
    }

    // Those on the train split need not be there: not every run asks for them, and earlier versions did not have them.
    private static Validation<Fault, EpochMetrics> ReadMetrics(JsonElement epoch, EquatableArray<TaskDescriptor> tasks) =>
        EvaluationReport.Read(epoch.GetProperty("validation"), tasks).Bind(validation => epoch.TryGetProperty("train", out var train)
            ? EvaluationReport.Read(train, tasks).Map(report => new EpochMetrics(validation, report))
            : Success<Fault, EpochMetrics>(new(validation, null)));

    /// <summary>Writes <c>summary.json</c>.</summary>
    public static Validation<Fault, Unit> WriteSummary(RunDirectory directory, RunSummary summary) =>
        Write(directory.Summary, Encoding.UTF8.GetBytes(RunSummaryJson.Text(summary)));

    /// <summary>Writes <c>fine-tune.json</c>.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="model">A model that trains a checkpoint on.</param>
    public static Validation<Fault, Unit> WriteFineTuning(RunDirectory directory, FittedModel model) =>
        Write(directory.FineTuning, Encoding.UTF8.GetBytes(FineTuning.Json(model)));

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
