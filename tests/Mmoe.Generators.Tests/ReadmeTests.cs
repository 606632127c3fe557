using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>The worked examples of the documentation, as a reader would try them.</summary>
public sealed class ReadmeTests
{
    private const string Usings = "using System;\nusing Mmoe.Data;\nusing Consumer.Datasets;\n";

    [Fact]
    public void The_schema_of_the_readme_compiles_with_the_code_beside_it() => Assert.Empty(Complaints(code => code));

    [Theory]
    [InlineData("Loans.Home.Rent", "Loans.Home.Rnt", "CS0117")]
    [InlineData("row.Home.Text", "(row.Home == Loans.Defaulted.Yes)", "CS0019")]
    [InlineData("Loans.NumFeatures", "Feature(Loans.Columns.Defaulted)", "CS1503")]
    public void What_the_readme_says_does_not_compile_does_not(string right, string wrong, string id)
    {
        var complaints = Complaints(code =>
        {
            Assert.Contains(right, code, StringComparison.Ordinal);
            return code.Replace(right, wrong, StringComparison.Ordinal);
        });
        Assert.StartsWith(id + " ", Assert.Single(complaints), StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_of_its_page_compiles() =>
        Assert.Empty(GeneratorHost.Compile(Block(Path.Combine("docs", "schema.md"), "json")).Complaints());

    private static string[] Complaints(Func<string, string> edit) => GeneratorHost.Compile(
        Block("README.md", "json"),
        $$"""
        {{Usings}}
        internal static class Sample
        {
            public static void Run()
            {
                {{edit(Block("README.md", "csharp"))}}
            }

            private static int Feature(CategoricalFeature feature) => feature.Offset;
        }
        """).Complaints();

    // The first fenced block of a language.
    private static string Block(string file, string language) => Repository.Blocks(Repository.Read(file), language).First().Text;
}
