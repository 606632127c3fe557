namespace Mmoe.Training;

/// <summary>How the learning rate changes in the course of a run. A value: it can be compared, and holds no state of a run.</summary>
public abstract record Schedule
{
    /// <summary>
    /// The learning rate of a step. Pure, so that a run that goes on from a checkpoint takes the rates of one that never stopped.
    /// </summary>
    /// <param name="course">The run.</param>
    /// <param name="step">The number of steps done before it in the whole run.</param>
    public abstract double Rate(Course course, long step);
}

/// <summary>What a schedule knows of the run.</summary>
/// <param name="LearningRate">The configured <c>learning_rate</c>, above 0.</param>
/// <param name="StepsPerEpoch">The number of steps of each epoch, at least 1.</param>
/// <param name="Epochs">The configured number of epochs, at least 1.</param>
/// <param name="Scores">The score that is watched, of each whole epoch so far; not finite where it is not defined.</param>
public sealed record Course(double LearningRate, int StepsPerEpoch, int Epochs = 1, EquatableArray<double> Scores = default);

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

/// <summary>
/// From the configured rate along half a wave of the cosine to 0 after the last step; Loshchilov &amp; Hutter 2017, equation 5, without
/// restarts.
/// </summary>
public sealed record CosineSchedule : Schedule
{
    /// <inheritdoc/>
    /// <remarks>lr·(1 + cos(π·s / S)) / 2 in step s of S.</remarks>
    public override double Rate(Course course, long step) =>
        course.LearningRate * (1 + Math.Cos(Math.PI * step / ((double)course.StepsPerEpoch * course.Epochs))) / 2;
}

/// <summary>The configured rate, which falls by a factor after every so many epochs.</summary>
/// <param name="Epochs">The epochs between two falls, at least 1.</param>
/// <param name="Factor">By what the rate is multiplied.</param>
public sealed record StepSchedule(int Epochs, double Factor) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(Course course, long step) =>
        course.LearningRate * Math.Pow(this.Factor, step / course.StepsPerEpoch / this.Epochs);
}

/// <summary>The configured rate, which falls by a factor whenever the score that is watched has not improved for some epochs.</summary>
/// <param name="Epochs">So many epochs without a better score, and the rate falls; at least 1. Counting then begins anew.</param>
/// <param name="Factor">By what the rate is multiplied.</param>
public sealed record PlateauSchedule(int Epochs, double Factor) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(Course course, long step)
    {
        // Scores of epochs that the step does not follow say nothing of it.
        var (best, since, falls) = (double.NegativeInfinity, 0, 0);
        foreach (var score in course.Scores.Take((int)Math.Min(course.Scores.Count, step / course.StepsPerEpoch)))
        {
            (best, since) = score > best ? (score, 0) : (best, since + 1);
            (falls, since) = since == this.Epochs ? (falls + 1, 0) : (falls, since);
        }

        return course.LearningRate * Math.Pow(this.Factor, falls);
    }
}

/// <summary>The schedules of configuration files.</summary>
public static class ScheduleNames
{
    /// <summary><see cref="ConstantSchedule"/>.</summary>
    public const string Constant = "constant";

    /// <summary><see cref="WarmupInverseSqrtSchedule"/>.</summary>
    public const string WarmupInverseSqrt = "warmup-inverse-sqrt";

    /// <summary><see cref="CosineSchedule"/>.</summary>
    public const string Cosine = "cosine";

    /// <summary><see cref="StepSchedule"/>.</summary>
    public const string Step = "step";

    /// <summary><see cref="PlateauSchedule"/>.</summary>
    public const string Plateau = "plateau";

    /// <summary>The schedules that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = new([Constant, WarmupInverseSqrt, Cosine, Step, Plateau]);

    /// <summary>Those by which the rate falls by <c>decay_factor</c>.</summary>
    public static EquatableArray<string> WithDecay { get; } = new([Step, Plateau]);
}
