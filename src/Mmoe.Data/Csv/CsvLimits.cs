namespace Mmoe.Data;

/// <summary>What a CSV file may demand of memory; more is a fault.</summary>
/// <param name="FieldBytes">The longest field in bytes.</param>
/// <param name="Fields">The most fields of a record.</param>
/// <param name="RecordBytes">The longest record in bytes.</param>
public sealed record CsvLimits(int FieldBytes = FieldSyntax.MaxBytes, int Fields = 1 << 16, int RecordBytes = 1 << 24)
{
    /// <summary>1 MiB a field, 65,536 fields and 16 MiB a record.</summary>
    public static CsvLimits Default { get; } = new();
}
