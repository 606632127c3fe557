using System.Text;

namespace Mmoe.Data;

/// <summary>From a record of a file to codes and numbers. A value: it may be shared by threads.</summary>
public sealed class RecordEncoder
{
    private const string HeaderRule = "the header must name the schema's columns in their order";

    // As many as the generator shows of a sample's.
    private const int MaxListed = 12;

    private readonly Shape whole;
    private readonly Shape? withoutLabels;

    /// <summary>The encoder of a dataset's records.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="file">The file that the records come from, for the texts it appends to values; null if it appends none.</param>
    /// <param name="weightBy">
    /// The numeric feature or weight column that rows are to be weighed by, which may then be neither negative nor missing; null if none is.
    /// </param>
    public RecordEncoder(DatasetDescriptor descriptor, DataFile? file = null, string? weightBy = null)
    {
        this.whole = new(descriptor.Columns, file, _ => true, weightBy);
    }

    private RecordEncoder(DatasetDescriptor descriptor, Func<Column, bool> isRead)
    {
        this.whole = new(descriptor.Columns, null, isRead, null);
        this.withoutLabels = new(descriptor.Columns.Where(column => column is not LabelColumn), null, isRead, null);
    }

    /// <summary>
    /// The encoder of records that are to be predicted: of each it reads some features, whatever stands in the other columns, and the label
    /// columns may be absent. Nothing is written to <see cref="EncodedRow.Labels"/> and <see cref="EncodedRow.Weights"/>.
    /// </summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="isRead">Which features are read.</param>
    public static RecordEncoder OfFeatures(DatasetDescriptor descriptor, Func<Column, bool> isRead) =>
        new(descriptor, column => column is CategoricalFeature or NumericFeature && isRead(column));

    private enum StepKind
    {
        Ignore,
        Categorical,
        Numeric,
        CategoricalLabel,
        NumericLabel,
        Weight,
    }

    /// <summary>Encodes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="into">Where to write; its spans have the lengths of the dataset.</param>
    /// <param name="faults">Where to add what is wrong: every field's fault, or one if the number of fields is not the schema's.</param>
    /// <returns>Whether nothing is wrong; if something is, <paramref name="into"/> is not to be used.</returns>
    public bool Encode(CsvRecord record, EncodedRow into, ICollection<Fault> faults)
    {
        if (this.ShapeOf(record) is not { } shape)
        {
            faults.Add(this.WrongCount("record", record));
            return false;
        }

        var good = true;
        foreach (ref readonly var step in shape.Steps.AsSpan())
        {
            var text = record[step.Field];
            if (step.Suffix.Length > 0 && text.EndsWith(step.Suffix))
            {
                text = text[..^step.Suffix.Length];
            }

            // The reader keeps bytes to spare behind every field, which is what IndexOfPadded asks for.
            float number;
            switch (step.Kind)
            {
                case StepKind.Categorical:
                    var code = step.Vocabulary!.IndexOfPadded(text);
                    good &= code >= 0 || this.Refuse(record, step, text, faults);
                    into.Codes[step.Index] = code;
                    break;
                case StepKind.CategoricalLabel:
                    code = step.Vocabulary!.IndexOfPadded(text);
                    good &= code >= 0 || step.IsMissing(text) || this.Refuse(record, step, text, faults);
                    into.Labels[step.Index] = code >= 0 ? code : float.NaN;
                    break;
                case StepKind.Numeric:
                    number = float.NaN;
                    good &= (step.IsMissing(text) && !step.Weighs) || step.Reads(text, out number) || this.Refuse(record, step, text, faults);
                    into.Numerics[step.Index] = number;
                    break;
                case StepKind.NumericLabel:
                    number = float.NaN;
                    good &= step.IsMissing(text) || step.Reads(text, out number) || this.Refuse(record, step, text, faults);
                    into.Labels[step.Index] = number;
                    break;
                default:
                    good &= step.Reads(text, out number) || this.Refuse(record, step, text, faults);
                    into.Weights[step.Index] = number;
                    break;
            }
        }

        return good;
    }

    /// <summary>Compares a header's names with the schema's, which must be the same in the same order.</summary>
    /// <param name="header">The first record of a file with a header.</param>
    /// <param name="faults">
    /// Where to add a fault for each name that differs; one for all where none is the schema's, as in a file without a header.
    /// </param>
    /// <returns>Whether all names are the schema's.</returns>
    public bool CheckHeader(CsvRecord header, ICollection<Fault> faults)
    {
        if (this.ShapeOf(header) is not { Names: var names })
        {
            faults.Add(this.WrongCount("header", header));
            return false;
        }

        var wrong = new List<int>();
        for (var i = 0; i < names.Length; i++)
        {
            if (!header[i].SequenceEqual(Encoding.UTF8.GetBytes(names[i])))
            {
                wrong.Add(i);
            }
        }

        if (wrong.Count > 1 && wrong.Count == names.Length)
        {
            faults.Add(NoHeader(header, names));
            return false;
        }

        foreach (var i in wrong)
        {
            faults.Add(Fault.Data(
                $"column {i + 1} is named {Displayed.Quoted(header[i])}, the schema says '{names[i]}'",
                header.Locate(i),
                HeaderRule));
        }

        return wrong.Count == 0;
    }

    private Shape? ShapeOf(CsvRecord record) =>
        record.Count == this.whole.Names.Length ? this.whole
        : record.Count == this.withoutLabels?.Names.Length ? this.withoutLabels
        : null;

    private Fault WrongCount(string what, CsvRecord record)
    {
        var orWithoutLabels = this.withoutLabels is null ? "" : $", or {this.withoutLabels.Names.Length} without labels";
        return Fault.Data(
            $"the {what} has {Counted.Of(record.Count, "field")}, expected {this.whole.Names.Length}{orWithoutLabels}",
            record.Locate(),
            "is the delimiter that of the schema?");
    }

    private static Fault NoHeader(CsvRecord first, string[] expected)
    {
        var shown = new string[Math.Min(first.Count, MaxListed)];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = Displayed.Quoted(first[i]);
        }

        var more = first.Count > MaxListed ? $", … ({first.Count} in all)" : "";
        var names = expected.Take(MaxListed).Select(name => $"'{name}'");
        return Fault.Data(
            $"the first line holds {string.Join(", ", shown)}{more}, expected the header {string.Join(", ", names)}{more}",
            first.Locate(),
            $"{HeaderRule}; if the file has none, set \"header\" to false in the schema's \"format\"");
    }

    /// <summary>Adds the fault of a field. Always false, which is how a step says that it failed.</summary>
    private bool Refuse(CsvRecord record, in Step step, ReadOnlySpan<byte> text, ICollection<Fault> faults)
    {
        var column = step.Column;
        var shown = Displayed.Quoted(text);
        var (what, hint) = step.Vocabulary is not null
            ? RefuseValue(step.Vocabulary, column, shown, text)
            : RefuseNumber(column, shown, text, step);
        faults.Add(Fault.Data(what, record.Locate(step.Field), hint));
        return false;
    }

    private static (string What, string Hint) RefuseValue(Vocabulary vocabulary, string column, string shown, ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            return ($"{shown} in column '{column}' is not UTF-8", "convert the file to UTF-8");
        }

        return (
            $"{shown} is not a value of column '{column}'",
            vocabulary.Nearest(Encoding.UTF8.GetString(text)) is { } nearest
                ? $"did you mean '{nearest}'?"
                : Accepted(vocabulary));
    }

    // The first of many.
    private static string Accepted(Vocabulary vocabulary)
    {
        var listed = new string[Math.Min(vocabulary.Count, MaxListed)];
        for (var code = 0; code < listed.Length; code++)
        {
            listed[code] = Displayed.Quoted(Encoding.UTF8.GetBytes(vocabulary[code]));
        }

        var more = vocabulary.Count > MaxListed ? $", … ({vocabulary.Count} in all)" : "";
        return $"accepted: {string.Join(", ", listed)}{more}";
    }

    private static (string What, string Hint) RefuseNumber(string column, string shown, ReadOnlySpan<byte> text, in Step step)
    {
        if (step.Weighs && step.IsMissing(text))
        {
            return ($"{shown} in column '{column}' stands for a missing number, and rows are weighed by it", "a weight cannot be missing");
        }

        if (text.IsEmpty)
        {
            return (
                $"column '{column}' has no value",
                step.Kind == StepKind.Weight
                    ? "a weight cannot be missing"
                    : "if it may be missing, declare \"missing\" for the column in the schema");
        }

        return NumberText.Parse(text, out var number) switch
        {
            NumberOutcome.Number when step.Range is null || step.Range.Contains(number) => (
                $"{shown} in column '{column}' is negative, and rows are weighed by it",
                "a weight is 0 or more: correct it, or weigh by another column"),
            NumberOutcome.Number => (
                $"{shown} in column '{column}' is out of range: it must be {step.Range}",
                "correct it, or widen the column's \"range\" in the schema"),
            NumberOutcome.TooLarge =>
                ($"{shown} in column '{column}' is too large for a single-precision number", "the largest is about 3.4e38"),
            _ => ($"{shown} in column '{column}' is not a number", "numbers are written like -12, 0.5 or 1e-3"),
        };
    }

    /// <summary>What the fields of a record are, and what is done with them.</summary>
    private sealed class Shape(IEnumerable<Column> columns, DataFile? file, Func<Column, bool> isRead, string? weightBy)
    {
        public string[] Names { get; } = [.. columns.Select(column => column.Name)];

        public Step[] Steps { get; } =
        [
            .. columns
                .Select((column, field) => isRead(column) ? Step.Of(column, field, file) with { Weighs = column.Name == weightBy } : default)
                .Where(step => step.Kind != StepKind.Ignore),
        ];
    }

    private readonly record struct Step(
        StepKind Kind, string Column, int Field, int Index, Vocabulary? Vocabulary, NumericRange? Range, byte[][] Marks, byte[] Suffix)
    {
        /// <summary>Whether rows are weighed by the column.</summary>
        public bool Weighs { get; init; }

        public static Step Of(Column column, int field, DataFile? file)
        {
            var suffix = Bytes(file?.TrimEnd.FirstOrDefault(t => t.Column == column.Name)?.Suffix ?? "");
            return column switch
            {
                CategoricalFeature c => new(StepKind.Categorical, c.Name, field, c.CodeIndex, c.Vocabulary, null, [], suffix),
                NumericFeature n =>
                    new(StepKind.Numeric, n.Name, field, n.NumericIndex, null, n.Range, AllBytes(n.Missing?.Marks ?? default), suffix),
                CategoricalLabel l =>
                    new(StepKind.CategoricalLabel, l.Name, field, l.LabelIndex, l.Vocabulary, null, AllBytes(l.MissingMarks), suffix),
                NumericLabel l => new(StepKind.NumericLabel, l.Name, field, l.LabelIndex, null, l.Range, AllBytes(l.MissingMarks), suffix),
                WeightColumn w => new(StepKind.Weight, w.Name, field, w.WeightIndex, null, w.Range, [], suffix),
                _ => default,
            };

            static byte[][] AllBytes(EquatableArray<string> texts) => [.. texts.Select(Bytes)];

            static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
        }

        /// <summary>Whether the text is a number that the column may hold.</summary>
        public bool Reads(ReadOnlySpan<byte> text, out float number) =>
            NumberText.Parse(text, out number) == NumberOutcome.Number
            && (this.Range is null || this.Range.Contains(number))
            && (!this.Weighs || number >= 0);

        public bool IsMissing(ReadOnlySpan<byte> text)
        {
            foreach (var mark in this.Marks)
            {
                if (text.SequenceEqual(mark))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
