using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>What the search for a data directory asks of its surroundings, as functions, so that the search itself is pure.</summary>
/// <param name="Environment">The value of an environment variable; null if it is not set.</param>
/// <param name="FileExists">Whether there is a file of this path.</param>
/// <param name="CurrentDirectory">The directory that relative paths start from.</param>
public sealed record DataSearch(Func<string, string?> Environment, Func<string, bool> FileExists, string CurrentDirectory)
{
    /// <summary>The process's environment, file system and current directory.</summary>
    public static DataSearch Live() =>
        new(System.Environment.GetEnvironmentVariable, File.Exists, System.Environment.CurrentDirectory);
}

/// <summary>What there is of a dataset's files, for a person to read: nothing is decided by it.</summary>
/// <param name="Searched">The places, in the order in which they were searched.</param>
/// <param name="Directory">Where training would read, or else the first place that holds any of the files; null if none does.</param>
/// <param name="Files">The dataset's files, in order.</param>
public sealed record DataSurvey(EquatableArray<string> Searched, DataDirectory? Directory, EquatableArray<SurveyedFile> Files)
{
    /// <summary>Whether the directory holds every file.</summary>
    public bool IsComplete => this.Directory is not null && this.Files.All(f => f.Path is not null);
}

/// <summary>One of a dataset's files, and where it is.</summary>
/// <param name="File">The file.</param>
/// <param name="Path">Its path in the survey's directory, plain or with <c>.gz</c>; null if it is not there.</param>
public sealed record SurveyedFile(DataFile File, string? Path);

/// <summary>The directory that holds a dataset's files.</summary>
/// <param name="Path">The directory's path.</param>
public sealed record DataDirectory(string Path)
{
    /// <summary>The environment variable that names a data directory.</summary>
    public const string Variable = "MMOE_DATA";

    /// <summary>
    /// Finds the directory: the one that is named explicitly, else that of <see cref="Variable"/>, else <c>data</c> in the current
    /// directory; in each, first the folder with the dataset's name, then the directory itself. The first that holds the file wins.
    /// </summary>
    /// <param name="descriptor">The dataset. One without files needs no directory, and gets the first candidate unseen.</param>
    /// <param name="explicitDirectory">The directory that the user named (<c>--data</c>): then no other is searched. Null if none.</param>
    /// <param name="search">The surroundings.</param>
    /// <param name="split">The split whose file is looked for.</param>
    /// <returns>The directory, or a fault that names all places searched.</returns>
    public static Validation<Fault, DataDirectory> Find(
        DatasetDescriptor descriptor, string? explicitDirectory, DataSearch search, SplitName split = SplitName.Train)
    {
        if (descriptor.Source is not FileSource source)
        {
            return Success<Fault, DataDirectory>(new(Roots(explicitDirectory, search)[0]));
        }

        var rule = source.Rule(split);
        if (source.Files.FirstOrDefault(f => f.Id == rule.File) is not { } file)
        {
            return Fail<Fault, DataDirectory>(SplitRules.UnknownFile(descriptor, rule));
        }

        if (Misnamed(explicitDirectory, search, file.Path) is { } fault)
        {
            return Fail<Fault, DataDirectory>(fault);
        }

        var places = Places(descriptor, explicitDirectory, search);
        foreach (var place in places)
        {
            if (new DataDirectory(place).Locate(file, search.FileExists) is not null)
            {
                return Success<Fault, DataDirectory>(new(place));
            }
        }

        var advice = Advice(explicitDirectory);
        var origin = file.Origin is null ? "" : $", or download it from {file.Origin}";
        return Fail<Fault, DataDirectory>(Fault.Data(
            $"the file {file.Path} of '{descriptor.Name}' was not found, plain or as {file.Path}.gz",
            hint: $"searched {string.Join(", ", places)}; {advice}{origin}"));
    }

    /// <summary>Looks at all places that <see cref="Find"/> searches, and for all files.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="source">Its files.</param>
    /// <param name="explicitDirectory">The directory that the user named (<c>--data</c>); null if none.</param>
    /// <param name="search">The surroundings.</param>
    public static DataSurvey Survey(DatasetDescriptor descriptor, FileSource source, string? explicitDirectory, DataSearch search)
    {
        var places = Places(descriptor, explicitDirectory, search);
        var chosen = Find(descriptor, explicitDirectory, search).ToOption().AsEnumerable()
            .Concat(places
                .Select(place => new DataDirectory(place))
                .Where(place => source.Files.Any(file => place.Locate(file, search.FileExists) is not null)))
            .FirstOrDefault();
        var files = source.Files.Select(file => new SurveyedFile(file, chosen?.Locate(file, search.FileExists)));
        return new(new(places.AsSpan()), chosen, new(files));
    }

    /// <summary>What is wrong where a user named a file for a directory; null if it is none.</summary>
    /// <param name="explicitDirectory">The directory that the user named (<c>--data</c>); null if none.</param>
    /// <param name="search">The surroundings.</param>
    /// <param name="content">What the directory is to hold, in words or as a file's name.</param>
    public static Fault? Misnamed(string? explicitDirectory, DataSearch search, string content) =>
        explicitDirectory is not null && search.FileExists(explicitDirectory)
            ? Fault.Usage($"--data {explicitDirectory}: this is a file", $"name the folder that holds {content}")
            : null;

    /// <summary>What a user can do about data that was not found.</summary>
    /// <param name="explicitDirectory">The directory that the user named (<c>--data</c>); null if none.</param>
    public static string Advice(string? explicitDirectory) =>
        explicitDirectory is null ? $"give --data DIR or set {Variable}" : "give another --data";

    /// <summary>The path of a file in this directory, plain or with <c>.gz</c>; null if neither is there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fileExists">Whether there is a file of a path.</param>
    public string? Locate(DataFile file, Func<string, bool> fileExists)
    {
        var plain = System.IO.Path.Combine(this.Path, file.Path);
        return fileExists(plain) ? plain : fileExists(plain + ".gz") ? plain + ".gz" : null;
    }

    private static string[] Places(DatasetDescriptor descriptor, string? explicitDirectory, DataSearch search) =>
        [.. Roots(explicitDirectory, search).SelectMany(root => (string[])[System.IO.Path.Combine(root, descriptor.Name), root])];

    private static string[] Roots(string? explicitDirectory, DataSearch search)
    {
        if (explicitDirectory is not null)
        {
            return [explicitDirectory];
        }

        var standard = System.IO.Path.Combine(search.CurrentDirectory, "data");
        return search.Environment(Variable) is { Length: > 0 } named ? [named, standard] : [standard];
    }
}
