namespace Mmoe.Generators.Models;

/// <summary>Training parameters, complete for each kind of device.</summary>
internal sealed record TrainingModel(ParametersModel Any, ParametersModel Cpu, ParametersModel Gpu);

/// <summary>A complete set of training parameters; the learning rate is kept as written.</summary>
internal sealed record ParametersModel(
    int NumExperts,
    EquatableArray<int> Units,
    EquatableArray<int> TowerUnits,
    int BatchSize,
    int EpochSize,
    string LearningRate,
    bool SaveCheckpoint,
    int SaveCheckpointEpochs,
    int KeepCheckpointMax,
    int WarmupEpochs,
    int Seed)
{
    /// <summary>What holds where a schema says nothing: the reference model's parameters.</summary>
    public static ParametersModel BuiltIn { get; } = new(
        NumExperts: 8,
        Units: new([4]),
        TowerUnits: new([8]),
        BatchSize: 32,
        EpochSize: 100,
        LearningRate: "0.001",
        SaveCheckpoint: true,
        SaveCheckpointEpochs: 1,
        KeepCheckpointMax: 10,
        WarmupEpochs: 5,
        Seed: 5);
}
