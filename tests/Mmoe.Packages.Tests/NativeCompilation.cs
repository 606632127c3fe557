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

        var row = new Loans.Row { Age = 34, Home = Loans.Home.NotTold, Income = null, Defaulted = Loans.Defaulted.Yes };
        var encoded = EncodedRows.Create(Loans.Descriptor);
        Loans.Encode(row, encoded);
        Console.WriteLine(string.Join(' ', encoded.Codes.ToArray()) + " " + string.Join(' ', encoded.Numerics.ToArray()));
        Console.WriteLine(Loans.Decode(encoded) == row);
        Console.WriteLine(row.Home.Match(rent: () => "tenant", own: () => "owner", notTold: () => "unknown"));
        Console.WriteLine(Loans.Descriptor.Name + " " + Loans.Descriptor.NumFeatures + " " + Registry.All.Datasets.Count);
        """;

    [Fact]
    public void Works_and_gives_no_warning_of_trimming_or_native_code()
    {
        using var stranger = new Stranger(feed);
        stranger.Write(
            "native/native.csproj",
            Project.Replace("Version=\"0.1.0\"", $"Version=\"{feed.Version}\"", StringComparison.Ordinal));
        stranger.Write("native/Program.cs", Program);
        stranger.WriteSchema("native/datasets/loans.schema.json");

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
            2 34 NaN
            True
            unknown
            loans 5 1

            """.ReplaceLineEndings("\n"),
            Shell.Run(program, stranger.Folder, "n").Good());
    }

    [GeneratedRegex(@"\bIL[23]\d{3}\b")]
    private static partial Regex Trimming();
}
