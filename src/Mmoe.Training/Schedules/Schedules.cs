using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Schedules by name.</summary>
public static class Schedules
{
    /// <summary>The schedule that a configuration asks for.</summary>
    /// <returns>The schedule, or a fault where another key of the configuration does not fit it.</returns>
    public static Validation<Fault, Schedule> Of(TrainingConfig config) => config.Schedule switch
    {
        ScheduleNames.Constant => Success<Fault, Schedule>(new ConstantSchedule()),
        ScheduleNames.WarmupInverseSqrt when config.Parameters.WarmupEpochs < 1 => Fail<Fault, Schedule>(Fault.Usage(
            $"schedule {config.Schedule} needs warmup_epochs of at least 1, and it is {config.Parameters.WarmupEpochs}",
            "set warmup_epochs, or take the schedule constant")),
        ScheduleNames.Cosine => Success<Fault, Schedule>(new CosineSchedule()),
        ScheduleNames.Step => Success<Fault, Schedule>(new StepSchedule(DecayEpochs(config), DecayFactor(config))),
        ScheduleNames.Plateau => Success<Fault, Schedule>(new PlateauSchedule(DecayEpochs(config), DecayFactor(config))),
        ScheduleNames.WarmupInverseSqrt => Success<Fault, Schedule>(new WarmupInverseSqrtSchedule(config.Parameters.WarmupEpochs)),
        _ => throw new ArgumentException($"'{config.Schedule}' is no schedule", nameof(config)),
    };

    private static int DecayEpochs(TrainingConfig config) => config.Optimization.DecayEpochs ?? 10;

    private static double DecayFactor(TrainingConfig config) => config.Optimization.DecayFactor ?? 0.1;
}
