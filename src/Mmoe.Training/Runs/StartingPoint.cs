using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The checkpoint that a run trains on.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Tasks">Its model with the tasks of the run's dataset.</param>
/// <param name="Seed">What starts from anew what it does not have.</param>
/// <param name="IsOfRun">Whether it is what the run itself has begun with, and nothing is to be carried over any more.</param>
public sealed record StartingPoint(string Path, Checkpoint Checkpoint, TaskAdaptation Tasks, int Seed, bool IsOfRun)
{
    /// <summary>Reads a checkpoint, of whatever schema.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The checkpoint; or that it is not there, or what is wrong with it.</returns>
    internal static Validation<Fault, Checkpoint> Load(string path) => File.Exists(path)
        ? Checkpoint.Load(path)
        : Fail<Fault, Checkpoint>(Fault.Usage($"{path}: there is no such checkpoint", "name a checkpoint file, or a run's folder"));

    /// <summary>Where a run starts.</summary>
    /// <param name="path">The checkpoint that its configuration names.</param>
    /// <param name="resumed">The folder of the run, if it goes on: what it has begun with lies there, unless it was stopped before.</param>
    /// <param name="tasks">The tasks of the run's dataset.</param>
    /// <param name="seed">The run's seed.</param>
    internal static Validation<Fault, StartingPoint> Of(string path, RunDirectory? resumed, EquatableArray<TaskDescriptor> tasks, int seed)
    {
        var isOfRun = resumed is not null && File.Exists(resumed.Start);
        var file = isOfRun ? resumed!.Start : path;
        return from checkpoint in Load(file)
               from adapted in TaskAdaptation.Of(checkpoint.Spec, tasks).MapFail(fault => fault with { What = $"the checkpoint's model: {fault.What}" })
               select new StartingPoint(file, checkpoint, adapted, seed, isOfRun);
    }

    /// <summary>Carries the parameters over.</summary>
    /// <param name="dataset">The run's dataset.</param>
    /// <param name="spec">The run's model.</param>
    /// <param name="inputs">What it sees.</param>
    internal ParameterTransfer Carry(DatasetDescriptor dataset, ModelSpec spec, InputLayout inputs) =>
        ParameterTransfer.Of(this.Checkpoint, spec, inputs, SchemaSummary.Of(dataset), this.Seed);

    /// <summary>The scaling of targets, that of the checkpoint for regressions that it has.</summary>
    /// <param name="fitted">The scaling as fitted on the train split.</param>
    /// <param name="spec">The run's model.</param>
    internal TargetScaling Keep(TargetScaling fitted, ModelSpec spec)
    {
        bool IsRegression(ModelSpec model, string task) => model.Towers.Any(tower => tower.Task == task && tower.Head is RegressionHead);
        return fitted with
        {
            Scales =
            [
                .. fitted.Scales.Select(scale => IsRegression(this.Checkpoint.Spec, scale.Task) && IsRegression(spec, scale.Task)
                    ? this.Checkpoint.TargetScaling.Scales.First(known => known.Task == scale.Task)
                    : scale),
            ],
        };
    }
}
