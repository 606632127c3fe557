namespace Mmoe.Generators.Tests.Helpers;

/// <summary>Files of the repository that a test reads as a reader would: documents, and what the build is told.</summary>
internal static class Repository
{
    /// <summary>The folder that the tests run below.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The text of a file, with <c>\n</c> at line ends.</summary>
    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts)).ReplaceLineEndings("\n");

    /// <summary>The fenced blocks of a language in a Markdown text, each with the last line of text before it.</summary>
    public static IEnumerable<(string Before, string Text)> Blocks(string markdown, string language)
    {
        var lines = markdown.Split('\n');
        var before = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                before = lines[i].Length > 0 ? lines[i] : before;
                continue;
            }

            var end = Array.IndexOf(lines, "```", i + 1);
            Assert.True(end > i, $"the block of line {i + 1} is not closed");
            if (lines[i] == $"```{language}")
            {
                yield return (before, string.Concat(lines[(i + 1)..end].Select(line => line + "\n")));
            }

            i = end;
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mmoe.Generated.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the test does not run below the repository");
        }

        return folder.FullName;
    }
}
