namespace Mmoe.Cli;

/// <summary>What the application touches of the world, as values, so that a test can stand in for it.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and faults.</param>
/// <param name="CurrentDirectory">Where relative paths start.</param>
/// <param name="Environment">Environment variables.</param>
/// <param name="IsTerminal">Whether <paramref name="Error"/> is a terminal, on which what is shown can be redrawn.</param>
/// <param name="OpenOut">Opens standard output for the bytes of a file: <paramref name="Out"/> writes in the console's encoding.</param>
/// <param name="Interrupted">Cancelled by Ctrl-C, or when the process is asked to terminate.</param>
public sealed record MmoeHost(
    TextWriter Out,
    TextWriter Error,
    string CurrentDirectory,
    Func<string, string?> Environment,
    bool IsTerminal,
    Func<Stream> OpenOut,
    CancellationToken Interrupted)
{
    /// <summary>The time of day. Event files for TensorBoard carry it, and nothing else that is written does.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A path as a person wants to read it: relative where it lies in the current directory.</summary>
    internal string Shown(string path)
    {
        var relative = Path.GetRelativePath(this.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
