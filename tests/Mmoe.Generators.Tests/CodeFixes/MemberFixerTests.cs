using Mmoe.Generators.CodeFixes;
using static Mmoe.Generators.Tests.Helpers.FixAssert;

namespace Mmoe.Generators.Tests.CodeFixes;

/// <summary>The fix of MMOE102: a member in place of a call that reads its text.</summary>
public sealed class MemberFixerTests
{
    [Theory]
    [InlineData("SmallLoans.Home.Parse(\"own\")", "SmallLoans.Home.Own")]
    [InlineData("global::Consumer.Datasets.SmallLoans.Home.Parse(\"own\")", "global::Consumer.Datasets.SmallLoans.Home.Own")]
    [InlineData("Flat.Parse(\"?\")", "Flat.NotTold")]
    [InlineData("Home.Parse(text: Text)", "Home.Own")]
    [InlineData("SmallLoansHomeVocabulary.Parse(\"own\")", "Flat.Own")]
    [InlineData("Parse(\"F\")", "Sex.F")]
    [InlineData("SmallLoans\n    .Home\n    .Parse(\n        \"own\")", "SmallLoans\n    .Home\n    .Own", "SmallLoans.Home.Own")]
    public Task The_type_stays_written_as_it_was(string call, string member, string? shown = null) => Fixes<MemberFixer>(
        [Fields($"{{|MMOE102:{call}|}}")], [Fields(member)], $"Use '{shown ?? member}'");

    [Fact]
    public Task What_surrounds_the_call_stays() => Fixes<MemberFixer>(
        [
            """
            class User
            {
                // Where they live.
                string Text = /* before */ {|MMOE102:SmallLoans.Home.Parse(/* as they say */ "own")|} /* after */ .Text; // end

                bool Is(SmallLoans.Home home) => home == {|MMOE102:SmallLoans.Home.Parse("own")|} || home ==
                    {|MMOE102:SmallLoans.Home.Parse("rent")|};
            }
            """,
        ],
        [
            """
            class User
            {
                // Where they live.
                string Text = /* before */ SmallLoans.Home.Own /* as they say */ /* after */ .Text; // end

                bool Is(SmallLoans.Home home) => home == SmallLoans.Home.Own || home ==
                    SmallLoans.Home.Rent;
            }
            """,
        ],
        "Use 'SmallLoans.Home.Own'");

    [Fact]
    public Task All_at_once_in_several_files() => Fixes<MemberFixer>(
        [
            """
            class User
            {
                SmallLoans.Row Row = new()
                {
                    Age = 1, Income = null, Home = {|MMOE102:SmallLoans.Home.Parse("own")|}, Sex = {|MMOE102:SmallLoans.Sex.Parse("F")|},
                };
            }
            """,
            """
            class Other
            {
                SmallLoans.Home? A = {|MMOE102:SmallLoans.Home.Parse("?")|};
            }
            """,
        ],
        [
            """
            class User
            {
                SmallLoans.Row Row = new()
                {
                    Age = 1, Income = null, Home = SmallLoans.Home.Own, Sex = SmallLoans.Sex.F,
                };
            }
            """,
            """
            class Other
            {
                SmallLoans.Home? A = SmallLoans.Home.NotTold;
            }
            """,
        ],
        "Use 'SmallLoans.Home.Own'");

    [Theory]
    [InlineData("// why\n\"own\"")]
    [InlineData("\n#if true\n\"own\"\n#endif\n")]
    public Task Nothing_is_offered_that_would_lose_a_line(string argument) => Offers<MemberFixer>(
        $"class User {{ object O = {{|MMOE102:SmallLoans.Home.Parse({argument})|}}; }}");

    private static string Fields(string value) => $$"""
        using Flat = Consumer.Datasets.SmallLoans.Home;
        using static Consumer.Datasets.SmallLoans;
        using static Consumer.Datasets.SmallLoansSexVocabulary;

        class User
        {
            const string Text = "own";
            object O = {{value}};
        }
        """;
}
