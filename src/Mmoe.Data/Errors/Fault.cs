namespace Mmoe.Data;

/// <summary>Whose fault it is; the numbers are the command line's exit codes.</summary>
public enum FaultKind
{
    /// <summary>The user's data or schema is wrong.</summary>
    Data = 1,

    /// <summary>The command was used wrongly.</summary>
    Usage = 2,

    /// <summary>The run itself failed.</summary>
    Run = 3,
}

/// <summary>A place in a text file.</summary>
/// <param name="File">The file's path as the user gave it or knows it.</param>
/// <param name="Line">The line, from 1; 0 if the fault concerns the whole file.</param>
/// <param name="Column">The column in UTF-16 characters, from 1; 0 if the fault concerns the whole line.</param>
public sealed record FileLocation(string File, long Line = 0, int Column = 0)
{
    /// <summary><c>file:line:column</c>, without the parts that are 0.</summary>
    public override string ToString() => this.Line == 0 ? this.File : this.Column == 0 ? $"{this.File}:{this.Line}" : $"{this.File}:{this.Line}:{this.Column}";
}

/// <summary>An error as a value: what, where, and what to do.</summary>
/// <param name="Kind">Whose fault it is.</param>
/// <param name="What">What is wrong, with the offending value.</param>
/// <param name="Where">The place in a file; null if there is none.</param>
/// <param name="Hint">What to do about it: the nearest value, the places searched, the command to run.</param>
public sealed record Fault(FaultKind Kind, string What, FileLocation? Where = null, string? Hint = null)
{
    /// <summary>
    /// The key of the configuration that is to be changed, so that whoever knows where it was set can say so; null where it is none, or no
    /// single one. It is no part of the line.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>A configuration cannot be: <c>key: what; hint</c>.</summary>
    public static Fault OfKey(string key, string what, string? hint = null) => Usage($"{key}: {what}", hint) with { Key = key };

    /// <summary>The user's data is wrong.</summary>
    public static Fault Data(string what, FileLocation? where = null, string? hint = null) => new(FaultKind.Data, what, where, hint);

    /// <summary>The command was used wrongly.</summary>
    public static Fault Usage(string what, string? hint = null) => new(FaultKind.Usage, what, null, hint);

    /// <summary>The run itself failed.</summary>
    public static Fault Run(string what, string? hint = null) => new(FaultKind.Run, what, null, hint);

    /// <summary>One line: <c>where: what; hint</c>. What the system says of a file ends with a full stop, which has no place before a hint.</summary>
    public override string ToString() =>
        $"{(this.Where is null ? "" : $"{this.Where}: ")}{(this.Hint is null ? this.What : $"{this.What.TrimEnd('.')}; {this.Hint}")}".ReplaceLineEndings(" ");
}
