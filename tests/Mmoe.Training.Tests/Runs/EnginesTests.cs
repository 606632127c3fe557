using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Training.Fused;

namespace Mmoe.Training.Tests.Runs;

/// <summary>Which engine a configuration gets, and with how many threads.</summary>
[Collection("torch")]
public sealed class EnginesTests
{
    // One expert: of 500 units and 500 more there are some 254,000 weights behind the first layer, of 400 and 400 some 164,000.
    [Theory]
    [Trait("Native", "libtorch")]
    [InlineData(EngineNames.Torch, false, "[500,500]", 200)]
    [InlineData(EngineNames.Fused, true, "[500,500]", 200)]
    [InlineData(EngineNames.Fused, false, "[500,500]", 100)]
    [InlineData(EngineNames.Fused, false, "[400,400]", 1_000)]
    [InlineData(EngineNames.Fused, false, "[500]", 1_000)]
    public void Auto_takes_torch_with_many_weights_and_rows_but_on_Zen_4(string expected, bool isZen4, string units, int batchSize)
    {
        var (model, config) = Fitted($"units={units} batch_size={batchSize}");
        using var engine = Engines.Create(model, config, isZen4).AssertSuccess();

        Assert.Equal(expected, engine.Name);
    }

    [SkippableFact]
    public void The_processor_is_what_the_system_says()
    {
        Skip.IfNot(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "only Linux on x64 says it in /proc/cpuinfo");
        var said = File.ReadAllText("/proc/cpuinfo");

        // .NET can be told to do without.
        Assert.Equal(
            Avx512F.IsSupported && said.Contains("AuthenticAMD", StringComparison.Ordinal) && said.Contains(" avx512f ", StringComparison.Ordinal),
            Engines.IsZen4);
    }

    /// <summary>More would wait for each other, and no number changes what is computed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1_024)]
    public void The_fused_engine_starts_no_more_threads_than_there_are_processors(int threads)
    {
        var (model, config) = Fitted($"threads={threads}");
        using var engine = Engines.Create(model, config).AssertSuccess();

        Assert.Equal(Math.Min(threads, Environment.ProcessorCount), Assert.IsType<FusedEngine>(engine).Threads);
    }

    private static (FittedModel Model, TrainingConfig Config) Fitted(string settings)
    {
        var dataset = Synthetic.Descriptor;
        var config = $"num_experts=1 train_rows=20 validation_rows=20 test_rows=20 {settings}".Split(' ').Select(pair => pair.Split('=')).Aggregate(
            TrainingConfig.DefaultsOf(dataset, DeviceNames.Cpu), (c, pair) => Settings.Set(c, pair[0], pair[1], pair[0]).AssertSuccess());
        var drawn = dataset with { Source = config.Source! };
        var train = SplitLoader.Load(drawn, new("")).AssertSuccess().Train;
        return (FittedModel.Of(ModelPlan.Of(drawn, config).AssertSuccess(), train).AssertSuccess(), config);
    }
}
