using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>How one task's targets are scaled.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Mean">The mean of the labels present in the train split; 0 for other tasks than regressions.</param>
/// <param name="Deviation">Their population standard deviation, 1 if they are constant; 1 for other tasks than regressions.</param>
public sealed record TargetScale(string Task, float Mean, float Deviation)
{
    /// <summary>From the label's units to the model's. NaN stays NaN.</summary>
    public float Standardise(float target) => (target - this.Mean) / this.Deviation;

    /// <summary>From the model's units to the label's.</summary>
    public float Restore(float output) => (output * this.Deviation) + this.Mean;
}

/// <summary>How targets of regressions are brought to mean 0 and deviation 1: fitted on the train split, saved with the model.</summary>
/// <param name="Fingerprint">The fingerprint of the schema that it was fitted for.</param>
/// <param name="Scales">One scale per task; the identity for other tasks than regressions.</param>
public sealed record TargetScaling(string Fingerprint, EquatableArray<TargetScale> Scales)
{
    /// <summary>Fits a scaling, accumulating in double precision.</summary>
    /// <param name="train">The train split.</param>
    /// <returns>The scaling, or a fault for each regression of which the split holds no label.</returns>
    public static Validation<Fault, TargetScaling> Fit(TrainSplit train)
    {
        var table = train.Table;
        var width = table.Descriptor.Labels.Count;
        var faults = new List<Fault>();
        var scales = new List<TargetScale>();
        foreach (var task in table.Descriptor.Tasks)
        {
            if (task is not RegressionTask regression)
            {
                scales.Add(new(task.Name, 0, 1));
            }
            else if (Moments.Of(table.Labels.Span, regression.Label.LabelIndex, width) is { } moments)
            {
                scales.Add(new(task.Name, moments.Mean, moments.Deviation));
            }
            else
            {
                faults.Add(Fault.Data($"task '{task.Name}' of '{table.Descriptor.Name}' has no label in the train split"));
            }
        }

        return faults.Count == 0
            ? Success<Fault, TargetScaling>(new(table.Descriptor.Fingerprint, new(scales)))
            : Fail<Fault, TargetScaling>(faults.ToSeq());
    }
}
