namespace Mmoe.Generators.Samples;

/// <summary>Paths of files as the compiler is given them, compared without a look at the disk.</summary>
internal static class SamplePath
{
    /// <summary>A path in one way of writing: '/' between names, and neither '.' nor '..' where that can be told.</summary>
    /// <remarks>Letter case is kept and compared: what builds on one system must build on the others.</remarks>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Replace('\\', '/').Split('/'))
        {
            var last = parts.Count == 0 ? null : parts[parts.Count - 1];
            if (part == ".." && last is not (null or "" or ".."))
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != "." && (part.Length > 0 || last is null))
            {
                parts.Add(part);
            }
        }

        return string.Join("/", parts);
    }

    /// <summary>The name of a path's file.</summary>
    public static string NameOf(string path) => path.Substring(path.LastIndexOfAny(['/', '\\']) + 1);

    /// <summary>The folder of a normalized path, with its '/'; empty if the path has none.</summary>
    public static string FolderOf(string normalized) => normalized.Substring(0, normalized.LastIndexOf('/') + 1);
}
