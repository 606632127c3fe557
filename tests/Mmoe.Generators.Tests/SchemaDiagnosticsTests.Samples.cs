using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Samples;
using Mmoe.Generators.Tests.Helpers;
using static Mmoe.Generators.Tests.Helpers.DiagnosticAssert;

namespace Mmoe.Generators.Tests;

/// <content>Rules of samples.</content>
public sealed partial class SchemaDiagnosticsTests
{
    private const string Header = "age; home; income; officer; sex; survey weight; defaulted; grade; loss\n";

    [Fact]
    public void The_sample_that_tests_start_from_is_sound()
    {
        ReportsOfSample(Schemas.Sample);
        ReportsOfSample("\n\r\r\n|\n\n" + Header + "  \n41;own;;;F;1;no;C;-");
    }

    [Theory]
    [InlineData("loans.sampel.csv", "did you mean 'loans.sample.csv'? ")]
    [InlineData("Loans.sample.csv", "did you mean 'loans.sample.csv'? ")]
    [InlineData("rows.txt", "")]
    public void MMOE040_sample_that_the_project_does_not_list(string name, string nearest) => Reports(
        [
            ("datasets/a.schema.json", Schemas.Sampled.But("loans.sample.csv", name)),
            ("datasets/loans.sample.csv", "no record"),
            ("elsewhere/rows.txt", ""),
        ],
        $"datasets/a.schema.json:19,13 [\"{name}\"] MMOE040: There is no additional file '{name}' in the schema's folder; {nearest}a "
        + "sample must be one of the project's AdditionalFiles, as 'datasets/**/*.sample.csv' is unless the property MmoeSamples says "
        + "otherwise");

    [Theory]
    [InlineData("/src/datasets/a.schema.json", "sub/loans.sample.csv", "/src/datasets/sub/loans.sample.csv")]
    [InlineData("/src/A/../../src/./datasets/a.schema.json", "l.csv", "/src/datasets/l.csv")]
    [InlineData("/src/datasets/a.schema.json", "l.csv", "/src/B/C/../../datasets//l.csv")]
    [InlineData("C:\\src\\datasets\\a.schema.json", "sub/l.csv", "C:\\src\\datasets\\sub\\l.csv")]
    [InlineData("../../datasets/a.schema.json", "l.csv", "../../datasets/l.csv")]
    [InlineData("a.schema.json", "l.csv", "./l.csv")]
    public void A_sample_is_found_from_the_folder_of_its_schema(string schema, string sample, string path) => Reports(
        [(schema, Schemas.Sampled.But("loans.sample.csv", sample)), (path, Schemas.Sample.But("rent", "Rent"))],
        $"{path}:3,5 [Rent] MMOE041: 'Rent' is no value of column 'home' of a.schema.json(22,15); did you mean 'rent'? accepted: 'rent', "
        + $"'own', '?' (see {schema}:22,15)");

    [Theory]
    [InlineData("../loans.sample.csv")]
    [InlineData("/loans.sample.csv")]
    [InlineData("C:/loans.sample.csv")]
    [InlineData("a//b.csv")]
    [InlineData("./loans.sample.csv")]
    [InlineData("other.Schema.json")]
    public void MMOE006_path_of_a_sample(string path) => Reports(
        Schemas.Sampled.But("loans.sample.csv", path),
        $"19,13 [\"{path}\"] MMOE006: '{path}' cannot be a sample's path: it must lead from the schema's folder to a file in it, with '/' "
        + "between names, and not end in '.schema.json'");

    [Fact]
    public void MMOE041_value_outside_the_vocabulary() => ReportsOfSample(
        Header + "41;  \"re\"\"nt\" ;1;;f;1;no;A;-\r\n\"1\";own;1;\"\n\";M;1;Yes;NA;1\n1;;1;;\"\n\";1;\"no\n\";- ;1",
        "d/loans.sample.csv:2,6 [\"re\"\"nt\"] MMOE041: 're\"nt' is no value of column 'home' of a.schema.json(22,15); did you mean "
        + "'rent'? accepted: 'rent', 'own', '?' (see d/a.schema.json:22,15)",
        "d/loans.sample.csv:2,19 [f] MMOE041: 'f' is no value of column 'sex' of a.schema.json(25,15); did you mean 'F'? accepted: 'F', "
        + "'M' (see d/a.schema.json:25,15)",
        "d/loans.sample.csv:4,7 [Yes] MMOE041: 'Yes' is no value of column 'defaulted' of a.schema.json(27,15); did you mean 'yes'? "
        + "accepted: 'no', 'yes' (see d/a.schema.json:27,15)",
        "d/loans.sample.csv:5,3 [] MMOE041: '' is no value of column 'home' of a.schema.json(22,15); accepted: 'rent', 'own', '?' "
        + "(see d/a.schema.json:22,15)",
        "d/loans.sample.csv:5,7 [\"\n\"] MMOE041: '\\u000a' is no value of column 'sex' of a.schema.json(25,15); accepted: 'F', 'M' "
        + "(see d/a.schema.json:25,15)",
        "d/loans.sample.csv:6,5 [\"no\n\"] MMOE041: 'no\\u000a' is no value of column 'defaulted' of a.schema.json(27,15); did you mean "
        + "'no'? accepted: 'no', 'yes' (see d/a.schema.json:27,15)",
        "d/loans.sample.csv:7,3 [-] MMOE041: '-' is no value of column 'grade' of a.schema.json(28,15); accepted: 'A', 'B', 'C' "
        + "(see d/a.schema.json:28,15)");

    [Fact]
    public void MMOE041_what_the_train_file_appends_is_taken_off_once()
    {
        var schema = Schemas.Sampled.But(
            "\"member\": [\"loans.zip\", \"loans.csv\"]", "\"trimEnd\": { \"grade\": \"..\", \"loss\": \"%\", \"sex\": \".\" }");
        Reports(
            [
                ("a.schema.json", schema),
                ("loans.sample.csv", Header + "1;own;1;;F.;1;no;A..;-%\n1;own;1;;F;1;no;NA..;7%\n"
                    + "1;own;1;;F..;1;no;A.;%\n1;own.;1;;F;1;no;A....;-"),
            ],
            "loans.sample.csv:4,10 [F..] MMOE041: 'F.' is no value of column 'sex' of a.schema.json(25,15); did you mean 'F'? accepted: "
            + "'F', 'M' (see a.schema.json:25,15)",
            "loans.sample.csv:4,19 [A.] MMOE041: 'A.' is no value of column 'grade' of a.schema.json(28,15); did you mean 'A'? accepted: "
            + "'A', 'B', 'C' (see a.schema.json:28,15)",
            "loans.sample.csv:4,22 [%] MMOE043: '' is no number for column 'loss' of a.schema.json(29,15); numbers are written like -12, "
            + "0.5 or 1e-3, a missing one '-' (see a.schema.json:29,15)",
            "loans.sample.csv:5,3 [own.] MMOE041: 'own.' is no value of column 'home' of a.schema.json(22,15); did you mean 'own'? "
            + "accepted: 'rent', 'own', '?' (see a.schema.json:22,15)",
            "loans.sample.csv:5,18 [A....] MMOE041: 'A..' is no value of column 'grade' of a.schema.json(28,15); accepted: 'A', 'B', 'C' "
            + "(see a.schema.json:28,15)");
    }

    [Theory]
    [InlineData("", "1,1 [] MMOE042: The sample is not written as the schema says: it holds no data record")]
    [InlineData("|x\n \n", "1,1 [] MMOE042: The sample is not written as the schema says: it holds no data record")]
    [InlineData(Header, "1,1 [] MMOE042: The sample is not written as the schema says: it holds no data record")]
    [InlineData(
        "age;home\n1;own\n",
        "1,1 [age;home] MMOE042: The sample is not written as the schema says: the header has 2 fields, expected 9; is the delimiter that "
        + "of the schema?")]
    [InlineData(
        "age; home; income; officer; gender; survey weight; defaulted; grade; \"Loss\"\nx\n",
        "1,29 [gender] MMOE042: The sample is not written as the schema says: the header says 'gender' for column 'sex' of "
        + "a.schema.json(25,15); it must name the schema's columns in their order (see d/a.schema.json:25,15)",
        "1,70 [\"Loss\"] MMOE042: The sample is not written as the schema says: the header says 'Loss' for column 'loss' of "
        + "a.schema.json(29,15); it must name the schema's columns in their order (see d/a.schema.json:29,15)")]
    [InlineData(
        "1;own;1;;F;1;no;A;-\nx\n",
        "1,1 [1;own;1;;F;1;no;A;-] MMOE042: The sample is not written as the schema says: the first line holds '1', 'own', '1', '', 'F', "
        + "'1', 'no', 'A', '-', expected the header 'age', 'home', 'income', 'officer', 'sex', 'survey weight', 'defaulted', "
        + "'grade', 'loss'; the header must name the schema's columns in their order; if the sample has none, set \"header\" to false "
        + "in the schema's \"format\"")]
    [InlineData(
        Header + "41, own\n1;own;1;;F;1;no;A;-;\n1;x;1;;F;1;no;A;-\n",
        "2,1 [41, own] MMOE042: The sample is not written as the schema says: the record has 1 field, expected 9; is the delimiter that "
        + "of the schema?",
        "3,1 [1;own;1;;F;1;no;A;-;] MMOE042: The sample is not written as the schema says: the record has 10 fields, expected 9; is the "
        + "delimiter that of the schema?",
        "4,3 [x] MMOE041: 'x' is no value of column 'home' of a.schema.json(22,15); accepted: 'rent', 'own', '?' (see "
        + "d/a.schema.json:22,15)")]
    [InlineData(
        Header + "x;own;1;\"\nq\n\n",
        "2,9 [\"] MMOE042: The sample is not written as the schema says: the quote that opens here is never closed; close it, or double "
        + "it if it belongs to the text")]
    [InlineData(
        Header + "x;own;1;;F;1;no;A;-\n1;\"own\"er\n",
        "2,1 [x] MMOE043: 'x' is no number for column 'age' of a.schema.json(21,15); numbers are written like -12, 0.5 or 1e-3 "
        + "(see d/a.schema.json:21,15)",
        "3,8 [e] MMOE042: The sample is not written as the schema says: text after a closing quote; inside a quoted field, double the "
        + "quote")]
    public void MMOE042_what_is_not_written_as_the_schema_says(string sample, params string[] expected) =>
        ReportsOfSample(sample, [.. expected.Select(e => $"d/loans.sample.csv:{e}")]);

    [Fact]
    public void MMOE042_sample_that_cannot_be_read() => Assert.Equal(
        "loans.sample.csv: (0,0)-(0,0): MMOE042 The sample is not written as the schema says: the file cannot be read",
        Single(new TextFile("loans.sample.csv", null)));

    [Fact]
    public void MMOE042_sample_that_is_not_UTF8() => Assert.Equal(
        "loans.sample.csv: (0,0)-(0,0): MMOE042 The sample is not written as the schema says: the file is not UTF-8; convert it",
        Single(new EncodedFile("loans.sample.csv", SourceText.From(Schemas.Sample, Encoding.Latin1))));

    [Fact]
    public void MMOE042_sample_of_more_than_a_mebicharacter()
    {
        var row = "1;own;1;;F;1;no;A;-\n";
        var most = Header + string.Concat(Enumerable.Repeat(row, (SampleChecker.MaxCharacters - Header.Length) / row.Length));
        ReportsOfSample(most.PadRight(SampleChecker.MaxCharacters));
        ReportsOfSample(
            most.PadRight(SampleChecker.MaxCharacters + 1),
            "d/loans.sample.csv:1,1 [] MMOE042: The sample is not written as the schema says: it has 1048577 characters, and at most "
            + "1048576 are read; some rows of every kind are enough");
    }

    [Theory]
    [InlineData(50, 0, "")]
    [InlineData(51, 1, "1 more error")]
    [InlineData(1_000, 950, "950 more errors")]
    public void MMOE042_says_how_many_errors_there_are_beyond_those_shown(int errors, int more, string words)
    {
        var sample = Header + string.Concat(Enumerable.Repeat("1;own;1;;F;1;no;A;-\n1;own;1;;X;1;no;A;-\n", errors));
        var found = GeneratorHost.Run(("a.schema.json", Schemas.Sampled), ("loans.sample.csv", sample)).Diagnostics;
        Assert.Equal(Math.Min(errors, 51), found.Length);
        Assert.All(found.Take(50).Select((d, i) => (d, i)), f => Assert.Equal(("MMOE041", 3 + (2 * f.i), 10), Start(f.d)));
        if (more > 0)
        {
            Assert.Equal(("MMOE042", 103, 10), Start(found[50]));
            Assert.Equal(
                $"The sample is not written as the schema says: {words} from here on", found[50].GetMessage(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void MMOE043_field_that_is_no_number() => ReportsOfSample(
        Header + "forty;own;n/a;;F;;no;A;NaN\n;own;-1e39;;F;1,5;no;A;\n1e;own;0x1;;F;1;no;A;-.5e-3",
        "d/loans.sample.csv:2,1 [forty] MMOE043: 'forty' is no number for column 'age' of a.schema.json(21,15); numbers are written like "
        + "-12, 0.5 or 1e-3 (see d/a.schema.json:21,15)",
        "d/loans.sample.csv:2,11 [n/a] MMOE043: 'n/a' is no number for column 'income' of a.schema.json(23,15); numbers are written like "
        + "-12, 0.5 or 1e-3, a missing one '' or 'NA' (see d/a.schema.json:23,15)",
        "d/loans.sample.csv:2,18 [] MMOE043: '' is no number for column 'survey weight' of a.schema.json(26,15); a weight cannot be "
        + "missing (see d/a.schema.json:26,15)",
        "d/loans.sample.csv:2,24 [NaN] MMOE043: 'NaN' is no number for column 'loss' of a.schema.json(29,15); numbers are written like "
        + "-12, 0.5 or 1e-3, a missing one '-' (see d/a.schema.json:29,15)",
        "d/loans.sample.csv:3,1 [] MMOE043: '' is no number for column 'age' of a.schema.json(21,15); if it may be missing, declare "
        + "\"missing\" for the column in the schema (see d/a.schema.json:21,15)",
        "d/loans.sample.csv:3,6 [-1e39] MMOE043: '-1e39' is no number for column 'income' of a.schema.json(23,15); it is too large for a "
        + "single-precision number, of which the largest is about 3.4e38 (see d/a.schema.json:23,15)",
        "d/loans.sample.csv:3,15 [1,5] MMOE043: '1,5' is no number for column 'survey weight' of a.schema.json(26,15); numbers are "
        + "written like -12, 0.5 or 1e-3 (see d/a.schema.json:26,15)",
        "d/loans.sample.csv:3,24 [] MMOE043: '' is no number for column 'loss' of a.schema.json(29,15); numbers are written like -12, 0.5 "
        + "or 1e-3, a missing one '-' (see d/a.schema.json:29,15)",
        "d/loans.sample.csv:4,1 [1e] MMOE043: '1e' is no number for column 'age' of a.schema.json(21,15); numbers are written like -12, "
        + "0.5 or 1e-3 (see d/a.schema.json:21,15)",
        "d/loans.sample.csv:4,8 [0x1] MMOE043: '0x1' is no number for column 'income' of a.schema.json(23,15); numbers are written like "
        + "-12, 0.5 or 1e-3, a missing one '' or 'NA' (see d/a.schema.json:23,15)");

    [Fact]
    public void A_column_with_an_error_of_its_own_is_not_judged_and_the_others_are() => Reports(
        [
            ("a.schema.json", Schemas.Sampled
                .But("[\"F\", \"M\"]", "[\"F\", 1]")
                .But("\"name\": \"survey weight\", ", "")
                .But("\"name\": \"defaulted\"", "\"name\": \"age\"")
                .But("\"name\": \"small-loans\"", "\"name\": \"Small Loans\"")
                .But("\"kind\": \"binary\"", "\"kind\": \"multiclass\"")),
            ("loans.sample.csv", "age;home;income;?;Sex;?;?;grade;loss\n1;Own;1;;M;x;yess;A;-\n"),
        ],
        "a.schema.json:2,11 [\"Small Loans\"] MMOE006: 'Small Loans' cannot be a dataset's name: it must be lower-case letters, digits and "
        + "single hyphens, starting with a letter",
        "a.schema.json:25,65 [1] MMOE004: A value of a vocabulary must be a string or an object, not a number",
        "a.schema.json:26,5 [{] MMOE003: The property 'name' is missing: a column needs it",
        "a.schema.json:27,15 [\"age\"] MMOE009: The column 'age' stands twice (see 21,15)",
        "a.schema.json:32,71 [\"positive\"] MMOE026: The property 'positive' has no meaning for a multiclass task",
        "loans.sample.csv:1,17 [?] MMOE042: The sample is not written as the schema says: the header says '?' for column 'officer' of "
        + "a.schema.json(24,15); it must name the schema's columns in their order (see a.schema.json:24,15)");

    [Theory]
    [InlineData("\"delimiter\": \";\"", "\"delimiter\": \",,\"")]
    [InlineData("\"trim\": true", "\"trim\": 1")]
    [InlineData("\"train\": { \"file\": \"all\"", "\"train\": { \"file\": \"al\"")]
    [InlineData("\"member\": [\"loans.zip\", \"loans.csv\"]", "\"trimEnd\": { \"grades\": \".\" }")]
    [InlineData("  \"columns\": [", "  \"columns\": 1, \"tasks\": [")]
    public void A_schema_too_broken_to_read_a_sample_by_adds_no_error_of_the_sample(string part, string other)
    {
        var schema = Schemas.Sampled.But(part, other);
        var found = GeneratorHost.Run(("a.schema.json", schema), ("loans.sample.csv", "x\n")).Diagnostics;
        Assert.NotEmpty(found);
        Assert.All(found, d => Assert.Equal("a.schema.json", d.Location.GetLineSpan().Path));
    }

    [Theory]
    [InlineData("\"remainders\": [3]", "\"remainders\": [5]")]
    [InlineData("\"later.csv\", \"sha256\": \"0011", "\"later.csv\", \"sha256\": \"11")]
    [InlineData("\"num_features\": 7", "\"num_features\": 8")]
    [InlineData("{ \"grade\": \".\" }", "{ \"grades\": \".\" }")]
    public void An_error_elsewhere_in_the_schema_hides_none_of_the_sample(string part, string other)
    {
        var found = GeneratorHost.Run(("a.schema.json", Schemas.Sampled.But(part, other)), ("loans.sample.csv", "x\n")).Diagnostics;
        Assert.Equal(["loans.sample.csv"], found.Select(d => d.Location.GetLineSpan().Path).Where(p => p != "a.schema.json"));
        Assert.Equal(2, found.Length);
    }

    [Fact]
    public void Rows_that_are_drawn_have_a_sample_too() => Reports(
        [
            ("a.schema.json", Schemas.Synthetic.But("  \"columns\": [", "  \"sample\": \"w.csv\",\n  \"columns\": [")),
            ("w.csv", "1,2,3,4\n1,2,3,\n"),
        ],
        "w.csv:2,7 [] MMOE043: '' is no number for column 'y1' of a.schema.json(10,15); if it may be missing, declare \"missing\" for the "
        + "column in the schema (see a.schema.json:10,15)");

    [Fact]
    public void Two_schemas_may_share_a_sample() => Assert.Equal(
        ["MMOE041: a.schema.json", "MMOE041: b.schema.json"],
        GeneratorHost.Run(
            ("a.schema.json", Schemas.Sampled),
            ("b.schema.json", Schemas.Sampled.But("\"small-loans\"", "\"others\"")),
            ("loans.sample.csv", Schemas.Sample.But("rent", "lent")))
            .Diagnostics.Select(d => $"{d.Id}: {d.AdditionalLocations.Single().GetLineSpan().Path}").Order());

    [Fact]
    public void The_text_of_a_file_that_no_schema_names_is_not_asked_for()
    {
        var read = new List<string>();
        var files = new AdditionalText[]
        {
            new WatchedFile("a.schema.json", Schemas.Sampled, read),
            new WatchedFile("loans.sample.csv", Schemas.Sample, read),
            new WatchedFile("other.sample.csv", Schemas.Sample, read),
            new WatchedFile("sub/loans.sample.csv", Schemas.Sample, read),
        };
        Assert.Empty(GeneratorHost.Driver(files).RunGenerators(GeneratorHost.Compilation()).GetRunResult().Diagnostics);
        Assert.Equal(["a.schema.json", "loans.sample.csv"], read.Order());
    }

    private static void ReportsOfSample(string sample, params string[] expected) =>
        Reports([("d/a.schema.json", Schemas.Sampled), ("d/loans.sample.csv", sample)], expected);

    private static string Single(AdditionalText sample)
    {
        var driver = GeneratorHost.Driver([new TextFile("a.schema.json", Schemas.Sampled), sample]);
        var found = driver.RunGenerators(GeneratorHost.Compilation()).GetRunResult().Diagnostics.Single();
        return $"{found.Location.GetLineSpan()}: {found.Id} {found.GetMessage(CultureInfo.InvariantCulture)}";
    }

    private static (string Id, int Line, int Column) Start(Diagnostic diagnostic)
    {
        var start = diagnostic.Location.GetLineSpan().StartLinePosition;
        return (diagnostic.Id, start.Line + 1, start.Character + 1);
    }

    private sealed class EncodedFile(string path, SourceText text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => text;
    }

    private sealed class WatchedFile(string path, string text, List<string> read) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default)
        {
            read.Add(path);
            return SourceText.From(text, Encoding.UTF8);
        }
    }
}
