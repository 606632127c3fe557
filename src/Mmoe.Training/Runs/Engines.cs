using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training.Torch;

namespace Mmoe.Training;

/// <summary>Engines by name.</summary>
public static class Engines
{
    /// <summary>The engine that a configuration asks for, with the seed's initial values; <c>auto</c> takes TorchSharp, the only one yet.</summary>
    /// <returns>The engine, or a fault where libtorch or the device is not there.</returns>
    public static Validation<Fault, IEngine> Create(ModelPlan plan, TrainingConfig config) =>
        TorchEngine.Create(
                plan.Spec,
                plan.Inputs,
                plan.Layout,
                Initialiser.Values(plan.Layout, config.Parameters.Seed),
                new TorchOptions(config.Device, config.Threads, Seed: config.Parameters.Seed))
            .Map(engine => (IEngine)engine);
}
