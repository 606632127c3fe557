using System.Text.Json;

namespace Mmoe.Packages.Tests;

/// <summary>The tool, installed from the packages as anyone would.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed class InstalledTool(Feed feed)
{
    [Fact]
    public void Lists_the_built_in_datasets_and_trains_one()
    {
        using var stranger = new Stranger(feed);
        var tools = stranger.In("tools");
        stranger.Dotnet("tool", "install", "Mmoe.Tool", "--version", feed.Version, "--tool-path", tools).Good();
        var mmoe = Path.Combine(tools, OperatingSystem.IsWindows() ? "mmoe.exe" : "mmoe");

        var datasets = Shell.Run(mmoe, stranger.Folder, "datasets").Good();
        Assert.All(
            ["adult", "bank-marketing", "census-income", "synthetic"],
            name => Assert.Contains(name, datasets, StringComparison.Ordinal));

        Shell.Run(mmoe, stranger.Folder, "train", "synthetic", "--epochs", "1", "--out", "run").Good();
        using var summary = JsonDocument.Parse(File.ReadAllText(stranger.In("run", "summary.json")));
        Assert.Equal("synthetic", summary.RootElement.GetProperty("dataset").GetString());
        Assert.Equal("fused", summary.RootElement.GetProperty("engine").GetString());
    }
}
