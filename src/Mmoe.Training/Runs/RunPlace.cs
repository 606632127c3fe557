using System.Diagnostics;
using System.Globalization;
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
    /// <param name="resumes">Whether the run that the folder may hold is to go on.</param>
    /// <returns>The place, or a fault where the folder is not empty or is a file, or nothing says which run is to go on.</returns>
    public static Validation<Fault, RunPlace> Choose(string? path, string dataset, string currentDirectory, bool resumes = false)
    {
        if (path is null)
        {
            return resumes
                ? Fail<Fault, RunPlace>(Fault.Usage("--resume: no folder says which run is to go on", "name its folder with --out"))
                : Success<Fault, RunPlace>(new NextRunPlace(Path.Combine(currentDirectory, "runs"), dataset));
        }

        var directory = new RunDirectory(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, currentDirectory)));
        return File.Exists(directory.Path) ? Fail<Fault, RunPlace>(Fault.Usage($"--out {path}: is a file", "name a folder"))
            : !Directory.Exists(directory.Path) || IsEmpty(directory.Path)
                ? Success<Fault, RunPlace>(new NamedRunPlace(path, directory) { IsToGoOn = resumes })
            : !resumes ? Fail<Fault, RunPlace>(Fault.Usage(
                $"--out {path}: the folder is not empty",
                HoldsRun(directory) ? "go on with the run in it with --resume, or name another folder" : "name another folder, or remove that one"))
            : !File.Exists(directory.Config) && HoldsResults(directory) ? Fail<Fault, RunPlace>(
                RunFiles.Gone(directory.Config, "is missing, without which the run cannot go on"))
            : HoldsRun(directory) ? Success<Fault, RunPlace>(new ResumedRunPlace(path, directory))
            : Fail<Fault, RunPlace>(Fault.Usage($"--out {path}: the folder holds something else than a run", "name a run's folder"));
    }

    /// <summary>
    /// Takes the place for one run: makes its folder with <c>config.yaml</c> and <c>checkpoints/</c>, or goes on in it, whose configuration
    /// stays as it is. Of several processes one gets a folder, and the others the next number, or a fault where the user named the folder.
    /// </summary>
    /// <param name="config">The text of <c>config.yaml</c>.</param>
    /// <returns>The folder, which is this run's alone; or a fault, and then what was made for it is gone again.</returns>
    public Validation<Fault, ClaimedRun> Claim(string config) => this switch
    {
        NamedRunPlace named => TakeNamed(named, config),
        ResumedRunPlace resumed => TakeAgain(resumed, config),
        NextRunPlace next => TakeNext(next, config),
        _ => throw new NotSupportedException($"There is no way to claim a {this.GetType().Name}."),
    };

    // A run that was killed while it was taking the folder has left the lock alone.
    private static bool HoldsRun(RunDirectory directory) => File.Exists(directory.Config) || File.Exists(directory.Lock);

    private static bool HoldsResults(RunDirectory directory) =>
        File.Exists(directory.Metrics)
        || (Directory.Exists(directory.Checkpoints) && Directory.EnumerateFiles(directory.Checkpoints, "*.safetensors").Any());

    private static Validation<Fault, ClaimedRun> TakeNamed(NamedRunPlace named, string config) =>
        Take(named.Directory, config).Bind(taken => taken.Match(
            Some: Success<Fault, ClaimedRun>,
            None: () => Fail<Fault, ClaimedRun>(
                Fault.Usage($"--out {named.Path}: another run has taken the folder meanwhile", "name another folder"))));

    private static Validation<Fault, ClaimedRun> TakeNext(NextRunPlace next, string config)
    {
        for (var n = 1; ; n++)
        {
            var directory = new RunDirectory(Path.Combine(next.Folder, string.Create(CultureInfo.InvariantCulture, $"{next.Dataset}-{n}")));
            if (Path.Exists(directory.Path))
            {
                continue;
            }

            var taken = Take(directory, config);
            if (taken.IsFail || taken.Exists(claimed => claimed.IsSome))
            {
                return taken.Map(claimed => claimed.IfNone(() => throw new UnreachableException()));
            }
        }
    }

    private static Validation<Fault, ClaimedRun> TakeAgain(ResumedRunPlace resumed, string config)
    {
        FileStream? held = null;
        try
        {
            held = Hold(resumed.Directory, FileMode.OpenOrCreate);
            if (held is null)
            {
                return Fail<Fault, ClaimedRun>(Fault.Usage(
                    $"--out {resumed.Path}: another process is training in this folder", "wait for it, or name another folder"));
            }

            Directory.CreateDirectory(resumed.Directory.Checkpoints);
            var claimed = new ClaimedRun(resumed.Directory, held);
            if (File.Exists(resumed.Directory.Config))
            {
                return Success<Fault, ClaimedRun>(claimed);
            }

            return RunFiles.WriteConfig(resumed.Directory, config).Match(
                Succ: _ => Success<Fault, ClaimedRun>(claimed),
                Fail: faults =>
                {
                    claimed.Dispose();
                    return Fail<Fault, ClaimedRun>(faults);
                });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            return Fail<Fault, ClaimedRun>(CannotWrite(resumed.Directory, e));
        }
    }

    /// <summary>The folder, which is this run's from now on; none where somebody else was faster.</summary>
    private static Validation<Fault, Option<ClaimedRun>> Take(RunDirectory directory, string config)
    {
        var made = Ancestry(directory.Path).TakeWhile(folder => !Directory.Exists(folder)).ToArray();
        ClaimedRun? claimed = null;
        try
        {
            Directory.CreateDirectory(directory.Path);
            if (!IsEmpty(directory.Path))
            {
                return Success<Fault, Option<ClaimedRun>>(None);
            }

            // Making a folder succeeds for everybody, making a new file for one: the file that every run holds decides.
            var held = Hold(directory, FileMode.CreateNew);
            if (held is null)
            {
                return Success<Fault, Option<ClaimedRun>>(None);
            }

            var taken = claimed = new ClaimedRun(directory, held);
            Directory.CreateDirectory(directory.Checkpoints);
            var written = RunFiles.WriteConfig(directory, config);
            if (written.IsFail)
            {
                Release(claimed, made);
            }

            return written.Map(_ => Some(taken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Release(claimed, made);
            return Fail<Fault, Option<ClaimedRun>>(CannotWrite(directory, e));
        }
    }

    private static Fault CannotWrite(RunDirectory directory, Exception e) =>
        Fault.Run($"{directory.Path}: cannot be written: {e.Message}", "name a folder that you may write with --out");

    /// <summary>The lock, held; null where another process holds it, or has made it where it was to be new.</summary>
    private static FileStream? Hold(RunDirectory directory, FileMode mode)
    {
        try
        {
            return new FileStream(directory.Lock, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(directory.Lock))
        {
            return null;
        }
    }

    /// <summary>Takes back what was made; a folder that holds something by now stays.</summary>
    private static void Release(ClaimedRun? claimed, string[] folders)
    {
        try
        {
            if (claimed is not null)
            {
                File.Delete(claimed.Directory.Config);
                if (Directory.Exists(claimed.Directory.Checkpoints))
                {
                    Directory.Delete(claimed.Directory.Checkpoints);
                }

                claimed.Dispose();
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
public sealed record NamedRunPlace(string Path, RunDirectory Directory) : RunPlace
{
    /// <summary>Whether a run was to go on here, and there is none yet.</summary>
    public bool IsToGoOn { get; init; }
}

/// <summary>A folder with a run that is to go on.</summary>
/// <param name="Path">What the user wrote.</param>
/// <param name="Directory">The folder.</param>
public sealed record ResumedRunPlace(string Path, RunDirectory Directory) : RunPlace;

/// <summary>The next number that is free when the place is claimed.</summary>
/// <param name="Folder">The folder that holds all runs.</param>
/// <param name="Dataset">The dataset's name, with which the run's begins.</param>
public sealed record NextRunPlace(string Folder, string Dataset) : RunPlace;

/// <summary>A run's folder, in which nobody else trains until this is disposed.</summary>
public sealed class ClaimedRun : IDisposable
{
    private readonly FileStream held;

    internal ClaimedRun(RunDirectory directory, FileStream held) => (this.Directory, this.held) = (directory, held);

    /// <summary>The folder.</summary>
    public RunDirectory Directory { get; }

    /// <inheritdoc/>
    public void Dispose() => this.held.Dispose();
}
