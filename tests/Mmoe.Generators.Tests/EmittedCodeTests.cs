using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Mmoe.Generators.Analyzers;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>Emitted code as a user meets it: compiled, called, and refused where it must be.</summary>
public sealed partial class EmittedCodeTests
{
    private const string Usings = "using System;\nusing System.Linq;\nusing Mmoe.Data;\nusing Consumer.Datasets;\n";

    private static readonly string Large = Schemas.WithValues(Enumerable.Range(0, 300).Select(i => $"v{i}")).But("\"least\"", "\"large\"");

    // Each "I" and each sign that a culture could touch is there to be touched.
    private static readonly (string Path, string Text)[][] Touchy =
    [
        [("a.schema.json", Schemas.Small)],
        [("a.schema.json", Schemas.Synthetic)],
        [("a.schema.json", Schemas.WithValues(["I", "i", "\u0130", "\u0131", "-1", "1.5", "ti ti"], "iI title"))],
        [("a.schema.json", Large)],
        [("a.schema.json", Schemas.Small.But("perts\": 4", "perts\": -4").But("\"kind\": \"binary\"", "\"kind\": \"BINARY\""))],
        [("a.schema.json", Schemas.Small.But("\"num_features\": 7", "\"num_features\": 1234567"))],
        [
            ("I.schema.json", Schemas.Sampled), ("i.SCHEMA.json", Schemas.Small),
            ("loans.sample.csv", Schemas.Sample.But("41;", "-1.5;").But("rent;", "RENT;")),
        ],
    ];

    [Fact]
    public void It_compiles_without_a_warning() => Assert.All(
        new[] { Schemas.Small, Schemas.Synthetic, Schemas.Least, Large, Schemas.Named("registry"), Schemas.Named("row") },
        schema => Assert.Empty(GeneratorHost.Compile(schema).Complaints()));

    /// <summary>An enum over a byte ends at 256 values, all its numbers named; one more is a struct.</summary>
    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    public void Every_size_around_the_largest_enum_compiles(int values) => Assert.Empty(
        GeneratorHost.Compile(Schemas.WithValues(Enumerable.Range(0, values).Select(i => $"v{i}"))).Complaints());

    /// <summary>What emitted code calls its own parameters and variables may be a value of the data.</summary>
    [Fact]
    public void Values_called_like_a_parameter_compile()
    {
        string[] names =
        [
            "value", "the value", "the the value", "code", "text", "utf8", "nearest", "t result", "members", "values", "self", "row", "encoded",
        ];
        Assert.Empty(GeneratorHost.Compile(Schemas.WithValues(names)).Complaints());
        var full = names.Concat(Enumerable.Range(0, 256 - names.Length).Select(i => $"v{i}"));
        Assert.Empty(GeneratorHost.Compile(Schemas.WithValues(full)).Complaints());
    }

    /// <summary>A column's name is that of a type, whose members differ with the size of the vocabulary.</summary>
    [Theory]
    [InlineData("values", "ValuesColumn")]
    [InlineData("members", "MembersColumn")]
    [InlineData("create members", "CreateMembersColumn")]
    [InlineData("label code", "LabelCodeColumn")]
    [InlineData("index of max", "IndexOfMaxColumn")]
    public void Columns_called_like_a_member_compile_in_every_size(string column, string expected) => Assert.All([3, 257], count =>
    {
        var values = JsonSerializer.Serialize(Enumerable.Range(0, count).Select(i => $"v{i}"));
        var schema = Schemas.Small.But("\"name\": \"home\"", $"\"name\": \"{column}\"")
            .But("[\"rent\", \"own\", { \"value\": \"?\", \"identifier\": \"NotTold\", \"description\": \"Not asked then.\" }]", values)
            .But("\"num_features\": 7", $"\"num_features\": {count + 4}");
        var compilation = GeneratorHost.Compile(schema);
        Assert.Empty(compilation.Complaints());
        Assert.NotNull(compilation.GetTypeByMetadataName($"Consumer.Datasets.SmallLoans+{expected}"));
    });

    [Fact]
    public void Everything_public_is_documented()
    {
        var compilation = GeneratorHost.Compile(Schemas.Small);
        var undocumented = compilation.SyntaxTrees.Select(tree => tree.GetRoot()).SelectMany(root => root.DescendantNodes())
            .OfType<Microsoft.CodeAnalysis.CSharp.Syntax.MemberDeclarationSyntax>()
            .Where(m => m.Modifiers.Any(t => t.Text == "public") && !m.GetLeadingTrivia().ToFullString().Contains("///", StringComparison.Ordinal))
            .Select(m => m.ToString());
        Assert.Empty(undocumented);
    }

    [Fact]
    public void A_row_survives_encoding_and_decoding() => Assert.Equal(
        "0,1 | 41.5,NaN | 1,NaN,-2.5 | 0.25 | True True True",
        Script(Schemas.Small, """
            var row = new SmallLoans.Row
            {
                Age = 41.5f, Home = SmallLoans.Home.Rent, Income = null, Sex = SmallLoans.Sex.M, SurveyWeight = 0.25f,
                Defaulted = SmallLoans.Defaulted.Yes, Grade = null, Loss = -2.5f,
            };
            var encoded = Row(2, 2, 3, 1);
            SmallLoans.Encode(row, encoded);
            var back = SmallLoans.Decode(encoded);
            return $"{Show(encoded.Codes)} | {Show(encoded.Numerics)} | {Show(encoded.Labels)} | {Show(encoded.Weights)} | "
                + $"{back == row} {back.Equals(row with { })} {back != row with { Home = SmallLoans.Home.NotTold }}";
            """));

    [Fact]
    public void Every_value_survives_encoding_and_decoding() => Assert.Equal(
        "18",
        Script(Schemas.Small, """
            var count = 0;
            foreach (var home in SmallLoans.Home.All)
            foreach (var sex in SmallLoans.Sex.All)
            foreach (var grade in SmallLoans.Grade.All)
            {
                var row = new SmallLoans.Row { Age = 1, Income = 2, Home = home, Sex = sex, Grade = grade };
                var encoded = Row(2, 2, 3, 1);
                SmallLoans.Encode(row, encoded);
                count += SmallLoans.Decode(encoded) == row && row.SurveyWeight == 1f && row.Loss is null ? 1 : 0;
            }

            return $"{count}";
            """));

    [Fact]
    public void A_large_vocabulary_is_a_struct_that_does_the_same() => Assert.Equal(
        "300 v0 v299 v7 7 True True False 299",
        Script(Large, """
            var row = new Large.Row { KindOfThing = Large.KindOfThing.FromCode(299) };
            var encoded = Row(1, 0, 1, 0);
            Large.Encode(row, encoded);
            var seven = Large.KindOfThing.FromCode(7);
            return $"{Large.KindOfThing.All.Length} {Large.KindOfThing.All[0]} {Large.KindOfThing.Vocabulary[299]} {seven.Text} {seven.Code} "
                + $"{Large.Decode(encoded) == row} {seven == Large.KindOfThing.All[7]} {seven == default} {encoded.Codes[0]}";
            """));

    [Theory]
    [InlineData("encoded.Codes[0] = 3;", "'home' has 3 values, with the codes from 0 to 2.")]
    [InlineData("encoded.Codes[1] = -1;", "'sex' has 2 values, with the codes from 0 to 1.")]
    [InlineData("encoded.Labels[1] = 3;", "'grade' has 3 values, with the codes from 0 to 2.")]
    [InlineData("encoded.Labels[1] = 0.5f;", "'grade' has 3 values, with the codes from 0 to 2.")]
    [InlineData("encoded.Labels[0] = float.PositiveInfinity;", "'defaulted' has 2 values, with the codes from 0 to 1.")]
    public void A_code_outside_its_vocabulary_is_refused(string change, string message) => Assert.StartsWith(
        message,
        Assert.Throws<ArgumentOutOfRangeException>(() => Script(
            Schemas.Small, $"var encoded = Row(2, 2, 3, 1); {change} return SmallLoans.Decode(encoded).ToString();")).Message);

    [Fact]
    public void A_number_that_is_no_value_is_not_encoded() => Assert.Throws<ArgumentOutOfRangeException>(() => Script(
        Schemas.Small,
        """
        var row = new SmallLoans.Row { Age = 1, Income = 2, Home = (SmallLoans.Home)3, Sex = default };
        SmallLoans.Encode(row, Row(2, 2, 3, 1));
        return "";
        """));

    [Fact]
    public void Outputs_become_typed_predictions() => Assert.Equal(
        "0.75 | B 0.2,0.5,0.5 | -3",
        Script(Schemas.Small, """
            SmallLoans.Prediction prediction = SmallLoans.ToPrediction([0.75f, 0.2f, 0.5f, 0.5f, -3f]);
            SmallLoans.Grade likely = prediction.Grade.MostLikely;
            return $"{prediction.Default.Probability} | {likely} {Show(prediction.Grade.Probabilities.AsSpan())} | {prediction.Loss.Value}";
            """));

    [Fact]
    public void Values_know_their_texts_and_match_totally() => Assert.Equal(
        "? 2 NotTold other | rent,own,?",
        Script(Schemas.Small, """
            var home = SmallLoans.Home.FromCode(2);
            var match = home.Match(rent: () => "pays", own: () => "owns", notTold: () => "other");
            return $"{home.Text} {home.Code} {home} {match} | {string.Join(",", SmallLoans.Home.Vocabulary.Texts.ToArray())}";
            """));

    [Fact]
    public void Reading_a_text_binds_to_the_vocabulary_and_not_to_the_enum()
    {
        var compilation = GeneratorHost.Compile(Schemas.Small, Usings + """
            static class User
            {
                static bool A(string text, out SmallLoans.Home home) => SmallLoans.Home.TryParseText(text, out home);
                static bool B(ReadOnlySpan<byte> text) => SmallLoans.Home.TryParseText(text, out var home) && home == SmallLoans.Home.Own;
                static SmallLoans.Home C(string text) => SmallLoans.Home.Parse(text);
            }
            """);
        Assert.Empty(compilation.Complaints());
        var tree = compilation.SyntaxTrees.First();
        var model = compilation.GetSemanticModel(tree);
        var called = tree.GetRoot().DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.InvocationExpressionSyntax>()
            .Select(call => model.GetSymbolInfo(call).Symbol!.ContainingType.ContainingType?.Name);
        Assert.Equal(["SmallLoansHomeVocabulary", "SmallLoansHomeVocabulary", "SmallLoansHomeVocabulary"], called);
    }

    [Fact]
    public void Texts_are_read_exactly() => Assert.Equal(
        "NotTold | Own True | Rent False | Own True | 'owns' is no value of 'home'; did you mean 'own'?",
        Script(Schemas.Small, """
            var read = SmallLoans.Home.TryParseText("own", out SmallLoans.Home own);
            var missed = SmallLoans.Home.TryParseText("Own", out var none);
            var utf8 = SmallLoans.Home.TryParseText("own"u8, out SmallLoans.Home fromUtf8);
            try
            {
                SmallLoans.Home.Parse("owns");
                return "";
            }
            catch (FormatException exception)
            {
                return $"{SmallLoans.Home.Parse("?")} | {own} {read} | {none} {missed} | {fromUtf8} {utf8} | {exception.Message}";
            }
            """));

    [Fact]
    public void Texts_of_a_large_vocabulary_are_read_exactly() => Assert.Equal(
        "True 299 False 7",
        Script(Large, """
            var read = Large.KindOfThing.TryParseText("v299", out Large.KindOfThing last);
            return $"{read} {last.Code} {Large.KindOfThing.TryParseText("v300"u8, out _)} {Large.KindOfThing.Parse("v7").Code}";
            """));

    /// <summary>
    /// What is read for every field of a file, found or not: of an enum and of a struct, in both encodings. The least of some rounds counts:
    /// a collection that another test brings about counts what is left of the thread's allocation buffer as allocated.
    /// </summary>
    [Theory]
    [InlineData("SmallLoans.Home", "own", "owns")]
    [InlineData("Large.KindOfThing", "v299", "v300")]
    public void Reading_a_text_allocates_nothing(string type, string known, string unknown)
    {
        var compilation = GeneratorHost.Compile([Schemas.Small, Large], Usings + $$"""
            static class Script
            {
                public static string Run()
                {
                    var (found, least) = (0, long.MaxValue);
                    for (var round = 0; round < 8; round++)
                    {
                        var before = GC.GetAllocatedBytesForCurrentThread();
                        for (var i = 0; i < 250; i++)
                        {
                            found += Found();
                        }

                        least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                    }

                    return $"{found} found, {least} bytes";
                }

                private static int Found()
                {
                    var found = {{type}}.TryParseText("{{known}}", out {{type}} utf16) && utf16.Text == "{{known}}" ? 1 : 0;
                    found += {{type}}.TryParseText("{{known}}"u8, out {{type}} utf8) && utf8 == utf16 ? 1 : 0;
                    found += {{type}}.TryParseText("{{unknown}}", out _) ? 1000 : 0;
                    return found + ({{type}}.TryParseText("{{unknown}}"u8, out _) ? 1000 : 0);
                }
            }
            """);
        Assert.Equal("4000 found, 0 bytes", compilation.RunScript());
    }

    [Fact]
    public void Constants_say_what_the_descriptor_says() => Assert.Equal(
        "7 5 2 2 3 1 3 | 3 2 | 0 3 | 5 6 | default grade loss-given | True",
        Script(Schemas.Small, """
            const int features = SmallLoans.NumFeatures;
            var d = SmallLoans.Descriptor;
            var same = d.NumFeatures == features && d.OneHotWidth == SmallLoans.OneHotWidth && d.Categoricals.Count == SmallLoans.CategoricalCount
                && d.Numerics.Count == SmallLoans.NumericCount && d.Labels.Count == SmallLoans.LabelCount && d.Weights.Count == SmallLoans.WeightCount
                && d.Tasks.Count == SmallLoans.TaskCount && d.Fingerprint == SmallLoans.Fingerprint && d.Contract == GeneratedContract.V1
                && d.Categoricals[1].Offset == SmallLoans.Offsets.Sex && d.Categoricals[0].Vocabulary.Count == SmallLoans.Sizes.Home;
            return $"{features} {SmallLoans.OneHotWidth} {SmallLoans.CategoricalCount} {SmallLoans.NumericCount} {SmallLoans.LabelCount} "
                + $"{SmallLoans.WeightCount} {SmallLoans.TaskCount} | {SmallLoans.Sizes.Home} {SmallLoans.Sizes.Sex} | {SmallLoans.Offsets.Home} "
                + $"{SmallLoans.Offsets.Sex} | {SmallLoans.Columns.Age.Offset} {SmallLoans.Columns.Income.Offset} | {SmallLoans.TaskNames.Default} "
                + $"{SmallLoans.TaskNames.Grade} {SmallLoans.TaskNames.Loss} | {same}";
            """));

    [Fact]
    public void The_descriptor_holds_files_and_defaults() => Assert.Equal(
        "; True \" | True | all loans.csv loans.zip>loans.csv / later .@grade 001122 | 5:0,1,2,4 5:3 1:0 | 0.0005 8,4 100 10 128 0 | -,zero",
        Script(Schemas.Small, """
            var d = SmallLoans.Descriptor;
            var s = (FileSource)d.Source;
            var t = d.Training;
            return $"{d.Format.Delimiter} {d.Format.Header} {d.Format.Quote} {d.Format.Comment} {d.Format.Trim} | {s.Files[0].Id} {s.Files[0].Path} "
                + $"{string.Join('>', s.Files[0].Member)} / {s.Files[1].Id} {s.Files[1].TrimEnd[0].Suffix}@{s.Files[1].TrimEnd[0].Column} {s.Files[1].Sha256![..6]} | "
                + $"{s.Train.Modulo}:{Show(s.Train.Remainders.AsSpan())} {s.Validation.Modulo}:{Show(s.Validation.Remainders.AsSpan())} {s.Test.Modulo}:{Show(s.Test.Remainders.AsSpan())} | "
                + $"{t.Any.LearningRate} {Show(t.Any.Units.AsSpan())} {t.Any.EpochSize} {t.Cpu.EpochSize} {t.Gpu.BatchSize} {t.Gpu.TowerUnits.Count} | "
                + $"{string.Join(',', SmallLoans.Columns.Loss.MissingMarks)},{(SmallLoans.Columns.Income.Missing!.Policy == MissingPolicy.Zero ? "zero" : "mean")}";
            """));

    [Fact]
    public void The_descriptor_holds_ranges_and_bins() => Assert.Equal(
        "from 0 to 120, at most 10, at least -0.25, True | 18,25.5,65 -1 | True",
        Script(Schemas.Small, """
            var (age, income) = (SmallLoans.Columns.Age, SmallLoans.Columns.Income);
            return $"{age.Range}, {SmallLoans.Columns.SurveyWeight.Range}, {SmallLoans.Columns.Loss.Range}, {income.Range is null} | "
                + $"{Show(age.Bins.AsSpan())} {Show(income.Bins.AsSpan())} | {SmallLoans.Descriptor.Numerics[0] == age}";
            """));

    [Fact]
    public void The_descriptor_holds_encodings() => Assert.Equal(
        "log1p+quantile:16 piecewise-linear:8 none",
        Script(
            Schemas.Least.But(
                "{ \"name\": \"x\", \"kind\": \"numeric\" }",
                """
                { "name": "x", "kind": "numeric", "encoding": ["log1p", "quantile:16"] },
                { "name": "z", "kind": "numeric", "encoding": "piecewise-linear:8" },
                { "name": "v", "kind": "numeric" }
                """),
            """
            var columns = new[] { Least.Columns.X, Least.Columns.Z, Least.Columns.V };
            return string.Join(' ', columns.Select(c => c.Encodings.Count == 0 ? "none" : Mmoe.NumericEncoding.Join(c.Encodings)));
            """));

    [Fact]
    public void Numbers_as_strange_as_JSON_allows_are_what_they_say() => Assert.Equal(
        "from 0 to 1 | -3.4028235E+38 -1 -1E-45 0.1 16777216 3.4028235E+38",
        Script(
            Schemas.Least.But(
                "{ \"name\": \"x\", \"kind\": \"numeric\" }",
                """
                { "name": "x", "kind": "numeric", "range": { "min": 0e999999, "max": 1E+0 } },
                { "name": "z", "kind": "numeric",
                  "bins": [-3.4028234663852885981e38, -1.0E+0, -1e-45, 0.10000000149011611938, 16777216.0, 3.4028235e38] }
                """),
            """
            var edges = Least.Columns.Z.Bins.Select(edge => FormattableString.Invariant($"{edge}"));
            return $"{Least.Columns.X.Range} | {string.Join(' ', edges)}";
            """));

    [Fact]
    public void The_row_generator_becomes_a_source() => Assert.Equal(
        "2 -0.5 0.3 5 0.01 10000 1000 7 5 False True",
        Script(Schemas.Synthetic, """
            var s = (SyntheticSource)Waves.Descriptor.Source;
            return FormattableString.Invariant($"{s.Dimension} {s.Correlation} {s.Scale} {s.Terms} {s.NoiseVariance} {s.TrainRows} {s.ValidationRows} {s.TestRows} {s.Seed} ")
                + $"{Waves.Columns.X0.UsableAsWeight} {Waves.Columns.X1.UsableAsWeight}";
            """));

    [Fact]
    public void Typed_code_is_reached_from_a_name_alone() => Assert.Equal(
        "small-loans Row Prediction",
        Script(Schemas.Small, "return Registry.All.Datasets.Single().Accept(new Names());", """
            sealed class Names : IDatasetVisitor<string>
            {
                public string Visit<TDataset, TRow, TPrediction>()
                    where TDataset : IDataset<TRow, TPrediction>
                    where TRow : class, IEquatable<TRow> => $"{TDataset.Descriptor.Name} {typeof(TRow).Name} {typeof(TPrediction).Name}";
            }
            """));

    [Theory]
    [InlineData("the values of two vocabularies compared", "bool B = SmallLoans.Home.Rent == SmallLoans.Sex.F;", "CS0019")]
    [InlineData("a value of another vocabulary assigned", "SmallLoans.Home H = SmallLoans.Sex.F;", "CS0266")]
    [InlineData("a value of another vocabulary in a row", "SmallLoans.Row R = new() { Age = 1, Income = 1, Home = SmallLoans.Sex.F, Sex = SmallLoans.Sex.F };", "CS0266")]
    [InlineData("a value that does not exist", "SmallLoans.Home H = SmallLoans.Home.Bought;", "CS0117")]
    [InlineData("a feature left out of a row", "SmallLoans.Row R = new() { Age = 1, Home = SmallLoans.Home.Own, Sex = SmallLoans.Sex.F };", "CS9035")]
    [InlineData("a label column as a feature", "CategoricalFeature F = SmallLoans.Columns.Defaulted;", "CS0029")]
    [InlineData("a weight column as a feature", "NumericFeature F = SmallLoans.Columns.SurveyWeight;", "CS0029")]
    [InlineData("an ignored column in a row", "object O = new SmallLoans.Row { Age = 1, Income = 1, Home = default, Sex = default }.Officer;", "CS1061")]
    [InlineData("a regression as a binary task", "BinaryTask T = SmallLoans.Tasks.Loss;", "CS0029")]
    [InlineData("two tasks' predictions swapped", "BinaryPrediction P = SmallLoans.ToPrediction([]).Loss;", "CS0029")]
    [InlineData("a match that forgets a value", "int I = SmallLoans.Home.Own.Match(rent: () => 1, own: () => 2);", "CS1739")]
    [InlineData("a missing number where none may be", "SmallLoans.Row R = new() { Age = null, Income = null, Home = default, Sex = default };", "CS0037")]
    public void What_must_not_compile_does_not(string what, string code, string error)
    {
        var compilation = GeneratorHost.Compile(Schemas.Small, $"{Usings}class User {{ {code} }}");
        var complaints = compilation.Complaints();
        Assert.True(complaints.Any(c => c.StartsWith(error, StringComparison.Ordinal)), $"{what}: {string.Join("; ", complaints)}");
    }

    [Theory]
    [InlineData("bool B = SmallLoans.Home.Rent == SmallLoans.Sex.F;", "CS0019")]
    [InlineData("bool B = SmallLoans.Home.Rent == Pets.Home.Rent;", "CS0019")]
    [InlineData("bool B = SmallLoans.Home.Rent < Pets.Home.Rent;", "CS0019")]
    [InlineData("bool B = Large.KindOfThing.FromCode(0) == Huge.KindOfThing.FromCode(0);", "CS0019")]
    [InlineData("bool B = Large.KindOfThing.FromCode(0) == SmallLoans.Home.Rent;", "CS0019")]
    [InlineData("SmallLoans.Home H = SmallLoans.Sex.F;", "CS0266")]
    [InlineData("SmallLoans.Home H = Pets.Home.Rent;", "CS0266")]
    [InlineData("SmallLoans.Home? H = Pets.Home.Rent;", "CS0266")]
    [InlineData("Large.KindOfThing K = Huge.KindOfThing.FromCode(0);", "CS0029")]
    [InlineData("Large.KindOfThing K = SmallLoans.Home.Rent;", "CS0029")]
    [InlineData("SmallLoans.Home H = Large.KindOfThing.FromCode(0);", "CS0029")]
    [InlineData("SmallLoans.Home H = 1;", "CS0266")]
    [InlineData("bool B = Large.KindOfThing.FromCode(0) == 0;", "CS0019")]
    public void Values_of_two_vocabularies_do_not_meet(string code, string error)
    {
        string[] schemas =
        [
            Schemas.Small,
            Schemas.WithValues(["rent", "own"], "home").But("\"least\"", "\"pets\""),
            Large,
            Large.But("\"large\"", "\"huge\""),
        ];
        var errors = GeneratorHost.Compile(schemas, $"{Usings}class User {{ {code} }}").GetDiagnostics()
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.Id);
        Assert.Equal([error], errors);
    }

    [Theory]
    [InlineData("bool B = SmallLoans.Home.Rent == SmallLoans.Home.Own;")]
    [InlineData("SmallLoans.Row R = new() { Age = 1, Income = null, Home = SmallLoans.Home.Own, Sex = SmallLoans.Sex.F };")]
    [InlineData("CategoricalFeature F = SmallLoans.Columns.Home;")]
    [InlineData("CategoricalLabel F = SmallLoans.Columns.Defaulted;")]
    [InlineData("BinaryTask T = SmallLoans.Tasks.Default;")]
    [InlineData("int I = SmallLoans.Home.Own.Match(rent: () => 1, own: () => 2, notTold: () => 3);")]
    public void What_may_compile_does(string code)
    {
        // A field that is never read is what each of these is.
        string[] expected = ["CS0414", "CS0169"];
        var complaints = GeneratorHost.Compile(Schemas.Small, $"{Usings}class User {{ {code} }}").Complaints();
        Assert.All(complaints, complaint => Assert.Contains(complaint[..6], expected));
    }

    [Fact]
    public void Twenty_thousand_values_compile_quickly()
    {
        var schema = Schemas.WithValues(Enumerable.Range(0, 20_000).Select(i => $"value number {i}"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var compilation = GeneratorHost.Compile(schema, Usings + "static class Script { public static string Run() => $\"{Least.KindOfThing.All[19_999]}\"; }");
        Assert.Equal("value number 19999", compilation.RunScript());
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public void The_largest_vocabulary_compiles()
    {
        var values = Enumerable.Range(0, 65_536).Select(i => $"{i}\n\"é\"").ToArray();
        var compilation = GeneratorHost.Compile(
            Schemas.WithValues(values), Usings + "static class Script { public static string Run() => Least.KindOfThing.FromCode(65_535).Text; }");
        Assert.Equal(values[^1], compilation.RunScript());
    }

    [Fact]
    public void A_large_vocabulary_that_uses_every_character_compiles()
    {
        var all = Enumerable.Range(0, 0xD800).Select(code => (char)code).Chunk(0x80).Select(chunk => new string(chunk)).ToArray();
        var compilation = GeneratorHost.Compile(
            Schemas.WithValues(all), Usings + "static class Script { public static string Run() => string.Concat(Least.KindOfThing.Vocabulary.Texts!); }");
        Assert.Equal(string.Concat(all), compilation.RunScript());
    }

    [Fact]
    public void Strange_texts_compile_and_come_back_unharmed()
    {
        var random = new Random(11);
        string[] parts =
        [
            "", " ", "?", "a", "A", "1", "-", "\"", "\\", "\n", "\r", "\t", "\0", "\u2028", "\u0085", "\uFEFF", "</summary>", "&", "<c>", "*/",
            "{0}", "{", "é", "中", "\U0001F600", "class", "Row", "All", "Text", "equals", "\u202E", "'", "$", "@",
        ];
        string Name() => EmittedNames.All[random.Next(EmittedNames.All.Count)];
        for (var round = 0; round < 8; round++)
        {
            var count = round % 2 == 0 ? 40 : 300;
            var texts = Enumerable.Range(0, 2000)
                .Select(i => i % 4 == 0
                    ? Name()
                    : string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => parts[random.Next(parts.Length)])))
                .Distinct()
                .Take(count)
                .ToArray();
            var column = round / 2 % 2 == 0 ? Name() : parts[random.Next(1, parts.Length)] + parts[random.Next(parts.Length)];
            var schema = Schemas.WithValues(texts, column)
                .But("As little as may be.", JsonSerializer.Serialize(string.Concat(parts))[1..^1]);
            var compilation = GeneratorHost.Compile(schema, Usings + """
                static class Script
                {
                    public static string Run() =>
                        System.Text.Json.JsonSerializer.Serialize(((CategoricalFeature)Least.Descriptor.Columns[0]).Vocabulary.Texts.ToArray());
                }
                """);
            Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(compilation.RunScript()));

            // The same texts stand in the metadata: all that analyzers see, here and from another assembly.
            var imported = GeneratorHost.Compilation().AddReferences(GeneratorHost.Assembly(schema));
            foreach (var known in new[] { VocabularyOf(compilation), VocabularyOf(imported) })
            {
                Assert.Equal(texts.Length, known.Texts.Count);
                Assert.All(texts, text => Assert.True(known.Holds(text)));
            }
        }
    }

    /// <summary>
    /// A culture that writes no number as the invariant one does, and that has no casing and no order at all: whoever asks it for them
    /// throws. It shows more than a real one, and needs no culture data.
    /// </summary>
    [Fact]
    public void No_culture_is_asked()
    {
        var expected = EmitAll();
        Assert.Equal(
            ["MMOE005", "MMOE007", "MMOE019", "MMOE021", "MMOE041", "MMOE043"],
            expected.Where(line => line.StartsWith("MMOE", StringComparison.Ordinal))
                .Select(line => line[..7])
                .Distinct()
                .Order(StringComparer.Ordinal));
        Assert.Equal(expected, In(new HostileCulture(), EmitAll));
    }

    [SkippableTheory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    public void No_culture_changes_a_byte(string name)
    {
        Skip.If(
            AppContext.TryGetSwitch("System.Globalization.Invariant", out var invariant) && invariant,
            "The tests run without culture data, so that they need no ICU; with it: dotnet test -p:InvariantGlobalization=false");
        var culture = CultureInfo.GetCultureInfo(name);
        Assert.NotEqual(("TITLE", "-1.5"), In(culture, () => ("title".ToUpper(), $"{-1.5}")));
        Assert.Equal(In(CultureInfo.InvariantCulture, EmitAll), In(culture, EmitAll));
    }

    [Fact]
    public void The_hostile_culture_is_one() => In(new HostileCulture(), () =>
    {
        Assert.NotEqual("-1234567.5", $"{-1234567.5}");
        Assert.Throws<InvalidOperationException>(() => "title".ToUpper());
        Assert.Throws<InvalidOperationException>(() => "title".StartsWith("t"));
        Assert.Throws<InvalidOperationException>(() => string.Compare("a", "b"));
        Assert.Throws<InvalidOperationException>(() => new[] { "b", "a" }.Order().ToArray());
        return 0;
    });

    private static string[] EmitAll() =>
    [
        .. Touchy.Select(GeneratorHost.Run).SelectMany(result => result.Results.Single().GeneratedSources
            .Select(s => s.HintName + s.SourceText)
            .Concat(result.Diagnostics.Select(d => $"{d.Id} {d.Location.SourceSpan} {d.GetMessage(CultureInfo.InvariantCulture)}"))),
    ];

    private static T In<T>(CultureInfo culture, Func<T> work)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = culture;
            return work();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private sealed class HostileCulture : CultureInfo
    {
        public HostileCulture()
            : base("")
        {
            this.NumberFormat.NumberDecimalSeparator = ",";
            this.NumberFormat.NegativeSign = "\u2212";
            this.NumberFormat.NumberGroupSeparator = ".";
        }

        public override CompareInfo CompareInfo => throw new InvalidOperationException("the order of a culture was asked for");

        public override TextInfo TextInfo => throw new InvalidOperationException("the casing of a culture was asked for");
    }

    [Fact]
    public void Lines_end_in_line_feeds_and_nothing_of_the_machine_is_in_them()
    {
        var source = GeneratorHost.Run(("/home/somebody/datasets/a.schema.json", Schemas.Small)).Source("SmallLoans.g.cs");
        Assert.DoesNotContain('\r', source);
        Assert.DoesNotContain("somebody", source);
        Assert.EndsWith("}\n", source, StringComparison.Ordinal);
        Assert.DoesNotMatch(TrailingBlank(), source);
    }

    [Fact]
    public void Without_a_root_namespace_there_is_a_namespace() => Assert.Contains(
        "\nnamespace Datasets;\n",
        GeneratorHost.Driver([new TextFile("a.schema.json", Schemas.Least)], rootNamespace: null)
            .RunGenerators(GeneratorHost.Compilation())
            .GetRunResult()
            .Source("Least.g.cs"));

    [Fact]
    public void What_is_read_of_the_project_is_made_visible_by_the_package()
    {
        var props = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Files", "Mmoe.Generators.props"));
        var visible = VisibleProperty().Matches(props).Select(m => "build_property." + m.Groups[1].Value);
        Assert.Equal([MmoeGenerator.RootNamespaceProperty], visible);
    }

    [Fact]
    public void Schemas_and_samples_are_picked_up_from_datasets_unless_a_project_says_otherwise()
    {
        var props = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Files", "Mmoe.Generators.props"));
        var defaults = props.Descendants().Where(e => e.Name.LocalName.StartsWith("Mmoe", StringComparison.Ordinal)).ToArray();
        Assert.Equal(
            ["MmoeDatasets=datasets/**/*.schema.json", "MmoeSamples=datasets/**/*.sample.csv"],
            defaults.Select(e => $"{e.Name}={e.Value}"));
        Assert.Equal(
            Data.DatasetRegistry.Origin, $"schemas are the files {defaults[0].Value} of the project (property {defaults[0].Name})");
        Assert.All(defaults, e => Assert.Equal($"'$({e.Name})' == ''", e.Attribute("Condition")?.Value));
        Assert.Equal(
            ["$(MmoeDatasets)", "$(MmoeSamples)"],
            props.Descendants("AdditionalFiles").Select(e => e.Attribute("Include")?.Value));
    }

    [GeneratedRegex(@"[ \t]$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlank();

    [GeneratedRegex("CompilerVisibleProperty Include=\"([^\"]+)\"")]
    private static partial Regex VisibleProperty();

    private static KnownVocabulary VocabularyOf(Compilation compilation) => compilation
        .GetTypeByMetadataName("Consumer.Datasets.Least")!
        .GetTypeMembers()
        .Select(KnownVocabularies.Of(compilation)!.Find)
        .Single(vocabulary => vocabulary is not null)!;

    private static string Script(string schema, string body, string more = "") => GeneratorHost.Compile(schema, $$"""
        {{Usings}}
        static class Script
        {
            public static string Run()
            {
                {{body}}
            }

            private static EncodedRow Row(int codes, int numerics, int labels, int weights) => new()
            {
                Codes = new int[codes], Numerics = new float[numerics], Labels = new float[labels], Weights = new float[weights],
            };

            private static string Show<T>(ReadOnlySpan<T> values) where T : IFormattable =>
                string.Join(",", values.ToArray().Select(v => v.ToString(null, System.Globalization.CultureInfo.InvariantCulture)));

            private static string Show<T>(Span<T> values) where T : IFormattable => Show((ReadOnlySpan<T>)values);
        }
        {{more}}
        """).RunScript();
}
