using Mmoe.Training;

namespace Mmoe.Bench.Steps;

/// <summary>What trains the same model on the same rows as the others.</summary>
internal interface IContestant : IDisposable
{
    /// <summary>How results name it.</summary>
    string Name { get; }

    /// <summary>Trains once on every row.</summary>
    /// <param name="order">Row numbers, in the order of training.</param>
    /// <param name="batchSize">Rows per step.</param>
    /// <returns>The mean over rows of the loss, each at the time of its step.</returns>
    double Train(int[] order, int batchSize);
}

/// <summary>An engine of this project.</summary>
/// <param name="name">How results name it.</param>
/// <param name="engine">The engine, which has its rows.</param>
/// <param name="learningRate">The rate of every step.</param>
internal sealed class EngineContestant(string name, IEngine engine, double learningRate) : IContestant
{
    public string Name => name;

    public double Train(int[] order, int batchSize) =>
        engine.TrainEpoch(new EpochWork(order, batchSize), _ => learningRate, _ => { }, CancellationToken.None)
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)))
            .LossSum / order.Length;

    public void Dispose() => engine.Dispose();
}
