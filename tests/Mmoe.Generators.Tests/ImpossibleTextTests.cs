using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Mmoe.Data;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Tests;

/// <summary>MMOE027 says exactly what the reader of files can never give, no more and no less.</summary>
public sealed class ImpossibleTextTests
{
    private const string Alphabet = "a \t,\"#\n";

    private static readonly string[] Parts = ["", " ", "a", "b", ",", ";", "\t", "\"", "'", "#", ".", "\n", "\r", "ä", "z"];

    [Fact]
    public void MMOE027_is_what_no_short_file_at_all_gives()
    {
        // Quoted, with its quotes doubled, and after a blank, none of the texts is longer than the longest field tried.
        var fields = Words(5);
        var texts = Words(2).Where(t => t.Length + t.Count(c => c == '"') < 3).ToArray();
        var refused = 0;
        foreach (var format in Formats())
        {
            var syntax = new FieldSyntax(format.Delimiter, format.Quote, format.Comment, format.Trim);
            foreach (var (before, after) in new[] { ("", ""), ("", $"{format.Delimiter}z"), ($"z{format.Delimiter}", "") })
            {
                var (first, only) = (before.Length == 0, before.Length + after.Length == 0);
                string? Given(string field) => Read(format, before + field + after, only ? 1 : 2, first ? 0 : 1);
                var given = fields.Select(Given).OfType<string>().ToHashSet();
                foreach (var text in texts)
                {
                    var written = syntax.Write(text, first, only);
                    refused += written is null ? 1 : 0;
                    var what = $"{format}, first {first}, only {only}: {JsonSerializer.Serialize(text)} as {written}";
                    Assert.True(given.Contains(text) == written is not null, what);
                    Assert.True(written is null || Given(written) == text, what);
                }
            }
        }

        Assert.InRange(refused, 500, 3_000);
    }

    [Property(MaxTest = 300)]
    public Property MMOE027_is_silent_exactly_where_a_value_is_written_and_read_back() => Prop.ForAll(
        (from delimiter in Gen.Elements(',', ';', '\t', ' ')
         from quote in Gen.Elements<char?>(null, null, '"', '\'')
         from comment in Gen.Elements(null, "#", "a", "aa", "\"", "a,", " ", "\t", ",")
         from trim in Gen.Elements(true, false)
         from first in Gen.Elements(true, false)
         from suffixes in Gen.Elements<string?[]>([null], ["."], [null, " "], [". ", "a"], ["a"], ["\n"], [",", "#"])
         from texts in Gen.ArrayOf(Gen.ArrayOf(Gen.Elements(Parts)).Select(string.Concat).Resize(4))
         let format = new FileFormat(delimiter, false, quote, comment, trim)
         select (format, first, suffixes, texts.Distinct().Take(8).ToArray())).ToArbitrary(),
        sample =>
        {
            var (format, first, suffixes, texts) = sample;
            if (format.Quote == format.Delimiter)
            {
                return;
            }

            foreach (var text in texts)
            {
                var possible = suffixes.Any(suffix => RoundTrips(format, first, suffix, text));
                var problems = SchemaParser.Parse(Schema(format, first, suffixes, text)).Problems;
                Assert.All(problems, p => Assert.Equal(SchemaRules.ImpossibleText, p.Id));
                var refused = problems.Any(p => p.Arguments[0].StartsWith("The value", StringComparison.Ordinal));
                var what = $"{format}, first {first}, [{string.Join(", ", suffixes)}]: {JsonSerializer.Serialize(text)}";
                Assert.True(possible != refused, what);
            }
        });

    // What the first record of a text holds in a field; null if there is no such record.
    private static string? Read(FileFormat format, string text, int count, int field)
    {
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, "f");
        return reader.Read() == CsvStep.Record && reader.Current.Count == count ? reader.Current.Text(field) : null;
    }

    private static bool RoundTrips(FileFormat format, bool first, string? suffix, string text)
    {
        var feature = new CategoricalFeature("v", "", first ? 0 : 1, new(text), 0, 0);
        var other = new CategoricalLabel("o", "", first ? 1 : 0, default, 0, new("z"));
        var file = new DataFile("all", "all.csv", null, default, null, suffix is null ? default : new([new ColumnSuffix("v", suffix)]));
        var descriptor = new DatasetDescriptor
        {
            Contract = GeneratedContract.V1,
            Name = "d",
            Description = "",
            Fingerprint = "",
            Format = format,
            Columns = new(first ? (Column[])[feature, other] : [other, feature]),
            Tasks = default,
            Source = new FileSource(new([file]), new("all", 1, new([0])), new("all", 1, new([0])), new("all", 1, new([0]))),
            Training = null!,
        };
        return RecordFormatter.For(descriptor, file).Match(
            Fail: _ => false,
            Succ: formatter =>
            {
                var line = formatter.Format(new() { Codes = new int[1], Numerics = [], Labels = new float[1], Weights = [] });
                using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(line)), format, "f");
                var row = new EncodedRow { Codes = new[] { -1 }, Numerics = [], Labels = new[] { -1f }, Weights = [] };
                var faults = new List<Fault>();
                Assert.True(reader.Read() == CsvStep.Record, $"{format}: {line}");
                Assert.True(new RecordEncoder(descriptor, file).Encode(reader.Current, row, faults), $"{format}: {line}");
                Assert.Equal((0, 0f), (row.Codes[0], row.Labels[0]));
                Assert.Equal(CsvStep.End, reader.Read());
                return true;
            });
    }

    private static string Schema(FileFormat format, bool first, string?[] suffixes, string text)
    {
        static string Json(string value) => JsonSerializer.Serialize(value);
        var value = $"{{ \"name\": \"v\", \"kind\": \"categorical\", \"vocabulary\": [{Json(text)}] }}";
        const string Other = "{ \"name\": \"o\", \"kind\": \"categorical\", \"role\": \"label\", \"vocabulary\": [\"z\"] }";
        var quote = format.Quote is { } q ? $", \"quote\": {Json($"{q}")}" : "";
        var comment = format.Comment is { } c ? $", \"comment\": {Json(c)}" : "";
        string TrimEnd(string? suffix) => suffix is null ? "" : $", \"trimEnd\": {{ \"v\": {Json(suffix)} }}";
        var files = suffixes.Select((s, i) => $"\"f{i}\": {{ \"path\": \"f{i}\"{TrimEnd(s)} }}");
        return $$"""
            {
              "name": "d",
              "description": "A value.",
              "format": { "delimiter": {{Json($"{format.Delimiter}")}}, "trim": {{(format.Trim ? "true" : "false")}}{{quote}}{{comment}} },
              "source": {
                "files": { {{string.Join(", ", files)}} },
                "splits": {
                  "train": { "file": "f0", "modulo": 3, "remainders": [0] },
                  "validation": { "file": "f0", "modulo": 3, "remainders": [1] },
                  "test": { "file": "f0", "modulo": 3, "remainders": [2] }
                }
              },
              "columns": [{{(first ? $"{value}, {Other}" : $"{Other}, {value}")}}],
              "tasks": [{ "name": "o", "kind": "multiclass", "column": "o" }]
            }
            """;
    }

    private static IEnumerable<FileFormat> Formats() =>
        from delimiter in new[] { ',', ' ' }
        from quote in new char?[] { null, '"' }
        from comment in new[] { null, "#", "a,", "\"", " ", "," }
        from trim in new[] { true, false }
        select new FileFormat(delimiter, Header: false, quote, comment, trim);

    // All texts over the alphabet of up to so many characters.
    private static List<string> Words(int length)
    {
        var words = new List<string> { "" };
        for (var start = 0; length > 0; length--)
        {
            var end = words.Count;
            for (; start < end; start++)
            {
                words.AddRange(Alphabet.Select(c => words[start] + c));
            }
        }

        return words;
    }
}
