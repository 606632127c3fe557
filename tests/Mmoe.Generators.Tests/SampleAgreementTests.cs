using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Data;
using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Samples;

namespace Mmoe.Generators.Tests;

/// <summary>A sample is read as a file is read at run time: the same records, and the same refused at the same places.</summary>
/// <remarks>Both are given the same bytes: the compiler's side decodes them, byte order mark and all, as the compiler does.</remarks>
public sealed class SampleAgreementTests
{
    [Property(MaxTest = 4_000)]
    public Property Records_and_their_places_are_those_of_the_reader_at_run_time() => Prop.ForAll(
        (from format in Formats() from text in Texts(format) select (format, text)).ToArbitrary(),
        sample =>
        {
            var (format, text) = sample;
            var bytes = Encoding.UTF8.GetBytes(text);
            Assert.Equal(RecordsAtRunTime(bytes, format), RecordsAtCompileTime(bytes, format));
        });

    [Property(MaxTest = 3_000)]
    public Property What_is_refused_and_where_is_what_is_refused_at_run_time() => Prop.ForAll(
        Files().ToArbitrary(),
        file =>
        {
            var bytes = Encoding.UTF8.GetBytes(file.Text);
            Assert.Equal(RefusedAtRunTime(bytes, file.Format, file.Columns), RefusedAtCompileTime(bytes, file.Format, file.Columns));
        });

    [Fact]
    public void The_files_drawn_for_it_are_neither_all_sound_nor_all_alike()
    {
        var refused = Files().Sample(1_000, 50)
            .Select(f => RefusedAtRunTime(Encoding.UTF8.GetBytes(f.Text), f.Format, f.Columns).Select(r => r.Id).ToHashSet()).ToArray();
        Assert.InRange(refused.Count(r => r.Count == 0), 50, 600);
        Assert.All(
            (string[])[SchemaRules.UnknownSampleValue, SchemaRules.InvalidSample, SchemaRules.InvalidSampleNumber],
            id => Assert.InRange(refused.Count(r => r.Contains(id)), 50, 900));
    }

    [Property(MaxTest = 10_000)]
    public Property A_text_is_a_number_where_it_is_one_at_run_time() => Prop.ForAll(
        (from pieces in Gen.ListOf(Gen.Elements(
             "0", "1", "9", "00000", "340282356779733661637539395458142568448", "34028235", "677973366163753939545814256844", "7", ".", "-",
             "+", "e", "E", "e3", "e+3", "e-3", "e38", "e39", "e308", "e99999999999999999999", "e-99999999999999999999", "e2147483648", " ",
             "NaN", "Infinity", "\0", "_", "٣", "0x1", ","))
         select string.Concat(pieces.Take(6))).ToArbitrary(),
        text => Assert.Equal(NumberAtRunTime(text), SampleNumber.Of(text)));

    [Theory]
    [InlineData("340282356779733661637539395458142568447.9999", "Number")]
    [InlineData("340282356779733661637539395458142568448", "TooLarge")]
    [InlineData("-340282356779733661637539395458142568448.00001", "TooLarge")]
    [InlineData("0.00340282356779733661637539395458142568447e+41", "Number")]
    [InlineData("00034.0282356779733661637539395458142568448E37", "TooLarge")]
    [InlineData("3402823567797336616375393954581425684479e-1", "Number")]
    [InlineData("1e38", "Number")]
    [InlineData("1e39", "TooLarge")]
    [InlineData("0.000e999999999999", "Number")]
    [InlineData("-.0", "Number")]
    [InlineData("7.", "Number")]
    [InlineData("7.e0", "Number")]
    [InlineData("", "NoNumber")]
    [InlineData("-", "NoNumber")]
    [InlineData(".", "NoNumber")]
    [InlineData(".e1", "NoNumber")]
    [InlineData("1e", "NoNumber")]
    [InlineData("1e-", "NoNumber")]
    [InlineData("1.2.3", "NoNumber")]
    [InlineData("--1", "NoNumber")]
    [InlineData("1-", "NoNumber")]
    [InlineData("Infinity", "NoNumber")]
    public void A_number_is_judged_by_its_digits(string text, string expected)
    {
        Assert.Equal(expected, SampleNumber.Of(text).ToString());
        Assert.Equal(expected, NumberAtRunTime(text).ToString());
    }

    [Fact]
    public void An_exponent_may_undo_a_million_digits()
    {
        var zeros = new string('0', 1_000_000);
        foreach (var text in (string[])[$"0.{zeros}1e1000039", $"0.{zeros}1e1000040", $"1{zeros}e-999962", $"1{zeros}e-999961"])
        {
            Assert.Equal(NumberAtRunTime(text), SampleNumber.Of(text));
        }
    }

    [Theory]
    [InlineData(1 << 20, 0)]
    [InlineData((1 << 20) + 1, 1)]
    public void The_longest_field_is_that_of_run_time(int bytes, int faults)
    {
        Assert.Equal(SampleReader.MaxFieldBytes, CsvLimits.Default.FieldBytes);
        var plain = new string('€', bytes / 3) + new string('x', bytes % 3);
        var quoted = $"\"{new string('é', bytes / 2)}{new string('x', bytes % 2)}\"";
        foreach (var field in (string[])[plain, quoted])
        {
            var text = Encoding.UTF8.GetBytes("a\n" + field + ",b\n");
            var format = new FileFormat(',', false, '"', null, false);
            var expected = RecordsAtRunTime(text, format);
            Assert.Equal(expected, RecordsAtCompileTime(text, format));
            Assert.Equal(faults, expected.Count(r => r.Contains("is longer than", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(1 << 16, 0)]
    [InlineData((1 << 16) + 1, 1)]
    public void The_most_fields_are_those_of_run_time(int fields, int faults)
    {
        Assert.Equal(SampleReader.MaxFields, CsvLimits.Default.Fields);
        var text = Encoding.UTF8.GetBytes(new string(',', fields - 1));
        var format = new FileFormat(',', false, null, null, false);
        var expected = RecordsAtRunTime(text, format);
        Assert.Equal(expected, RecordsAtCompileTime(text, format));
        Assert.Equal(faults, expected.Count(r => r.Contains("has more than", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("line separators\u2028are\u0085no\u2029line ends\nx,\"a\u2028\"", 3)]
    [InlineData("\uFEFF\uFEFFa\n\uFEFF#", 2)]
    [InlineData("a\0b\0\n\0", 2)]
    public void Strange_characters_are_characters(string text, int expected)
    {
        var format = new FileFormat(',', false, '"', "#", true);
        var bytes = Encoding.UTF8.GetBytes(text);
        var records = RecordsAtCompileTime(bytes, format);
        Assert.Equal(RecordsAtRunTime(bytes, format), records);
        Assert.Equal(expected, records.Sum(r => r.Split('|').Length));
    }

    /// <summary>The kinds of columns, and what a field of each may hold.</summary>
    private static readonly string[] Columns =
    [
        "categorical", "categorical with suffix", "numeric", "numeric in range", "numeric or missing", "numeric with suffix", "label", "label or missing",
        "numeric label", "weight", "ignored",
    ];

    private static readonly string[] Values = ["a", "b c", "?", "", "é\"", "NA", ";", "'", "x\ny", " a", "1"];
    private const int VocabularySize = 5;
    private static readonly string[] Marks = ["", "NA", "-9", "'"];

    private static Gen<FileFormat> Formats() =>
        from delimiter in Gen.Frequency((7, Gen.Elements(',', ';', '\t')), (1, Gen.Constant(' ')))
        from header in Gen.Elements(true, false)
        from quote in Gen.Elements<char?>('"', '"', '\'', null)
        from comment in Gen.Frequency((4, Gen.Elements<string?>(null, "|", "//")), (1, Gen.Elements<string?>("a", "\"", " ")))
        from trim in Gen.Elements(true, false)
        select new FileFormat(delimiter, header, quote, comment, trim);

    private static Gen<string> Texts(FileFormat format) =>
        from pieces in Gen.ListOf(Gen.Elements(
            $"{format.Delimiter}", $"{format.Delimiter}", "\n", "\n", "\r\n", "\r", "\"", "\"", "\"\"", "'", " ", "\t", "a", "//", "|", "ä",
            "😀", "bcd", ";", "\uFEFF", "\0", "\u2028", "\u0085", "\uFFFD"))
        select string.Concat(pieces);

    private static Gen<(FileFormat Format, string[] Columns, string Text)> Files() =>
        from format in Formats()
        from columns in Gen.Choose(1, 6).SelectMany(n => Gen.ListOf(Gen.Elements(Columns), n))
        from header in Gen.Frequency((19, Gen.Constant(format.Header)), (1, Gen.Constant(!format.Header)))
        from records in Gen.Choose(0, 8).SelectMany(n => Gen.ListOf(Record(format, columns), n))
        from end in Gen.Elements("\n", "\r\n", "\r")
        from mutations in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 4)))
        from seed in Gen.Choose(0, 1_000_000)
        let lines = header ? [string.Join(format.Delimiter, columns.Select((_, i) => $"c{i}")), .. records] : records
        select (format, columns.ToArray(), Mutate(string.Join(end, lines), format, mutations, new Random(seed)));

    private static Gen<string> Record(FileFormat format, IEnumerable<string> columns) =>
        columns.Aggregate(
            Gen.Constant((IEnumerable<string>)[]),
            (fields, column) => from before in fields from field in Field(format, column) select before.Append(field))
        .Select(fields => string.Join(format.Delimiter, fields));

    private static Gen<string> Field(FileFormat format, string column)
    {
        var value = Gen.Frequency((15, Gen.Elements(Values[..VocabularySize])), (1, Gen.Elements(Values)));
        var number = Gen.Frequency(
            (15, Gen.Elements("0", "-12", "1.5e3", ".5", "7.")),
            (1, Gen.Elements("1e39", "NaN", "1 ", "", "-9", "340282356779733661637539395458142568448")));
        var usual = column.Contains("numeric") || column == "weight" ? number : value;
        var text = Gen.Frequency((40, usual), (1, Gen.Elements(Marks)), (1, value), (1, number));
        return
            from content in text
            from suffix in column.Contains("suffix") ? Gen.Elements("", ".", "..") : Gen.Constant("")
            from blanks in Gen.Frequency((format.Trim ? 8 : 40, Gen.Constant("")), (1, Gen.Elements(" ", "\t")))
            from quoted in Gen.Elements(true, false)
            select blanks + Written(content + suffix, format, quoted) + blanks;
    }

    private static string Written(string text, FileFormat format, bool quoted) =>
        format.Quote is { } quote && (quoted || text.AsSpan().ContainsAny(['\n', '\r', format.Delimiter, quote]))
            ? $"{quote}{text.Replace($"{quote}", $"{quote}{quote}")}{quote}"
            : text;

    private static string Mutate(string text, FileFormat format, int times, Random random)
    {
        string[] pieces = ["\"", "'", "\n", "\r", $"{format.Delimiter}", " ", "x", "\0", "\uFEFF", "1", "|", "\u2028"];
        for (; times > 0; times--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(2) == 0
                ? text.Insert(at, pieces[random.Next(pieces.Length)])
                : text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at));
        }

        return text;
    }

    private static List<string> RecordsAtRunTime(byte[] bytes, FileFormat format)
    {
        using var reader = new CsvReader(new MemoryStream(bytes), format, "f");
        var records = new List<string>();
        while (reader.Read() == CsvStep.Record)
        {
            var record = reader.Current;
            var fields = new List<string>();
            for (var i = 0; i < record.Count; i++)
            {
                fields.Add($"{record.Locate(i)} [{record.Text(i)}]");
            }

            records.Add(string.Join('|', fields));
        }

        if (reader.Fault is { } fault)
        {
            records.Add($"{fault.Where}: {fault.What}{(fault.Hint is null ? "" : $"; {fault.Hint}")}");
        }

        return records;
    }

    private static List<string> RecordsAtCompileTime(byte[] bytes, FileFormat format)
    {
        var text = Decode(bytes);
        var lines = new SampleLines(text);
        var reader = new SampleReader(text, ModelOf(format));
        var records = new List<string>();
        while (reader.Read())
        {
            records.Add(string.Join('|', reader.Fields.Select((f, i) => $"{At(f.Place)} [{reader.Text(i)}]")));
        }

        if (reader.Fault is { } fault)
        {
            records.Add($"{At(fault.Span)}: {fault.Message}");
        }

        return records;

        string At(JsonSpan span) => lines.Locate("f", span) is var place ? $"f:{place.StartLine + 1}:{place.StartCharacter + 1}" : "";
    }

    private static List<(string Id, long Line, int Column)> RefusedAtRunTime(byte[] bytes, FileFormat format, string[] columns)
    {
        var descriptor = Descriptor(format, columns);
        var encoder = new RecordEncoder(descriptor, ((FileSource)descriptor.Source).Files[0]);
        using var reader = new CsvReader(new MemoryStream(bytes), format, "f");
        var faults = new List<Fault>();
        var row = EncodedRows.Create(descriptor);
        var (any, good) = (false, true);
        if (format.Header && reader.Read() == CsvStep.Record)
        {
            good = encoder.CheckHeader(reader.Current, faults);
        }

        while (good && reader.Read() == CsvStep.Record)
        {
            any = true;
            encoder.Encode(reader.Current, row, faults);
        }

        if (reader.Fault is { } fault)
        {
            faults.Add(fault);
        }
        else if (good && !any)
        {
            faults.Add(Fault.Data("no data records", new("f", 1, 1)));
        }

        return [.. faults.Select(f => (IdOf(f.What), f.Where!.Line, f.Where.Column))];
    }

    private static string IdOf(string what) =>
        what.Contains("is not a value of column", StringComparison.Ordinal) ? SchemaRules.UnknownSampleValue
        : what.EndsWith("is not a number", StringComparison.Ordinal) || what.EndsWith("has no value", StringComparison.Ordinal)
            || what.Contains("is too large", StringComparison.Ordinal) || what.Contains("is out of range", StringComparison.Ordinal) ? SchemaRules.InvalidSampleNumber
        : SchemaRules.InvalidSample;

    private static List<(string Id, long Line, int Column)> RefusedAtCompileTime(byte[] bytes, FileFormat format, string[] columns)
    {
        var nowhere = new LocationInfo("a.schema.json", 0, 0, 0, 0, 0, 0);
        var rules = new SampleRulesModel(ModelOf(format), new(columns.Select((kind, i) =>
            new SampleColumnModel(Model(kind, i), kind.Contains("suffix") ? "." : "", nowhere))));
        var input = new SampleInputModel(new("s.csv", "s.csv", nowhere, rules), new("s.csv", "s.csv", Decode(bytes), null));

        // A record of a wrong number of fields is a line at run time, and underlined from its first field here.
        return [.. SampleChecker.Check(input, default, int.MaxValue).Select(d => (
            d.Id,
            d.Location.StartLine + 1L,
            d.Arguments[0].Contains(", expected ", StringComparison.Ordinal) ? 0 : d.Location.StartCharacter + 1))];
    }

    private static FormatModel ModelOf(FileFormat format) =>
        new(format.Delimiter, format.Header, format.Quote, format.Comment, format.Trim);

    private static ColumnModel Model(string kind, int index)
    {
        var (name, identifier) = ($"c{index}", $"C{index}");
        var vocabulary = new VocabularyModel(new(Values.Take(VocabularySize).Select(v => new ValueModel(v, "", ""))));
        return kind switch
        {
            "numeric" or "numeric with suffix" => new NumericFeatureModel(name, identifier, "", index, null, false, null, default, default),
            "numeric in range" => new NumericFeatureModel(name, identifier, "", index, null, false, new("-1", "0.5"), default, default),
            "numeric or missing" =>
                new NumericFeatureModel(name, identifier, "", index, new(new(Marks), MissingPolicyModel.Mean), false, null, default, default),
            "label" => new CategoricalLabelModel(name, identifier, "", index, null, vocabulary),
            "label or missing" => new CategoricalLabelModel(name, identifier, "", index, new(Marks), vocabulary),
            "numeric label" => new NumericLabelModel(name, identifier, "", index, new(Marks), new(null, "1e3")),
            "weight" => new WeightColumnModel(name, identifier, "", index, new("0", null)),
            "ignored" => new IgnoredColumnModel(name, identifier, "", index, "none"),
            _ => new CategoricalFeatureModel(name, identifier, "", index, vocabulary),
        };
    }

    private static DatasetDescriptor Descriptor(FileFormat format, string[] columns)
    {
        var vocabulary = new Vocabulary([.. Values.Take(VocabularySize)]);
        var counts = new int[4];
        var suffixes = Enumerable.Range(0, columns.Length)
            .Where(i => columns[i].Contains("suffix"))
            .Select(i => new ColumnSuffix($"c{i}", "."));
        return new()
        {
            Contract = GeneratedContract.V1,
            Name = "a",
            Description = "d",
            Fingerprint = "",
            Format = format,
            Columns = new(columns.Select((kind, i) => (Column)(kind switch
            {
                "numeric" or "numeric with suffix" => new NumericFeature($"c{i}", "", i, null, counts[1]++, 0, false),
                "numeric in range" => new NumericFeature($"c{i}", "", i, null, counts[1]++, 0, false, new(-1, 0.5f)),
                "numeric or missing" => new NumericFeature($"c{i}", "", i, new(new(Marks), MissingPolicy.Mean), counts[1]++, 0, false),
                "label" => new CategoricalLabel($"c{i}", "", i, default, counts[2]++, vocabulary),
                "label or missing" => new CategoricalLabel($"c{i}", "", i, new(Marks), counts[2]++, vocabulary),
                "numeric label" => new NumericLabel($"c{i}", "", i, new(Marks), counts[2]++, new(null, 1000)),
                "weight" => new WeightColumn($"c{i}", "", i, counts[3]++, new(0, null)),
                "ignored" => new IgnoredColumn($"c{i}", "", i, "none"),
                _ => new CategoricalFeature($"c{i}", "", i, vocabulary, counts[0]++, 0),
            }))),
            Tasks = default,
            Source = new FileSource(
                new([new("all", "all.csv", null, default, null, new(suffixes))]),
                new("all", 1, new([0])),
                new("all", 1, new([0])),
                new("all", 1, new([0]))),
            Training = new(default!, default!, default!),
        };
    }

    private static SampleNumberForm NumberAtRunTime(string text)
    {
        var faults = RefusedTexts(Encoding.UTF8.GetBytes($"0\u0001{text}"));
        Assert.InRange(faults.Count, 0, 1);
        return faults.Count == 0 ? SampleNumberForm.Number
            : faults[0].Contains("is too large", StringComparison.Ordinal) ? SampleNumberForm.TooLarge
            : SampleNumberForm.NoNumber;

        static List<string> RefusedTexts(byte[] bytes)
        {
            var format = new FileFormat('\u0001', false, null, null, false);
            var descriptor = Descriptor(format, ["numeric", "numeric"]);
            using var reader = new CsvReader(new MemoryStream(bytes), format, "f");
            Assert.Equal(CsvStep.Record, reader.Read());
            var faults = new List<Fault>();
            new RecordEncoder(descriptor).Encode(reader.Current, EncodedRows.Create(descriptor), faults);
            return [.. faults.Select(f => f.What)];
        }
    }

    private static string Decode(byte[] bytes) => SourceText.From(new MemoryStream(bytes), Encoding.UTF8).ToString();
}
