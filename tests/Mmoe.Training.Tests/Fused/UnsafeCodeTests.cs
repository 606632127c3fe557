using System.Text.RegularExpressions;

namespace Mmoe.Training.Tests.Fused;

/// <summary>Code that the runtime does not check stands in one small folder.</summary>
public sealed partial class UnsafeCodeTests
{
    private static readonly string Kernels = Path.Combine("src", "Mmoe.Training", "Fused", "Kernels");

    // No pointers, but spans that are read without a check, for whose lengths the caller answers.
    private static readonly string[] Unchecked =
    [
        Path.Combine("src", "Mmoe.Data", "Schema", "Vocabulary.cs"),
        Path.Combine("src", "Mmoe.Model", "Forward", "Lanes.cs"),
    ];

    private static string Root { get; } = FindRoot();

    [Fact]
    public void Unsafe_code_stands_among_the_kernels_alone()
    {
        var files = Sources("*.cs").Where(file => Unsafe().IsMatch(File.ReadAllText(Path.Combine(Root, file)))).ToArray();
        Assert.NotEmpty(files);
        Assert.Equal(Unchecked, files.Where(file => Path.GetDirectoryName(file) != Kernels).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_project_allows_it()
    {
        string[] properties = [.. Sources("*.csproj"), .. Sources("*.props"), .. Sources("*.targets")];
        properties = [.. properties, "Directory.Build.props"];
        Assert.Equal(
            [Path.Combine("src", "Mmoe.Training", "Mmoe.Training.csproj")],
            properties.Where(file => File.ReadAllText(Path.Combine(Root, file)).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("internal sealed unsafe class A", true)]
    [InlineData("    unsafe\n    {", true)]
    [InlineData("string[] keywords = [\"unsafe\"];", false)]
    [InlineData("    // Of unsafe code\n    /// unsafe", false)]
    [InlineData("var isUnsafe = true;", false)]
    [InlineData("Vector512.LoadUnsafe(ref start, 3)", true)]
    [InlineData("ref MemoryMarshal.GetReference(values)", true)]
    public void The_search_finds_code_and_no_comments(string text, bool isFound) => Assert.Equal(isFound, Unsafe().IsMatch(text));

    private static IEnumerable<string> Sources(string pattern) => Directory.GetFiles(Path.Combine(Root, "src"), pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mmoe.Generated.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the test does not run below the repository");
        }

        return folder.FullName;
    }

    // The keyword, and what needs none.
    [GeneratedRegex(
        @"^(?!\s*//).*(\bunsafe\b(?!"")|\bUnsafe\.|LoadUnsafe|StoreUnsafe|MemoryMarshal\.(GetReference|GetArrayDataReference|Create))",
        RegexOptions.Multiline)]
    private static partial Regex Unsafe();
}
