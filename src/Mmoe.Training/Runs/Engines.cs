using System.Runtime.Intrinsics.X86;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training.Fused;
using Mmoe.Training.Torch;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Engines by name.</summary>
public static class Engines
{
    // Measured: see docs/engines.md, "The rule of auto".
    private const int LargeWeights = 200_000;
    private const long LargeProducts = 1 << 25;

    /// <summary>
    /// The engine that a configuration asks for, with what was carried over, or else the seed's initial values. <c>auto</c> takes TorchSharp
    /// where the fused engine cannot do what is asked for, and where libtorch is there and faster; see <see cref="IsTorchAhead"/>. Else it takes
    /// the fused engine.
    /// </summary>
    /// <returns>The engine, or a fault: what the engine cannot do, or libtorch or the device that is not there.</returns>
    public static Validation<Fault, IEngine> Create(FittedModel model, TrainingConfig config) => Create(model, config, IsZen4);

    /// <inheritdoc cref="Create(FittedModel, TrainingConfig)"/>
    internal static Validation<Fault, IEngine> Create(FittedModel model, TrainingConfig config, bool isZen4) => config.Engine switch
    {
        EngineNames.Torch => Torch(model, config),
        EngineNames.Fused => Check(config).Map(_ => (IEngine)Fused(model, config)),
        EngineNames.Auto => FusedFaults(config).IsEmpty && !(IsTorchAhead(model.Layout, config.Parameters.BatchSize, isZen4) && LibTorch.Ensure().IsSuccess)
            ? Success<Fault, IEngine>(Fused(model, config))
            : Torch(model, config),
        var other => throw new ArgumentException($"there is no engine '{other}'", nameof(config)),
    };

    /// <summary>
    /// Whether training is faster with libtorch's products of matrices: behind the first layer there are 200,000 parameters or more, which with
    /// their gradients fill a processor's own cache, and a batch multiplies them 2²⁵ times or more. Not on <see cref="IsZen4"/>.
    /// </summary>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="batchSize">Rows per batch.</param>
    /// <param name="isZen4">Whether the processor is one of AMD's with vectors of 512 bits.</param>
    internal static bool IsTorchAhead(ParameterLayout layout, int batchSize, bool isZen4)
    {
        var block = layout.FirstLayer;
        var behind = layout.Length - ((block.Inputs + 1L) * block.Stride);
        return !isZen4 && behind >= LargeWeights && behind * batchSize >= LargeProducts;
    }

    /// <summary>
    /// Whether this is a processor of AMD's with vectors of 512 bits, Zen 4 or later: the fused engine was ahead on it with every model that was
    /// measured.
    /// </summary>
    internal static bool IsZen4 { get; } = Avx512F.IsSupported && X86Base.CpuId(0, 0) is (_, 0x6874_7541, 0x444D_4163, 0x6974_6E65); // AuthenticAMD

    /// <summary>What is wrong with a configuration that asks for an engine by name, before anything is computed; all of it.</summary>
    /// <returns>A fault for each key that the engine cannot do.</returns>
    public static Validation<Fault, Unit> Check(TrainingConfig config) =>
        config.Engine == EngineNames.Fused ? ModelBuilder.None(FusedFaults(config)) : Success<Fault, Unit>(unit);

    /// <summary>What of a configuration the fused engine cannot do.</summary>
    private static Seq<Fault> FusedFaults(TrainingConfig config)
    {
        const string Hint = $"set engine={EngineNames.Torch}";
        var faults = Seq<Fault>();
        if (config.Device != DeviceNames.Cpu)
        {
            faults = faults.Add(Fault.OfKey("device", $"the fused engine computes on the CPU, not on {config.Device}", Hint));
        }

        return config.Optimization.Precision == Precision.Float32
            ? faults
            : faults.Add(Fault.OfKey("precision", "the fused engine computes in float32 alone", Hint));
    }

    private static FusedEngine Fused(FittedModel model, TrainingConfig config) => new(
        model.Plan.Spec,
        model.Inputs,
        model.Layout,
        Start(model, config),
        new FusedOptions(Threads(config), config.Parameters.Seed)
        {
            Optimizer = Optimizers.Of(config.Optimization),
            Clipping = Optimizers.ClippingOf(config.Optimization),
        });

    private static Validation<Fault, IEngine> Torch(FittedModel model, TrainingConfig config) =>
        TorchEngine.Create(
            model.Plan.Spec,
            model.Inputs,
            model.Layout,
            Start(model, config),
            new TorchOptions(config.Device, Threads(config), config.Parameters.Seed)
            {
                Optimizer = Optimizers.Of(config.Optimization),
                Clipping = Optimizers.ClippingOf(config.Optimization),
                Precision = config.Optimization.Precision,
            })
            .Map(engine => (IEngine)engine);

    // More would wait for each other.
    private static int Threads(TrainingConfig config) => Math.Min(config.Threads, Environment.ProcessorCount);

    private static float[] Start(FittedModel model, TrainingConfig config) =>
        model.Transfer?.Values ?? Initialiser.Values(model.Layout, config.Parameters.Seed);
}
