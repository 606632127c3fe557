using System.Text;

namespace Mmoe.Data.Tests;

public class RecordEncoderTests
{
    [Fact]
    public void A_record_becomes_codes_numbers_labels_and_weights()
    {
        var (row, faults) = Encode(Samples.Adult, "39, State-gov, 77516, 40.5, >50K\n");
        Assert.Empty(faults);
        Assert.Equal([1], row.Codes);
        Assert.Equal([39f, 40.5f], row.Numerics);
        Assert.Equal([1f], row.Labels);
        Assert.Equal([77516f], row.Weights);
    }

    [Fact]
    public void A_question_mark_in_a_vocabulary_is_a_value_and_elsewhere_missing_if_declared()
    {
        var (row, faults) = Encode(Samples.Adult, "?, ?, 1, NA, unknown\n");
        Assert.Empty(faults);
        Assert.Equal([2], row.Codes);
        Assert.All(row.Numerics, n => Assert.True(float.IsNaN(n)));
        Assert.All(row.Labels, n => Assert.True(float.IsNaN(n)));
    }

    [Fact]
    public void A_label_that_is_both_value_and_mark_is_a_value()
    {
        var (row, faults) = Encode(Samples.Adult, "1, Private, 1, 1, <=50K\n");
        Assert.Empty(faults);
        Assert.Equal([0f], row.Labels);
    }

    [Fact]
    public void All_errors_of_a_record_are_reported_each_at_its_place()
    {
        var (_, faults) = Encode(Samples.Census, "Öst, Privat, Never-married, NaN, Mexico, 50000.\n", line: 3);
        Assert.Equal(
            [
                "f:3:1: 'Öst' in column 'age' is not a number; numbers are written like -12, 0.5 or 1e-3",
                "f:3:6: 'Privat' is not a value of column 'class'; did you mean 'Private'?",
                "f:3:14: 'Never-married' is not a value of column 'marital'; did you mean 'Never married'?",
                "f:3:29: 'NaN' in column 'instance_weight' is not a number; numbers are written like -12, 0.5 or 1e-3",
                "f:3:42: '50000.' is not a value of column 'income'; did you mean '50000+.'?",
            ],
            faults);
    }

    [Theory]
    [InlineData(
        ", Private, Married, 1, Mexico, 50000+.",
        "f:1:1: column 'age' has no value; if it may be missing, declare \"missing\" for the column in the schema")]
    [InlineData(
        "1e40, Private, Married, 1, Mexico, 50000+.",
        "f:1:1: '1e40' in column 'age' is too large for a single-precision number; the largest is about 3.4e38")]
    [InlineData("1, Private, Married, 1, Mexico", "f:1: the record has 5 fields, expected 6; is the delimiter that of the schema?")]
    [InlineData("1;Private", "f:1: the record has 1 field, expected 6; is the delimiter that of the schema?")]
    [InlineData(
        "1, Private, Married, 1, Mexico, 50000+., ",
        "f:1: the record has 7 fields, expected 6; is the delimiter that of the schema?")]
    [InlineData(
        "1, qwertyuiop, Married, 1, Mexico, 50000+.",
        "f:1:4: 'qwertyuiop' is not a value of column 'class'; accepted: 'Private', 'Federal government', '?'")]
    [InlineData(
        "1, a\u001b[2Jb, Married, 1, Mexico, 50000+.",
        "f:1:4: 'a\uFFFD[2Jb' is not a value of column 'class'; accepted: 'Private', 'Federal government', '?'")]
    public void One_error_is_one_line(string line, string expected) => Assert.Equal([expected], Encode(Samples.Census, line).Faults);

    [Fact]
    public void Bounds_are_within_their_range()
    {
        foreach (var (line, numbers) in new[]
        {
            ("0, -0.5, 2, -1e30", new[] { 0, -0.5f, 2, -1e30f }),
            ("120, 1e30, 10, 1000000", [120, 1e30f, 10, 1e6f]),
            ("-0, 0, 1e1, 1E+6", [0, 0, 10, 1e6f]),
            ("120.0000001, -0.500000001, 10.0000001, 1000000.01", [120, -0.5f, 10, 1e6f]), // the nearest singles are the bounds
        })
        {
            var (row, faults) = Encode(Samples.Bounded, line);
            Assert.Empty(faults);
            Assert.Equal(numbers, row.Numerics.Concat(row.Weights).Concat(row.Labels));
        }
    }

    [Theory]
    [InlineData("-1e-45", "'-1e-45' in column 'age' is out of range: it must be from 0 to 120")]
    [InlineData("-2", "'-2' in column 'age' is out of range: it must be from 0 to 120")]
    [InlineData("120.00001", "'120.00001' in column 'age' is out of range: it must be from 0 to 120")]
    public void Just_outside_is_outside(string age, string what) => Assert.Equal(
        [$"f:1:1: {what}; correct it, or widen the column's \"range\" in the schema"], Encode(Samples.Bounded, $"{age}, 0, 2, 0").Faults);

    [Fact]
    public void Every_number_out_of_range_is_reported_at_its_place() => Assert.Equal(
        [
            "f:2:1: '999' in column 'age' is out of range: it must be from 0 to 120",
            "f:2:6: '-0.51' in column 'change' is out of range: it must be at least -0.5",
            "f:2:13: '1' in column 'weight' is out of range: it must be from 2 to 10",
            "f:2:16: '2e6' in column 'cost' is out of range: it must be at most 1000000",
        ],
        Encode(Samples.Bounded, "999, -0.51, 1, 2e6", line: 2).Faults.Select(fault => fault[..fault.IndexOf(';')]));

    [Fact]
    public void Missing_unreadable_and_out_of_range_are_three_things()
    {
        var (row, faults) = Encode(Samples.Bounded, "-1, 0, 2, NA");
        Assert.Empty(faults);
        Assert.Equal([float.NaN, 0], row.Numerics);
        Assert.Equal([float.NaN], row.Labels);
        Assert.Equal(
            [
                "f:1:1: 'NaN' in column 'age' is not a number; numbers are written like -12, 0.5 or 1e-3",
                "f:1:6: '1e39' in column 'change' is too large for a single-precision number; the largest is about 3.4e38",
                "f:1:11: column 'weight' has no value; a weight cannot be missing",
                "f:1:12: '-1e39' in column 'cost' is too large for a single-precision number; the largest is about 3.4e38",
            ],
            Encode(Samples.Bounded, "NaN, 1e39,,-1e39").Faults);
    }

    [Fact]
    public void A_missing_weight_is_an_error() =>
        Assert.Equal(
            ["f:1:13: column 'fnlwgt' has no value; a weight cannot be missing"], Encode(Samples.Adult, "1, Private, , 1, >50K").Faults);

    [Fact]
    public void What_is_not_UTF8_is_said_to_be_that()
    {
        byte[] line = [.. "1, Priv"u8, 0xE4, .. "te, Married, 1, Mexico, 50000+."u8];
        Assert.Equal(
            ["f:1:4: 'Priv\uFFFDte' in column 'class' is not UTF-8; convert the file to UTF-8"], Encode(Samples.Census, line).Faults);
    }

    [Fact]
    public void A_long_text_is_shortened_in_the_message()
    {
        var (_, faults) = Encode(Samples.Census, $"{new string('ö', 5_000)}, Private, Married, 1, Mexico, 50000+.");
        Assert.StartsWith($"f:1:1: '{new string('ö', 60)}...' in column 'age' is not a number", Assert.Single(faults));
    }

    [Fact]
    public void What_a_file_appends_to_a_column_is_taken_off_once_and_only_there()
    {
        var test = ((FileSource)Samples.Adult.Source).Files[1];
        Assert.Empty(Encode(Samples.Adult, "1, Private, 1, 1, >50K.", file: test).Faults);
        Assert.Empty(Encode(Samples.Adult, "1, Private, 1, 1, >50K", file: test).Faults);
        Assert.Empty(Encode(Samples.Adult, "1, Private, 1, 1, unknown.", file: test).Faults);
        Assert.Single(Encode(Samples.Adult, "1, Private, 1, 1, >50K..", file: test).Faults);
        Assert.Single(Encode(Samples.Adult, "1, Private., 1, 1, >50K.", file: test).Faults);
        Assert.Single(Encode(Samples.Adult, "1, Private, 1, 1, >50K.").Faults);
        Assert.Equal([1f], Encode(Samples.Census, "1, Private, Married, 1, Mexico, 50000+.").Row.Labels.Skip(1));
    }

    [Fact]
    public void Quoted_fields_are_compared_without_their_quotes()
    {
        var (row, faults) = Encode(Samples.Bank, "\"58\";\"says \"\"hi\"\"\";ignored;n/a;\n1;\" two\nlines \";;-3;yes\n");
        Assert.Empty(faults);
        Assert.Equal([4], row.Codes);
        Assert.Equal([-3f, 1f], row.Labels);
    }

    [Fact]
    public void A_header_must_name_the_columns_in_order()
    {
        Assert.Empty(CheckHeader("age;job;duration;\"balance\";y"));
        Assert.Equal(
            [
                "f:1:5: column 2 is named 'duration', the schema says 'job'; the header must name the schema's columns in their order",
                "f:1:14: column 3 is named 'job', the schema says 'duration'; the header must name the schema's columns in their order",
            ],
            CheckHeader("age;duration;job;balance;y"));
        Assert.Equal(["f:1: the header has 4 fields, expected 5; is the delimiter that of the schema?"], CheckHeader("age;job;balance;y"));
    }

    [Fact]
    public void A_first_line_that_names_no_column_is_one_fault() => Assert.Equal(
        [
            "f:1: the first line holds '58', 'admin.', '3', '-3', 'yes', expected the header 'age', 'job', 'duration', 'balance', 'y'; "
                + "the header must name the schema's columns in their order; if the file has none, set \"header\" to false in the schema's "
                + "\"format\"",
        ],
        CheckHeader("58;admin.;3;-3;yes"));

    [Fact]
    public void Of_many_columns_the_first_line_that_names_none_shows_the_first()
    {
        const int Columns = 40;
        string Names(char letter, int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"'{letter}{i}'"));
        var columns = Enumerable.Range(0, Columns).Select(Column (i) => new IgnoredColumn($"c{i}", "", i, "none"));
        Assert.Equal(
            [
                $"f:1: the first line holds {Names('x', 12)}, … (40 in all), expected the header {Names('c', 12)}, … (40 in all); the "
                    + "header must name the schema's columns in their order; if the file has none, set \"header\" to false in the schema's "
                    + "\"format\"",
            ],
            CheckHeader(Names('x', Columns).Replace("'", "").Replace(", ", ";"), Samples.Bank with { Columns = new(columns) }));
    }

    [Theory]
    [InlineData("58;admin.;3;whatever;")]
    [InlineData("58;admin.;")]
    public void What_is_to_be_predicted_needs_no_labels_and_whatever_stands_there_is_not_read(string record)
    {
        var (good, row, faults) = Features(record, _ => true);
        Assert.True(good);
        Assert.Empty(faults);
        Assert.Equal([58f], row.Numerics);
        Assert.Equal([0], row.Codes);
    }

    [Fact]
    public void Features_that_a_model_does_not_see_are_not_read()
    {
        var (good, row, faults) = Features("old;blue-collar;", column => column.Name == "job");
        Assert.True(good);
        Assert.Empty(faults);
        Assert.Equal([1], row.Codes);
    }

    [Theory]
    [InlineData(
        "old;;admin;-;yes",
        "f:1:1: 'old' in column 'age' is not a number; numbers are written like -12, 0.5 or 1e-3",
        "f:1:5: '' is not a value of column 'job'; accepted: 'admin.', 'blue-collar', 'two; jobs', 'says \"hi\"', ' two\uFFFDlines '")]
    [InlineData("58;admin.;3;0", "f:1: the record has 4 fields, expected 5, or 3 without labels; is the delimiter that of the schema?")]
    public void What_is_wrong_with_features_is_told_at_its_place(string record, params string[] expected)
    {
        var (good, _, faults) = Features(record, _ => true);
        Assert.False(good);
        Assert.Equal(expected, faults);
    }

    [Fact]
    public void A_header_without_the_labels_names_what_is_left()
    {
        Assert.Empty(Header("age;job;duration"));
        Assert.Empty(Header("age;job;duration;balance;y"));
        Assert.Equal(
            ["f:1:5: column 2 is named 'y', the schema says 'job'; the header must name the schema's columns in their order"],
            Header("age;y;duration"));

        static List<string> Header(string header)
        {
            using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(header)), Samples.Bank.Format, "f");
            Assert.Equal(CsvStep.Record, reader.Read());
            var faults = new List<Fault>();
            Assert.Equal(RecordEncoder.OfFeatures(Samples.Bank, _ => true).CheckHeader(reader.Current, faults), faults.Count == 0);
            return [.. faults.Select(f => f.ToString())];
        }
    }

    private static (bool Good, Row Row, List<string> Faults) Features(string record, Func<Column, bool> isRead)
    {
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(record)), Samples.Bank.Format, "f");
        Assert.Equal(CsvStep.Record, reader.Read());
        var row = EncodedRows.Create(Samples.Bank);
        var faults = new List<Fault>();
        var good = RecordEncoder.OfFeatures(Samples.Bank, isRead).Encode(
            reader.Current, new() { Codes = row.Codes, Numerics = row.Numerics, Labels = [], Weights = [] }, faults);
        return (good, new(row.Codes.ToArray(), row.Numerics.ToArray(), [], []), [.. faults.Select(f => f.ToString())]);
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("39, State-gov, 77516, 40.5, >50K\n", 10_000)));
        var encoder = new RecordEncoder(Samples.Adult);
        var faults = new List<Fault>();
        var count = 0;
        var allocated = Allocations.Least(() =>
        {
            var reader = new CsvReader(new MemoryStream(bytes), Samples.Adult.Format, "f");
            reader.Read();
            count = 0;
            return () =>
            {
                var row = EncodedRows.Create(Samples.Adult);
                while (reader.Read() == CsvStep.Record && encoder.Encode(reader.Current, row, faults))
                {
                    count++;
                }

                reader.Dispose();
            };
        });
        Assert.InRange(allocated, 0, 2_000);
        Assert.Equal(9_999, count);
    }

    private static List<string> CheckHeader(string header, DatasetDescriptor? descriptor = null)
    {
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(header)), Samples.Bank.Format, "f");
        Assert.Equal(CsvStep.Record, reader.Read());
        var faults = new List<Fault>();
        Assert.Equal(new RecordEncoder(descriptor ?? Samples.Bank).CheckHeader(reader.Current, faults), faults.Count == 0);
        return [.. faults.Select(f => f.ToString())];
    }

    private static (Row Row, List<string> Faults) Encode(DatasetDescriptor descriptor, string text, int line = 1, DataFile? file = null) =>
        Encode(descriptor, Encoding.UTF8.GetBytes(new string('\n', line - 1) + text), file);

    /// <summary>Encodes all records; the last row, and the faults of all.</summary>
    private static (Row Row, List<string> Faults) Encode(DatasetDescriptor descriptor, byte[] text, DataFile? file = null)
    {
        using var reader = new CsvReader(new MemoryStream(text), descriptor.Format, "f");
        var encoder = new RecordEncoder(descriptor, file);
        var row = EncodedRows.Create(descriptor);
        var faults = new List<Fault>();
        while (reader.Read() == CsvStep.Record)
        {
            var before = faults.Count;
            Assert.Equal(encoder.Encode(reader.Current, row, faults), faults.Count == before);
        }

        Assert.Null(reader.Fault);
        var copy = new Row(row.Codes.ToArray(), row.Numerics.ToArray(), row.Labels.ToArray(), row.Weights.ToArray());
        return (copy, [.. faults.Select(f => f.ToString())]);
    }

    private sealed record Row(int[] Codes, float[] Numerics, float[] Labels, float[] Weights);
}
