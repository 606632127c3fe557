using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>The compiler's warning of unnamed numbers (CS8524), where a switch expression handles every value of a vocabulary.</summary>
public sealed class MMOES001_UnnamedValue
{
    private const string Rent = "SmallLoans.Home.Rent";
    private const string Own = "SmallLoans.Home.Own";
    private const string NotTold = "SmallLoans.Home.NotTold";

    [Theory]
    [InlineData("home", $"{Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8524")]
    [InlineData("home", $"{Rent} or {Own} => 1, {NotTold} => 2", "CS8524")]
    [InlineData("home", $"{Rent} when flag => 0, <= {Own} => 1, {NotTold} => 2", "CS8524")]
    [InlineData("home", $"{Rent} and {{ Text.Length: 4 }} => 0, {Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8524")]
    [InlineData("asked", $"null => 0, {Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8509")]
    [InlineData("asked", $"null or {Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8509")]
    public Task Is_taken_back_where_nothing_is_forgotten(string value, string arms, string id) =>
        Warns(Code(value, arms), noWarn: null, $"5,{9 + value.Length} [switch] {id} taken back");

    [Theory]
    [InlineData("home", $"{Rent} => 1, {Own} => 2", "CS8509")]
    [InlineData("home", $"{Rent} => 1, {Own} => 2, {NotTold} when flag => 3", "CS8524")]
    [InlineData("home", $"{Rent} => 1, {Own} => 2, {NotTold} and {{ Text.Length: 1 }} => 3", "CS8524")]
    [InlineData("asked", $"{Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8524")]
    [InlineData("asked", $"null when flag => 0, {Rent} => 1, {Own} => 2, {NotTold} => 3", "CS8509")]
    [InlineData("asked", $"null => 0, {Rent} => 1, {Own} => 2", "CS8509")]
    [InlineData("(home, flag)", $"({Rent}, _) => 1, ({Own}, _) => 2, ({NotTold}, _) => 3", "CS8524")]
    [InlineData("mine", "Mine.A => 1, Mine.B => 2", "CS8524")]
    public Task Other_warnings_stay(string value, string arms, string id) =>
        Warns(Code(value, arms), noWarn: null, $"5,{9 + value.Length} [switch] {id}");

    [Fact]
    public Task The_project_may_refuse_that() => Warns(
        Code("home", $"{Rent} => 1, {Own} => 2, {NotTold} => 3"), noWarn: "MMOES001", "5,13 [switch] CS8524");

    private static string Code(string value, string arms) => $$"""
        class User
        {
            object Run(SmallLoans.Home home, SmallLoans.Home? asked, Mine mine, bool flag)
            {
        return {{value}} switch { {{arms}} };
            }
        }

        enum Mine : byte { A, B }
        """;
}
