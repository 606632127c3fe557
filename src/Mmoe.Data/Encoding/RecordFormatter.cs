using System.Globalization;
using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>From codes and numbers to a line of a file: what <see cref="RecordEncoder"/> reads back as the same row.</summary>
public sealed class RecordFormatter
{
    private readonly DatasetDescriptor descriptor;
    private readonly FileFormat format;
    private readonly string[] suffixes;

    /// <summary>Per column, the texts of its codes as they stand in a file; empty for columns without a vocabulary.</summary>
    private readonly string[][] values;

    /// <summary>Per column, the text of a missing value as it stands in a file; null where none can be missing.</summary>
    private readonly string?[] missing;

    private RecordFormatter(DatasetDescriptor descriptor, string[] suffixes, string[][] values, string?[] missing)
    {
        this.descriptor = descriptor;
        this.format = descriptor.Format;
        this.suffixes = suffixes;
        this.values = values;
        this.missing = missing;
    }

    /// <summary>The formatter of a dataset's records.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="file">The file that is written, for the texts it appends to values; null if it appends none.</param>
    /// <returns>The formatter, or a fault for each value of a vocabulary and each name of a header that the dataset's file format cannot express.</returns>
    public static Validation<Fault, RecordFormatter> For(DatasetDescriptor descriptor, DataFile? file = null)
    {
        var suffixes = descriptor.Columns.Select(c => file?.TrimEnd.FirstOrDefault(t => t.Column == c.Name)?.Suffix ?? "").ToArray();
        var faults = new List<Fault>();
        var values = descriptor.Columns.Select((column, i) => VocabularyOf(column) is { } vocabulary
            ? vocabulary.Texts.ToArray().Select(t => Written(t, column, suffixes[i])).ToArray()
            : []).ToArray();
        var missing = descriptor.Columns
            .Select((column, i) => MarksOf(column)
                .Select(m => Escape(m + suffixes[i], descriptor.Format))
                .FirstOrDefault(m => m is not null))
            .ToArray();
        if (descriptor.Format.Header)
        {
            faults.AddRange(descriptor.Columns.Where(c => Escape(c.Name, descriptor.Format) is null).Select(c => Fault.Data(
                $"the column name '{c.Name}' cannot be written in the file format of '{descriptor.Name}'",
                hint: "name a \"quote\" in the schema's format")));
        }

        return faults.Count == 0
            ? Success<Fault, RecordFormatter>(new(descriptor, suffixes, values, missing))
            : Fail<Fault, RecordFormatter>(faults.ToSeq());

        string Written(string text, Column column, string suffix)
        {
            if (Escape(text + suffix, descriptor.Format) is { } written)
            {
                return written;
            }

            faults.Add(Fault.Data(
                $"the value '{text}' of column '{column.Name}' cannot be written in the file format of '{descriptor.Name}'",
                hint: "name a \"quote\" in the schema's format"));
            return "";
        }
    }

    /// <summary>Appends a record, without a line end.</summary>
    /// <param name="row">The row; NaN where a number or label is missing.</param>
    /// <param name="line">Where to append.</param>
    /// <remarks>Numbers are written with the fewest digits that read back as the same number. Ignored columns are left empty.</remarks>
    /// <exception cref="ArgumentException">
    /// A code is outside its vocabulary; a number is infinite, or is NaN where the schema declares no missing mark; or the record would
    /// read as a comment or a blank line, and the format has no quote to prevent it.
    /// </exception>
    public void Append(EncodedRow row, StringBuilder line)
    {
        var start = line.Length;
        var columns = this.descriptor.Columns.AsSpan();
        for (var i = 0; i < columns.Length; i++)
        {
            if (i > 0)
            {
                line.Append(this.format.Delimiter);
            }

            line.Append(this.Field(columns[i], i, row));
        }

        if (this.WouldBeSkipped(line.ToString(start, line.Length - start)))
        {
            this.Guard(line, start);
        }
    }

    /// <summary>A record, without a line end.</summary>
    /// <inheritdoc cref="Append"/>
    public string Format(EncodedRow row)
    {
        var line = new StringBuilder();
        this.Append(row, line);
        return line.ToString();
    }

    /// <summary>The record that names the columns, without a line end.</summary>
    /// <exception cref="InvalidOperationException">The format cannot express a column's name.</exception>
    public string Header() => string.Join(
        this.format.Delimiter,
        this.descriptor.Columns.Select(c => Escape(c.Name, this.format)
            ?? throw new InvalidOperationException($"The format cannot express the column name '{c.Name}'.")));

    private static Vocabulary? VocabularyOf(Column column) => column switch
    {
        CategoricalFeature feature => feature.Vocabulary,
        CategoricalLabel label => label.Vocabulary,
        _ => null,
    };

    private static IEnumerable<string> MarksOf(Column column) => column switch
    {
        NumericFeature { Missing: { } missing } => missing.Marks,
        CategoricalLabel label => label.MissingMarks.Where(m => label.Vocabulary.IndexOf(m) < 0),
        LabelColumn label => label.MissingMarks,
        _ => [],
    };

    /// <summary>The text as a field, quoted if it must be; null if it must be and there is no quote.</summary>
    private static string? Escape(string text, FileFormat format)
    {
        var plain = !text.AsSpan().ContainsAny(format.Delimiter, '\r', '\n')
            && !(format.Quote is { } quote && text.Contains(quote))
            && !(format.Trim && text.Length > 0 && (IsBlank(text[0]) || IsBlank(text[^1])))
            && !text.StartsWith('\uFEFF')
            && !(format.Comment is { Length: > 0 } comment && text.StartsWith(comment, StringComparison.Ordinal));
        return plain ? text : Quoted(text, format);

        static bool IsBlank(char c) => c is ' ' or '\t';
    }

    private static string? Quoted(string text, FileFormat format) =>
        format.Quote is { } quote ? $"{quote}{text.Replace($"{quote}", $"{quote}{quote}")}{quote}" : null;

    private string Field(Column column, int index, EncodedRow row) => column switch
    {
        CategoricalFeature c => this.Value(column, index, row.Codes[c.CodeIndex]),
        NumericFeature n => this.Number(column, index, row.Numerics[n.NumericIndex]),
        CategoricalLabel l => float.IsNaN(row.Labels[l.LabelIndex])
            ? this.Missing(column, index)
            : this.Value(column, index, (int)row.Labels[l.LabelIndex]),
        NumericLabel l => this.Number(column, index, row.Labels[l.LabelIndex]),
        WeightColumn w => this.Number(column, index, row.Weights[w.WeightIndex]),
        _ => "",
    };

    private string Value(Column column, int index, int code) => (uint)code < (uint)this.values[index].Length
        ? this.values[index][code]
        : throw new ArgumentException($"Column '{column.Name}' has no value with code {code}.");

    private string Missing(Column column, int index) => this.missing[index]
        ?? throw new ArgumentException($"A value of column '{column.Name}' is missing, and no mark says so in this format.");

    private string Number(Column column, int index, float number)
    {
        if (float.IsNaN(number))
        {
            return this.Missing(column, index);
        }

        if (!float.IsFinite(number))
        {
            throw new ArgumentException($"Column '{column.Name}' holds an infinite number.");
        }

        // Where the number's text marks a missing value, leading zeros make it another text of the same number.
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        while (MarksOf(column).Contains(text, StringComparer.Ordinal))
        {
            text = text.Insert(text[0] == '-' ? 1 : 0, "0");
        }

        return Escape(text + this.suffixes[index], this.format)
            ?? throw new ArgumentException($"The format cannot express the number {text} of column '{column.Name}'.");
    }

    private bool WouldBeSkipped(string line) =>
        (this.format.Trim ? line.All(c => c is ' ' or '\t' && c != this.format.Delimiter) : line.Length == 0)
        || (this.format.Comment is { Length: > 0 } comment && line.StartsWith(comment, StringComparison.Ordinal));

    /// <summary>Puts the first field in quotes, unless it is already or that does not help.</summary>
    private void Guard(StringBuilder line, int start)
    {
        var text = line.ToString(start, line.Length - start);
        var first = text.IndexOf(this.format.Delimiter);
        first = first < 0 ? text.Length : first;
        if (this.format.Quote is { } quote && !text.StartsWith(quote))
        {
            var quoted = Quoted(text[..first], this.format) + text[first..];
            if (!this.WouldBeSkipped(quoted))
            {
                line.Length = start;
                line.Append(quoted);
                return;
            }
        }

        throw new ArgumentException("The record would read as a comment or a blank line, and the format cannot prevent it.");
    }
}
