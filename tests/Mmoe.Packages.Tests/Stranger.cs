namespace Mmoe.Packages.Tests;

/// <summary>A folder outside the clone, in which somebody has nothing but the SDK and the packages.</summary>
internal sealed class Stranger : IDisposable
{
    private readonly Feed feed;

    public Stranger(Feed feed)
    {
        this.feed = feed;
        this.Folder = Directory.CreateTempSubdirectory("mmoe-stranger-").FullName;

        // Beside the sources that the machine has. Nothing is kept in the machine's own packages folder, but what it holds is used: libtorch
        // need not be unpacked again.
        this.Write("NuGet.config", $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{feed.Packages}" />
              </packageSources>
            </configuration>
            """);
        this.Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <RestorePackagesPath>$(MSBuildThisFileDirectory)packages</RestorePackagesPath>
                <RestoreFallbackFolders>{GlobalPackages()}</RestoreFallbackFolders>
              </PropertyGroup>
            </Project>
            """);

        // Else a file above the temporary folder would count.
        this.Write("Directory.Build.targets", "<Project />");
        this.Write("Directory.Packages.props", "<Project />");
    }

    public string Folder { get; }

    public string In(params string[] parts) => Path.Combine([this.Folder, .. parts]);

    public void Write(string name, string text)
    {
        var path = this.In(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Writes files as docs/packages.md shows them, with this run's packages.</summary>
    public void Follow(params string[] names)
    {
        foreach (var name in names)
        {
            this.Write(name, Manual.File(name).Replace("Version=\"0.1.0\"", $"Version=\"{this.feed.Version}\"", StringComparison.Ordinal));
        }
    }

    /// <summary>Writes the schema of the README's worked example.</summary>
    public void WriteSchema(string name, Func<string, string>? change = null)
    {
        var schema = File.ReadAllText(Path.Combine(Feed.Root, "tests", "Mmoe.Cli.Tests", "datasets", "loans.schema.json"));
        var changed = change is null ? schema : change(schema);
        Assert.Equal(change is null, changed == schema);
        this.Write(name, changed);
    }

    public Finished Dotnet(params string[] arguments) => Shell.Dotnet(this.Folder, arguments);

    public void Dispose() => Directory.Delete(this.Folder, recursive: true);

    private static string GlobalPackages()
    {
        const string Label = "global-packages:";
        var line = Shell.Dotnet(Feed.Root, "nuget", "locals", "global-packages", "--list").Good().Trim();
        Assert.StartsWith(Label, line, StringComparison.Ordinal);
        return line[Label.Length..].Trim();
    }
}

/// <summary>docs/packages.md, whose files and commands are what the tests follow.</summary>
internal static class Manual
{
    /// <summary>The fenced block below the line that is a file's name and a colon.</summary>
    public static string File(string name) => BlockBelow($"`{name}`:");

    /// <summary>The first fenced block below a line that ends so.</summary>
    public static string BlockBelow(string lineEnd)
    {
        var text = System.IO.File.ReadAllText(Path.Combine(Feed.Root, "docs", "packages.md"));
        var title = $"{lineEnd}\n\n```";
        var start = text.IndexOf(title, StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/packages.md shows nothing below '{lineEnd}'");
        start = text.IndexOf('\n', start + title.Length) + 1;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
