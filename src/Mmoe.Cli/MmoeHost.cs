namespace Mmoe.Cli;

/// <summary>What the application touches of the world, as values, so that a test can stand in for it.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and faults.</param>
/// <param name="CurrentDirectory">Where relative paths start.</param>
/// <param name="Environment">Environment variables.</param>
/// <param name="IsTerminal">Whether <paramref name="Error"/> is a terminal that can redraw a line.</param>
/// <param name="OpenOut">Opens standard output for bytes, as files have them: <paramref name="Out"/> writes in the console's encoding.</param>
/// <param name="Interrupted">Cancelled when the user interrupts.</param>
public sealed record MmoeHost(
    TextWriter Out,
    TextWriter Error,
    string CurrentDirectory,
    Func<string, string?> Environment,
    bool IsTerminal,
    Func<Stream> OpenOut,
    CancellationToken Interrupted);
