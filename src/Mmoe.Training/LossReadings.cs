using System.Globalization;
using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>The losses and gradients of an epoch's batches as they come in from the device.</summary>
/// <param name="work">The epoch.</param>
/// <param name="areSums">Whether a loss comes as a sum over the batch's rows; else as a mean.</param>
/// <param name="stepsBefore">The steps of the run before those that come in.</param>
internal sealed class LossReadings(EpochWork work, bool areSums, long stepsBefore)
{
    private const int ShownRows = 128;

    private double sum = work.Done.LossSum;
    private int batches = work.Done.Steps * work.Accumulate;

    /// <summary>What is done of the epoch, but for its time.</summary>
    public TrainedSteps Done => work.Done with { Steps = this.Steps, LossSum = this.sum };

    /// <summary>The steps done of the epoch.</summary>
    public int Steps => (this.batches + work.Accumulate - 1) / work.Accumulate;

    /// <summary>Takes what follows, batch by batch.</summary>
    /// <param name="losses">The losses.</param>
    /// <param name="gradients">
    /// A number per batch that is finite where all elements of its gradient are; a single one, where gradients are looked at elsewhere.
    /// </param>
    /// <returns>A fault if one is not finite.</returns>
    public Fault? Add(ReadOnlySpan<float> losses, ReadOnlySpan<float> gradients)
    {
        for (var i = 0; i < losses.Length; i++)
        {
            var (first, count) = this.Batch();
            if (!float.IsFinite(losses[i]))
            {
                return this.Fault("loss", losses[i], first, count);
            }

            if (!float.IsFinite(gradients[i]))
            {
                return this.Fault("gradient's sum", gradients[i], first, count);
            }

            this.sum += areSums ? losses[i] : losses[i] * count;
            this.batches++;
        }

        return null;
    }

    private (int First, int Count) Batch()
    {
        var first = (int)((long)this.batches * work.BatchSize);
        return (first, Math.Min(work.BatchSize, work.Order.Length - first));
    }

    private Fault Fault(string what, float value, int first, int count)
    {
        var step = stepsBefore + ((this.batches - (work.Done.Steps * work.Accumulate)) / work.Accumulate) + 1;
        var rows = work.Order.AsSpan(first, count);
        var shown = string.Join(", ", rows[..Math.Min(count, ShownRows)].ToArray().Select(row => row.ToString(CultureInfo.InvariantCulture)));
        var more = count > ShownRows ? string.Create(CultureInfo.InvariantCulture, $" and {count - ShownRows} more") : "";
        return Data.Fault.Run(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the {what} of step {step} (batch {this.batches + 1} of the epoch, rows {shown}{more} of the train split, from 0) is {value}"),
            "lower the learning rate, clip gradients, or look for extreme values in those rows");
    }
}
