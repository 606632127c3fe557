using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public Task Dataset() => Verifier.Verify(GeneratorHost.Run(Schemas.Small).Source("SmallLoans.g.cs"), "cs");

    [Fact]
    public Task Registry() => Verifier.Verify(
        GeneratorHost.Run(("b.schema.json", Schemas.Small), ("a.schema.json", Schemas.Named("zebras"))).Source("Registry.g.cs"), "cs");

    [Fact]
    public Task Registry_without_a_schema() => Verifier.Verify(GeneratorHost.Run([]).Source("Registry.g.cs"), "cs");

    [Fact]
    public Task Synthetic_dataset() => Verifier.Verify(GeneratorHost.Run(Schemas.Synthetic).Source("Waves.g.cs"), "cs");
}
