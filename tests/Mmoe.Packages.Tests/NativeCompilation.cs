using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Mmoe.Packages.Tests;

/// <summary>A generated dataset in an application that is compiled ahead of time.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed partial class NativeCompilation(Feed feed)
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RootNamespace>Bank</RootNamespace>
            <ImplicitUsings>enable</ImplicitUsings>
            <PublishAot>true</PublishAot>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Mmoe.Generators" Version="0.1.0" PrivateAssets="all" />
            <PackageReference Include="Mmoe.Data" Version="0.1.0" />
          </ItemGroup>
        </Project>
        """;

    // Texts are made at run time, else the analyzer would refuse those that the schema does not know.
    private const string Program = """
        using Bank.Datasets;
        using Mmoe.Data;

        var own = string.Concat("o", "w", args[0]);
        Console.WriteLine(Loans.Home.Parse(own).Text);
        Console.WriteLine(Loans.Home.TryParseText(own.AsSpan(), out var utf16) + " " + utf16.Text);
        Console.WriteLine(Loans.Home.TryParseText(System.Text.Encoding.UTF8.GetBytes(own), out var utf8) + " " + utf8.Text);
        Console.WriteLine(Loans.Home.TryParseText((own + "s").AsSpan(), out _));

        // More values than an enum has: a struct over its code.
        var last = string.Concat("branch ", "299");
        Console.WriteLine(Loans.Branch.Parse(last).Code + " " + Loans.Branch.All[^1] + " " + Loans.Branch.FromCode(256).Text);
        Console.WriteLine(Loans.Branch.TryParseText(last.AsSpan(), out var fromUtf16) + " " + fromUtf16.Code);
        Console.WriteLine(Loans.Branch.TryParseText(System.Text.Encoding.UTF8.GetBytes(last + "9"), out _));

        var row = new Loans.Row
        {
            Age = 34, Home = Loans.Home.NotTold, Income = null, Branch = Loans.Branch.FromCode(256), Defaulted = Loans.Defaulted.Yes,
        };
        var encoded = EncodedRows.Create(Loans.Descriptor);
        Loans.Encode(row, encoded);
        Console.WriteLine(string.Join(' ', encoded.Codes.ToArray()) + " " + string.Join(' ', encoded.Numerics.ToArray()));
        Console.WriteLine(Loans.Decode(encoded) == row);
        Console.WriteLine(row.Home.Match(rent: () => "tenant", own: () => "owner", notTold: () => "unknown"));
        Console.WriteLine(Loans.Descriptor.Name + " " + Loans.Descriptor.NumFeatures + " " + Registry.All.Datasets.Count);

        using var file = File.OpenRead(args[1]);
        using var reader = new CsvReader(file, Loans.Descriptor.Format, Path.GetFileName(args[1]));
        var encoder = new RecordEncoder(Loans.Descriptor);
        var faults = new List<Fault>();
        reader.Read();
        Console.WriteLine(encoder.CheckHeader(reader.Current, faults));
        while (reader.Read() == CsvStep.Record)
        {
            if (encoder.Encode(reader.Current, encoded, faults))
            {
                Console.WriteLine(Loans.Decode(encoded));
            }
        }

        Console.WriteLine(reader.Fault is null);
        faults.ForEach(Console.WriteLine);
        """;

    private const string Rows = """
        age,home,income,branch,officer,defaulted
        34,rent,2100.5,branch 299,Ann,no
        51,own,NA,branch 256,Bob,yes
        27,?,1450,branch 300,Ann,yes

        """;

    [SkippableFact]
    public void Works_and_gives_no_warning_of_trimming_or_native_code()
    {
        var missing = NativeLinker.Missing();
        Skip.If(missing is not null, missing);
        using var stranger = new Stranger(feed);
        stranger.Write(
            "native/native.csproj",
            Project.Replace("Version=\"0.1.0\"", $"Version=\"{feed.Version}\"", StringComparison.Ordinal));
        stranger.Write("native/Program.cs", Program);
        stranger.WriteSchema("native/datasets/loans.schema.json", WithBranches);
        stranger.Write("loans.csv", Rows.ReplaceLineEndings("\n"));

        var output = Shell.Dotnet(
            stranger.In("native"), "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", stranger.In("out")).Good();
        Assert.DoesNotMatch(Trimming(), output);
        Assert.Contains("Generating native code", output, StringComparison.Ordinal);

        var program = stranger.In("out", OperatingSystem.IsWindows() ? "native.exe" : "native");
        Assert.Equal(
            """
            own
            True own
            True own
            False
            299 branch 299 branch 256
            True 299
            False
            2 256 34 NaN
            True
            unknown
            loans 305 1
            True
            Row { Age = 34, Home = Rent, Income = 2100.5, Branch = branch 299, Defaulted = No }
            Row { Age = 51, Home = Own, Income = , Branch = branch 256, Defaulted = Yes }
            True
            loans.csv:4:11: 'branch 300' is not a value of column 'branch'; did you mean 'branch 30'?

            """.ReplaceLineEndings("\n"),
            Shell.Run(program, stranger.Folder, "n", "loans.csv").Good());
    }

    // The README's schema, with a column of 300 values.
    private static string WithBranches(string schema)
    {
        const string Officer = "    { \"name\": \"officer\"";
        var values = string.Join(", ", Enumerable.Range(0, 300).Select(i => $"\"branch {i}\""));
        return schema.Replace(
            Officer,
            $"    {{ \"name\": \"branch\", \"kind\": \"categorical\", \"vocabulary\": [{values}] }},\n{Officer}",
            StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\bIL[23]\d{3}\b")]
    private static partial Regex Trimming();
}
