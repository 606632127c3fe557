using Mmoe.Generators.Tests.Helpers;
using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>A switch over a vocabulary that forgets values and has no default.</summary>
public sealed class MMOE103_ForgottenValues
{
    private const string Rent = "SmallLoans.Home.Rent";
    private const string Own = "SmallLoans.Home.Own";
    private const string NotTold = "SmallLoans.Home.NotTold";

    [Fact]
    public Task A_statement_and_an_expression() => Reports(
        """
        class User
        {
            int Statement(SmallLoans.Home home)
            {
                switch (home)
                {
                    case SmallLoans.Home.Own:
                        return 1;
                }

                return 0;
            }

            int Expression(SmallLoans.Home home) => home switch
            {
                SmallLoans.Home.Rent => 1,
                SmallLoans.Home.Own => 2,
            };
        }
        """,
        "5,9 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for 'Rent', 'NotTold'",
        "14,50 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for 'NotTold'");

    [Theory]
    [InlineData($"case {Rent}: case {Own}: break;", "'NotTold'")]
    [InlineData($"case {Rent}: goto case {Own}; case {Own}: break;", "'NotTold'")]
    [InlineData($"case {Rent} or {NotTold}: break;", "'Own'")]
    [InlineData($"case {Rent}: case {Own}: break; case {NotTold} when flag: break;", "'NotTold'")]
    [InlineData($"case {Rent}: case {Own}: break; case var other when flag: break;", "'NotTold'")]
    [InlineData($"case not ({Own} or {NotTold}): break;", "'Own', 'NotTold'")]
    [InlineData($"case > {Rent}: break;", "'Rent'")]
    [InlineData($"case < {Own}: break;", "'Own', 'NotTold'")]
    [InlineData($"case >= {Rent} and <= {Own}: break;", "'NotTold'")]
    [InlineData($"case (((({Own})))): break;", "'Rent', 'NotTold'")]
    [InlineData("case (SmallLoans.Home)1: break;", "'Rent', 'NotTold'")]
    [InlineData("case Mine: break;", "'Rent', 'NotTold'")]
    [InlineData("", "'Rent', 'Own', 'NotTold'")]
    public Task What_a_statement_forgets(string cases, string forgotten) => Reports(
        Statement("SmallLoans.Home", cases),
        $"7,9 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for {forgotten}");

    [Theory]
    [InlineData($"case {Rent}: case {Own}: case {NotTold}: break;")]
    [InlineData($"case {Rent}: break; default: break;")]
    [InlineData($"default: break; case {Rent}: break;")]
    [InlineData($"case {Rent}: goto default; default: break;")]
    [InlineData($"case {Rent} or ({Own} or {NotTold}): break;")]
    [InlineData($"case {Rent}: break; case not {Rent}: break;")]
    [InlineData($"case {Rent}: break; case var other: break;")]
    [InlineData($"case {Rent}: break; case SmallLoans.Home other: break;")]
    [InlineData($"case {Rent}: break; case Enum: break;")]
    [InlineData($"case {Rent}: break; case {{ }}: break;")]
    [InlineData($"case <= {Own}: break; case {NotTold} when true: break;")]
    [InlineData($"case {Rent} when flag: break; case {Rent}: case {Own}: case {NotTold}: break;")]
    public Task What_a_statement_may_do(string cases) => Reports(Statement("SmallLoans.Home", cases));

    [Theory]
    [InlineData($"{Rent} or {Own} => 1", "'NotTold'")]
    [InlineData($"{Rent} or {Own} => 1, _ when flag => 2", "'NotTold'")]
    [InlineData($"{Rent} or {Own} => 1, {NotTold} when flag => 2, {NotTold} when !flag => 3", "'NotTold'")]
    [InlineData($"{Rent} => 1, not {Rent} and not {Own} => 2", "'Own'")]
    [InlineData($"{{ Text.Length: > 0 }} => 1, {NotTold} => 2", "'Rent', 'Own'")]
    public Task What_an_expression_forgets(string arms, string forgotten) => Reports(
        Expression("SmallLoans.Home", arms),
        $"5,54 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for {forgotten}");

    [Theory]
    [InlineData($"{Rent} => 1, {Own} => 2, {NotTold} => 3")]
    [InlineData($"{Rent} => 1, _ => 2")]
    [InlineData($"{Rent} => 1, var other => 2")]
    [InlineData($"{Rent} => 1, not {Rent} => 2")]
    public Task What_an_expression_may_do(string arms) => Reports(Expression("SmallLoans.Home", arms));

    [Fact]
    public async Task A_value_that_may_be_null()
    {
        await Reports(
            Statement("SmallLoans.Home?", $"case null: break; case {Rent}: break;"),
            "7,9 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for 'Own', 'NotTold'");
        await Reports(Statement("SmallLoans.Home?", $"case {Rent}: case {Own}: case {NotTold}: break;"));
        await Reports(Statement("SmallLoans.Home?", "case not null: break;"));
        await Reports(
            Statement("SmallLoans.Home?", "case null: break;"),
            "7,9 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for 'Rent', 'Own', 'NotTold'");
    }

    [Fact]
    public Task Other_things_to_switch_over() => Reports(
        """
        class User
        {
            void Run(SmallLoans.Row row, SmallLoans.Home home, DayOfWeek day, Large.KindOfThing thing)
            {
                switch (day) { case DayOfWeek.Monday: break; }
                switch ((int)home) { case 1: break; }
                switch (home.Text) { case "own": break; }
                switch ((object)home) { case SmallLoans.Home.Own: break; }
                switch (home, row.Sex) { case (SmallLoans.Home.Own, SmallLoans.Sex.F): break; }
                switch (row) { case { Home: SmallLoans.Home.Own }: break; }
                switch (thing) { case { Code: 1 }: break; }
            }

            bool Is(SmallLoans.Home home) => home is SmallLoans.Home.Own or SmallLoans.Home.Rent;
        }
        """);

    [Fact]
    public Task A_type_parameter_matches_nobody_knows_what() => Reports(
        """
        class User
        {
            void Run<T>(SmallLoans.Home home)
            {
                switch (home) { case T: break; case SmallLoans.Home.Own: break; }
            }
        }
        """,
        "5,9 [switch] warning MMOE103: The switch over 'SmallLoans.Home' has no case for 'Rent', 'NotTold'");

    [Fact]
    public Task A_long_list_is_cut()
    {
        var compilation = GeneratorHost.Compile(
            Schemas.WithValues(Enumerable.Range(1, 40).Select(i => $"v{i}")),
            "class User { void Run(Consumer.Datasets.Least.KindOfThing thing) { switch (thing) { case 0: break; } } }");
        return Reports(
            compilation,
            compilation.SyntaxTrees[0],
            "1,68 [switch] warning MMOE103: The switch over 'Least.KindOfThing' has no case for 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', "
            + "'V9', 'V10', 'V11', 'V12', 'V13', … (39 in all)");
    }

    private static string Statement(string type, string cases) => $$"""
        class User
        {
            const SmallLoans.Home Mine = SmallLoans.Home.Own;

            void Run({{type}} home, bool flag)
            {
                switch (home)
                {
                    {{cases}}
                }
            }
        }
        """;

    private static string Expression(string type, string arms) => $$"""
        class User
        {
            const SmallLoans.Home Mine = SmallLoans.Home.Own;

            int Run({{type}} home, bool flag) => home switch
            {
                {{arms}},
            };
        }
        """;
}
