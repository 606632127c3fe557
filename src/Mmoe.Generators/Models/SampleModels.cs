using Mmoe.Generators.Diagnostics;

namespace Mmoe.Generators.Models;

/// <summary>A sample that a schema names, and what it is checked by.</summary>
/// <remarks>It holds positions in the schema, which messages name: nothing of it may feed source.</remarks>
/// <param name="Path">The path as the schema says it.</param>
/// <param name="File">The file that it leads to, as <see cref="SampleTextModel.File"/> names it.</param>
/// <param name="Place">Where the schema says it.</param>
/// <param name="Rules">What the sample must keep; null if the schema is too broken to tell.</param>
internal sealed record SampleModel(string Path, string File, LocationInfo Place, SampleRulesModel? Rules);

/// <summary>What the records of a sample must be.</summary>
/// <param name="Format">How the file is written.</param>
/// <param name="Columns">The columns in file order.</param>
internal sealed record SampleRulesModel(FormatModel Format, EquatableArray<SampleColumnModel> Columns);

/// <summary>What a field of a sample must be.</summary>
/// <param name="Column">The column; null if something is wrong with it in the schema, so that its values are not judged.</param>
/// <param name="Suffix">The text that the file appends to the column's values; empty if none.</param>
/// <param name="Place">Where the schema names the column; null as <paramref name="Column"/> is.</param>
internal sealed record SampleColumnModel(ColumnModel? Column, string Suffix, LocationInfo? Place);

/// <summary>The text of a file that a schema names as its sample.</summary>
/// <param name="File">The file's path in one way of writing, to be compared.</param>
/// <param name="Path">The file's path as the compiler knows it.</param>
/// <param name="Text">The text; empty if it is refused.</param>
/// <param name="Refusal">Why the file is not read; null if it is.</param>
internal sealed record SampleTextModel(string File, string Path, string Text, string? Refusal);

/// <summary>A sample and its text.</summary>
/// <param name="Sample">What the schema says.</param>
/// <param name="Text">The text; null if the project has no such file.</param>
internal sealed record SampleInputModel(SampleModel Sample, SampleTextModel? Text);
