using System.Text.Json;
using Mmoe.Generators.Tests.Helpers;
using static Mmoe.Generators.Tests.Helpers.DiagnosticAssert;

namespace Mmoe.Generators.Tests;

/// <summary>One test per rule or more: id, place and words of what is reported, and nothing else reported.</summary>
public sealed partial class SchemaDiagnosticsTests
{
    [Fact]
    public void The_schemas_that_tests_start_from_are_sound()
    {
        Reports(Schemas.Small);
        Reports(Schemas.Least);
        Reports(Schemas.Synthetic);
    }

    [Fact]
    public void MMOE001_text_that_breaks_off() => Reports(Schemas.Least.TrimEnd().TrimEnd('}'),
        "17,1 [] MMOE001: Not valid JSON: the text ends inside an object; '}' is missing");

    [Fact]
    public void MMOE001_slips_that_hide_nothing_behind_them() => Reports(
        Schemas.Small
            .But("\"name\": \"small-loans\",", "\"name\": \"small-loans\"")
            .But("[\"F\", \"M\"]", "[\"F\", \"M\",]")
            .But("\"columns\": [", "\"columns\": [ // all of them")
            .But("\"kind\": \"regression\"", "\"kind\": \"regresion\""),
        "3,3 [\"] MMOE001: Not valid JSON: a comma is missing before this",
        "19,16 [// all of them] MMOE001: Not valid JSON: JSON has no comments",
        "24,68 [,] MMOE001: Not valid JSON: a comma too many: nothing follows it",
        "33,37 [\"regresion\"] MMOE005: 'regresion' is no value of 'kind'; did you mean 'regression'? accepted: 'binary', "
        + "'multiclass', 'regression'");

    [Theory]
    [InlineData("", "1,1 [] MMOE001: Not valid JSON: the text ends where a value should stand")]
    [InlineData("[1", "1,3 [] MMOE001: Not valid JSON: the text ends inside an array; ']' is missing")]
    [InlineData("{'name': 1}", "1,2 ['] MMOE001: Not valid JSON: a property name in double quotes should stand here, not '''")]
    [InlineData("{\"name\": loans}", "1,10 [loans] MMOE001: Not valid JSON: 'loans' is no value; a text stands in double quotes")]
    [InlineData("{\"name\": \"loans\n\"}", "1,10 [\"] MMOE001: Not valid JSON: this text is not closed: '\"' is missing at its end")]
    [InlineData("{\"name\" \"loans\"}", "1,9 [\"] MMOE001: Not valid JSON: ':' should stand here, between a property's name and its value")]
    [InlineData(
        "[\"\\ud800\"]",
        "1,1 [[] MMOE004: A schema must be an object, not an array",
        "1,2 [\"\\ud800\"] MMOE001: Not valid JSON: this text holds half of a surrogate pair, which is no character")]
    [InlineData(
        "[01, \"\\x\", \"\t\" /* no */] 5",
        "1,1 [[] MMOE004: A schema must be an object, not an array",
        "1,2 [01] MMOE001: Not valid JSON: '01' is no number as JSON writes them",
        "1,7 [\\x] MMOE001: Not valid JSON: no such escape; accepted are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits",
        "1,13 [	] MMOE001: Not valid JSON: a control character in a text is written \\u0009",
        "1,16 [/* no */] MMOE001: Not valid JSON: JSON has no comments",
        "1,26 [5] MMOE001: Not valid JSON: the text should end here, after its one value")]
    public void MMOE001_each_kind_of_slip(string text, params string[] expected) => Reports(text, expected);

    [Fact]
    public void MMOE001_nesting_without_end() => Reports(new string('[', 100_000),
        "1,65 [[] MMOE001: Not valid JSON: objects and arrays are nested more than 64 deep");

    [Fact]
    public void MMOE002_unknown_property() => Reports(
        Schemas.Small.But("\"name\": \"age\", \"kind\"", "\"name\": \"age\", \"Kinds\": 1, \"kind\"").But("\"header\"", "\"heading\""),
        "7,33 [\"heading\"] MMOE002: 'heading' is no property of 'format'; accepted: 'delimiter', 'header', 'quote', 'comment', "
        + "'trim', 'missing'",
        "20,22 [\"Kinds\"] MMOE002: 'Kinds' is no property of a column; did you mean 'kind'? accepted: 'name', 'role', 'kind', "
        + "'description', 'identifier', 'vocabulary', 'weight', 'missing', 'range', 'bins', 'encoding', 'reason'");

    [Fact]
    public void MMOE003_missing_property() => Reports(
        Schemas.Small
            .But("\"name\": \"age\", ", "")
            .But("{ \"path\": \"loans.csv\", ", "{ ")
            .But(", \"reason\": \"Decides after the fact.\"", "")
            .But("\"validation\": { \"file\": \"all\", \"modulo\": 5, \"remainders\": [3] },", "")
            .But(", \"positive\": [\"yes\"]", ""),
        "10,14 [{] MMOE003: The property 'path' is missing: a file needs it",
        "13,15 [{] MMOE003: The property 'validation' is missing: 'splits' needs it",
        "20,5 [{] MMOE003: The property 'name' is missing: a column needs it",
        "23,5 [{] MMOE003: The property 'reason' is missing: a column needs it",
        "31,5 [{] MMOE003: The property 'positive' is missing: a task needs it");

    [Fact]
    public void MMOE003_of_an_empty_object() => Reports("{}",
        "1,1 [{] MMOE003: The property 'name' is missing: a schema needs it",
        "1,1 [{] MMOE003: The property 'description' is missing: a schema needs it",
        "1,1 [{] MMOE003: The property 'columns' is missing: a schema needs it",
        "1,1 [{] MMOE003: The property 'tasks' is missing: a schema needs it",
        "1,1 [{] MMOE003: The property 'source' is missing: a schema needs it");

    [Fact]
    public void MMOE004_wrong_type() => Reports(
        Schemas.Small
            .But("\"header\": true", "\"header\": \"yes\"")
            .But("\"num_experts\": 4", "\"num_experts\": \"4\"")
            .But("[\"F\", \"M\"]", "[\"F\", 1]")
            .But("\"missing\": { \"policy\": \"zero\" }", "\"missing\": [\"NA\"]"),
        "7,43 [\"yes\"] MMOE004: 'header' must be true or false, not a string",
        "22,55 [[] MMOE004: 'missing' must be an object, not an array",
        "24,65 [1] MMOE004: A value of a vocabulary must be a string or an object, not a number",
        "35,32 [\"4\"] MMOE004: 'num_experts' must be a number, not a string");

    [Fact]
    public void MMOE004_schema_that_is_no_object() => Reports("[]", "1,1 [[] MMOE004: A schema must be an object, not an array");

    [Fact]
    public void MMOE005_value_that_is_not_accepted() => Reports(
        Schemas.Small
            .But("\"kind\": \"binary\"", "\"kind\": \"Binary\"")
            .But("\"policy\": \"zero\"", "\"policy\": \"median\"")
            .But("\"role\": \"ignored\"", "\"role\": \"ignore\"")
            .But("\"kind\": \"numeric\", \"role\": \"weight\"", "\"kind\": \"categorical\", \"role\": \"weight\""),
        "22,67 [\"median\"] MMOE005: 'median' is no value of 'policy'; did you mean 'mean'? accepted: 'mean', 'zero'",
        "23,34 [\"ignore\"] MMOE005: 'ignore' is no value of 'role'; did you mean 'ignored'? accepted: 'feature', 'label', "
        + "'weight', 'ignored'",
        "25,40 [\"categorical\"] MMOE005: 'categorical' is no value of 'kind'; accepted: 'numeric'",
        "31,34 [\"Binary\"] MMOE005: 'Binary' is no value of 'kind'; did you mean 'binary'? accepted: 'binary', 'multiclass', "
        + "'regression'");

    [Fact]
    public void MMOE006_malformed_text() => Reports(
        Schemas.Small
            .But("\"delimiter\": \";\"", "\"delimiter\": \"\u00A6\"")
            .But("\"name\": \"loss-given\"", "\"name\": \"average\"")
            .But("\"identifier\": \"NotTold\"", "\"identifier\": \"not told\"")
            .But("\"path\": \"later.csv\"", "\"path\": \"../later.csv\"")
            .But("\"sha256\": \"00112233445566778899A", "\"sha256\": \"112233445566778899A")
            .But("\"url\": \"https://", "\"url\": \"ftp://")
            .But("\"license\": \"CC BY 4.0\"", "\"license\": \"\""),
        "5,14 [\"\"] MMOE006: '' cannot be 'license': it must not be empty",
        "7,28 [\"¦\"] MMOE006: '¦' cannot be the 'delimiter': it must be one ASCII character, and no line break",
        "10,44 [\"ftp://example.org/loans.zip\"] MMOE006: 'ftp://example.org/loans.zip' cannot be a file's address: it must "
        + "start with 'https://' or 'http://'",
        "11,26 [\"../later.csv\"] MMOE006: '../later.csv' cannot be a file's path: it must lead from the data directory to a "
        + "file in it, with '/' between names",
        "11,52 [\"112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\"] MMOE006: "
        + "'112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff' cannot be a SHA-256: it must be 64 hexadecimal digits",
        "21,141 [\"not told\"] MMOE006: 'not told' cannot be an identifier: it must be 1 to 64 letters, digits and '_', not "
        + "starting with a digit or a lower-case letter",
        "33,15 [\"average\"] MMOE006: 'average' cannot be a task's name: it must be lower-case letters, digits, '_' and '-', and "
        + "not 'average'");

    [Fact]
    public void MMOE006_quote_that_is_trimmed() => Reports(
        Schemas.Small.But("\"quote\": \"\\\"\"", "\"quote\": \" \""),
        "7,58 [\" \"] MMOE006: ' ' cannot be the 'quote': it is a blank, which 'trim' takes off");

    [Fact]
    public void MMOE006_comment_that_is_more_than_a_line() => Reports(
        Schemas.Small.But("\"comment\": \"|\"", "\"comment\": \"|\\n\""),
        "7,75 [\"|\\n\"] MMOE006: '|\\u000a' cannot be the 'comment': it is the start of a line, so it must not hold a line break");

    [Theory]
    [InlineData("Loans")]
    [InlineData("small--loans")]
    [InlineData("-loans")]
    [InlineData("loans-")]
    [InlineData("9loans")]
    [InlineData("small_loans")]
    public void MMOE006_name_of_a_dataset(string name) => Reports(
        Schemas.Named(name),
        $"2,11 [\"{name}\"] MMOE006: '{name}' cannot be a dataset's name: it must be lower-case letters, digits and single hyphens, "
        + "starting with a letter");

    [Fact]
    public void MMOE006_quote_that_is_the_delimiter() => Reports(Schemas.Small.But("\"quote\": \"\\\"\"", "\"quote\": \";\""),
        "7,58 [\";\"] MMOE006: ';' cannot be the 'quote': it is the delimiter already");

    [Fact]
    public void MMOE007_number_out_of_range() => Reports(
        Schemas.Small
            .But("\"num_experts\": 4", "\"num_experts\": 0")
            .But("\"units\": [8, 4]", "\"units\": []")
            .But("\"learning_rate\": 5e-4", "\"learning_rate\": 1e999")
            .But("\"epoch_size\": 10", "\"epoch_size\": 2.5")
            .But("\"batch_size\": 128", "\"batch_size\": 4294967296"),
        "35,32 [0] MMOE007: 0 cannot be 'num_experts': it must be a whole number from 1 to 4096",
        "35,44 [[] MMOE007: [] cannot be 'units': it must be at least one width",
        "35,65 [1e999] MMOE007: 1e999 cannot be 'learning_rate': it must be a number above 0 and at most 100",
        "35,95 [2.5] MMOE007: 2.5 cannot be 'epoch_size': it must be a whole number from 1 to 1000000",
        "35,125 [4294967296] MMOE007: 4294967296 cannot be 'batch_size': it must be a whole number from 1 to 16777216");

    [Fact]
    public void MMOE007_parameters_of_the_row_generator() => Reports(
        Schemas.Synthetic.But("-0.5", "-1.5").But("1E-2", "-0.01").But("\"test_rows\": 7", "\"scale\": 0"),
        "4,99 [-1.5] MMOE007: -1.5 cannot be 'correlation': it must be a number from -1 to 1",
        "4,123 [-0.01] MMOE007: -0.01 cannot be 'noise_variance': it must be a number from 0 to 1000000",
        "4,139 [0] MMOE007: 0 cannot be 'scale': it must be a number above 0 and at most 1000000");

    [Theory]
    [InlineData("num_experts", "4096", "4097", "a whole number from 1 to 4096")]
    [InlineData("units", "[65536]", "[65537]", "a whole number from 1 to 65536")]
    [InlineData("tower_units", "65536", "65537", "a whole number from 1 to 65536")]
    [InlineData("learning_rate", "100", "100.5", "a number above 0 and at most 100")]
    [InlineData("learning_rate", "1e-30", "0.0", "a number above 0 and at most 100")]
    [InlineData("keep_checkpoint_max", "1000000", "1000001", "a whole number from 1 to 1000000")]
    [InlineData("warmup_epochs", "0", "-1", "a whole number from 0 to 1000000")]
    [InlineData("seed", "-2147483648", "-2147483649", "a whole number from -2147483648 to 2147483647")]
    public void MMOE007_default_that_the_command_line_would_refuse(string key, string good, string bad, string range)
    {
        string With(string value) => Schemas.Least.But(
            "\"column\": \"y\" } ]", $"\"column\": \"y\" }} ],\n  \"training\": {{ \"gpu\": {{ \"{key}\": {value} }} }}");
        Reports(With(good));
        var (column, number) = (30 + key.Length + (bad[0] == '[' ? 1 : 0), bad.Trim('[', ']'));
        Reports(With(bad), $"17,{column} [{number}] MMOE007: {number} cannot be '{key}': it must be {range}");
    }

    [Fact]
    public void MMOE008_duplicate_property() => Reports(
        Schemas.Least.But("\"name\": \"x\",", "\"name\": \"x\", \"name\": \"z\","),
        "13,20 [\"name\"] MMOE008: The property 'name' stands twice in one object (see 13,7)");

    [Fact]
    public void MMOE009_duplicate_column() => Reports(Schemas.Small.But("\"name\": \"sex\"", "\"name\": \"age\""),
        "24,15 [\"age\"] MMOE009: The column 'age' stands twice (see 20,15)");

    [Fact]
    public void MMOE010_duplicate_value() => Reports(
        Schemas.Small
            .But("[\"F\", \"M\"]", "[\"F\", \"M\", \" F\"]")
            .But("[\"A\", \"B\", \"C\"]", "[\"A\", \"B\", \"C\", { \"value\": \"A\" }]")
            .But("\"positive\": [\"yes\"]", "\"positive\": [\"yes\", \"yes\"]")
            .But("[\"\", \"NA\"]", "[\"\", \"NA\", \"\"]"),
        "7,116 [\"\"] MMOE010: '' stands twice in the marks of a missing value (see 7,106)",
        "24,70 [\" F\"] MMOE010: ' F' stands twice in the vocabulary of column 'sex' once blanks are trimmed (see 24,60)",
        "27,120 [\"A\"] MMOE010: 'A' stands twice in the vocabulary of column 'grade' (see 27,94)",
        "31,87 [\"yes\"] MMOE010: 'yes' stands twice in the positive values of task 'default' (see 31,80)");

    [Fact]
    public void MMOE010_blanks_make_a_difference_where_they_are_not_trimmed() =>
        Reports(Schemas.Small.But("\"trim\": true", "\"trim\": false").But("[\"F\", \"M\"]", "[\"F\", \" F\"]"));

    [Fact]
    public void MMOE011_vocabulary_without_a_value() => Reports(Schemas.Small.But("[\"F\", \"M\"]", "[]"),
        "24,45 [\"vocabulary\"] MMOE011: The vocabulary of column 'sex' holds 0 values; it must hold 1 to 65536");

    [Fact]
    public void MMOE011_vocabulary_of_too_many_values()
    {
        Reports(Schemas.WithValues(Enumerable.Range(0, 65_536).Select(i => $"v{i}")));
        Reports(Schemas.WithValues(Enumerable.Range(0, 65_537).Select(i => $"v{i}")),
        "13,55 [\"vocabulary\"] MMOE011: The vocabulary of column 'kind of thing' holds 65537 values; it must hold 1 to 65536");
    }

    [Fact]
    public void MMOE012_unknown_column() => Reports(
        Schemas.Small.But("\"column\": \"defaulted\"", "\"column\": \"default\"").But("{ \"grade\": \".\" }", "{ \"grades\": \".\" }"),
        "11,130 [\"grades\"] MMOE012: There is no column 'grades'; did you mean 'grade'? accepted: 'age', 'home', 'income', "
        + "'officer', 'sex', 'survey weight', 'defaulted', 'grade', 'loss'",
        "31,54 [\"default\"] MMOE012: There is no column 'default'; did you mean 'defaulted'? accepted: 'defaulted', 'grade', 'loss'");

    [Fact]
    public void MMOE013_column_that_does_not_suit_the_task() => Reports(
        Schemas.Small.But("\"column\": \"defaulted\"", "\"column\": \"home\"").But("\"column\": \"loss\"", "\"column\": \"grade\""),
        "31,54 [\"home\"] MMOE013: The binary task 'default' cannot use column 'home', which is a categorical feature; it needs "
        + "a categorical label; the role 'label' makes it one, and no feature any more",
        "33,61 [\"grade\"] MMOE013: The regression task 'loss-given' cannot use column 'grade', which is a categorical label; it "
        + "needs a numeric label, or the task the kind 'binary' or 'multiclass'");

    [Theory]
    [InlineData("regression", "age", "a numeric feature; it needs a numeric label; the role 'label' makes it one, and no feature any more")]
    [InlineData("regression", "sex", "a categorical feature; it needs a numeric label")]
    [InlineData("regression", "survey weight", "a weight; it needs a numeric label; the role 'label' makes it one, and no weight any more")]
    [InlineData("multiclass", "age", "a numeric feature; it needs a categorical label")]
    [InlineData("multiclass", "officer", "ignored; it needs a categorical label")]
    [InlineData("multiclass", "loss", "a numeric label; it needs a categorical label, or the task the kind 'regression'")]
    [InlineData(
        "multiclass",
        "sex",
        "a categorical feature; it needs a categorical label; the role 'label' makes it one, and no feature any more")]
    public void MMOE013_column_of_every_other_kind(string kind, string column, string why) => Reports(
        Schemas.Small.But("\"kind\": \"multiclass\", \"column\": \"grade\"", $"\"kind\": \"{kind}\", \"column\": \"{column}\""),
        $"32,56 [\"{column}\"] MMOE013: The {kind} task 'grade' cannot use column '{column}', which is {why}");

    [Fact]
    public void MMOE014_label_that_no_task_uses() => Reports(
        Schemas.Small.But(",\n    { \"name\": \"loss-given\", \"kind\": \"regression\", \"column\": \"loss\", \"identifier\": \"Loss\" }", ""),
        "28,15 [\"loss\"] MMOE014: No task uses the label column 'loss'; give it a task, or the role 'ignored'");

    [Fact]
    public void MMOE015_positive_value_outside_the_vocabulary() =>
        Reports(Schemas.Small.But("\"positive\": [\"yes\"]", "\"positive\": [\"Yes\"]"),
        "31,80 [\"Yes\"] MMOE015: 'Yes' is no value of column 'defaulted'; did you mean 'yes'? accepted: 'no', 'yes'");

    [Theory]
    [InlineData(
        "[]",
        "31,67 [\"positive\"] MMOE016: Task 'default' counts none of its column's 2 values as positive; it must be some, not all")]
    [InlineData(
        "[\"yes\", \"no\"]",
        "31,67 [\"positive\"] MMOE016: Task 'default' counts all of its column's 2 values as positive; it must be some, not all")]
    public void MMOE016_positive_values_that_separate_nothing(string positive, string expected) =>
        Reports(Schemas.Small.But("\"positive\": [\"yes\"]", $"\"positive\": {positive}"), expected);

    [Fact]
    public void MMOE017_no_task() => Reports(
        Schemas.Least.But("[ { \"name\": \"y\", \"kind\": \"regression\", \"column\": \"y\" } ]", "[]").But(", \"role\": \"label\"", ""),
        "16,3 [\"tasks\"] MMOE017: The dataset has no task; it needs at least one");

    [Fact]
    public void MMOE017_no_feature() => Reports(
        Schemas.Least.But("\"name\": \"x\", \"kind\": \"numeric\"", "\"name\": \"x\", \"role\": \"ignored\", \"reason\": \"None.\""),
        "12,3 [\"columns\"] MMOE017: The dataset has no feature; it needs at least one");

    [Fact]
    public void MMOE017_no_file() => Reports(Schemas.Least.But("{ \"all\": { \"path\": \"all.csv\" } }", "{}"),
        "5,5 [\"files\"] MMOE017: The dataset has no file; it needs at least one");

    [Fact]
    public void MMOE018_stated_identifier_that_is_not_free() => Reports(
        Schemas.Small
            .But("\"identifier\": \"NotTold\"", "\"identifier\": \"Own\"")
            .But("\"name\": \"sex\",", "\"name\": \"sex\", \"identifier\": \"Row\",")
            .But("\"identifier\": \"Loss\"", "\"identifier\": \"Default\""),
        "21,141 [\"Own\"] MMOE018: The identifier 'Own' is not free: it is that of 'own'",
        "24,36 [\"Row\"] MMOE018: The identifier 'Row' is not free: emitted code uses it itself",
        "33,83 [\"Default\"] MMOE018: The identifier 'Default' is not free: it is that of 'default'");

    [Fact]
    public void MMOE018_type_that_two_files_claim() => Reports(
        [("b.schema.json", Schemas.Named("a-1")), ("a.schema.json", Schemas.Named("a1"))],
        "b.schema.json:2,11 [\"a-1\"] MMOE018: The identifier 'A1' is not free: dataset 'a1' in 'a.schema.json' has it "
        + "(see a.schema.json:2,11)");

    [Fact]
    public void MMOE018_type_beside_an_enum_that_two_files_claim() => Reports(
        [
            ("a.schema.json", Schemas.WithValues(["v"], "b c").But("\"least\"", "\"a\"")),
            ("b.schema.json", Schemas.WithValues(["v"], "c").But("\"least\"", "\"a-b\"")),
        ],
        "b.schema.json:2,11 [\"a-b\"] MMOE018: The identifier 'ABCVocabulary' is not free: dataset 'a' in 'a.schema.json' has it "
        + "(see a.schema.json:2,11)");

    [Fact]
    public void MMOE019_dataset_that_two_files_describe()
    {
        (string, string)[] files = [("data/b.schema.json", "\n" + Schemas.Least), ("data/a.schema.json", Schemas.Least)];
        Reports(
            files,
            "data/b.schema.json:3,11 [\"least\"] MMOE019: The dataset 'least' is described twice; first in 'a.schema.json' "
            + "(see data/a.schema.json:2,11)");
        Assert.Equal(["Least.g.cs", "Registry.g.cs"], GeneratorHost.Run(files).Results.Single().GeneratedSources.Select(s => s.HintName).Order());
    }

    /// <summary>Where a project lies does not decide: of files linked from elsewhere, the one or the other path may come first.</summary>
    [Theory]
    [InlineData("/home/a/project", "/opt/shared")]
    [InlineData("/srv/project", "/opt/shared")]
    public void MMOE019_is_decided_by_the_names_of_files_before_their_paths(string project, string elsewhere) => Reports(
        [($"{project}/b.schema.json", Schemas.Least), ($"{elsewhere}/a.schema.json", Schemas.Least)],
        $"{project}/b.schema.json:2,11 [\"least\"] MMOE019: The dataset 'least' is described twice; first in 'a.schema.json' "
        + $"(see {elsewhere}/a.schema.json:2,11)");

    [Fact]
    public void MMOE019_files_of_one_name_are_ordered_by_their_paths() => Reports(
        [("b/a.schema.json", Schemas.Least), ("a/a.schema.json", Schemas.Least)],
        "b/a.schema.json:2,11 [\"least\"] MMOE019: The dataset 'least' is described twice; first in 'a.schema.json' "
        + "(see a/a.schema.json:2,11)");

    [Theory]
    [InlineData("datasets/a.schema.json")]
    [InlineData("datasets/./a.schema.json")]
    [InlineData("datasets\\a.schema.json")]
    public void MMOE019_is_silent_where_a_project_lists_a_file_twice(string path)
    {
        var text = Schemas.Named("broken").But("\"column\": \"y\"", "\"column\": \"z\"");
        var result = GeneratorHost.Run(("datasets/a.schema.json", text), (path, text), ("datasets/b.schema.json", Schemas.Least));
        Assert.Null(result.Results.Single().Exception);
        Assert.Equal(["MMOE012"], result.Diagnostics.Select(d => d.Id));
        Assert.Equal(
            ["Broken.g.cs", "Least.g.cs", "Registry.g.cs"], result.Results.Single().GeneratedSources.Select(s => s.HintName).Order());
    }

    /// <summary>Names that clash and samples that are missing are found by other steps than the rest of a file's problems.</summary>
    [Fact]
    public void What_is_wrong_between_files_is_reported_in_the_order_of_each_file()
    {
        var second = Schemas.Sampled
            .But("\"num_features\": 7", "\"num_features\": 0")
            .But("\"num_experts\": 4", "\"num_experts\": -4")
            .But("{\n  \"name\"", "{\n  \"$schema\": 1,\n  \"name\"");
        (string, string)[] files = [("b.schema.json", second), ("a.schema.json", Schemas.Small)];
        Reports(
            files,
            "b.schema.json:2,14 [1] MMOE004: '$schema' must be a string, not a number",
            "b.schema.json:3,11 [\"small-loans\"] MMOE019: The dataset 'small-loans' is described twice; first in 'a.schema.json' "
            + "(see a.schema.json:2,11)",
            "b.schema.json:7,19 [0] MMOE007: 0 cannot be 'num_features': it must be a whole number from 1 to 2147483647",
            "b.schema.json:20,13 [\"loans.sample.csv\"] MMOE040: There is no additional file 'loans.sample.csv' in the schema's folder; a "
            + "sample must be one of the project's AdditionalFiles, as 'datasets/**/*.sample.csv' is unless the property MmoeSamples says "
            + "otherwise",
            "b.schema.json:37,32 [-4] MMOE007: -4 cannot be 'num_experts': it must be a whole number from 1 to 4096");
    }

    [Fact]
    public void MMOE020_duplicate_task() => Reports(
        Schemas.Small.But("\"name\": \"grade\", \"kind\": \"multiclass\"", "\"name\": \"default\", \"kind\": \"multiclass\""),
        "32,15 [\"default\"] MMOE020: The task 'default' stands twice (see 31,15)");

    [Fact]
    public void MMOE021_number_of_features() => Reports(Schemas.Small.But("\"num_features\": 7", "\"num_features\": 8"),
        "6,19 [8] MMOE021: 'num_features' is 8, but the columns give 7 (5 one-hot and 2 numeric)");

    [Fact]
    public void MMOE022_split_of_an_unknown_file() => Reports(Schemas.Small.But("\"file\": \"later\"", "\"file\": \"latter\""),
        "16,25 [\"latter\"] MMOE022: There is no file 'latter'; did you mean 'later'? accepted: 'all', 'later'");

    [Fact]
    public void MMOE023_splits_that_share_rows() => Reports(
        Schemas.Least
            .But("\"modulo\": 3, \"remainders\": [1]", "\"modulo\": 6, \"remainders\": [1, 3]")
            .But("{ \"file\": \"all\", \"modulo\": 3, \"remainders\": [2] }", "{ \"file\": \"all\" }"),
        "8,7 [\"validation\"] MMOE023: The splits 'train' and 'validation' share rows of file 'all' (see 7,7)",
        "9,7 [\"test\"] MMOE023: The splits 'train' and 'test' share rows of file 'all' (see 7,7)",
        "9,7 [\"test\"] MMOE023: The splits 'validation' and 'test' share rows of file 'all' (see 8,7)");

    [Fact]
    public void MMOE024_split_that_cannot_be_taken() => Reports(
        Schemas.Least
            .But("\"modulo\": 3, \"remainders\": [0]", "\"modulo\": 3")
            .But("\"remainders\": [1]", "\"remainders\": [3, 1, 1]")
            .But("\"remainders\": [2]", "\"remainders\": []"),
        "7,33 [\"modulo\"] MMOE024: The split 'train' cannot be taken: 'modulo' needs 'remainders'",
        "8,66 [3] MMOE024: The split 'validation' cannot be taken: the remainder 3 is not below the modulo 3",
        "8,72 [1] MMOE024: The split 'validation' cannot be taken: the remainder 1 stands twice",
        "9,45 [\"remainders\"] MMOE024: The split 'test' cannot be taken: it lists no remainder, so it holds no row");

    [Fact]
    public void MMOE024_remainders_without_a_modulo() => Reports(Schemas.Least.But("\"modulo\": 3, \"remainders\": [0]", "\"remainders\": [0]"),
        "7,33 [\"remainders\"] MMOE024: The split 'train' cannot be taken: 'remainders' need 'modulo'");

    [Fact]
    public void MMOE025_columns_that_the_row_generator_does_not_draw() => Reports(Schemas.Synthetic.But("\"dimension\": 2, ", ""),
        "4,28 [\"synthetic-regression\"] MMOE025: 'synthetic-regression' draws 100 numeric features and 2 numeric labels with a "
        + "regression task each, but the schema has 2 numeric features, 2 numeric labels, 0 other columns and 2 tasks");

    [Fact]
    public void MMOE026_property_without_a_meaning() => Reports(
        Schemas.Small
            .But("\"name\": \"age\",", "\"name\": \"age\", \"vocabulary\": [],")
            .But("\"name\": \"sex\",", "\"name\": \"sex\", \"weight\": true,")
            .But("\"missing\": {},", "\"missing\": { \"policy\": \"mean\" },")
            .But("\"name\": \"officer\",", "\"name\": \"officer\", \"kind\": \"numeric\",")
            .But("\"kind\": \"multiclass\",", "\"kind\": \"multiclass\", \"positive\": [\"A\"],")
            .But("\"source\": {", "\"source\": { \"parameters\": {},"),
        "8,15 [\"parameters\"] MMOE026: The property 'parameters' has no meaning for a source of files",
        "20,22 [\"vocabulary\"] MMOE026: The property 'vocabulary' has no meaning for a numeric feature",
        "23,26 [\"kind\"] MMOE026: The property 'kind' has no meaning for an ignored column",
        "24,22 [\"weight\"] MMOE026: The property 'weight' has no meaning for a categorical feature",
        "27,77 [\"policy\"] MMOE026: The property 'policy' has no meaning for a label, which is left out where it is missing",
        "32,46 [\"positive\"] MMOE026: The property 'positive' has no meaning for a multiclass task");

    [Fact]
    public void MMOE004_range_and_bins_that_are_none() => Reports(
        Numeric("\"range\": [0, 120], \"bins\": 18", "\"range\": { \"min\": \"0\", \"max\": 120 }, \"bins\": [18, \"25\", null]"),
        "13,49 [[] MMOE004: 'range' must be an object, not an array",
        "13,67 [18] MMOE004: 'bins' must be an array of numbers, not a number",
        "14,58 [\"0\"] MMOE004: 'min' must be a number, not a string",
        "14,90 [\"25\"] MMOE004: An edge of 'bins' must be a number, not a string",
        "14,96 [null] MMOE004: An edge of 'bins' must be a number, not null");

    [Fact]
    public void MMOE026_range_and_bins_where_there_are_no_numbers() => Reports(
        Schemas.Small
            .But("\"name\": \"sex\",", "\"name\": \"sex\", \"range\": {}, \"bins\": [],")
            .But("\"name\": \"officer\",", "\"name\": \"officer\", \"range\": {}, \"bins\": [],")
            .But("\"name\": \"survey weight\",", "\"name\": \"survey weight\", \"bins\": [],")
            .But("\"name\": \"grade\", \"kind\": \"cat", "\"name\": \"grade\", \"range\": {}, \"bins\": [], \"kind\": \"cat")
            .But("\"name\": \"loss\",", "\"name\": \"loss\", \"bins\": [],"),
        "23,26 [\"range\"] MMOE026: The property 'range' has no meaning for an ignored column",
        "23,39 [\"bins\"] MMOE026: The property 'bins' has no meaning for an ignored column",
        "24,22 [\"range\"] MMOE026: The property 'range' has no meaning for a categorical feature",
        "24,35 [\"bins\"] MMOE026: The property 'bins' has no meaning for a categorical feature",
        "25,32 [\"bins\"] MMOE026: The property 'bins' has no meaning for a weight column",
        "27,24 [\"range\"] MMOE026: The property 'range' has no meaning for a categorical label",
        "27,37 [\"bins\"] MMOE026: The property 'bins' has no meaning for a categorical label",
        "28,23 [\"bins\"] MMOE026: The property 'bins' has no meaning for a numeric label");

    [Fact]
    public void MMOE026_name_and_description_of_a_value_among_more_than_256()
    {
        string With(int count) => Schemas.WithValues(Enumerable.Range(0, count).Select(i => $"v{i}"), "x").But(
            "\"v7\"", "{ \"value\": \"v7\", \"identifier\": \"Seven\", \"description\": \"Lucky.\" }");
        Reports(With(256));
        Reports(
            With(257),
            "13,110 [\"identifier\"] MMOE026: The property 'identifier' has no meaning for a value of a vocabulary of more than 256 "
            + "values, which has no members in C#",
            "13,133 [\"description\"] MMOE026: The property 'description' has no meaning for a value of a vocabulary of more than 256 "
            + "values, which has no members in C#");

        // A value that stands twice does not count.
        Reports(
            With(256).But("\"v8\"", "\"v8\", \"v8\""),
            "13,165 [\"v8\"] MMOE010: 'v8' stands twice in the vocabulary of column 'x' (see 13,159)");
    }

    [Fact]
    public void MMOE006_identifier_of_a_value_that_does_not_count() => Reports(
        Schemas.Small
            .But("[\"F\", \"M\"]", "[\"F\", \"M\", { \"value\": \"F\", \"identifier\": \"f\", \"description\": 1 }]")
            .But("[\"A\", \"B\", \"C\"]", "[\"A\", \"B\", \"C\", { \"identifier\": \"d\" }]"),
        "24,81 [\"F\"] MMOE010: 'F' stands twice in the vocabulary of column 'sex' (see 24,60)",
        "24,100 [\"f\"] MMOE006: 'f' cannot be an identifier: it must be 1 to 64 letters, digits and '_', not starting with a digit or a "
        + "lower-case letter",
        "24,120 [1] MMOE004: 'description' must be a string, not a number",
        "27,109 [{] MMOE003: The property 'value' is missing: a value of a vocabulary needs it",
        "27,125 [\"d\"] MMOE006: 'd' cannot be an identifier: it must be 1 to 64 letters, digits and '_', not starting with a digit or a "
        + "lower-case letter");

    [Fact]
    public void MMOE028_the_first_edge_that_does_not_increase() => Reports(
        Numeric("\"bins\": [18, 40, 25, 65, 30]", "\"bins\": [0.1, 18, 1.8e1, 17]", "\"bins\": [-0, 0]", "\"bins\": [16777216, 16777217]"),
        "13,57 [25] MMOE028: The bins of column 'x0' are not increasing edges: 25 is not above 40 before it (see 13,53)",
        "14,58 [1.8e1] MMOE028: The bins of column 'x1' are not increasing edges: 1.8e1 is not above 18 before it in single "
        + "precision (see 14,54)",
        "15,53 [0] MMOE028: The bins of column 'x2' are not increasing edges: 0 is not above -0 before it in single precision (see 15,49)",
        "16,59 [16777217] MMOE028: The bins of column 'x3' are not increasing edges: 16777217 is not above 16777216 before it in single "
        + "precision (see 16,49)");

    private const string Long = "0.1111111111111111111111111111111";

    [Fact]
    public void MMOE028_no_edge_and_edges_too_large_or_too_long() => Reports(
        Numeric("\"bins\": []", "\"bins\": [-1e39, 0, 3.5e38]", $"\"bins\": [{Long}]"),
        "13,40 [\"bins\"] MMOE028: The bins of column 'x0' are not increasing edges: there is none",
        "14,49 [-1e39] MMOE028: The bins of column 'x1' are not increasing edges: -1e39 is too large for single precision",
        "14,59 [3.5e38] MMOE028: The bins of column 'x1' are not increasing edges: 3.5e38 is too large for single precision",
        $"15,49 [{Long}] MMOE028: The bins of column 'x2' are not increasing edges: {Long} has more than 32 characters");

    [Fact]
    public void MMOE028_more_than_a_thousand_edges()
    {
        Reports(Numeric($"\"bins\": [{string.Join(", ", Enumerable.Range(0, 1_000))}]"));
        Reports(
            Numeric($"\"bins\": [{string.Join(", ", Enumerable.Range(0, 1_001))}]"),
            "13,40 [\"bins\"] MMOE028: The bins of column 'x0' are not increasing edges: there are 1001, more than 1000");
    }

    [Fact]
    public void MMOE029_range_without_a_bound_or_without_a_number_in_it() => Reports(
        Numeric(
            "\"range\": {}",
            "\"range\": { \"max\": 0, \"min\": 120 }",
            "\"range\": { \"min\": 5, \"max\": 5.0 }",
            "\"range\": { \"min\": 1e39, \"max\": -1e39 }",
            "\"range\": { \"max\": -0.5 }, \"role\": \"weight\""),
        "13,49 [{] MMOE029: The range of column 'x0' cannot be kept: it has neither 'min' nor 'max'",
        "14,58 [0] MMOE029: The range of column 'x1' cannot be kept: 'max', 0, is not above 'min', 120 (see 14,68)",
        "15,68 [5.0] MMOE029: The range of column 'x2' cannot be kept: 'max', 5.0, is not above 'min', 5 in single precision (see 15,58)",
        "16,58 [1e39] MMOE029: The range of column 'x3' cannot be kept: 'min', 1e39, is too large for single precision",
        "16,71 [-1e39] MMOE029: The range of column 'x3' cannot be kept: 'max', -1e39, is too large for single precision",
        "17,58 [-0.5] MMOE029: The range of column 'x4' cannot be kept: 'max', -0.5, is below 0, and a weight is not");

    [Fact]
    public void MMOE029_edges_outside_the_range() => Reports(
        Numeric(
            "\"bins\": [-1, 0, 120, 121], \"range\": { \"min\": 0, \"max\": 120 }",
            "\"range\": { \"min\": 0 }, \"bins\": [-2, -1, 1]"),
        "13,49 [-1] MMOE029: The range of column 'x0' cannot be kept: the edge -1 of 'bins' is below 'min', 0 (see 13,85)",
        "13,61 [121] MMOE029: The range of column 'x0' cannot be kept: the edge 121 of 'bins' is above 'max', 120 (see 13,95)",
        "14,72 [-2] MMOE029: The range of column 'x1' cannot be kept: the edge -2 of 'bins' is below 'min', 0 (see 14,58)",
        "14,76 [-1] MMOE029: The range of column 'x1' cannot be kept: the edge -1 of 'bins' is below 'min', 0 (see 14,58)");

    [Fact]
    public void MMOE032_unknown_encodings() => Reports(
        Numeric("\"encoding\": \"quantil:16\"", "\"encoding\": [\"log1p\", \"Min-Max+sqrt\"]", "\"encoding\": \"\""),
        "13,52 [\"quantil:16\"] MMOE032: The encoding of column 'x0' cannot be had: 'quantil:16' is no encoding; "
        + "did you mean 'quantile:16'? " + Accepted,
        "14,62 [\"Min-Max+sqrt\"] MMOE032: The encoding of column 'x1' cannot be had: 'Min-Max' is no encoding; did you mean 'min-max'? "
        + Accepted,
        "14,62 [\"Min-Max+sqrt\"] MMOE032: The encoding of column 'x1' cannot be had: 'sqrt' is no encoding; " + Accepted,
        "15,52 [\"\"] MMOE032: The encoding of column 'x2' cannot be had: '' is no encoding; " + Accepted);

    [Fact]
    public void MMOE032_numbers_of_intervals_and_components() => Reports(
        Numeric(
            "\"encoding\": [\"quantile:1\", \"piecewise-linear:1025\"]",
            "\"encoding\": [\"quantile\", \"log1p:4\"]",
            "\"encoding\": \"quantile:2+piecewise-linear:1024\""),
        "13,53 [\"quantile:1\"] MMOE032: The encoding of column 'x0' cannot be had: 'quantile:1' has no number of intervals after the "
        + "colon; write 'quantile:N', N a whole number from 2 to 1024",
        "13,67 [\"piecewise-linear:1025\"] MMOE032: The encoding of column 'x0' cannot be had: 'piecewise-linear:1025' has no number of "
        + "components after the colon; write 'piecewise-linear:N', N a whole number from 2 to 1024",
        "14,53 [\"quantile\"] MMOE032: The encoding of column 'x1' cannot be had: 'quantile' says no number of intervals; write "
        + "'quantile:N', N a whole number from 2 to 1024",
        "14,65 [\"log1p:4\"] MMOE032: The encoding of column 'x1' cannot be had: 'log1p' takes no number; write 'log1p'");

    [Fact]
    public void MMOE032_encodings_that_contradict_each_other() => Reports(
        Numeric(
            "\"encoding\": [\"log1p\", \"log1p\"]",
            "\"encoding\": \"quantile:8+quantile:16\"",
            "\"encoding\": [\"standardise\", \"log1p+min-max\"]",
            "\"encoding\": []"),
        "13,62 [\"log1p\"] MMOE032: The encoding of column 'x0' cannot be had: 'log1p' stands twice; keep one of them (see 13,53)",
        "14,52 [\"quantile:8+quantile:16\"] MMOE032: The encoding of column 'x1' cannot be had: 'quantile:8' and 'quantile:16' are one "
        + "encoding twice; keep one of them",
        "15,68 [\"log1p+min-max\"] MMOE032: The encoding of column 'x2' cannot be had: 'standardise' and 'min-max' are one number on two "
        + "linear scales; keep one of them (see 15,53)",
        "16,40 [\"encoding\"] MMOE032: The encoding of column 'x3' cannot be had: there is none; leave 'encoding' out");

    [Fact]
    public void MMOE004_encodings_that_are_no_texts() => Reports(
        Numeric("\"encoding\": 16", "\"encoding\": [\"log1p\", 16, null]"),
        "13,52 [16] MMOE004: 'encoding' must be a string or an array of strings, not a number",
        "14,62 [16] MMOE004: an item of 'encoding' must be a string, not a number",
        "14,66 [null] MMOE004: an item of 'encoding' must be a string, not null");

    [Fact]
    public void MMOE026_encodings_where_there_are_no_numbers_to_see() => Reports(
        Schemas.Small
            .But("\"name\": \"sex\",", "\"name\": \"sex\", \"encoding\": \"log1p\",")
            .But("\"name\": \"officer\",", "\"name\": \"officer\", \"encoding\": \"log1p\",")
            .But("\"name\": \"survey weight\",", "\"name\": \"survey weight\", \"encoding\": \"log1p\",")
            .But("\"name\": \"grade\", \"kind\": \"cat", "\"name\": \"grade\", \"encoding\": \"log1p\", \"kind\": \"cat")
            .But("\"name\": \"loss\",", "\"name\": \"loss\", \"encoding\": \"log1p\","),
        "23,26 [\"encoding\"] MMOE026: The property 'encoding' has no meaning for an ignored column",
        "24,22 [\"encoding\"] MMOE026: The property 'encoding' has no meaning for a categorical feature",
        "25,32 [\"encoding\"] MMOE026: The property 'encoding' has no meaning for a weight column",
        "27,24 [\"encoding\"] MMOE026: The property 'encoding' has no meaning for a categorical label",
        "28,23 [\"encoding\"] MMOE026: The property 'encoding' has no meaning for a numeric label");

    [Fact]
    public void A_broken_range_or_bins_leave_the_column()
    {
        var source = GeneratorHost.Run(Numeric("\"range\": { \"min\": 0, \"max\": \"120\" }, \"bins\": [1, 1]")).Source("Least.g.cs");
        Assert.Contains("false, Range: new(Min: 0f, Max: null));", source);
    }

    [Fact]
    public void MMOE027_values_that_no_field_can_hold() => Reports(
        Schemas.Least
            .But("\"As little as may be.\",", "\"As little as may be.\", \"format\": { \"comment\": \"#\", \"trim\": true },")
            .But(
                "{ \"name\": \"x\", \"kind\": \"numeric\" }",
                "{ \"name\": \"x\", \"kind\": \"categorical\", \"vocabulary\": "
                + "[\"a,b\", { \"value\": \" own\" }, \"\\t\", \"two\\nlines\", \"#1\", \"\\\"\"] }"),
        "13,58 [\"a,b\"] MMOE027: The value 'a,b' of column 'x' can never be read from a file: it holds the delimiter ',', which "
        + "ends a field; name the 'quote' of the format, if the files have one",
        "13,76 [\" own\"] MMOE027: The value ' own' of column 'x' can never be read from a file: 'trim' takes the blanks off its "
        + "ends; write 'own', or name the 'quote' of the format, if the files have one",
        "13,86 [\"\\t\"] MMOE027: The value '\\u0009' of column 'x' can never be read from a file: 'trim' takes the blanks off its "
        + "ends; write '', or name the 'quote' of the format, if the files have one",
        "13,92 [\"two\\nlines\"] MMOE027: The value 'two\\u000alines' of column 'x' can never be read from a file: it holds a "
        + "line break, which ends a record; name the 'quote' of the format, if the files have one");

    [Theory]
    [InlineData("{ \"quote\": \"'\", \"trim\": true }")]
    [InlineData("{ \"quote\": \"'\", \"comment\": \"#\" }")]
    public void MMOE027_is_silent_where_a_quote_protects_the_value(string format) =>
        Reports(InFirstColumn(format, "a,b", " own", "two\nlines", "#1", "'"));

    [Theory]
    [InlineData("{ \"comment\": \"#\" }", "#1", "#")]
    [InlineData("{ \"comment\": \"#1,\" }", "#1", "#1,")]
    [InlineData("{ \"comment\": \"\\\"\", \"quote\": \"\\\"\" }", "a,b", "\\\"")]
    public void MMOE027_first_value_of_a_line_that_is_a_comment(string format, string value, string comment)
    {
        Reports(
            InFirstColumn(format, value),
            $"13,57 [\"{value}\"] MMOE027: The value '{value}' of column 'x' can never be read from a file: a line that starts with "
            + $"'{comment.Replace("\\", "", StringComparison.Ordinal)}' is a comment, and this is the first column; take another "
            + "'comment', or leave it out");

        // A blank before it, and the line is none.
        Reports(InFirstColumn(format.Replace("{", "{ \"trim\": true,", StringComparison.Ordinal), value));
    }

    [Fact]
    public void MMOE027_asks_for_comments_in_the_first_column_only() => Reports(
        Schemas.Small.But("[\"F\", \"M\"]", "[\"F\", \"|M\"]").But("\"quote\": \"\\\"\", ", ""));

    [Fact]
    public void MMOE027_knows_what_files_append()
    {
        const string Blank = "'trim' takes the blanks off its ends; write 'A', or name the 'quote' of the format, if the files have one";
        var schema = Schemas.Small.But("\"quote\": \"\\\"\", ", "").But("[\"A\", \"B\", \"C\"]", "[\"A \", \"B\", \"C\"]");
        Reports(schema);
        Reports(
            schema.But(", \"trimEnd\": { \"grade\": \".\" }", ", \"trimEnd\": { \"defaulted\": \".\" }"),
            $"27,94 [\"A \"] MMOE027: The value 'A ' of column 'grade' can never be read from a file: {Blank}");
        Reports(
            schema.But("{ \"grade\": \".\" }", "{ \"grade\": \"A \" }").But("[\"A \",", "[\"A\","),
            $"11,139 [\"A \"] MMOE027: The text 'A ' that file 'later' appends can never be read from a file: {Blank}");
    }

    [Fact]
    public void MMOE027_value_that_loses_its_end_in_every_file() => Reports(
        InFirstColumn("{ \"comment\": \"aa\" }", "a", "b")
            .But("\"path\": \"all.csv\"", "\"path\": \"all.csv\", \"trimEnd\": { \"x\": \"a\" }"),
        "13,57 [\"a\"] MMOE027: The value 'a' of column 'x' can never be read from a file: a line that starts with 'aa' is a comment, and "
        + "this is the first column; take another 'comment', or leave it out");

    [Fact]
    public void MMOE027_marks_of_a_missing_value() => Reports(
        Schemas.Small
            .But("\"quote\": \"\\\"\", ", "")
            .But("[\"\", \"NA\"]", "[\"\", \"N;A\"]")
            .But("{ \"marks\": [\"-\"] }", "{ \"marks\": [\"- \"] }"),
        "7,95 [\"N;A\"] MMOE027: The missing mark 'N;A' can never be read from a file: it holds the delimiter ';', which "
        + "ends a field; name the 'quote' of the format, if the files have one",
        "28,82 [\"- \"] MMOE027: The missing mark '- ' of column 'loss' can never be read from a file: 'trim' takes the "
        + "blanks off its ends; write '-', or name the 'quote' of the format, if the files have one");

    [Fact]
    public void MMOE027_label_that_is_value_and_mark_is_a_value() =>
        Reports(Schemas.Small.But("\"missing\": {}, \"vocabulary\"", "\"missing\": { \"marks\": [\"B\"] }, \"vocabulary\""));

    [Fact]
    public void MMOE027_value_that_is_longer_than_a_field()
    {
        Reports(Schemas.WithValues([new string('é', 1 << 19), "b"]));
        var value = new string('é', 1 << 19) + "a";
        Reports(
            Schemas.WithValues([value, "b"]),
            $"13,70 [{JsonSerializer.Serialize(value)}] MMOE027: The value '{new string('é', 80)}…' of column 'kind of thing' "
            + "can never be read from a file: a field holds at most 1048576 bytes; shorten it");
    }

    [Theory]
    [InlineData(
        "[\"F\", \" F\"]",
        "24,65 [\" F\"] MMOE010: ' F' stands twice in the vocabulary of column 'sex' once blanks are trimmed (see 24,60)")]
    [InlineData(
        "[\" F\", \"F\"]",
        "24,66 [\"F\"] MMOE010: 'F' stands twice in the vocabulary of column 'sex' once blanks are trimmed (see 24,60)")]
    public void MMOE027_leaves_a_value_that_stands_twice_to_MMOE010(string vocabulary, string expected) =>
        Reports(Schemas.Small.But("\"quote\": \"\\\"\", ", "").But("[\"F\", \"M\"]", vocabulary), expected);

    [Fact]
    public void MMOE027_waits_for_a_sound_format() => Reports(
        Schemas.Small.But("\"quote\": \"\\\"\"", "\"quot\": \"\\\"\"").But("[\"F\", \"M\"]", "[\"F\", \" M\"]"),
        "7,49 [\"quot\"] MMOE002: 'quot' is no property of 'format'; did you mean 'quote'? accepted: 'delimiter', 'header', 'quote', "
        + "'comment', 'trim', 'missing'");

    [Fact]
    public void MMOE030_address_without_a_checksum()
    {
        var schema = Schemas.Least.But("{ \"path\": \"all.csv\" }", "{ \"path\": \"all.csv\", \"url\": \"https://example.org/all.csv\" }");
        Reports(
            schema,
            "5,51 [\"https://example.org/all.csv\"] MMOE030: The file 'all' has a 'url' and no 'sha256', so that a download of it "
            + "cannot be checked");
        var result = GeneratorHost.Run(schema);
        Assert.Equal(Microsoft.CodeAnalysis.DiagnosticSeverity.Info, Assert.Single(result.Diagnostics).Severity);
        Assert.Contains("Url: \"https://example.org/all.csv\"", result.Source("Least.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void MMOE030_is_silent_where_the_checksum_is_only_malformed() => Reports(
        Schemas.Least.But(
            "{ \"path\": \"all.csv\" }", "{ \"path\": \"all.csv\", \"url\": \"https://example.org/all.csv\", \"sha256\": \"0\" }"),
        "5,92 [\"0\"] MMOE006: '0' cannot be a SHA-256: it must be 64 hexadecimal digits");

    [Fact]
    public void Ten_mistakes_give_ten_diagnostics_in_the_order_of_the_file() => Assert.Equal(
        ["MMOE006", "MMOE007", "MMOE004", "MMOE006", "MMOE024", "MMOE009", "MMOE010", "MMOE026", "MMOE015", "MMOE007"],
        GeneratorHost.Run(Schemas.Small
            .But("\"homepage\": \"https://example.org/loans\"", "\"homepage\": \"\"")
            .But("\"num_features\": 7", "\"num_features\": 0")
            .But("\"header\": true", "\"header\": 1")
            .But("\"url\": \"https", "\"url\": \"gopher")
            .But("\"remainders\": [3]", "\"remainders\": [5]")
            .But("\"name\": \"home\"", "\"name\": \"age\"")
            .But("[\"F\", \"M\"]", "[\"F\", \"F\"]")
            .But("\"name\": \"survey weight\",", "\"name\": \"survey weight\", \"weight\": true,")
            .But("\"positive\": [\"yes\"]", "\"positive\": [\"ja\"]")
            .But("\"num_experts\": 4", "\"num_experts\": -4")).Diagnostics.Select(d => d.Id));

    [Fact]
    public void The_valid_part_of_a_broken_schema_is_emitted()
    {
        var schema = Schemas.Small.But("[\"F\", \"M\"]", "[\"F\", \"M\", \"F\"]").But("[\"yes\"]", "[\"ja\"]");
        var source = GeneratorHost.Run(schema).Source("SmallLoans.g.cs");
        Assert.Contains("public enum Sex", source);
        Assert.Contains("BinaryTask Default", source);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported()
    {
        var result = GeneratorHost.Driver([new TextFile("gone.schema.json", null)]).RunGenerators(GeneratorHost.Compilation()).GetRunResult();
        Assert.Equal(
            "gone.schema.json: (0,0)-(0,0): MMOE001 Not valid JSON: the file cannot be read",
            string.Join("\n", result.Diagnostics.Select(d => $"{d.Location.GetLineSpan()}: {d.Id} {d.GetMessage(null)}")));
    }

    [Fact]
    public void Other_files_are_left_alone()
    {
        var result = GeneratorHost.Run(("notes.json", "{"), ("schema.json", "{"), ("x.schema.json.bak", "{"), ("y.SCHEMA.JSON", Schemas.Least));
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["Least.g.cs", "Registry.g.cs"], result.Results.Single().GeneratedSources.Select(s => s.HintName).Order());
    }

    [Fact]
    public void Long_and_strange_texts_are_shown_on_one_short_line()
    {
        var text = "a\\nb\\u2028" + new string('x', 10_000);
        var schema = Schemas.Least.But("\"name\": \"y\", \"kind\": \"regression\"", $"\"name\": \"{text}\", \"kind\": \"regression\"");
        var diagnostic = Assert.Single(GeneratorHost.Run(schema).Diagnostics);
        var message = diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Assert.StartsWith("'a\\u000ab\\u2028xxx", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 1, 200);
    }

    /// <summary>The least schema with numeric columns x0, x1, … in place of its feature, each on its own line from line 13 on.</summary>
    private const string Accepted = "accepted: 'standardise', 'log1p', 'min-max', 'quantile:N', 'piecewise-linear:N'";

    private static string Numeric(params string[] properties) => Schemas.Least.But(
        "{ \"name\": \"x\", \"kind\": \"numeric\" }",
        string.Join(",\n    ", properties.Select((p, i) => $"{{ \"name\": \"x{i}\", \"kind\": \"numeric\", {p} }}")));
    // The least schema whose first column has these values.
    private static string InFirstColumn(string format, params string[] values) => Schemas.Least
        .But("\"As little as may be.\",", $"\"As little as may be.\", \"format\": {format},")
        .But(
            "{ \"name\": \"x\", \"kind\": \"numeric\" }",
            "{ \"name\": \"x\", \"kind\": \"categorical\", \"vocabulary\":["
            + $"{string.Join(", ", values.Select(v => JsonSerializer.Serialize(v)))}] }}");
}
