using System.Text.Json;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>The metrics of one task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Metrics">Its metrics.</param>
public sealed record TaskResult(string Task, TaskMetrics Metrics);

/// <summary>The mean of the tasks' scores.</summary>
/// <param name="Value">The mean over the tasks whose score is defined on the data; NaN if none is.</param>
/// <param name="Undefined">
/// The tasks whose score is not defined. This depends on labels and weights alone, so that means over the same rows can be compared.
/// </param>
public sealed record AverageScore(double Value, EquatableArray<string> Undefined);

/// <summary>How well a model does on some rows.</summary>
/// <param name="Tasks">The tasks in order.</param>
public sealed record EvaluationReport(EquatableArray<TaskResult> Tasks)
{
    /// <summary>The mean of the tasks' scores.</summary>
    public AverageScore Average
    {
        get
        {
            var scores = this.Tasks.Select(t => (t.Task, t.Metrics.Score)).ToArray();
            var defined = scores.Where(s => !double.IsNaN(s.Score)).Select(s => s.Score).ToArray();
            return new(
                defined.Length == 0 ? double.NaN : defined.Average(),
                new(scores.Where(s => double.IsNaN(s.Score)).Select(s => s.Task)));
        }
    }

    /// <summary>The metrics of a task.</summary>
    /// <exception cref="KeyNotFoundException">There is no such task.</exception>
    public TaskMetrics this[string task] =>
        this.Tasks.FirstOrDefault(t => t.Task == task)?.Metrics ?? throw new KeyNotFoundException($"there is no task '{task}'");

    /// <summary>Computes every task's metrics.</summary>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="outputs">
    /// [rows, output widths of all tasks]: probabilities, and numbers in the label's units; see <see cref="Outputs"/>.
    /// </param>
    /// <param name="targets">
    /// [rows, tasks]: 0 or 1, the class index, or the number in the label's units (not standardised); NaN where the label is missing.
    /// </param>
    /// <param name="weights">[rows].</param>
    /// <returns>The report, or a fault for each task with an output that is NaN or infinite: such a model is broken, not bad.</returns>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public static Validation<Fault, EvaluationReport> Of(
        EquatableArray<TaskDescriptor> tasks, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var (rows, width) = (weights.Length, tasks.Sum(t => t.OutputWidth));
        if (outputs.Length != rows * width || targets.Length != rows * tasks.Count)
        {
            throw new ArgumentException(
                $"{rows} weights do not fit {outputs.Length} outputs of {width} and {targets.Length} targets of {tasks.Count} in a row");
        }

        var results = new List<TaskResult>();
        var faults = new List<Fault>();
        var first = 0;
        foreach (var task in tasks)
        {
            var ofTask = Columns(outputs, width, first, task.OutputWidth);
            var broken = FirstNotFinite(ofTask);
            if (broken >= 0)
            {
                faults.Add(Fault.Run(
                    $"the model's output for task '{task.Name}' in row {broken / task.OutputWidth} is {ofTask[broken]}",
                    "its parameters have overflowed; go back to an earlier checkpoint, or train with a lower learning rate"));
            }

            results.Add(new(task.Name, Of(task, ofTask, Columns(targets, tasks.Count, results.Count, 1), weights)));
            first += task.OutputWidth;
        }

        return faults.Count == 0
            ? Success<Fault, EvaluationReport>(new(new EquatableArray<TaskResult>(results)))
            : Fail<Fault, EvaluationReport>(faults.ToSeq());
    }

    /// <summary>
    /// Writes an object with an object per task and <c>average</c>: <c>{"income":{"auc":0.94, …},"average":0.94}</c>. What is undefined is
    /// null.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (task, metrics) in this.Tasks)
        {
            writer.WriteStartObject(task);
            foreach (var (name, value) in metrics.Values)
            {
                Write(writer, name, value);
            }

            writer.WriteEndObject();
        }

        Write(writer, "average", this.Average.Value);
        writer.WriteEndObject();
    }

    /// <summary>The text of <see cref="WriteTo"/>.</summary>
    public string ToJson() => JsonText.Of(this.WriteTo);

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <param name="json">The object.</param>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <returns>The report, its metrics as <see cref="RecordedMetrics"/>; or a fault where the object is of other tasks, or none.</returns>
    public static Validation<Fault, EvaluationReport> Read(JsonElement json, EquatableArray<TaskDescriptor> tasks) =>
        Malformed.Guard(
            "the metrics", null, () => new EvaluationReport(new EquatableArray<TaskResult>(tasks.Select(task => Read(json, task)))));

    private static TaskResult Read(JsonElement json, TaskDescriptor task)
    {
        var metrics = json.Member(task.Name).Properties()
            .Select(metric => new MetricValue(metric.Name, metric.Value.ValueKind == JsonValueKind.Null ? double.NaN : metric.Value.Number()))
            .ToArray();
        var score = task switch
        {
            BinaryTask => "auc",
            MulticlassTask => "macro_auc",
            _ => "r2",
        };
        return metrics.Any(metric => metric.Name == score)
            ? new(task.Name, new RecordedMetrics(new(metrics.AsSpan()), score))
            : throw new MalformedException($"those of '{task.Name}' lack '{score}'");
    }

    private static TaskMetrics Of(
        TaskDescriptor task, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights) =>
        task switch
        {
            BinaryTask binary => BinaryMetrics.Of(new ClassProbability(Positive(binary), outputs, 1, 0), targets, weights),
            MulticlassTask multiclass => MulticlassMetrics.Of(multiclass.Label.Vocabulary.Texts, outputs, targets, weights),
            RegressionTask => RegressionMetrics.Of(outputs, targets, weights),
            _ => throw new ArgumentException($"there are no metrics for a task of type {task.GetType().Name}", nameof(task)),
        };

    private static string Positive(BinaryTask task) => string.Join(" or ", task.PositiveCodes.Select(code => task.Label.Vocabulary[code]));

    private static float[] Columns(ReadOnlySpan<float> matrix, int width, int first, int count)
    {
        var columns = new float[matrix.Length / width * count];
        for (var row = 0; row * count < columns.Length; row++)
        {
            matrix.Slice((row * width) + first, count).CopyTo(columns.AsSpan(row * count));
        }

        return columns;
    }

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static void Write(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(name, value);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
