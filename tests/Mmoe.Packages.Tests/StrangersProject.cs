using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mmoe.Packages.Tests;

/// <summary>A project of somebody who has the packages and docs/packages.md.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed partial class StrangersProject(Feed feed)
{
    private const string Schema = "bank/datasets/loans.schema.json";

    [Fact]
    public void Drops_in_a_schema_makes_up_rows_and_trains()
    {
        using var stranger = Bank();
        stranger.WriteSchema(Schema);
        var bank = stranger.In("bank");
        Shell.Dotnet(bank, "build").Good();

        string[] noBuild = ["run", "--no-build", "--"];
        Shell.Dotnet(bank, [.. noBuild, .. "data synthesize loans --rows 2000 --out data/loans/loans.csv".Split(' ')]).Good();
        Assert.Equal(2_001, File.ReadLines(stranger.In("bank", "data", "loans", "loans.csv")).Count());
        Shell.Dotnet(bank, [.. noBuild, .. "train loans --epochs 1 --out runs/first".Split(' ')]).Good();

        using var summary = JsonDocument.Parse(File.ReadAllText(stranger.In("bank", "runs", "first", "summary.json")));
        Assert.Equal("loans", summary.RootElement.GetProperty("dataset").GetString());
        Assert.Equal(1, summary.RootElement.GetProperty("epochs").GetInt32());
        var auc = summary.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("default").GetProperty("auc").GetDouble();

        // 400 test rows with labels drawn at random: the area's standard deviation is 0.03.
        Assert.InRange(auc, 0.4, 0.6);
    }

    [Fact]
    public void Is_told_of_a_mistake_in_the_schema_at_its_place()
    {
        using var stranger = Bank();
        stranger.WriteSchema(Schema, schema => schema.Replace("[\"yes\"]", "[\"yess\"]", StringComparison.Ordinal));
        var output = Shell.Dotnet(stranger.In("bank"), "build").Bad();
        AssertSays(
            "datasets/loans.schema.json(21,88): error MMOE015: 'yess' is no value of column 'defaulted'; "
            + "did you mean 'yes'? accepted: 'no', 'yes'",
            output.Replace('\\', '/'));
    }

    [Fact]
    public void Is_told_of_a_mistake_in_the_code_at_its_place()
    {
        using var stranger = Bank();
        stranger.WriteSchema(Schema);
        stranger.Write(
            "bank/Wrong.cs",
            """
            using Bank.Datasets;

            internal static class Somewhere
            {
                public static object Wrong => Loans.Home.Parse("owns");
            }
            """);
        var output = Shell.Dotnet(stranger.In("bank"), "build").Bad();
        AssertSays(
            "Wrong.cs(5,52): error MMOE101: 'owns' is no value of 'Loans.Home'; did you mean 'own'? accepted: 'rent', 'own', '?'", output);
    }

    [Fact]
    public void May_keep_schemas_and_samples_in_other_folders()
    {
        using var stranger = new Stranger(feed);
        var properties = Manual.BlockBelow("properties of the project:");
        stranger.Write(
            "shop/shop.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <RootNamespace>Shop</RootNamespace>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Mmoe.Generators" Version="{feed.Version}" PrivateAssets="all" />
                <PackageReference Include="Mmoe.Data" Version="{feed.Version}" />
              </ItemGroup>
            </Project>
            """);
        stranger.Write(
            "shop/Somewhere.cs",
            "internal static class Somewhere { public static int Width => Shop.Datasets.Loans.NumFeatures; }");
        stranger.WriteSchema(
            "shop/schemas/loans.schema.json",
            schema => schema.Replace(
                "\"name\": \"loans\",", "\"name\": \"loans\", \"sample\": \"rows/loans.csv\",", StringComparison.Ordinal));

        // In the places that are read if nothing is said.
        stranger.Write("shop/datasets/left.schema.json", "no schema");
        stranger.Write("shop/datasets/left.sample.csv", "no sample");

        const string Header = "age,home,income,officer,defaulted\n34,rent,2100.5,Ann,no\n";
        stranger.Write("shop/schemas/rows/loans.csv", $"{Header}51,own,NA,Bob,no\n");
        Shell.Dotnet(stranger.In("shop"), "build").Good();

        stranger.Write("shop/schemas/rows/loans.csv", $"{Header}51,owns,NA,Bob,no\n");
        var output = Shell.Dotnet(stranger.In("shop"), "build").Bad();
        AssertSays(
            "schemas/rows/loans.csv(3,4): error MMOE041: 'owns' is no value of column 'home' of loans.schema.json(16,15); "
            + "did you mean 'own'? accepted: 'rent', 'own', '?'",
            output.Replace('\\', '/'));
    }

    [Fact]
    public void Has_its_datasets_held_against_the_laws_by_one_line()
    {
        using var stranger = Bank();
        stranger.WriteSchema(Schema);
        stranger.Follow("bank.tests/bank.tests.csproj", "bank.tests/Laws.cs", "bank.tests/Scores.cs");
        var output = Shell.Dotnet(stranger.In("bank.tests"), "test").Good();
        var closing = Closing().Match(output);
        Assert.True(closing.Success, output);
        Assert.Equal(("0", "0"), (closing.Groups["failed"].Value, closing.Groups["skipped"].Value));

        // The laws, and the property of the page.
        Assert.InRange(int.Parse(closing.Groups["passed"].Value, null), 10, 100);
    }

    // Shows the whole output, of which xunit would show the beginning.
    private static void AssertSays(string expected, string output) =>
        Assert.True(output.Contains(expected, StringComparison.Ordinal), $"{expected}\nis not said:\n{output}");

    private Stranger Bank()
    {
        var stranger = new Stranger(feed);
        stranger.Follow("bank/bank.csproj", "bank/Program.cs");
        return stranger;
    }

    [GeneratedRegex(@"Failed:\s+(?<failed>\d+), Passed:\s+(?<passed>\d+), Skipped:\s+(?<skipped>\d+)")]
    private static partial Regex Closing();
}
