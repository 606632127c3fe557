using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training.Torch;

namespace Mmoe.Training;

/// <summary>Engines by name.</summary>
public static class Engines
{
    /// <summary>
    /// The engine that a configuration asks for, with what was carried over, or else the seed's initial values; <c>auto</c> takes
    /// TorchSharp, the only one yet.
    /// </summary>
    /// <returns>The engine, or a fault where libtorch or the device is not there.</returns>
    public static Validation<Fault, IEngine> Create(FittedModel model, TrainingConfig config) =>
        TorchEngine.Create(
            model.Plan.Spec,
            model.Inputs,
            model.Layout,
            model.Transfer?.Values ?? Initialiser.Values(model.Layout, config.Parameters.Seed),
            new TorchOptions(config.Device, config.Threads, config.Parameters.Seed)
            {
                Optimizer = Optimizers.Of(config.Optimization),
                Clipping = Optimizers.ClippingOf(config.Optimization),
                Precision = config.Optimization.Precision,
            })
            .Map(engine => (IEngine)engine);
}
