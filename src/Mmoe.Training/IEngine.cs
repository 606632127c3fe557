using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>
/// What computes steps. Engines share layout, initial values, order of rows and schedules, so that one can take over from another in the
/// middle of a run: all their state is flat vectors in the order of <see cref="ParameterLayout"/>. An engine belongs to one thread at a
/// time.
/// </summary>
public interface IEngine : IDisposable
{
    /// <summary>The engine's name, as in <c>--engine</c> and in the summary of a run.</summary>
    string Name { get; }

    /// <summary>Where it computes, as in <c>--device</c>: <c>cpu</c>, <c>cuda:0</c>.</summary>
    string Device { get; }

    /// <summary>Takes the rows to train on, in place of those it had.</summary>
    /// <param name="train">The rows. They are copied where that makes the steps faster; the arrays must not change afterwards.</param>
    void LoadTrain(ModelInputs train);

    /// <summary>Trains once on each row of an epoch that is still to come, batch by batch.</summary>
    /// <param name="work">The epoch.</param>
    /// <param name="learningRate">The rate of a step, given the number of steps done before it in the whole run.</param>
    /// <param name="progress">Told the number of steps done in the epoch, from time to time and at its end.</param>
    /// <param name="cancellation">Ends the call after the step under way.</param>
    /// <returns>
    /// What is done of the epoch by now: all of it, or less where cancellation was asked for, and then the state is that after a whole step.
    /// Or a <see cref="FaultKind.Run"/> fault that names the step and the rows of the first loss or gradient that is not finite: the
    /// parameters are then of no more use.
    /// </returns>
    Validation<Fault, TrainedSteps> TrainEpoch(
        EpochWork work, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation);

    /// <summary>Logits of rows under the present parameters.</summary>
    /// <param name="inputs">
    /// The rows; targets and weights are not looked at. They may be kept for the next call in a form that is faster, so that the arrays must not
    /// change afterwards.
    /// </param>
    /// <param name="cancellation">Ends the call after the block of rows under way.</param>
    /// <returns>[rows, widths of all heads], the towers side by side in order.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    float[] Logits(ModelInputs inputs, CancellationToken cancellation = default);

    /// <summary>A copy of the present parameters.</summary>
    float[] Parameters();

    /// <summary>Takes parameters in place of the present ones; the optimiser's state stays.</summary>
    /// <param name="parameters">The flat vector.</param>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>A copy of the optimiser's state.</summary>
    OptimizerState Optimizer();

    /// <summary>Takes a state of the optimiser in place of the present one.</summary>
    /// <param name="state">A state that an engine of the same model gave.</param>
    void Load(OptimizerState state);
}

/// <summary>Engines whose native memory is freed with them.</summary>
internal static class EngineLifetime
{
    /// <summary>
    /// Gives a result, and holds its engine until it is there: native code has addresses alone, and nobody has to dispose of an engine.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="result">What it computed.</param>
    public static T Alive<T>(this IEngine engine, T result)
    {
        GC.KeepAlive(engine);
        return result;
    }
}

/// <summary>The steps of an epoch.</summary>
/// <param name="Order">Row numbers of the train rows, in the order of training.</param>
/// <param name="BatchSize">Rows per pass, at least 1; the last may have fewer.</param>
/// <param name="Accumulate">
/// Batches per step, at least 1: parameters change by the mean of their gradients. The last step may have fewer.
/// </param>
public sealed record EpochWork(int[] Order, int BatchSize, int Accumulate = 1)
{
    /// <summary>What is done of the epoch already.</summary>
    public TrainedSteps Done { get; init; } = TrainedSteps.None;

    /// <summary>Rows of a step.</summary>
    public long RowsPerStep => (long)this.BatchSize * this.Accumulate;

    /// <summary>The steps of the whole epoch.</summary>
    public int Steps => (int)((this.Order.Length + this.RowsPerStep - 1) / this.RowsPerStep);
}

/// <summary>What is done of an epoch.</summary>
/// <param name="Steps">Steps done, of those with a gradient that overflowed in half precision too.</param>
/// <param name="LossSum">The sum over their rows of the loss, each at the time of its step.</param>
/// <param name="Seconds">How long they took.</param>
public sealed record TrainedSteps(int Steps, double LossSum, double Seconds)
{
    /// <summary>Nothing.</summary>
    public static TrainedSteps None { get; } = new(0, 0, 0);
}

/// <summary>What an optimiser remembers between steps.</summary>
/// <param name="Steps">The number of steps done.</param>
/// <param name="FirstMoment">
/// Per parameter in the order of the flat vector. Adam's m, the running mean of gradients; SGD's velocity.
/// </param>
/// <param name="SecondMoment">Adam's v, the running mean of squared gradients; of no use to SGD.</param>
public sealed record OptimizerState(long Steps, float[] FirstMoment, float[] SecondMoment)
{
    /// <summary>Of the steps, those whose gradient overflowed, which changed nothing.</summary>
    public long Skipped { get; init; }

    /// <summary>The scale of the loss; null where it is not scaled.</summary>
    public LossScale? Scale { get; init; }

    /// <summary>The state before the first step.</summary>
    /// <param name="length">The length of the flat vector.</param>
    public static OptimizerState Initial(int length) => new(0, new float[length], new float[length]);
}
