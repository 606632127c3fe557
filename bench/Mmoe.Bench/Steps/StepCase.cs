namespace Mmoe.Bench.Steps;

/// <summary>What is measured.</summary>
/// <param name="Name">How the command line names it.</param>
/// <param name="Sizes">The model.</param>
/// <param name="BatchSize">Rows per step.</param>
/// <param name="Rounds">How often every contestant trains an epoch.</param>
/// <param name="Threads">Numbers of threads, besides one, of the fused engine: none where a batch is too small to be shared out.</param>
internal sealed record StepCase(string Name, MmoeSizes Sizes, int BatchSize, int Rounds, params int[] Threads)
{
    private static readonly MmoeSizes Reference = new(Experts: 8, Units: 4, TowerUnits: 8);

    private static readonly MmoeSizes Wide = new(Experts: 8, Units: 256, TowerUnits: 64);

    /// <summary>The reference model at three batch sizes, and a wide one.</summary>
    public static StepCase[] All { get; } =
    [
        new("32", Reference, 32, Rounds: 15),
        new("128", Reference, 128, Rounds: 25),
        new("1024", Reference, 1024, Rounds: 25, Threads: 2),
        new("wide", Wide, 1024, Rounds: 7, Threads: 2),
    ];
}
