using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>A constant text that is read as a value of a vocabulary, and is not in it.</summary>
public sealed class MMOE101_UnknownText
{
    private const string Far = "is no value of 'SmallLoans.Home'; accepted: 'rent', 'own', '?'";
    private const string LikeOwn = "is no value of 'SmallLoans.Home'; did you mean 'own'? accepted: 'rent', 'own', '?'";
    private const string AcceptedOfLarge =
        "accepted: 'v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9', 'v10', 'v11', … (300 in all)";

    [Fact]
    public Task A_text_that_no_value_has() => Reports(
        """
        class User
        {
            SmallLoans.Home Near = SmallLoans.Home.Parse("owns");
            SmallLoans.Home Case = SmallLoans.Home.Parse("Own");
            SmallLoans.Home Far = SmallLoans.Home.Parse("castle");
            SmallLoans.Home Blank = SmallLoans.Home.Parse("own ");
            SmallLoans.Home Other = SmallLoans.Home.Parse("M");
        }
        """,
        $"3,50 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"4,50 [\"Own\"] error MMOE101: 'Own' {LikeOwn}",
        $"5,49 [\"castle\"] error MMOE101: 'castle' {Far}",
        $"6,51 [\"own \"] error MMOE101: 'own ' {LikeOwn}",
        $"7,51 [\"M\"] error MMOE101: 'M' {Far}");

    [Fact]
    public Task Every_way_to_give_the_text() => Reports(
        """
        class User
        {
            const string Wrong = "ow";

            void Read()
            {
                SmallLoans.Home.TryParseText("owns", out var a);
                SmallLoans.Home.TryParseText("owns"u8, out SmallLoans.Home b);
                SmallLoans.Home.TryParseText("owns".AsSpan(), out _);
                SmallLoans.Home.TryParseText((ReadOnlySpan<char>)"owns", out _);
                SmallLoans.Home.TryParseText(text: "owns", out _);
                _ = SmallLoans.Home.Parse(Wrong);
                _ = SmallLoans.Home.Parse(Wrong + "ner");
                _ = SmallLoans.Home.Parse(nameof(User));
                _ = SmallLoans.Home.Parse(text: (@"owns"));
                _ = SmallLoans.Home.Parse($"{Wrong}ns");
            }
        }
        """,
        $"7,38 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"8,38 [\"owns\"u8] error MMOE101: 'owns' {LikeOwn}",
        $"9,38 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"10,58 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"11,44 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"12,35 [Wrong] error MMOE101: 'ow' {LikeOwn}",
        $"13,35 [Wrong + \"ner\"] error MMOE101: 'owner' {LikeOwn}",
        $"14,35 [nameof(User)] error MMOE101: 'User' {Far}",
        $"15,42 [@\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        "16,35 [$\"{Wrong}ns\"] error MMOE101: 'owns' " + LikeOwn);

    [Fact]
    public Task A_struct_of_many_values() => Reports(
        """
        class User
        {
            Large.KindOfThing Near = Large.KindOfThing.Parse("v2999");
            Large.KindOfThing Far = Large.KindOfThing.Parse("nothing");
            bool Read = Large.KindOfThing.TryParseText(value: out _, utf8: "v300"u8);
            Large.KindOfThing First = Large.KindOfThing.Parse("v0");
            Large.KindOfThing Last = Large.KindOfThing.Parse("v299");
        }
        """,
        "3,54 [\"v2999\"] error MMOE101: 'v2999' is no value of 'Large.KindOfThing'; did you mean 'v299'? "
            + AcceptedOfLarge,
        "4,53 [\"nothing\"] error MMOE101: 'nothing' is no value of 'Large.KindOfThing'; "
            + AcceptedOfLarge,
        "5,68 [\"v300\"u8] error MMOE101: 'v300' is no value of 'Large.KindOfThing'; did you mean 'v30'? "
            + AcceptedOfLarge);

    [Fact]
    public Task Every_way_to_name_the_type() => Reports(
        """
        using Flat = Consumer.Datasets.SmallLoans.Home;
        using static Consumer.Datasets.SmallLoans;
        using static Consumer.Datasets.SmallLoansSexVocabulary;

        class User
        {
            object A = Flat.Parse("owns");
            object B = Home.Parse("owns");
            object C = SmallLoansHomeVocabulary.Parse("owns");
            object D = Parse("X");
            object E = global::Consumer.Datasets.SmallLoans.Home.Parse("owns");
            bool F = TryParseText("X", out _);
        }
        """,
        $"7,27 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"8,27 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        $"9,47 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        "10,22 [\"X\"] error MMOE101: 'X' is no value of 'SmallLoans.Sex'; accepted: 'F', 'M'",
        $"11,64 [\"owns\"] error MMOE101: 'owns' {LikeOwn}",
        "12,27 [\"X\"] error MMOE101: 'X' is no value of 'SmallLoans.Sex'; accepted: 'F', 'M'");

    [Fact]
    public Task Texts_that_are_not_known_or_are_right() => Reports(
        """
        class User
        {
            void Read(string text, byte[] bytes)
            {
                _ = SmallLoans.Home.Parse(text);
                _ = SmallLoans.Home.Parse(text + "owns");
                _ = SmallLoans.Home.TryParseText(text, out _);
                _ = SmallLoans.Home.TryParseText(bytes, out _);
                _ = SmallLoans.Home.TryParseText(text.AsSpan(1), out _);
                _ = SmallLoans.Home.TryParseText("owns".AsSpan(1), out _);
                _ = SmallLoans.Home.TryParseText("own ".AsSpan().Trim(), out _);
                _ = SmallLoans.Home.TryParseText("?", out _);
                _ = SmallLoans.Home.TryParseText("own"u8, out _);
                _ = new[] { "owns" }.Select(SmallLoans.Home.Parse);
            }
        }
        """);

    [Fact]
    public Task Methods_that_only_look_alike() => Reports(
        """
        class User
        {
            object A = int.Parse("7");
            object B = Parse("owns");
            object C = TryParseText("owns", out _);
            object D = Plain.TryParse("owns", out Plain _);
            object E = SmallLoansHomeExtras.Parse("owns");

            static SmallLoans.Home Parse(string text) => default;

            static bool TryParseText(string text, out SmallLoans.Home value)
            {
                value = default;
                return true;
            }
        }

        enum Plain { Own }

        static class SmallLoansHomeExtras
        {
            public static SmallLoans.Home Parse(string text) => default;
        }
        """);

    [Fact]
    public Task Strange_and_long_texts_are_shown_on_one_short_line() => Reports(
        $$"""
        class User
        {
            SmallLoans.Home Home = SmallLoans.Home.Parse("a\n{{new string('x', 100)}}");
        }
        """,
        $"3,50 [\"a\\n{new string('x', 100)}\"] error MMOE101: 'a\\u000a{new string('x', 73)}…' {Far}");

    [Fact]
    public Task The_datasets_that_are_built_in() => Reports(
        """
        using Mmoe.Data.Datasets;

        class User
        {
            object A = Adult.Education.Parse("Bachelor");
            object B = Adult.Education.Parse("Bachelors");
        }
        """,
        "5,38 [\"Bachelor\"] error MMOE101: 'Bachelor' is no value of 'Adult.Education'; did you mean 'Bachelors'? accepted: 'Bachelors', "
        + "'Some-college', '11th', 'HS-grad', 'Prof-school', 'Assoc-acdm', 'Assoc-voc', '9th', '7th-8th', '12th', 'Masters', '1st-4th', "
        + "… (16 in all)",
        "6,16 [Adult.Education.Parse(\"Bachelors\")] info MMOE102: "
        + "'Bachelors' is known at compile time; write 'Adult.Education.Bachelors'");
}
