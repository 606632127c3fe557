using System.Globalization;
using System.Text.Json;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>What a run carries over from a checkpoint: whether it is worth training on, and what is said of it.</summary>
public static class FineTuning
{
    private const int Shown = 6;

    /// <summary>Refuses a checkpoint with which a model has nothing in common, and freezing what it does not have.</summary>
    /// <param name="model">The model; one that starts anew is sound.</param>
    internal static Validation<Fault, Unit> Check(FittedModel model)
    {
        if (model is not { Transfer: { } transfer, Plan: { Start: { } start, Spec: var spec } plan })
        {
            return Success<Fault, Unit>(unit);
        }

        if (transfer.NewInputs.Count == model.Inputs.Width || transfer.Parameters.All(parameter => parameter.IsFresh))
        {
            var what = transfer.NewInputs.Count == model.Inputs.Width ? "input" : "parameter";
            return Fail<Fault, Unit>(Fault.Usage(
                $"{start.Path}: no {what} of the checkpoint, which is of '{start.Checkpoint.Schema.Dataset}', is one of '{plan.Dataset.Name}'",
                "name a checkpoint of the same columns, or train a new model with 'mmoe train'"));
        }

        var stuck = transfer.Parameters.Where(parameter => parameter.IsFresh && spec.IsFrozen(parameter.Name)).Select(p => Part(p.Name)).Distinct();
        var carried = transfer.Parameters.Where(parameter => spec.IsFrozen(parameter.Name)).Select(p => Part(p.Name)).Distinct().Except(stuck);
        return stuck.Any()
            ? Fail<Fault, Unit>(Fault.OfKey(
                "freeze",
                $"{List(stuck)} would stay as {(stuck.Count() == 1 ? "it starts" : "they start")}, since the checkpoint has no such part",
                carried.Any() ? $"freeze only what it has: {string.Join(",", carried)}" : "leave it out"))
            : Success<Fault, Unit>(unit);
    }

    /// <summary>What was carried over and what was not, in a few lines; none for a new model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shown">How a path is shown.</param>
    public static EquatableArray<string> Lines(FittedModel model, Func<string, string> shown) =>
        model is { Transfer: { } transfer, Plan: { Start: { } start } plan } ? new(Lines(model, plan, transfer, start, shown)) : [];

    private static IEnumerable<string> Lines(
        FittedModel model, ModelPlan plan, ParameterTransfer transfer, StartingPoint start, Func<string, string> shown)
    {
        var (width, tasks) = (model.Inputs.Width, start.Tasks);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"trains on from {shown(start.Path)}: '{start.Checkpoint.Schema.Dataset}', epoch {start.Checkpoint.Epoch}");
        yield return string.Create(CultureInfo.InvariantCulture, $"inputs: {width - transfer.NewInputs.Count} of {width} carried over")
            + And("new", Columns(transfer.NewInputs))
            + And("gone", Columns(transfer.GoneInputs));
        yield return $"tasks: {List(plan.Dataset.Tasks.Select(task => task.Name).Except(tasks.Added.Select(task => task.Task)).DefaultIfEmpty("none"))} carried over"
            + And("new", tasks.Added.Select(task => $"{task.Task}, built as {task.Like}"))
            + And("of another kind", tasks.Changed)
            + And("gone", tasks.Removed);
        yield return string.Create(
                CultureInfo.InvariantCulture,
                $"parameters: {transfer.Parameters.Sum(p => p.Carried)} of {transfer.Parameters.Sum(p => p.Count)} carried over")
            + And("new parts", Parts(transfer.Parameters.Where(parameter => parameter.IsFresh)))
            + And("gone", transfer.Gone.Select(Part).Distinct());
        var stuck = Parts(transfer.Parameters.Where(p => !p.IsCarried && plan.Spec.IsFrozen(p.Name))).ToArray();
        if (stuck.Length > 0)
        {
            yield return $"frozen, but new in part, and this part stays as it starts: {List(stuck)}";
        }
    }

    private static IEnumerable<string> Parts(IEnumerable<TransferredParameter> parameters) => parameters.Select(p => Part(p.Name)).Distinct();

    private static string And(string what, IEnumerable<string> names) => names.Any() ? $"; {what}: {List(names)}" : "";

    private static IEnumerable<string> Columns(EquatableArray<InputName> inputs) => inputs
        .GroupBy(input => input.Column, StringComparer.Ordinal)
        .Select(column => column.Count() == 1
            ? $"{column.Key} '{column.First().Part}'"
            : string.Create(CultureInfo.InvariantCulture, $"{column.Key} ({column.Count()} inputs)"));

    /// <summary>The report, indented.</summary>
    /// <param name="model">A model that trains a checkpoint on.</param>
    internal static string Json(FittedModel model)
    {
        var (start, transfer) = (model.Plan.Start!, model.Transfer!);
        return JsonText.Indented(json =>
        {
            json.WriteStartObject();
            json.WriteString("checkpoint", start.Path);
            json.WriteString("dataset", start.Checkpoint.Schema.Dataset);
            json.WriteNumber("epoch", start.Checkpoint.Epoch);
            json.WriteStartObject("inputs");
            json.WriteNumber("carried", model.Inputs.Width - transfer.NewInputs.Count);
            Write(json, "new", transfer.NewInputs);
            Write(json, "gone", transfer.GoneInputs);
            json.WriteEndObject();
            json.WriteStartObject("tasks");
            Write(json, "carried", model.Plan.Dataset.Tasks.Select(task => task.Name).Except(start.Tasks.Added.Select(task => task.Task)));
            json.WriteStartArray("new");
            foreach (var task in start.Tasks.Added)
            {
                json.WriteStartObject();
                json.WriteString("task", task.Task);
                json.WriteString("like", task.Like);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Write(json, "ofAnotherKind", start.Tasks.Changed);
            Write(json, "gone", start.Tasks.Removed);
            json.WriteEndObject();
            json.WriteStartObject("parameters");
            Write(json, "carried", transfer.Parameters.Where(parameter => parameter.IsCarried).Select(parameter => parameter.Name));
            json.WriteStartArray("partly");
            foreach (var parameter in transfer.Parameters.Where(parameter => !parameter.IsCarried && !parameter.IsFresh))
            {
                json.WriteStartObject();
                json.WriteString("name", parameter.Name);
                json.WriteNumber("carried", parameter.Carried);
                json.WriteNumber("of", parameter.Count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Write(json, "new", transfer.Parameters.Where(parameter => parameter.IsFresh).Select(parameter => parameter.Name));
            Write(json, "gone", transfer.Gone);
            json.WriteEndObject();
            json.WriteEndObject();
        }) + "\n";
    }

    /// <summary>The part that a parameter belongs to: <c>towers.income</c>, <c>levels.1.experts.0</c>.</summary>
    private static string Part(string parameter)
    {
        var names = parameter.Split('.');
        return string.Join('.', names.Take(names[0] == "levels" ? 4 : 2));
    }

    /// <summary>The first of some names, and how many more there are.</summary>
    private static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(Shown)) + (all.Length > Shown ? $" and {all.Length - Shown} more" : "");
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> names)
    {
        json.WriteStartArray(name);
        foreach (var text in names)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, EquatableArray<InputName> inputs)
    {
        json.WriteStartArray(name);
        foreach (var input in inputs)
        {
            json.WriteStartObject();
            json.WriteString("column", input.Column);
            json.WriteString("input", input.Part);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
