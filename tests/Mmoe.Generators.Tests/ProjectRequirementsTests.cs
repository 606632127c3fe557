using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>What a project must have before code is emitted into it.</summary>
public sealed class ProjectRequirementsTests
{
    private const string NoRuntime =
        "error MMOE031: No code is emitted, since it needs the package Mmoe.Data, of the version of Mmoe.Generators; "
        + "add it by 'dotnet add package Mmoe.Data'";

    private const string NoLanguage =
        "error MMOE031: No code is emitted, since it needs C# 14; target net10.0 or later, and set no LangVersion below 14";

    [Fact]
    public void MMOE031_no_runtime() => Lacks(GeneratorHost.Compilation().WithoutRuntime(), LanguageVersion.CSharp14, NoRuntime);

    [Theory]
    [InlineData(LanguageVersion.CSharp13)]
    [InlineData(LanguageVersion.CSharp7_3)]
    public void MMOE031_an_older_language(LanguageVersion language) => Lacks(GeneratorHost.Compilation(), language, NoLanguage);

    [Fact]
    public void MMOE031_neither() =>
        Lacks(GeneratorHost.Compilation().WithoutRuntime(), LanguageVersion.CSharp13, NoRuntime, NoLanguage);

    [Theory]
    [InlineData("Mmoe.Data", "V2")]
    [InlineData("Mmoe.Else", "V1")]
    public void MMOE031_a_runtime_of_another_contract_or_name(string assembly, string version)
    {
        var other = GeneratorHost.Compilation(Contract(version)).WithoutRuntime().WithAssemblyName(assembly);
        Assert.All(References(other), reference => Lacks(
            GeneratorHost.Compilation().WithoutRuntime().AddReferences(reference), LanguageVersion.CSharp14, NoRuntime));
    }

    [Fact]
    public void A_runtime_may_be_a_file_or_a_project_of_the_editor()
    {
        var runtime = GeneratorHost.Compilation(Contract("V1")).WithoutRuntime().WithAssemblyName("Mmoe.Data");
        Assert.All(References(runtime), reference => Assert.Equal(
            ["Least.g.cs", "Registry.g.cs"],
            Emitted(Run(GeneratorHost.Compilation().WithoutRuntime().AddReferences(reference), LanguageVersion.CSharp14))));
    }

    [Fact]
    public void A_file_of_that_name_that_is_no_assembly_is_none()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "Mmoe.Data.dll");
            File.WriteAllText(path, "no assembly");
            var compilation = GeneratorHost.Compilation().WithoutRuntime().AddReferences(MetadataReference.CreateFromFile(path));
            Lacks(compilation, LanguageVersion.CSharp14, NoRuntime);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_project_may_be_the_runtime_itself() => Assert.Equal(
        ["Least.g.cs", "Registry.g.cs"],
        Emitted(GeneratorHost.Driver([new TextFile("one.schema.json", Schemas.Least)], isRuntime: true)
            .RunGenerators(GeneratorHost.Compilation(Contract("V1")).WithoutRuntime())
            .GetRunResult()));

    [Theory]
    [InlineData(LanguageVersion.CSharp14)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Default)]
    [InlineData(LanguageVersion.Preview)]
    public void Languages_that_will_do(LanguageVersion language)
    {
        var result = Run(GeneratorHost.Compilation(), language);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["Least.g.cs", "Registry.g.cs"], Emitted(result));
    }

    [Fact]
    public void Mistakes_of_a_schema_are_told_all_the_same()
    {
        var broken = Schemas.Least.But("\"column\": \"y\"", "\"column\": \"z\"");
        var result = Run(GeneratorHost.Compilation().WithoutRuntime(), LanguageVersion.CSharp14, broken);
        Assert.Equal(["MMOE012", "MMOE031"], result.Diagnostics.Select(d => d.Id).Order(StringComparer.Ordinal));
    }

    private static void Lacks(CSharpCompilation compilation, LanguageVersion language, params string[] expected)
    {
        var result = Run(compilation, language);
        Assert.Equal(expected, result.Diagnostics.Select(d => d.ToString()));
        Assert.All(result.Diagnostics, d => Assert.Equal(Location.None, d.Location));
        Assert.Empty(Emitted(result));
    }

    private static GeneratorDriverRunResult Run(CSharpCompilation compilation, LanguageVersion language, string schema = Schemas.Least) =>
        GeneratorHost.Driver([new TextFile("one.schema.json", schema)])
            .WithUpdatedParseOptions(new CSharpParseOptions(language))
            .RunGenerators(compilation)
            .GetRunResult();

    private static IEnumerable<string> Emitted(GeneratorDriverRunResult result) =>
        result.Results.Single().GeneratedSources.Select(source => source.HintName).Order(StringComparer.Ordinal);

    private static MetadataReference[] References(CSharpCompilation compilation)
    {
        using var stream = new MemoryStream();
        Assert.True(compilation.Emit(stream).Success);
        return [MetadataReference.CreateFromImage(stream.ToArray()), compilation.ToMetadataReference()];
    }

    private static string Contract(string version) =>
        $"namespace Mmoe.Data {{ public static class GeneratedContract {{ public const int {version} = 1; }} }}";
}
