using System.Text.Json;

namespace Mmoe.Cli.Tests;

/// <summary>Runs that are started together.</summary>
[Trait("Native", "libtorch")]
public sealed class ConcurrentRuns
{
    [Fact]
    public async Task Processes_started_together_get_a_folder_each_and_report_their_own_run()
    {
        using var bench = new Workbench();
        var seeds = new[] { 5, 6, 7 };
        var apps = seeds
            .Select(seed => new AppProcess(bench, "train", "synthetic", "--epochs", "2", "--seed", $"{seed}", "--set", "train_rows=500"))
            .ToArray();
        try
        {
            var runs = new List<string>();
            foreach (var (app, seed) in apps.Zip(seeds))
            {
                var outcome = await app.End();
                Assert.True(outcome.Code == 0, outcome.Error);
                var last = outcome.Out.TrimEnd().Split('\n')[^1];
                Assert.StartsWith("run: ", last, StringComparison.Ordinal);
                var run = last["run: ".Length..];
                Assert.Contains($"this run is written to {run}", outcome.ErrorLines);
                using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path(run, "summary.json")));
                Assert.Equal(seed, summary.RootElement.GetProperty("seed").GetInt32());
                Assert.Contains($"seed: {seed}\n", File.ReadAllText(bench.Path(run, "config.yaml")), StringComparison.Ordinal);
                runs.Add(run);
            }

            Assert.Equal(seeds.Select((_, i) => Path.Combine("runs", $"synthetic-{i + 1}")), runs.Order(StringComparer.Ordinal));
        }
        finally
        {
            foreach (var app in apps)
            {
                app.Dispose();
            }
        }
    }

    [Fact]
    public async Task Of_two_processes_with_the_same_out_one_trains_and_the_other_says_so()
    {
        using var bench = new Workbench();
        string[] args = ["train", "synthetic", "--epochs", "2", "--set", "train_rows=500", "--out", "run"];
        using var one = new AppProcess(bench, args);
        using var other = new AppProcess(bench, args);
        var outcomes = new[] { await one.End(), await other.End() };
        Assert.Equal([0, 2], outcomes.Select(o => o.Code).Order());
        var refused = Assert.Single(outcomes.Single(o => o.Code == 2).ErrorLines);
        Assert.StartsWith("--out run: ", refused, StringComparison.Ordinal);
        Assert.True(File.Exists(bench.Path("run", "summary.json")));
    }
}
