using System.Globalization;
using System.Text;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>
/// Where a run may be written: looked at, and not taken. Two runs can have chosen the same place; <see cref="Claim"/> gives it to one.
/// </summary>
public abstract record RunPlace
{
    private protected RunPlace()
    {
    }

    /// <summary>Chooses where a run is to be written, and checks what can be checked before it starts; creates nothing.</summary>
    /// <param name="path">The folder that the user named; null for the next free <c>runs/NAME-n</c>.</param>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="currentDirectory">Where relative paths start.</param>
    /// <returns>The place, or a fault where the folder is not empty or is a file.</returns>
    public static Validation<Fault, RunPlace> Choose(string? path, string dataset, string currentDirectory)
    {
        if (path is null)
        {
            return Success<Fault, RunPlace>(new NextRunPlace(Path.Combine(currentDirectory, "runs"), dataset));
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, currentDirectory));
        return File.Exists(full) ? Fail<Fault, RunPlace>(Fault.Usage($"--out {path}: is a file", "name a folder"))
            : Directory.Exists(full) && !IsEmpty(full)
                ? Fail<Fault, RunPlace>(Fault.Usage($"--out {path}: the folder is not empty", "name another folder, or remove that one"))
                : Success<Fault, RunPlace>(new NamedRunPlace(path, new RunDirectory(full)));
    }

    /// <summary>
    /// Takes the place for one run: makes its folder with <c>config.yaml</c> and <c>checkpoints/</c>. Of several processes one gets a
    /// folder, and the others the next number, or a fault where the user named the folder.
    /// </summary>
    /// <param name="config">The text of <c>config.yaml</c>.</param>
    /// <returns>The folder, which is this run's alone; or a fault, and then what was made for it is gone again.</returns>
    public Validation<Fault, RunDirectory> Claim(string config) => this switch
    {
        NamedRunPlace named => TakeNamed(named, config),
        NextRunPlace next => TakeNext(next, config),
        _ => throw new NotSupportedException($"There is no way to claim a {this.GetType().Name}."),
    };

    private static Validation<Fault, RunDirectory> TakeNamed(NamedRunPlace named, string config) =>
        Take(named.Directory, config).Bind(taken => taken
            ? Success<Fault, RunDirectory>(named.Directory)
            : Fail<Fault, RunDirectory>(
                Fault.Usage($"--out {named.Path}: another run has taken the folder meanwhile", "name another folder")));

    private static Validation<Fault, RunDirectory> TakeNext(NextRunPlace next, string config)
    {
        for (var n = 1; ; n++)
        {
            var directory = new RunDirectory(Path.Combine(next.Folder, string.Create(CultureInfo.InvariantCulture, $"{next.Dataset}-{n}")));
            if (Path.Exists(directory.Path))
            {
                continue;
            }

            var taken = Take(directory, config);
            if (taken.IsFail || taken.Exists(isOurs => isOurs))
            {
                return taken.Map(_ => directory);
            }
        }
    }

    /// <summary>Whether the folder is this run's from now on; it is not where somebody else was faster.</summary>
    private static Validation<Fault, bool> Take(RunDirectory directory, string config)
    {
        var made = Ancestry(directory.Path).TakeWhile(folder => !Directory.Exists(folder)).ToArray();
        var isOurs = false;
        try
        {
            Directory.CreateDirectory(directory.Path);
            if (!IsEmpty(directory.Path))
            {
                return Success<Fault, bool>(false);
            }

            // Making a folder succeeds for everybody, making a new file for one: the file that every run has decides.
            using var claim = CreateNew(directory.Config);
            if (claim is null)
            {
                return Success<Fault, bool>(false);
            }

            isOurs = true;
            claim.Write(Encoding.UTF8.GetBytes(config));
            claim.Flush(flushToDisk: true);
            Directory.CreateDirectory(directory.Checkpoints);
            return Success<Fault, bool>(true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Release(isOurs ? directory.Config : null, made);
            return Fail<Fault, bool>(
                Fault.Run($"{directory.Path}: cannot be written: {e.Message}", "name a folder that you may write with --out"));
        }
    }

    private static FileStream? CreateNew(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Takes back what was made; a folder that holds something by now stays.</summary>
    private static void Release(string? file, string[] folders)
    {
        try
        {
            if (file is not null)
            {
                File.Delete(file);
            }

            foreach (var folder in folders.Where(Directory.Exists))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The fault that led here is the one to report.
        }
    }

    /// <summary>A folder and those above it.</summary>
    private static IEnumerable<string> Ancestry(string path)
    {
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static bool IsEmpty(string folder) => !Directory.EnumerateFileSystemEntries(folder).Any();
}

/// <summary>A folder that the user named.</summary>
/// <param name="Path">What the user wrote.</param>
/// <param name="Directory">The folder.</param>
public sealed record NamedRunPlace(string Path, RunDirectory Directory) : RunPlace;

/// <summary>The next number that is free when the place is claimed.</summary>
/// <param name="Folder">The folder that holds all runs.</param>
/// <param name="Dataset">The dataset's name, with which the run's begins.</param>
public sealed record NextRunPlace(string Folder, string Dataset) : RunPlace;
