namespace Mmoe.Training;

/// <summary>How the learning rate changes in the course of a run. A value: it can be compared, and holds no state of a run.</summary>
public abstract record Schedule
{
    /// <summary>The learning rate of a step. Pure, so that a run that goes on from a checkpoint takes the rates of one that never stopped.</summary>
    /// <param name="course">The run.</param>
    /// <param name="step">The number of steps done before it in the whole run.</param>
    public abstract double Rate(Course course, long step);
}

/// <summary>What a schedule knows of the run; one that needs to know more, such as the number of epochs, finds it here.</summary>
/// <param name="LearningRate">The configured <c>learning_rate</c>, above 0.</param>
/// <param name="StepsPerEpoch">The number of steps of each epoch, at least 1.</param>
public sealed record Course(double LearningRate, int StepsPerEpoch);

/// <summary>The configured rate in every step.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    public override double Rate(Course course, long step) => course.LearningRate;
}

/// <summary>
/// The reference system's schedule, that of the Transformer (Vaswani et al. 2017, section 5.3) scaled to a chosen peak: the rate rises
/// linearly for some epochs up to the configured one, then falls with the inverse square root of the step.
/// </summary>
/// <param name="WarmupEpochs">The epochs of rising rate, at least 1.</param>
public sealed record WarmupInverseSqrtSchedule(int WarmupEpochs) : Schedule
{
    /// <inheritdoc/>
    /// <remarks>With A warm-up steps: lr·√A·min((s+1)·A^-1.5, (s+1)^-0.5).</remarks>
    public override double Rate(Course course, long step)
    {
        // √A drawn into the minimum, so that the last step of the warm-up has the configured rate without a rounding error.
        var warmup = (double)this.WarmupEpochs * course.StepsPerEpoch;
        var number = step + 1.0;
        return course.LearningRate * Math.Min(number / warmup, Math.Sqrt(warmup / number));
    }
}

/// <summary>The schedules of configuration files.</summary>
public static class ScheduleNames
{
    /// <summary><see cref="ConstantSchedule"/>.</summary>
    public const string Constant = "constant";

    /// <summary><see cref="WarmupInverseSqrtSchedule"/>.</summary>
    public const string WarmupInverseSqrt = "warmup-inverse-sqrt";

    /// <summary>The schedules that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = new([Constant, WarmupInverseSqrt]);
}
