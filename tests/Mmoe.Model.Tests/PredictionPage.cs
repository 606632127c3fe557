using System.Text.RegularExpressions;

namespace Mmoe.Model.Tests;

/// <summary>docs/prediction.md, compared with the programs that are compiled here.</summary>
public sealed class PredictionPage
{
    [Fact]
    public void Its_programs_are_compiled_here()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Mmoe.Generated.sln")))
        {
            root = root.Parent!;
        }

        var compiled = Dedented(File.ReadAllText(
            Path.Combine(root.FullName, "tests", "Mmoe.Model.Tests", "Examples", "PredictionPrograms.cs")));
        var programs = Regex.Matches(
            File.ReadAllText(Path.Combine(root.FullName, "docs", "prediction.md")), "```csharp\n(.*?)```", RegexOptions.Singleline);

        Assert.Equal(4, programs.Count);
        Assert.All(programs, program => Assert.Contains(Dedented(program.Groups[1].Value), compiled, StringComparison.Ordinal));
    }

    private static string Dedented(string text) => string.Join('\n', text.Trim().Split('\n').Select(line => line.TrimStart()));
}
