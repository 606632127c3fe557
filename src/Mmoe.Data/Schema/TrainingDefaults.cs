namespace Mmoe.Data;

/// <summary>The training parameters that a schema states, complete: one value each for any device, for CPU and for GPU.</summary>
/// <param name="Any">The defaults before a device is considered.</param>
/// <param name="Cpu">The defaults on a CPU.</param>
/// <param name="Gpu">The defaults on a GPU.</param>
public sealed record TrainingDefaults(TrainingParameters Any, TrainingParameters Cpu, TrainingParameters Gpu);

/// <summary>Training parameters; the names in snake case are those of configuration files.</summary>
/// <param name="NumExperts"><c>num_experts</c>: the number of experts.</param>
/// <param name="Units"><c>units</c>: the widths of an expert's dense layers.</param>
/// <param name="TowerUnits"><c>tower_units</c>: the widths of a tower's dense layers before its output.</param>
/// <param name="BatchSize"><c>batch_size</c>: rows per training step.</param>
/// <param name="EpochSize"><c>epoch_size</c>: passes over the train split.</param>
/// <param name="LearningRate"><c>learning_rate</c>: of the optimiser.</param>
/// <param name="SaveCheckpoint"><c>save_checkpoint</c>: whether epoch checkpoints are written.</param>
/// <param name="SaveCheckpointEpochs"><c>save_checkpoint_epochs</c>: epochs between two epoch checkpoints.</param>
/// <param name="KeepCheckpointMax"><c>keep_checkpoint_max</c>: how many epoch checkpoints are kept, the newest.</param>
/// <param name="WarmupEpochs"><c>warmup_epochs</c>: epochs of rising learning rate; acts only with a schedule that has a warm-up.</param>
/// <param name="Seed"><c>seed</c>: fixes initial values and the order of rows.</param>
public sealed record TrainingParameters(
    int NumExperts,
    EquatableArray<int> Units,
    EquatableArray<int> TowerUnits,
    int BatchSize,
    int EpochSize,
    double LearningRate,
    bool SaveCheckpoint,
    int SaveCheckpointEpochs,
    int KeepCheckpointMax,
    int WarmupEpochs,
    int Seed);
