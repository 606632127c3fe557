using Mmoe.Generators.CodeFixes;
using static Mmoe.Generators.Tests.Helpers.FixAssert;

namespace Mmoe.Generators.Tests.CodeFixes;

/// <summary>The fix of MMOE101: the nearest text in place of one that is not in the vocabulary.</summary>
public sealed class NearestTextFixerTests
{
    [Fact]
    public Task A_literal_is_replaced_and_what_surrounds_it_stays() => Fixes<NearestTextFixer>(
        [
            """
            class User
            {
                object O = SmallLoans.Home.Parse(
                    /* before */ {|MMOE101:"owns"|} /* after */); // end
            }
            """,
        ],
        [
            """
            class User
            {
                object O = {|MMOE102:SmallLoans.Home.Parse(
                    /* before */ "own" /* after */)|}; // end
            }
            """,
        ],
        "Write \"own\"");

    [Theory]
    [InlineData("\"rents\"", "\"rent\"")]
    [InlineData("@\"rents\"", "\"rent\"")]
    [InlineData("\"\"\"rents\"\"\"", "\"rent\"")]
    [InlineData("\"\"\"\n  rents\n  \"\"\"", "\"rent\"")]
    [InlineData("\"rents\"u8", "\"rent\"u8")]
    [InlineData("\"\"\"rents\"\"\"u8", "\"rent\"u8")]
    [InlineData("\"\"\"\n  rents\n  \"\"\"u8", "\"rent\"u8")]
    public Task A_literal_of_any_form_stays_in_its_encoding(string literal, string replaced) => Fixes<NearestTextFixer>(
        [$"class User {{ bool B = SmallLoans.Home.TryParseText({{|MMOE101:{literal}|}}, out _); }}"],
        [$"class User {{ bool B = SmallLoans.Home.TryParseText({replaced}, out _); }}"],
        $"Write {replaced}");

    [Fact]
    public Task All_at_once_each_gets_its_own_nearest() => Fixes<NearestTextFixer>(
        [
            """
            class User
            {
                bool A = SmallLoans.Home.TryParseText({|MMOE101:"Own"|}, out _),
                    B = SmallLoans.Home.TryParseText({|MMOE101:"rents"u8|}, out _);
                bool C = Large.KindOfThing.TryParseText(({|MMOE101:"v2999"|}), out _);
                bool D = SmallLoans.Home.TryParseText({|MMOE101:"castle"|}, out _);
                bool E = SmallLoans.Home.TryParseText({|MMOE101:"Own"|}.AsSpan(), out _);
            }
            """,
            """
            class Other
            {
                bool A = SmallLoans.Defaulted.TryParseText({|MMOE101:"yess"|}, out _);
            }
            """,
        ],
        [
            """
            class User
            {
                bool A = SmallLoans.Home.TryParseText("own", out _),
                    B = SmallLoans.Home.TryParseText("rent"u8, out _);
                bool C = Large.KindOfThing.TryParseText(("v299"), out _);
                bool D = SmallLoans.Home.TryParseText({|MMOE101:"castle"|}, out _);
                bool E = SmallLoans.Home.TryParseText("own".AsSpan(), out _);
            }
            """,
            """
            class Other
            {
                bool A = SmallLoans.Defaulted.TryParseText("yes", out _);
            }
            """,
        ],
        "Write \"own\"");

    [Theory]
    [InlineData("\"castle\"")]
    [InlineData("Wrong")]
    [InlineData("Wrong + \"ner\"")]
    [InlineData("$\"{Wrong}ns\"")]
    public Task Nothing_is_offered_where_nothing_is_near_or_the_text_stands_elsewhere(string text) => Offers<NearestTextFixer>(
        $"class User {{ const string Wrong = \"ow\"; bool B = SmallLoans.Home.TryParseText({{|MMOE101:{text}|}}, out _); }}");
}
