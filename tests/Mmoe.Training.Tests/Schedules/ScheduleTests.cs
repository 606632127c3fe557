using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Training.Tests;

public sealed class ScheduleTests
{
    /// <summary>Worked out from lr·√A·min((s+1)·A^-1.5, (s+1)^-0.5) for A = 2 epochs of 50 steps and lr = 0.01, that is lr·√A = 0.1.</summary>
    [Theory]
    [InlineData(0, 0.0001)] // 0.1 · 1 / 1000
    [InlineData(24, 0.0025)] // 0.1 · 25 / 1000
    [InlineData(49, 0.005)] // 0.1 · 50 / 1000
    [InlineData(99, 0.01)] // both: 0.1 · 100 / 1000 and 0.1 / 10
    [InlineData(143, 0.1 / 12)]
    [InlineData(399, 0.005)] // 0.1 / 20
    [InlineData(9_999, 0.001)] // 0.1 / 100
    public void The_rate_rises_over_the_warm_up_and_falls_with_the_inverse_square_root(long step, double rate) =>
        Assert.Equal(rate, new WarmupInverseSqrtSchedule(2).Rate(new Course(0.01, 50), step), 1e-15);

    [Property]
    public void Its_peak_is_the_configured_rate_in_the_last_step_of_the_warm_up(byte epochs, ushort steps, ushort thousandths)
    {
        var course = new Course((thousandths + 1) / 1000.0, steps + 1);
        var schedule = new WarmupInverseSqrtSchedule(epochs + 1);
        var last = ((epochs + 1L) * (steps + 1)) - 1;
        Assert.Equal(course.LearningRate, schedule.Rate(course, last));
        Assert.True(last == 0 || schedule.Rate(course, last - 1) < course.LearningRate);
        Assert.True(schedule.Rate(course, last + 1) < course.LearningRate);
        Assert.True(schedule.Rate(course, 0) > 0);
    }

    [Property]
    public void A_constant_rate_is_the_configured_one(uint step, ushort thousandths) =>
        Assert.Equal(thousandths / 1000.0, new ConstantSchedule().Rate(new Course(thousandths / 1000.0, 7), step));

    [Fact]
    public void A_configuration_names_its_schedule_and_how_long_it_warms_up()
    {
        Assert.Equal(new ConstantSchedule(), Schedules.Of(Config(ScheduleNames.Constant, 0)).AssertSuccess());
        Assert.Equal(new WarmupInverseSqrtSchedule(3), Schedules.Of(Config(ScheduleNames.WarmupInverseSqrt, 3)).AssertSuccess());
        var fault = Schedules.Of(Config(ScheduleNames.WarmupInverseSqrt, 0)).AssertFault();
        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("warmup_epochs of at least 1, and it is 0", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_that_can_be_asked_for_has_a_schedule() =>
        Assert.All(ScheduleNames.Available, name => Schedules.Of(Config(name, 1)).AssertSuccess());

    [Fact]
    public void The_default_is_constant_and_a_saved_configuration_says_which_it_was()
    {
        var dataset = Data.Datasets.Synthetic.Descriptor;
        var config = TrainingConfig.DefaultsOf(dataset, "cpu");
        Assert.Contains("schedule: constant\n", RunFiles.ConfigText(config), StringComparison.Ordinal);
        var set = Settings.Set(config, "schedule", "warmup-inverse-sqrt", "--set").Bind(c => Settings.Set(c, "warmup_epochs", "7", "--set"));
        var text = RunFiles.ConfigText(set.AssertSuccess());
        Assert.Contains("schedule: warmup-inverse-sqrt\n", text, StringComparison.Ordinal);
        Assert.Contains("warmup_epochs: 7\n", text, StringComparison.Ordinal);
    }

    private static TrainingConfig Config(string schedule, int warmupEpochs)
    {
        var config = TrainingConfig.DefaultsOf(Data.Datasets.Synthetic.Descriptor, "cpu");
        return config with { Schedule = schedule, Parameters = config.Parameters with { WarmupEpochs = warmupEpochs } };
    }
}
