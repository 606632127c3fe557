using Mmoe.Generators.Models;
using static Mmoe.Generators.Emitting.CSharpText;

namespace Mmoe.Generators.Emitting;

/// <content>Tasks and predictions.</content>
internal sealed partial class DatasetEmitter
{
    private void EmitTasks() => this.EmitStaticClass(
        "Tasks",
        "The tasks. A task's kind is its type.",
        this.dataset.Tasks.Select((task, index) => (Action)(() => this.EmitTask(task, index))));

    private void EmitTask(TaskModel task, int index)
    {
        var (kind, positive) = task switch
        {
            BinaryTaskModel binary => ("BinaryTask", $", new([{List(binary.PositiveCodes)}])"),
            MulticlassTaskModel => ("MulticlassTask", ""),
            _ => ("RegressionTask", ""),
        };
        var label = $"{this.type}.Columns.{this.dataset.Columns[task.Column].Identifier}";
        this.writer
            .Line($"/// <summary>{this.TaskSummary(task)}</summary>")
            .Line($"public static {Data}.{kind} {task.Identifier} {{ get; }} = new(")
            .Indented(() => this.writer.Line($"{Literal(task.Name)}, {Literal(task.Description)}, {Literal(index)}, {label}{positive});"));
    }

    private string TaskSummary(TaskModel task)
    {
        var column = this.dataset.Columns[task.Column];
        var question = task switch
        {
            BinaryTaskModel binary => $"Whether <c>{Doc(column.Name)}</c> is " + string.Join(
                " or ",
                binary.PositiveCodes.Select(code => $"<c>{Doc(((CategoricalLabelModel)column).Vocabulary.Values[code].Text)}</c>")),
            MulticlassTaskModel => $"Which value <c>{Doc(column.Name)}</c> has",
            _ => $"The number <c>{Doc(column.Name)}</c>",
        };
        return $"{question}.{DescriptionOf(task.Description)}";
    }

    private void EmitPrediction()
    {
        this.writer.Summary("What a model says of one row.");
        foreach (var task in this.dataset.Tasks)
        {
            this.writer.Line($"/// <param name=\"{task.Identifier}\">{this.TaskSummary(task)}</param>");
        }

        this.writer
            .Line(EmittedFile.GeneratedCode)
            .Line($"public readonly record struct Prediction(")
            .Indented(() => this.writer.Items(this.dataset.Tasks.Select(t => $"{this.PredictionType(t)} {t.Identifier}"), ",", ");"));
    }

    private string PredictionType(TaskModel task) => task switch
    {
        BinaryTaskModel => $"{Data}.BinaryPrediction",
        MulticlassTaskModel => $"{Data}.MulticlassPrediction<{this.dataset.Columns[task.Column].Identifier}>",
        _ => $"{Data}.RegressionPrediction",
    };

    private void EmitToPrediction()
    {
        var arguments = new List<string>();
        var at = 0;
        foreach (var task in this.dataset.Tasks)
        {
            var width = 1;
            if (task is MulticlassTaskModel)
            {
                var label = (CategoricalLabelModel)this.dataset.Columns[task.Column];
                width = label.Vocabulary.Values.Count;
                var slice = $"outputs.Slice({Literal(at)}, {Literal(width)})";
                arguments.Add($"new({label.Identifier}.FromCode(IndexOfMax({slice})), new {Array}<float>({slice}))");
            }
            else
            {
                arguments.Add($"new(outputs[{Literal(at)}])");
            }

            at += width;
        }

        this.writer
            .Line("/// <inheritdoc/>")
            .Line($"public static Prediction ToPrediction(global::System.ReadOnlySpan<float> outputs) => new(")
            .Indented(() => this.writer.Items(arguments, ",", ");"));
    }

    private void EmitIndexOfMax() => this.writer.Block(
        "private static int IndexOfMax(global::System.ReadOnlySpan<float> values)",
        () => this.writer
            .Line("var best = 0;")
            .Block("for (var i = 1; i < values.Length; i++)", () => this.writer.Line("best = values[i] > values[best] ? i : best;"))
            .Line()
            .Line("return best;"));
}
