using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace Mmoe.Cli.Tests;

/// <summary><c>--engine</c>: which engine trains, what the fused one cannot do, and processors of all kinds.</summary>
public sealed class EngineChoice
{
    private static readonly string[] Short = ["train", "synthetic", "--epochs", "1", "--set", "train_rows=200", "--out", "run"];

    [Theory]
    [Trait("Native", "libtorch")]
    [InlineData("fused")]
    [InlineData("fused", "--engine", "auto")]
    [InlineData("fused", "--engine", "fused")]
    [InlineData("torch", "--engine", "torch")]
    [InlineData("torch", "--set", "precision=bfloat16")]
    [InlineData("torch", "--engine", "auto", "--set", "precision=float16")]
    [InlineData("fused", "--set", "units=[500,500]", "--set", "num_experts=1", "--set", "batch_size=100")]
    [InlineData("fused", "--set", "units=[400,400]", "--set", "num_experts=1", "--set", "batch_size=200")]
    [InlineData("fused", "--engine", "fused", "--set", "units=[500,500]", "--set", "num_experts=1", "--set", "batch_size=200")]
    public void Auto_is_the_fused_engine_where_it_can_do_what_is_asked_for(string expected, params string[] options)
    {
        using var bench = new Workbench();
        var outcome = bench.Run([.. Short, .. options]);
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        Assert.Equal((expected, "cpu"), (Text(summary, "engine"), Text(summary, "device")));
        using var epoch = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "metrics.jsonl")));
        Assert.Equal(expected, Text(epoch, "engine"));
    }

    [Theory]
    [InlineData("device: the fused engine computes on the CPU, not on cuda:1; set engine=torch", "--device", "cuda:1")]
    [InlineData("precision: the fused engine computes in float32 alone; set engine=torch", "--set", "precision=float16")]
    [InlineData("precision: the fused engine computes in float32 alone; set engine=torch", "--set", "precision=bfloat16")]
    public void What_the_fused_engine_cannot_do_is_one_line(string line, params string[] options)
    {
        using var bench = new Workbench();
        var outcome = bench.Run([.. Short, "--engine", "fused", .. options]);
        Assert.Equal((2, "", $"{line}\n"), (outcome.Code, outcome.Out, outcome.Error));
        Assert.False(Path.Exists(bench.Path("run")));
    }

    [Fact]
    public void What_it_cannot_do_is_told_where_it_was_set_together_with_all_else()
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", "engine: fused\nprecision: bfloat16\ndevice: cuda\nmomentum: 0.5\n");
        var outcome = bench.Run("train", "synthetic", "--config", "c.yaml");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            [
                "c.yaml:4:11: momentum: the optimizer adam has no use for it; set beta1, or take sgd",
                "c.yaml:3:9: device: the fused engine computes on the CPU, not on cuda; set engine=torch",
                "c.yaml:2:12: precision: the fused engine computes in float32 alone; set engine=torch",
            ],
            outcome.ErrorLines);
    }

    /// <summary>A run may go on with another engine, and not with one that cannot do what the run does.</summary>
    [Fact]
    [Trait("Native", "libtorch")]
    public void A_run_in_half_precision_does_not_go_on_with_the_fused_engine()
    {
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run([.. Short, "--set", "precision=bfloat16"]).Code);
        var refused = bench.Run("train", "synthetic", "--out", "run", "--resume", "--epochs", "2", "--engine", "fused");
        Assert.Equal((2, "precision: the fused engine computes in float32 alone; set engine=torch\n"), (refused.Code, refused.Error));
        Assert.DoesNotContain("fused", File.ReadAllText(bench.Path("run", "config.yaml")), StringComparison.Ordinal);
    }

    /// <summary>
    /// The kernels go by what the processor has: vectors of 512 bits with instructions of their own, shorter ones, or none that .NET would use.
    /// </summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", "DOTNET_EnableAVX512F")]
    [InlineData("DOTNET_EnableAVX512", "DOTNET_EnableAVX512F", "DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Other_processors_train_alike(params string[] switchedOff)
    {
        var here = await Losses([]);
        var there = await Losses(switchedOff);
        Assert.Equal(3, here.Length);
        foreach (var (one, other) in here.Zip(there))
        {
            Assert.Equal(one, other, 1e-4 * one);
        }

        // Rounding shows that it was another path.
        if (Avx512F.IsSupported)
        {
            Assert.NotEqual(here, there);
        }
    }

    // Layers of all widths and kinds, and batches with more than one chunk and with a block that is not full.
    private static async Task<double[]> Losses(string[] switchedOff)
    {
        using var bench = new Workbench();
        using var app = new AppProcess(
            bench,
            Array.ConvertAll(switchedOff, name => (name, "0")),
            [
                "train", "synthetic", "--engine", "fused", "--epochs", "3", "--batch-size", "150", "--units", "21,6", "--out", "run",
                "--set", "train_rows=1000", "--set", "tower_units=17", "--set", "activation=gelu", "--set", "dropout=0.1",
                "--set", "layer_norm=true", "--set", "top_k=3", "--set", "weighting=uncertainty",
            ]);
        var outcome = await app.End();
        Assert.True(outcome.Code == 0, outcome.Error);
        return [.. File.ReadLines(bench.Path("run", "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];
    }

    private static string? Text(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString();
}
