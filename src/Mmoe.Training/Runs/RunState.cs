using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Where a run stands: what it goes on from.</summary>
/// <param name="Epochs">Every whole epoch.</param>
/// <param name="Begun">What is done of the epoch after them.</param>
/// <param name="Last">The checkpoint that holds it; null before the first.</param>
internal sealed record RunState(Seq<EpochReport> Epochs, TrainedSteps Begun, Checkpoint? Last)
{
    /// <summary>Before the first step.</summary>
    public static RunState Initial { get; } = new([], TrainedSteps.None, null);

    /// <summary>How far that is.</summary>
    public RunProgress Progress => new(this.Epochs.Count, this.Begun.Steps);

    /// <summary>Where a run stands that its folder holds.</summary>
    /// <returns>
    /// The state, the initial one where there is no checkpoint; or faults: other checkpoints and no <c>last</c>, one of another model or of
    /// other data, one of a best epoch that is gone, files that cannot be read, fewer epochs asked for than are done.
    /// </returns>
    public static Validation<Fault, RunState> Read(RunContext run) =>
        !File.Exists(run.Directory.Last)
            ? Beginning(run.Directory)
            : from last in Checkpoint.Load(run.Directory.Last)
              from training in Check(run, last)
              from best in CheckBest(run.Directory, last.Epoch, training)
              from epochs in RunFiles.ReadMetrics(run.Directory, run.Model.Plan.Dataset.Tasks, last.Epoch)
              select new RunState(
                  epochs.Strict(),
                  training.Begun is { } begun ? new(begun.Steps, begun.LossSum, begun.Seconds) : TrainedSteps.None,
                  last);

    // A run that was killed before its first `last` has no other checkpoint of an epoch either: they are written after it.
    private static Validation<Fault, RunState> Beginning(RunDirectory run)
    {
        try
        {
            string[] ofEpochs = [.. new[] { "best-*", "epoch-*" }.SelectMany(name => Directory.GetFiles(run.Checkpoints, $"{name}.safetensors"))];
            return ofEpochs.Order(StringComparer.Ordinal).FirstOrDefault() is { } other
                ? Fail<Fault, RunState>(RunFiles.Gone(
                    run.Last, $"is missing, without which the run cannot go on; to begin anew would write over {Path.GetFileName(other)}"))
                : Success<Fault, RunState>(Initial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, RunState>(Fault.Run($"{run.Checkpoints}: cannot be read: {e.Message}", "name a run that you may read"));
        }
    }

    // Parameters of a best epoch are in its file alone; those of the epoch that `last` holds the end of are written again.
    private static Validation<Fault, Unit> CheckBest(RunDirectory run, int epoch, TrainingState training) => ModelBuilder.None(
        from best in training.Best
        where training.Begun is not null || best.Epoch < epoch
        let path = run.Best(best.Name)
        let fault = !File.Exists(path)
            ? "is missing"
            : Checkpoint.Load(path).MatchUnsafe(
                Succ: held => held.Epoch == best.Epoch
                    ? null
                    : string.Create(CultureInfo.InvariantCulture, $"holds epoch {held.Epoch}, and the best was {best.Epoch}"),
                Fail: faults => faults.Head.What.TrimEnd('.'))
        where fault is not null
        select RunFiles.Gone(path, $"{fault}, and the run has the parameters of its best epoch by '{best.Name}' nowhere else"));

    private static Validation<Fault, TrainingState> Check(RunContext run, Checkpoint last)
    {
        var (place, model) = (new FileLocation(run.Directory.Last), run.Model);
        var begun = last.Epoch + (last.Training?.Begun is null ? 0 : 1);
        return last.Training is not { } training
            ? Fail<Fault, TrainingState>(Fault.Data("holds no state to go on from", place, "train again"))
            : last.CheckAgainst(model.Plan.Dataset, run.Directory.Last).Bind(_ =>
                last.Spec != model.Plan.Spec || training.Seed != run.Config.Parameters.Seed
                    ? Fail<Fault, TrainingState>(Fault.Data("is of another model or seed than the run's config.yaml", place, "train again"))
                : last.Inputs != model.Inputs || last.TargetScaling != model.Targets || training.Data != run.Data
                    ? Fail<Fault, TrainingState>(Fault.Data(
                        "the rows of the splits are not those that the run began with", place, "name the run's data with --data, or train again"))
                : begun > run.Config.Parameters.EpochSize
                    ? Fail<Fault, TrainingState>(Fault.Usage(
                        $"the run has begun epoch {begun}, and epoch_size is {run.Config.Parameters.EpochSize}",
                        "give --epochs no less than it has done"))
                : Success<Fault, TrainingState>(training));
    }
}

/// <summary>What makes reports of epochs: all that they share.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Course">The run, with the scores of the epochs so far.</param>
/// <param name="Monitor">The score that is watched.</param>
/// <param name="Rows">The rows of the train split.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Device">Where it computes.</param>
internal sealed record RunCourse(Schedule Schedule, Course Course, Monitor Monitor, int Rows, string Engine, string Device)
{
    /// <summary>The course after epochs.</summary>
    public RunCourse After(IEnumerable<EpochReport> epochs) =>
        this with { Course = this.Course with { Scores = [.. epochs.Select(this.Monitor.ScoreOf)] } };

    /// <summary>The learning rate of a step, given the number of those before it in the whole run.</summary>
    public double Rate(long step) => this.Schedule.Rate(this.Course, step);

    /// <summary>The report of an epoch.</summary>
    public EpochReport Report(int epoch, TrainedSteps done, EpochMetrics metrics) => new(
        epoch, done.LossSum / this.Rows, this.Rate(((long)epoch * this.Course.StepsPerEpoch) - 1), done.Seconds, done.Steps, metrics.Validation)
    {
        Train = metrics.Train,
        Engine = this.Engine,
        Device = this.Device,
    };
}
