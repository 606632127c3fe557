using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Which checkpoints an epoch leaves behind.</summary>
internal static class RunCheckpoints
{
    /// <summary>
    /// Writes <c>last</c> with the optimiser's state, <c>best-…</c> for whatever the epoch is the best of, and the epoch's own where the
    /// configuration asks for it; then removes epochs beyond those to keep.
    /// </summary>
    public static Validation<Fault, Unit> Save(RunContext run, IEngine engine, EpochReport epoch, Best best)
    {
        var model = Of(run, engine, epoch);
        var last = model with { Training = State(run, engine, best) };
        var p = run.Config.Parameters;
        var paths = best.NamesOf(epoch.Epoch).Select(run.Directory.Best).ToSeq();
        paths = p.SaveCheckpoint && epoch.Epoch % p.SaveCheckpointEpochs == 0 ? paths.Add(run.Directory.Epoch(epoch.Epoch)) : paths;
        return paths
            .Fold(last.Save(run.Directory.Last), (saved, path) => saved.Bind(_ => model.Save(path)))
            .Bind(_ => RemoveOld(run, epoch.Epoch));
    }

    private static Checkpoint Of(RunContext run, IEngine engine, EpochReport epoch)
    {
        var (plan, model) = (run.Model.Plan, run.Model);
        return new(
            SchemaSummary.Of(plan.Dataset),
            plan.Spec,
            model.Inputs,
            model.Targets,
            epoch.Epoch,
            epoch.Validation.ToJson(),
            new(engine.Parameters()),
            Training: null)
        {
            Drawn = plan.Dataset.Source as SyntheticSource,
        };
    }

    private static TrainingState State(RunContext run, IEngine engine, Best best)
    {
        var optimizer = engine.Optimizer();
        return new(optimizer.Steps, run.Config.Parameters.Seed, new(optimizer.FirstMoment), new(optimizer.SecondMoment), best.Scores);
    }

    // One epoch's file at most falls out per epoch; whatever else lies in the folder is left alone.
    private static Validation<Fault, Unit> RemoveOld(RunContext run, int epoch)
    {
        var p = run.Config.Parameters;
        var old = (epoch / p.SaveCheckpointEpochs * p.SaveCheckpointEpochs) - (p.KeepCheckpointMax * p.SaveCheckpointEpochs);
        try
        {
            if (old > 0)
            {
                File.Delete(run.Directory.Epoch(old));
            }

            return Success<Fault, Unit>(unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, Unit>(Fault.Run(string.Create(CultureInfo.InvariantCulture, $"the checkpoint of epoch {old} cannot be removed: {e.Message}")));
        }
    }
}
