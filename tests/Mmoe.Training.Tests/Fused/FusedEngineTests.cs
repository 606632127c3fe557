using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

public sealed class FusedEngineTests : EngineContract
{
    private protected override IEngine Engine(TestModel model, EngineOptions options) => model.Fused(options);
}

public sealed class FusedOptimizerTests : OptimizerContract
{
    private protected override IEngine Engine(TestModel model, EngineOptions options) => model.Fused(options);
}
