namespace Mmoe.Cli.Tests;

/// <summary>The folder that holds the solution, for tests of committed files.</summary>
internal static class RepositoryRoot
{
    /// <summary>The folder.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Mmoe.Generated.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the test does not run below the repository");
        }

        return folder.FullName;
    }
}
