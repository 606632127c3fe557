using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

public sealed class EmittedCodeTests
{
    [Fact]
    public void It_compiles_without_a_warning()
    {
        var compilation = GeneratorHost.Compile(Schemas.Small);
        Assert.Empty(compilation.Complaints());
    }
}
