using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>A model for the tasks that a dataset has by now.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class TaskAdaptationTests
{
    // Binary, multi-class, regression, binary.
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Dataset([3, 3], 1, [0, 1, 2, 0]).Tasks;

    [Property]
    public void A_model_is_already_one_for_its_own_tasks(ModelCase model)
    {
        var adapted = Samples.Valid(TaskAdaptation.Of(model.Spec, model.Dataset.Tasks));
        Assert.Equal(new TaskAdaptation(model.Spec.Unfreeze(), [], [], []), adapted);
    }

    [Theory]
    [InlineData("0", "0123")]
    [InlineData("13", "0123")]
    [InlineData("0123", "02")]
    [InlineData("01", "23")]
    [InlineData("012", "132")]
    public void Tasks_that_come_and_go_give_the_familys_model_of_those_that_there_are(string before, string after)
    {
        EquatableArray<TaskDescriptor> Of(string tasks) => [.. tasks.Select(task => Tasks[task - '0'])];
        ModelSpec Mmoe(string tasks) => ModelFamilies.Mmoe(Of(tasks), 3, Samples.Relu(4), Samples.Relu(5));
        var adapted = Samples.Valid(TaskAdaptation.Of(Mmoe(before), Of(after)));

        var ordered = (ModelSpec spec) => new Trunk([new Level(
            spec.Levels[0].Experts, [.. spec.Levels[0].Mixtures.OrderBy(mixture => mixture.Stream, StringComparer.Ordinal)])]);
        Assert.Equal(Mmoe(after).Towers, adapted.Spec.Towers);
        Assert.Equal(ordered(Mmoe(after)), ordered(adapted.Spec));
        Assert.Equal(after.Except(before).Select(task => $"t{task}"), adapted.Added.Select(task => task.Task));
        Assert.Equal(before.Except(after).Select(task => $"t{task}"), adapted.Removed);
    }

    [Fact]
    public void A_new_task_is_built_as_one_that_stays_of_its_kind_if_there_is_one()
    {
        string Like(int[] before, int[] after) => Assert.Single(Samples.Valid(TaskAdaptation.Of(
            ModelFamilies.Mmoe([.. before.Select(task => Tasks[task])], 2, Samples.Relu(4), Samples.Relu(5)),
            [.. after.Select(task => Tasks[task])])).Added).Like;

        Assert.Equal("t0", Like([2, 0], [2, 0, 3]));
        Assert.Equal("t2", Like([2, 0], [2, 3]));
        Assert.Equal("t0", Like([2, 0], [3]));
        Assert.Equal("t2", Like([2, 1], [3]));
    }

    [Fact]
    public void Losses_stay_with_a_task_and_weights_go_with_it()
    {
        var spec = ModelFamilies.Mmoe([Tasks[0], Tasks[1], Tasks[2]], 2, Samples.Relu(4), Samples.Relu(5));
        var lossy = spec with
        {
            Towers = [spec.Towers[0] with { Head = new BinaryHead(3, 0.1) }, spec.Towers[1] with { Head = new MulticlassHead(7, 0.2) }, spec.Towers[2]],
            Weighting = new FixedWeighting([new("t0", 2), new("t2", 3)]),
        };
        var adapted = Samples.Valid(TaskAdaptation.Of(lossy, [Tasks[0], Tasks[1], Tasks[3]])).Spec;

        Assert.Equal([new BinaryHead(3, 0.1), new MulticlassHead(3, 0.2), new BinaryHead()], adapted.Towers.Select(tower => tower.Head));
        Assert.Equal(new FixedWeighting([new("t0", 2)]), adapted.Weighting);
    }

    [Fact]
    public void A_task_that_cannot_be_added_is_a_fault()
    {
        var task = Tasks[1] with { Name = "shared" };
        var spec = ModelFamilies.Ple([Tasks[0]], 2, 1, 1, Samples.Relu(4), Samples.Relu(5));
        Assert.Equal(
            ["level 0 has a stream 'shared' already; call the task otherwise"],
            Samples.Faults(TaskAdaptation.Of(spec, [Tasks[0], task])));
    }
}
