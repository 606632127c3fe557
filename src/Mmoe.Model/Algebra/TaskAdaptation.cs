using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>A task that a model was given.</summary>
/// <param name="Task">The task.</param>
/// <param name="Like">The task that it is built as.</param>
public sealed record AddedTask(string Task, string Like);

/// <summary>A model for other tasks than it had.</summary>
/// <param name="Spec">The model, with a tower for each of the tasks, in their order.</param>
/// <param name="Added">The tasks that it had not.</param>
/// <param name="Removed">The tasks that are gone.</param>
/// <param name="Changed">The tasks that are of another kind than before, and so have another head.</param>
public sealed record TaskAdaptation(
    ModelSpec Spec, EquatableArray<AddedTask> Added, EquatableArray<string> Removed, EquatableArray<string> Changed)
{
    /// <summary>
    /// Makes a model one for these tasks; see <see cref="ModelSurgery"/>. A new task is built as the first of those that stay and have a
    /// head of its kind, or else the first that stays, or the first at all.
    /// </summary>
    /// <param name="spec">A spec without faults. What it leaves frozen is trained.</param>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <returns>The model, or why a task cannot be added or taken away.</returns>
    public static Validation<Fault, TaskAdaptation> Of(ModelSpec spec, EquatableArray<TaskDescriptor> tasks)
    {
        Tower[] kept = [.. tasks.SelectMany(task => spec.Towers.Where(tower => tower.Task == task.Name))];
        Tower[] gone = [.. spec.Towers.Except(kept)];
        var heads = tasks.ToDictionary(task => task.Name, Head.For, StringComparer.Ordinal);
        Tower[] fitting = [.. kept.Select(tower => tower with { Head = Fitting(tower.Head, heads[tower.Task]) })];
        string Like(Head head) => (fitting.FirstOrDefault(tower => tower.Head.GetType() == head.GetType())
            ?? fitting.FirstOrDefault()
            ?? gone.FirstOrDefault(tower => tower.Head.GetType() == head.GetType())
            ?? gone[0]).Task;

        AddedTask[] added = [.. tasks.Where(task => kept.All(tower => tower.Task != task.Name))
            .Select(task => new AddedTask(task.Name, Like(heads[task.Name])))];
        var start = spec.Unfreeze() with { Towers = [.. fitting, .. gone] };
        var more = added.Aggregate(
            Success<Fault, ModelSpec>(start),
            (model, task) => model.Bind(m => m.AddTask(task.Task, heads[task.Task], task.Like, at: PlaceOf(task.Task, tasks))));
        return gone.Aggregate(more, (model, tower) => model.Bind(m => m.RemoveTask(tower.Task)))
            .Map(model => new TaskAdaptation(
                model,
                new(added.AsSpan()),
                [.. gone.Select(tower => tower.Task)],
                [.. kept.Where(tower => tower.Head.GetType() != heads[tower.Task].GetType()).Select(tower => tower.Task)]));
    }

    private static int PlaceOf(string task, EquatableArray<TaskDescriptor> tasks) => tasks.ToList().FindIndex(t => t.Name == task);

    // Losses stay as they were, if the task is of the same kind.
    private static Head Fitting(Head had, Head now) => (had, now) switch
    {
        (MulticlassHead head, MulticlassHead classes) => head with { Classes = classes.Classes },
        _ => had.GetType() == now.GetType() ? had : now,
    };
}
