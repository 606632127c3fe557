using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The folder of one run, and the names in it. Nothing is written before <see cref="Create"/>.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunDirectory(string Path)
{
    /// <summary>The effective configuration.</summary>
    public string Config => System.IO.Path.Combine(this.Path, "config.yaml");

    /// <summary>One line of JSON per epoch.</summary>
    public string Metrics => System.IO.Path.Combine(this.Path, "metrics.jsonl");

    /// <summary>The run's result.</summary>
    public string Summary => System.IO.Path.Combine(this.Path, "summary.json");

    /// <summary>Where checkpoints lie.</summary>
    public string Checkpoints => System.IO.Path.Combine(this.Path, "checkpoints");

    /// <summary>The newest state, with the optimiser's.</summary>
    public string Last => this.Checkpoint("last");

    /// <summary>The epoch with the best score on validation: of a task, or of <see cref="Training.Best.Average"/>.</summary>
    public string Best(string name) => this.Checkpoint($"best-{name}");

    /// <summary>The checkpoint of an epoch, from 1.</summary>
    public string Epoch(int epoch) => this.Checkpoint(string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:0000}"));

    /// <summary>Chooses a run's folder and checks that it is free; creates nothing.</summary>
    /// <param name="path">The folder that the user named; null for the next free <c>runs/NAME-n</c>.</param>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="currentDirectory">Where relative paths start.</param>
    /// <returns>The folder, or a fault where it is not empty or is a file.</returns>
    public static Validation<Fault, RunDirectory> Choose(string? path, string dataset, string currentDirectory)
    {
        if (path is null)
        {
            var next = Enumerable.Range(1, int.MaxValue - 1)
                .Select(n => System.IO.Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"{dataset}-{n}")))
                .First(p => !System.IO.Path.Exists(System.IO.Path.Combine(currentDirectory, p)));
            return Success<Fault, RunDirectory>(new(System.IO.Path.Combine(currentDirectory, next)));
        }

        var full = System.IO.Path.GetFullPath(path, currentDirectory);
        return File.Exists(full) ? Fail<Fault, RunDirectory>(Fault.Usage($"--out {path}: is a file", "name a folder"))
            : Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any()
                ? Fail<Fault, RunDirectory>(Fault.Usage($"--out {path}: the folder is not empty", "name another folder, or remove that one"))
                : Success<Fault, RunDirectory>(new(full));
    }

    /// <summary>Creates the folder and the one for checkpoints.</summary>
    /// <returns>Itself, or a fault where the system refuses.</returns>
    public Validation<Fault, RunDirectory> Create()
    {
        try
        {
            Directory.CreateDirectory(this.Checkpoints);
            return Success<Fault, RunDirectory>(this);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, RunDirectory>(Fault.Run($"{this.Path}: cannot be written: {e.Message}", "name a folder that you may write with --out"));
        }
    }

    private string Checkpoint(string name) => System.IO.Path.Combine(this.Checkpoints, $"{name}.safetensors");
}
