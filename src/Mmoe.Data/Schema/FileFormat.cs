namespace Mmoe.Data;

/// <summary>How a dataset's files are written. Files are UTF-8.</summary>
/// <param name="Delimiter">The ASCII character between fields.</param>
/// <param name="Header">Whether the first record names the columns.</param>
/// <param name="Quote">The ASCII character around quoted fields, doubled inside them; null if there is no quoting.</param>
/// <param name="Comment">A line that starts with this text is skipped; null if there are no comments.</param>
/// <param name="Trim">Whether blanks (spaces and tabs) at both ends of an unquoted field are taken off.</param>
public sealed record FileFormat(char Delimiter, bool Header, char? Quote, string? Comment, bool Trim);
