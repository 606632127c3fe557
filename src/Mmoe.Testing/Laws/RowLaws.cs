using System.Text;

namespace Mmoe.Testing;

/// <summary>Laws of a row: null where one holds, else what is wrong.</summary>
internal static class RowLaws
{
    public static string? TypedRoundTrip(IDataset dataset, EncodedSample sample) => dataset.Accept(new RoundTrip(sample));

    public static string? ForeignCodes(IDataset dataset, EncodedSample sample)
    {
        foreach (var column in sample.Dataset.Columns.Where(c => c.VocabularyOrNull() is not null))
        {
            foreach (var code in (int[])[column.VocabularyOrNull()!.Count, -1])
            {
                var row = sample.ToRow();
                if (column is CategoricalFeature feature)
                {
                    row.Codes[feature.CodeIndex] = code;
                }
                else
                {
                    row.Labels[((CategoricalLabel)column).LabelIndex] = code;
                }

                if (!dataset.Accept(new Refusal(EncodedSample.Of(sample.Dataset, row))))
                {
                    return $"column '{column.Name}': the code {code} of no value makes a row";
                }
            }
        }

        return null;
    }

    public static string? TextRoundTrip(EncodedSample sample) => Files(sample.Dataset)
        .Select(file => TextRoundTrip(sample, file))
        .FirstOrDefault(problem => problem is not null);

    public static string? ForeignTexts(EncodedSample sample)
    {
        foreach (var column in sample.Dataset.Columns)
        {
            if (column.VocabularyOrNull() is { } vocabulary && ForeignText(sample, column, vocabulary[0] + '\u0001') is { } problem)
            {
                return $"column '{column.Name}': {problem}";
            }
        }

        return null;
    }

    public static string? Targets(EncodedSample sample)
    {
        foreach (var task in sample.Dataset.Tasks)
        {
            var label = sample.Labels[task.LabelColumn.LabelIndex];
            var target = task.Target(label);
            var allowed = float.IsNaN(label) ? float.IsNaN(target) : task switch
            {
                BinaryTask binary => target == (binary.PositiveCodes.Contains((int)label) ? 1f : 0f),
                MulticlassTask multiclass => target == label && target < multiclass.OutputWidth,
                _ => target == label,
            };
            if (!allowed)
            {
                return $"task '{task.Name}': the label {label} of column '{task.LabelColumn.Name}' gives the target {target}";
            }
        }

        foreach (var binary in sample.Dataset.Tasks.OfType<BinaryTask>())
        {
            var positive = binary.PositiveCodes.Distinct().Count(code => code >= 0 && code < binary.Label.Vocabulary.Count);
            if (positive != binary.PositiveCodes.Count || positive == 0 || positive == binary.Label.Vocabulary.Count)
            {
                return $"task '{binary.Name}': the positive codes {binary.PositiveCodes} are not a part of "
                    + $"its label's {binary.Label.Vocabulary.Count}";
            }
        }

        return null;
    }

    /// <summary>Every file that may append a text of its own to values, and one that does not.</summary>
    private static IEnumerable<DataFile?> Files(DatasetDescriptor descriptor) =>
        descriptor.Source is FileSource source ? [.. source.Files, null] : [null];

    private static string? TextRoundTrip(EncodedSample sample, DataFile? file) =>
        RecordFormatter.For(sample.Dataset, file).Problem(formatter =>
        {
            var text = formatter.Format(sample.ToRow());
            var (read, faults, records) = Read(sample.Dataset, file, text);
            return faults.Count > 0 ? $"'{text}' is refused: {string.Join("; ", faults)}"
                : records != 1 ? $"'{text}' is read as {records} records"
                : sample.Difference(read) is { } difference ? $"{difference} in '{text}'"
                : null;
        });

    /// <summary>Writes the row as a dataset would whose column held the foreign text too, and reads it as this one.</summary>
    private static string? ForeignText(EncodedSample sample, Column column, string text)
    {
        var widened = new Vocabulary([text, .. column.VocabularyOrNull()!.Texts]);
        var columns = sample.Dataset.Columns.ToArray();
        var row = sample.ToRow();
        if (column is CategoricalFeature feature)
        {
            columns[column.FileIndex] = feature with { Vocabulary = widened };
            row.Codes[feature.CodeIndex] = 0;
        }
        else if (column is CategoricalLabel label)
        {
            columns[column.FileIndex] = label with { Vocabulary = widened };
            row.Labels[label.LabelIndex] = 0;
        }

        // Only the changed column's code differs in meaning between the two.
        var record = EncodedSample.Of(sample.Dataset with { Columns = new(columns) }, row);
        return RecordFormatter.For(record.Dataset).Problem(formatter =>
        {
            var line = formatter.Format(record.ToRow());
            var (_, faults, _) = Read(sample.Dataset, null, line);
            var named = $"column '{column.Name}'";
            return faults is [{ Where: { Line: > 0, Column: > 0 } } fault] && fault.What.Contains(named, StringComparison.Ordinal)
                ? null
                : $"'{text}' is no value, and '{line}' gives {(faults.Count == 0 ? "no fault" : string.Join("; ", faults))}";
        });
    }

    private static (EncodedSample Read, List<Fault> Faults, int Records) Read(DatasetDescriptor descriptor, DataFile? file, string text)
    {
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), descriptor.Format, "row");
        var encoder = new RecordEncoder(descriptor, file);
        var row = EncodedRows.Create(descriptor);
        var faults = new List<Fault>();
        var records = 0;
        for (; reader.Read() == CsvStep.Record; records++)
        {
            encoder.Encode(reader.Current, row, faults);
        }

        if (reader.Fault is { } broken)
        {
            faults.Add(broken);
        }

        return (EncodedSample.Of(descriptor, row), faults, records);
    }

    private sealed class RoundTrip(EncodedSample sample) : IDatasetVisitor<string?>
    {
        public string? Visit<TDataset, TRow, TPrediction>()
            where TDataset : IDataset<TRow, TPrediction>
            where TRow : class, IEquatable<TRow>
        {
            var row = TDataset.Decode(sample.ToRow());
            var encoded = EncodedRows.Create(TDataset.Descriptor);
            TDataset.Encode(row, encoded);
            var again = EncodedSample.Of(TDataset.Descriptor, encoded);
            var decoded = TDataset.Decode(again.ToRow());
            return sample.Difference(again)
                ?? (row.Equals(decoded) && row.GetHashCode() == decoded.GetHashCode() ? null : $"{row} became {decoded}");
        }
    }

    private sealed class Refusal(EncodedSample sample) : IDatasetVisitor<bool>
    {
        public bool Visit<TDataset, TRow, TPrediction>()
            where TDataset : IDataset<TRow, TPrediction>
            where TRow : class, IEquatable<TRow>
        {
            try
            {
                TDataset.Decode(sample.ToRow());
                return false;
            }
            catch (ArgumentOutOfRangeException)
            {
                return true;
            }
        }
    }
}
