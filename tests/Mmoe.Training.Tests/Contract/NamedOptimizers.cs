namespace Mmoe.Training.Tests.Contract;

/// <summary>Optimisers of all kinds, with numbers that are not the usual ones.</summary>
internal static class NamedOptimizers
{
    public static readonly string[] Names = ["adam", "adam with decay", "adamw", "sgd", "sgd without momentum", "sgd with decay"];

    public static Optimizer Of(string name) => name switch
    {
        "adam" => new Adam(0.8, 0.95, 1e-3),
        "adam with decay" => new Adam(0.8, 0.95, 1e-3, WeightDecay: 0.3),
        "adamw" => new Adam(0.8, 0.95, 1e-3, WeightDecay: 0.3, IsDecoupled: true),
        "sgd" => new Sgd(0.7),
        "sgd without momentum" => new Sgd(0),
        "sgd with decay" => new Sgd(0.7, 0.3),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "there is no such optimiser"),
    };
}
