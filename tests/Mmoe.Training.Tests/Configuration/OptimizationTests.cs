using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests;

public sealed class OptimizationTests
{
    [Fact]
    public void A_configuration_names_its_optimiser_and_clipping()
    {
        Assert.Equal(new Adam(0.9, 0.999, 1e-8, 0, false), Optimizers.Of(new()));
        Assert.Equal(new Adam(0.8, 0.99, 1e-7, 0.1, false), Optimizers.Of(new() { Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-7, WeightDecay = 0.1 }));
        Assert.Equal(new Adam(0.9, 0.999, 1e-8, 0.01, true), Optimizers.Of(new() { Optimizer = "adamw" }));
        Assert.Equal(new Adam(0.9, 0.999, 1e-8, 0, true), Optimizers.Of(new() { Optimizer = "adamw", WeightDecay = 0 }));
        Assert.Equal(new Sgd(0.9, 0), Optimizers.Of(new() { Optimizer = "sgd" }));
        Assert.Equal(new Sgd(0.5, 0.2), Optimizers.Of(new() { Optimizer = "sgd", Momentum = 0.5, WeightDecay = 0.2 }));
        Assert.Equal(Clipping.None, Optimizers.ClippingOf(new()));
        Assert.Equal(new GlobalNormClipping(5), Optimizers.ClippingOf(new() { Clip = "global" }));
        Assert.Equal(new TensorNormClipping(2), Optimizers.ClippingOf(new() { Clip = "tensor", ClipNorm = 2 }));
    }

    [Fact]
    public void What_would_change_nothing_is_refused_all_of_it_together()
    {
        Assert.Equal(
            [
                "beta1: the optimizer sgd has no use for it; set momentum, or take adam",
                "beta2: the optimizer sgd has no use for it; leave it out, or take adam",
                "epsilon: the optimizer sgd has no use for it; leave it out, or take adam",
                "clip_norm: with clip=none nothing is clipped; set clip=global or clip=tensor",
                "decay_epochs: the schedule constant has no use for it; leave it out, or take another schedule: step, plateau",
                "decay_factor: the schedule constant has no use for it; leave it out, or take another schedule: step, plateau",
                "monitor: nothing looks at a score; set early_stopping, or schedule=plateau",
                "monitor: the dataset has no task 'y2'; did you mean 'y0'?",
            ],
            Faults(new()
            {
                Optimizer = "sgd",
                Beta1 = 0.1,
                Beta2 = 0.1,
                Epsilon = 0.1,
                ClipNorm = 1,
                DecayEpochs = 1,
                DecayFactor = 0.5,
                Monitor = "y2",
            }));
        Assert.Equal(["momentum: the optimizer adamw has no use for it; set beta1, or take sgd"], Faults(new() { Optimizer = "adamw", Momentum = 0.1 }));
        Assert.Empty(Faults(new() { EarlyStopping = 2, Monitor = "y1" }));
        Assert.Empty(Faults(new() { Monitor = "average", DecayFactor = 0.3 }, "plateau"));
    }

    private static string[] Faults(OptimizationOptions options, string schedule = "constant") => Optimizers
        .Check(
            Synthetic.Descriptor.Tasks,
            TrainingConfig.DefaultsOf(Synthetic.Descriptor, "cpu") with { Optimization = options, Schedule = schedule })
        .Match(_ => [], faults => faults.Map(fault => fault.ToString()).ToArray());
}
