using System.Text;

namespace Mmoe.Cli;

/// <summary>A stream of the console that may be a file on a full disk, or closed.</summary>
/// <param name="inner">The stream.</param>
/// <param name="onFailure">What to do where it cannot be written.</param>
internal sealed class ConsoleWriter(TextWriter inner, Action<Exception> onFailure) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Progress and faults: what cannot be written is lost. A run of hours is worth more than its log.</summary>
    public static ConsoleWriter OfProgress(TextWriter inner) => new(inner, _ => { });

    /// <summary>Results: where they cannot be written the command ends, with an <see cref="UnwritableException"/>.</summary>
    public static ConsoleWriter OfResults(TextWriter inner) => new(inner, failure => throw new UnwritableException(failure));

    /// <inheritdoc/>
    public override void Write(char value) => this.Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => this.Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => this.Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => this.Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => this.Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            onFailure(e);
        }
    }
}

/// <summary>Standard output cannot be written.</summary>
internal sealed class UnwritableException(Exception cause) : Exception(cause.Message, cause);
