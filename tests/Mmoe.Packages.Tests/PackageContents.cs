using System.Reflection;
using System.Runtime.Loader;

namespace Mmoe.Packages.Tests;

/// <summary>What is in the packages, and what they say of themselves.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed class PackageContents(Feed feed)
{
    /// <summary>Where the sources lie.</summary>
    public const string Repository = "https://github.com/mmoe-generated/mmoe-generated";

    private const string Tool = "Mmoe.Tool";

    /// <summary>The tool's second package, for the system that packs.</summary>
    private static readonly string ToolOfThisSystem =
        $"{Tool}.{(OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64")}";

    private static readonly string[] Libraries =
        ["Mmoe.Cli", "Mmoe.Data", "Mmoe.Generators", "Mmoe.Model", "Mmoe.Testing", "Mmoe.Training"];

    [Fact]
    public void These_are_packed_and_no_others()
    {
        string[] withCode = [.. Libraries, ToolOfThisSystem];
        Assert.Equal(withCode.Append(Tool).Order(StringComparer.Ordinal), feed.Ids("nupkg"));
        Assert.Equal(withCode.Order(StringComparer.Ordinal), feed.Ids("snupkg"));
    }

    [Fact]
    public void The_generator_is_for_the_compiler_alone() => Assert.Equal(
        [
            "Mmoe.Generators.nuspec",
            "README.md",
            "analyzers/dotnet/cs/Mmoe.Generators.CodeFixes.dll",
            "analyzers/dotnet/cs/Mmoe.Generators.CodeFixes.pdb",
            "analyzers/dotnet/cs/Mmoe.Generators.dll",
            "analyzers/dotnet/cs/Mmoe.Generators.pdb",
            "build/Mmoe.Generators.props",
        ],
        feed.Files("Mmoe.Generators"));

    [Theory]
    [InlineData("Mmoe.Data")]
    [InlineData("Mmoe.Model")]
    [InlineData("Mmoe.Training")]
    [InlineData("Mmoe.Testing")]
    public void A_library_is_an_assembly_with_its_documentation(string id) =>
        Assert.Equal([$"{id}.nuspec", "README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], feed.Files(id));

    /// <summary>So the analyzers of the SDK watch over them, and an application that is trimmed trims them too.</summary>
    [Fact]
    public void What_predicts_says_that_it_may_be_compiled_ahead_of_time() => Assert.Equal(
        ["Mmoe.Data", "Mmoe.Model"],
        Libraries.Where(id => id != "Mmoe.Generators" && SaysOfItself(id).Contains(("IsAotCompatible", "True"))));

    [Fact]
    public void The_command_line_is_a_library_too() => Assert.Equal(
        ["Mmoe.Cli.nuspec", "README.md", "fonts-license.txt", "lib/net10.0/Mmoe.Cli.dll", "lib/net10.0/Mmoe.Cli.xml"],
        feed.Files("Mmoe.Cli"));

    /// <summary>What is pinned centrally is asked for by all that reach it.</summary>
    [Theory]
    [InlineData("Mmoe.Generators", "")]
    [InlineData("Mmoe.Data", "LanguageExt.Core")]
    [InlineData("Mmoe.Model", "LanguageExt.Core Mmoe.Data")]
    [InlineData("Mmoe.Testing", "FsCheck.Xunit LanguageExt.Core Mmoe.Data xunit.assert xunit.extensibility.core "
        + "xunit.extensibility.execution")]
    public void A_package_asks_for_what_it_uses(string id, string expected) => Assert.Equal(expected, string.Join(' ', Dependencies(id)));

    [Fact]
    public void No_library_chooses_a_libtorch() =>
        Assert.All(
            Libraries,
            id => Assert.DoesNotContain(Dependencies(id), d => d.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Only_what_trains_asks_for_TorchSharp() =>
        Assert.Equal(["Mmoe.Cli", "Mmoe.Training"], Libraries.Where(id => Dependencies(id).Contains("TorchSharp")));

    [Fact]
    public void The_tool_of_a_system_brings_its_libtorch_and_the_tools_own_package_names_it()
    {
        var names = feed.Files(ToolOfThisSystem).Select(f => Path.GetFileNameWithoutExtension(f)).ToArray();
        Assert.Contains(OperatingSystem.IsWindows() ? "torch_cpu" : "libtorch_cpu", names);
        Assert.Contains(OperatingSystem.IsWindows() ? "LibTorchSharp" : "libLibTorchSharp", names);
        var settings = feed.Files(Tool).Single(f => Path.GetFileName(f) == "DotnetToolSettings.xml");
        Assert.Contains($"\"{ToolOfThisSystem}\"", feed.Text(Tool, settings), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_package_says_what_it_is_and_where_its_source_lies(string id)
    {
        var metadata = feed.Metadata(id);
        string? Value(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
        Assert.Equal(id == "Mmoe.Generators" ? "true" : null, Value("developmentDependency"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.StartsWith($"# {(id == ToolOfThisSystem ? Tool : id)}\n", feed.Text(id, "README.md"), StringComparison.Ordinal);
        Assert.Contains("docs/packages.md", feed.Text(id, "README.md"), StringComparison.Ordinal);
        Assert.Contains("mixture-of-experts", Value("tags")!.Split(' '));
        Assert.InRange(Value("description")!.Length, 40, 300);
        Assert.NotEqual("Package Description", Value("description"));
        var repository = metadata.Elements().Single(e => e.Name.LocalName == "repository");
        Assert.Equal(("git", Repository), ((string)repository.Attribute("type")!, (string)repository.Attribute("url")!));
        Assert.Matches("^[0-9a-f]{40}$", (string)repository.Attribute("commit")!);
    }

    [Theory]
    [MemberData(nameof(WithCode))]
    public void Symbols_lie_beside_it(string id)
    {
        string[] expected = id switch
        {
            "Mmoe.Generators" => ["analyzers/dotnet/cs/Mmoe.Generators.CodeFixes.pdb", "analyzers/dotnet/cs/Mmoe.Generators.pdb"],
            _ when id == ToolOfThisSystem =>
            [
                .. new[] { "Cli", "Data", "Model", "Tool", "Training" }
                    .Select(room => $"tools/net10.0/{id[(Tool.Length + 1)..]}/Mmoe.{room}.pdb"),
            ],
            _ => [$"lib/net10.0/{id}.pdb"],
        };
        Assert.Equal(expected, feed.Symbols(id).Select(s => s.File).Order(StringComparer.Ordinal));
    }

    /// <summary>The ids of all packages.</summary>
    public static TheoryData<string> All => [.. Libraries, Tool, ToolOfThisSystem];

    /// <summary>The ids of those that hold assemblies; the tool's own package only names those of the systems.</summary>
    public static TheoryData<string> WithCode => [.. Libraries, ToolOfThisSystem];

    private (string Key, string? Value)[] SaysOfItself(string id)
    {
        var context = new AssemblyLoadContext(id, isCollectible: true);
        try
        {
            return [.. context.LoadFromStream(new MemoryStream(feed.Bytes(id, $"lib/net10.0/{id}.dll")))
                .GetCustomAttributes<AssemblyMetadataAttribute>()
                .Select(attribute => (attribute.Key, attribute.Value))];
        }
        finally
        {
            context.Unload();
        }
    }

    private string[] Dependencies(string id) =>
        [.. feed.Metadata(id).Descendants()
            .Where(e => e.Name.LocalName == "dependency")
            .Select(e => (string)e.Attribute("id")!)
            .Order(StringComparer.Ordinal)];
}
