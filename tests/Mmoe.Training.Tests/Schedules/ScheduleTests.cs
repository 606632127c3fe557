using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Training.Tests;

public sealed class ScheduleTests
{
    /// <summary>Worked out from lr·√A·min((s+1)·A^-1.5, (s+1)^-0.5) for A = 2 epochs of 50 steps and lr = 0.01: lr·√A is 0.1.</summary>
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
        var set = Settings.Set(config, "schedule", "warmup-inverse-sqrt", "--set")
            .Bind(c => Settings.Set(c, "warmup_epochs", "7", "--set"));
        var text = RunFiles.ConfigText(set.AssertSuccess());
        Assert.Contains("schedule: warmup-inverse-sqrt\n", text, StringComparison.Ordinal);
        Assert.Contains("warmup_epochs: 7\n", text, StringComparison.Ordinal);
    }

    /// <summary>lr·(1 + cos(π·s / S)) / 2 for lr = 0.2 and S = 3 epochs of 40 steps: cos is 1/2 after a third, and 0 after a half.</summary>
    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(40, 0.15)]
    [InlineData(60, 0.1)]
    [InlineData(80, 0.05)]
    [InlineData(120, 0)]
    public void A_cosine_falls_from_the_configured_rate_to_0(long step, double rate) =>
        Assert.Equal(rate, new CosineSchedule().Rate(new Course(0.2, 40, Epochs: 3), step), 1e-15);

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(19, 0.8)]
    [InlineData(20, 0.2)]
    [InlineData(39, 0.2)]
    [InlineData(40, 0.05)]
    public void Steps_fall_after_every_so_many_epochs(long step, double rate) =>
        Assert.Equal(rate, new StepSchedule(2, 0.25).Rate(new Course(0.8, 10, Epochs: 9), step), 1e-15);

    /// <summary>Two epochs without a better score, twice; then better ones; then undefined ones, which are no better.</summary>
    [Fact]
    public void A_plateau_lowers_the_rate_and_counts_anew()
    {
        double[] scores = [0.5, 0.6, 0.6, 0.55, 0.6, 0.59, 0.7, double.NaN, double.NaN, 0.71];
        double[] rates = [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125];
        var schedule = new PlateauSchedule(2, 0.5);
        for (var epoch = 0; epoch < rates.Length; epoch++)
        {
            var course = new Course(1, 7, Epochs: 20, new(scores.Take(epoch)));
            Assert.Equal(rates[epoch], schedule.Rate(course, epoch * 7L));
            Assert.Equal(rates[epoch], schedule.Rate(course, (epoch * 7L) + 6));

            // What a run learns later says nothing of an epoch before.
            Assert.Equal(rates[epoch], schedule.Rate(course with { Scores = new(scores) }, epoch * 7L));
        }
    }

    [Fact]
    public void A_configuration_says_when_and_by_how_much_the_rate_falls()
    {
        TrainingConfig With(string schedule) => Config(schedule, 1) with { Optimization = new() { DecayEpochs = 4, DecayFactor = 0.3 } };
        Assert.Equal(new StepSchedule(4, 0.3), Schedules.Of(With("step")).AssertSuccess());
        Assert.Equal(new PlateauSchedule(4, 0.3), Schedules.Of(With("plateau")).AssertSuccess());
        Assert.Equal(new StepSchedule(10, 0.1), Schedules.Of(Config("step", 1)).AssertSuccess());
        Assert.Equal(new CosineSchedule(), Schedules.Of(Config("cosine", 1)).AssertSuccess());
    }

    private static TrainingConfig Config(string schedule, int warmupEpochs)
    {
        var config = TrainingConfig.DefaultsOf(Data.Datasets.Synthetic.Descriptor, "cpu");
        return config with { Schedule = schedule, Parameters = config.Parameters with { WarmupEpochs = warmupEpochs } };
    }
}
