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

    /// <summary>Trains once on each of the rows named, batch by batch; the last batch may be smaller.</summary>
    /// <param name="order">Row numbers of the train rows, in the order of training; an epoch, or what is left of one.</param>
    /// <param name="batchSize">Rows per step, at least 1.</param>
    /// <param name="learningRate">The rate of a step, given the number of steps done before it in the whole run.</param>
    /// <param name="progress">Told the number of steps done in this call, from time to time and at its end.</param>
    /// <param name="cancellation">Ends the call after the step under way.</param>
    /// <returns>
    /// The mean loss over the rows, each at the time of its step; or a <see cref="FaultKind.Run"/> fault that names the step and the batch
    /// of the first loss that is not finite: the parameters are then of no more use.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for; the state is that after a whole step.</exception>
    Validation<Fault, double> TrainEpoch(
        int[] order, int batchSize, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation);

    /// <summary>Logits of rows under the present parameters.</summary>
    /// <param name="inputs">The rows; targets and weights are not looked at.</param>
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

/// <summary>What Adam remembers between steps.</summary>
/// <param name="Steps">The number of steps done.</param>
/// <param name="FirstMoment">m: the running mean of gradients, per parameter in the order of the flat vector.</param>
/// <param name="SecondMoment">v: the running mean of squared gradients.</param>
public sealed record OptimizerState(long Steps, float[] FirstMoment, float[] SecondMoment)
{
    /// <summary>The state before the first step.</summary>
    /// <param name="length">The length of the flat vector.</param>
    public static OptimizerState Initial(int length) => new(0, new float[length], new float[length]);
}

/// <summary>The constants of Adam; Kingma &amp; Ba 2015, algorithm 1.</summary>
/// <param name="Beta1">β1: how much of the first moment a step keeps.</param>
/// <param name="Beta2">β2: how much of the second moment a step keeps.</param>
/// <param name="Epsilon">ε: added to the root of the second moment, after bias correction.</param>
public sealed record AdamOptions(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8);
