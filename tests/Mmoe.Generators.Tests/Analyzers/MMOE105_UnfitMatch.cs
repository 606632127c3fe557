using System.Globalization;
using Mmoe.Generators.Tests.Helpers;
using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>A call of <c>Match</c> whose arguments are not the values of the vocabulary.</summary>
public sealed class MMOE105_UnfitMatch
{
    [Theory]
    [InlineData("home.Match(rent: () => 1, own: () => 2)", "CS1739", "forgets 'NotTold'; add 'notTold: …'")]
    [InlineData("home.Match(notTold: () => 1)", "CS1739", "forgets 'Rent', 'Own'; add 'rent: …', 'own: …'")]
    [InlineData("home.Match<int>(notTold: () => 1, rent: () => 2)", "CS1739", "forgets 'Own'; add 'own: …'")]
    [InlineData("home.Match(own: () => 1, own: () => 2, rent: () => 3)", "CS1739", "forgets 'NotTold'; add 'notTold: …'")]
    [InlineData("home.Match(rent: () => 1, own: 2)", "CS1739", "forgets 'NotTold'; add 'notTold: …'")]
    [InlineData("(home).Match(@rent: () => 1, own: () => none)", "CS0103", "forgets 'NotTold'; add 'notTold: …'")]
    public Task Names_that_a_match_forgets(string call, string error, string complaint) => Complains(call, error, complaint);

    [Theory]
    [InlineData("home.Match(() => 1, () => 2)", "CS1061", "forgets 'NotTold'; add 'notTold: …'")]
    [InlineData("home.Match<int>(() => 1)", "CS1501", "forgets 'Own', 'NotTold'; add 'own: …', 'notTold: …'")]
    [InlineData("home.Match()", "CS1501", "forgets 'Rent', 'Own', 'NotTold'; add 'rent: …', 'own: …', 'notTold: …'")]
    [InlineData("home.Match(() => 1, notTold: () => 2)", "CS1739", "forgets 'Own'; add 'own: …'")]
    [InlineData("home.Match(rent: () => 1, () => 2)", "CS1739", "forgets 'NotTold'; add 'notTold: …'")]
    public Task Places_that_a_match_leaves_empty(string call, string error, string complaint) => Complains(call, error, complaint);

    [Theory]
    [InlineData(
        "home.Match(rent: () => 1, own: () => 2, notold: () => 3)",
        "forgets 'NotTold'; 'notold' is no argument of it (did you mean 'notTold'?)")]
    [InlineData(
        "home.Match(rents: () => 1, owns: () => 2, notTold: () => 3)",
        "forgets 'Rent', 'Own'; 'rents' is no argument of it (did you mean 'rent'?); 'owns' is no argument of it (did you mean 'own'?)")]
    [InlineData(
        "home.Match(rents: () => 1, own: () => 2)",
        "forgets 'Rent', 'NotTold'; 'rents' is no argument of it (did you mean 'rent'?); add 'notTold: …'")]
    [InlineData(
        "home.Match(rent: () => 1, own: () => 2, castle: () => 3)",
        "forgets 'NotTold'; 'castle' is no argument of it; add 'notTold: …'")]
    [InlineData(
        "home.Match(rent: () => 1, rents: () => 2, own: () => 3)",
        "forgets 'NotTold'; 'rents' is no argument of it; add 'notTold: …'")]
    [InlineData(
        "home.Match(rent: () => 1, own: () => 2, notTold: () => 3, castle: () => 4)",
        "has no argument 'castle'; accepted: 'rent', 'own', 'notTold'")]
    public Task Names_of_no_value(string call, string complaint) => Complains(call, "CS1739", complaint);

    [Fact]
    public Task Every_way_to_name_the_value() => ReportsOfBroken(
        """
        class User
        {
            SmallLoans.Sex Sex = default;

            void Run(SmallLoans.Row row, SmallLoans.Row? none, SmallLoans.Sex? sex, User? user)
            {
                _ = SmallLoans.Sex.M.Match(f: () => 1);
                _ = row.Sex.Match(f: () => 1);
                _ = sex?.Match(f: () => 1);
                _ = none?.Sex.Match(f: () => 1);
                _ = user?.Sex.Match(f: () => 1).ToString();
                _ = Sex.Match(f: () => 1);
                _ = SmallLoans.Sex.Parse("F" + row.Age).Match(f: () => Sex.Match(m: () => "1"));
                _ = sex!.Value
                    .Match(f: () => 1);
            }
        }
        """,
        "CS1739 CS1739 CS1739 CS1739 CS1739 CS1739 CS1739 CS1739",
        "7,30 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "8,21 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "9,18 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "10,23 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "11,23 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "12,17 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "13,49 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'",
        "13,68 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'F'; add 'f: …'",
        "15,14 [Match] error MMOE105: The match on 'SmallLoans.Sex' forgets 'M'; add 'm: …'");

    [Fact]
    public Task Calls_that_bind() => Reports(
        """
        class User
        {
            object A = SmallLoans.Sex.M.Match(f: () => 1, m: () => 2);
            object B = SmallLoans.Sex.M.Match(() => 1, () => 2);
            object C = SmallLoansSexVocabulary.Match(SmallLoans.Sex.M, () => 1, () => 2);
            object D = SmallLoans.Sex.M.Match("one argument");
        }

        static class Mine
        {
            public static string Match(this SmallLoans.Sex sex, string text) => text;
        }
        """);

    [Theory]
    [InlineData("home.Match(rent: () => 1, own: () => 2, notTold: () => \"3\")", "CS1739")]
    [InlineData("home.Match(() => 1, () => 2, () => 3, () => 4)", "CS1501")]
    [InlineData("asked.Match(rent: () => 1)", "CS1739")]
    [InlineData("home.Mach(rent: () => 1)", "CS1061")]
    [InlineData("SmallLoans.Home.Match(rent: () => 1)", "CS1739")]
    [InlineData("SmallLoansHomeVocabulary.Match(home, rent: () => 1)", "CS7036")]
    [InlineData("DayOfWeek.Monday.Match(rent: () => 1)", "CS1739")]
    [InlineData("Match(rent: () => 1)", "CS0103")]
    [InlineData("Large.KindOfThing.FromCode(0).Match(v0: () => 1)", "CS1739")]
    public Task Calls_in_which_something_else_is_wrong(string call, string error) => ReportsOfBroken(Code(call), error);

    [Theory]
    [InlineData("v1: () => 1, v2: () => 2", "forgets 'Class'; add '@class: …'")]
    [InlineData("@class: () => 1, v2: () => 2", "forgets 'V1'; add 'v1: …'")]
    [InlineData("clas: () => 1, v1: () => 1, v2: () => 2", "forgets 'Class'; 'clas' is no argument of it (did you mean '@class'?)")]
    [InlineData("() => 1, () => 2", "forgets 'Class'; add '@class: …'")]
    public Task A_value_whose_parameter_is_a_keyword(string arguments, string complaint) =>
        ComplainsOfValues(["v1", "v2", "class"], arguments, complaint);

    [Fact]
    public Task A_long_list_is_cut() => ComplainsOfValues(
        Enumerable.Range(1, 14).Select(i => $"v{i}"),
        "v14: () => 1",
        "forgets 'V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', 'V9', 'V10', 'V11', 'V12', … (13 in all); add 'v1: …', 'v2: …', 'v3: …', "
            + "'v4: …', 'v5: …', 'v6: …', 'v7: …', 'v8: …', 'v9: …', 'v10: …', 'v11: …', 'v12: …', … (13 in all)");

    private static async Task ComplainsOfValues(IEnumerable<string> values, string arguments, string complaint)
    {
        var compilation = GeneratorHost.Compile(
            Schemas.WithValues(values),
            $"class User {{ object Run(Consumer.Datasets.Least.KindOfThing thing) => thing.Match({arguments}); }}");
        var found = await FoundWithErrors(compilation, compilation.SyntaxTrees[0]);
        Assert.Equal(
            $"The match on 'Least.KindOfThing' {complaint}", found.Single(d => d.Id == "MMOE105").GetMessage(CultureInfo.InvariantCulture));
    }

    private static Task Complains(string call, string error, string complaint) => ReportsOfBroken(
        Code(call), error, $"3,{66 + call.IndexOf("Match", StringComparison.Ordinal)} [Match] error MMOE105: The match on 'SmallLoans.Home' {complaint}");

    private static string Code(string call) => $$"""
        class User
        {
            object? Run(SmallLoans.Home home, SmallLoans.Home? asked) => {{call}};
        }
        """;
}
