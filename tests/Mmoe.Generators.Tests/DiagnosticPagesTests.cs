using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>Every rule of the assembly has its page, its row, its test and its link, and what the pages say is so.</summary>
public sealed class DiagnosticPagesTests
{
    private const string Generator = "the generator";
    private const string DefaultFile = "datasets/loans.schema.json";
    private static readonly string Folder = Repository.PathOf("docs", "diagnostics");

    /// <summary>All rules, whoever reports them, in the order of their ids.</summary>
    private static readonly (DiagnosticDescriptor Rule, string Reporter)[] Rules =
    [
        .. SchemaDescriptors.ById.Values.Select(rule => (Rule: rule, Reporter: Generator))
            .Concat(typeof(MmoeGenerator).Assembly.GetTypes()
                .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
                .SelectMany(type => ((DiagnosticAnalyzer)Activator.CreateInstance(type)!).SupportedDiagnostics)
                .Select(rule => (Rule: rule, Reporter: "an analyzer")))
            .Distinct()
            .OrderBy(r => r.Rule.Id, StringComparer.Ordinal),
    ];

    public static TheoryData<string> Ids => [.. Rules.Select(r => r.Rule.Id)];

    [Fact]
    public Task The_table_lists_every_rule()
    {
        // The words before the table are a person's; the table is made anew.
        var text = Repository.Read("docs", "diagnostics", "README.md");
        var intro = text[..text.IndexOf("| rule |", StringComparison.Ordinal)];
        var rows = Rules.Select(r => $"| [{r.Rule.Id}]({r.Rule.Id}.md) | {r.Rule.Title} | {Severity(r.Rule)} | {r.Reporter} |\n");
        return Reviewed.Compare(
            $"{intro}| rule | title | severity | reported by |\n|---|---|---|---|\n{string.Concat(rows)}",
            Path.Combine(Folder, "README.md"),
            Path.Combine(Folder, "README.received.md"));
    }

    [Fact]
    public void No_id_has_two_owners() => Assert.Equal(Rules.Select(r => r.Rule.Id).Distinct(), Rules.Select(r => r.Rule.Id));

    [Fact]
    public void Every_constant_of_the_schema_s_rules_has_its_descriptor() => Assert.Equal(
        typeof(SchemaRules).GetFields()
            .Where(f => f.IsPublic && f.IsLiteral)
            .Select(f => (string)f.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal),
        SchemaDescriptors.ById.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_rule_has_a_page_and_every_page_a_rule() => Assert.Equal(
        Rules.Select(r => $"{r.Rule.Id}.md"),
        Directory.EnumerateFiles(Folder, "*.md")
            .Select(path => Path.GetFileName(path))
            .Where(name => !name.StartsWith("README.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_page_has_its_form(string id)
    {
        var (rule, reporter) = Rules.Single(r => r.Rule.Id == id);
        var lines = Repository.Read("docs", "diagnostics", $"{id}.md").Split('\n');
        var category = rule.Category[(rule.Category.LastIndexOf('.') + 1)..].ToLowerInvariant();
        Assert.Equal([$"# {id}: {rule.Title}", "", $"**{Severity(rule)}** · {category} · reported by {reporter}", ""], lines.Take(4));
        Assert.Equal(
            ["## What it means", "## Example", "## How to mend it"],
            lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Equal("", lines[^1]);

        // Long enough to help, short enough to be read while a build is broken.
        Assert.InRange(lines.Count(line => line.Length > 0), 15, 40);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_page_is_what_the_rule_links_to(string id)
    {
        var project = XDocument.Parse(Repository.Read("Directory.Build.props"));
        string Property(string name) => Assert.Single(project.Descendants(name)).Value;
        Assert.Equal(Property("RepositoryUrl"), Property("PackageProjectUrl"));
        Assert.Equal(
            $"{Property("RepositoryUrl")}/blob/main/docs/diagnostics/{id}.md", Rules.Single(r => r.Rule.Id == id).Rule.HelpLinkUri);
    }

    // A page of an analyzer shows C#; whoever tests that analyzer compiles it.
    public static TheoryData<string> IdsOfTheGenerator => [.. SchemaDescriptors.ById.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// A page's <c>json</c> blocks are whole schemas, in <see cref="DefaultFile"/> or in the file that the line before the block names, and
    /// its <c>csv</c> blocks samples; an <c>xml</c> block is the project, which otherwise lacks nothing. Its <c>text</c> block is all that
    /// the build then prints, save for the address that follows each message.
    /// </summary>
    [Theory]
    [MemberData(nameof(IdsOfTheGenerator))]
    public void A_page_s_example_gives_what_the_page_says(string id)
    {
        var page = Repository.Read("docs", "diagnostics", $"{id}.md");
        var files = Repository.Blocks(page, "json").Concat(Repository.Blocks(page, "csv"))
            .Select(block => (Path: block.Before is ['`', .. var name, '`'] ? name : DefaultFile, block.Text))
            .ToArray();
        var project = Repository.Blocks(page, "xml").Select(block => block.Text).SingleOrDefault();
        Assert.True(files.Length > 0 || project is not null, "there is no example");
        var said = string.Concat(Run(files, project).Diagnostics.Select(d => d.Location == Location.None ? $"CSC : {d}\n" : $"{d}\n"));
        Assert.Equal(Assert.Single(Repository.Blocks(page, "text")).Text, said);
        Assert.Contains($" {id}: ", said, StringComparison.Ordinal);
    }

    private static GeneratorDriverRunResult Run((string Path, string Text)[] files, string? project)
    {
        var compilation = GeneratorHost.Compilation();
        return GeneratorHost.Driver(files.Select(file => new TextFile(file.Path, file.Text)))
            .RunGenerators(project?.Contains("Mmoe.Data", StringComparison.Ordinal) == false ? compilation.WithoutRuntime() : compilation)
            .GetRunResult();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_has_a_test_that_names_it(string id) => Assert.Contains(
        typeof(DiagnosticPagesTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any()),
        method => $"{method.DeclaringType!.Name}.{method.Name}".Contains(id, StringComparison.Ordinal));

    [Fact]
    public void The_list_of_releases_has_every_rule()
    {
        var rows = new[] { "AnalyzerReleases.Unshipped.md", "AnalyzerReleases.Shipped.md" }
            .SelectMany(file => Repository.Read("src", "Mmoe.Generators", file).Split('\n'))
            .Where(line => line.StartsWith("MMOE", StringComparison.Ordinal));
        Assert.Equal(
            Rules.Select(r => $"{r.Rule.Id} | {r.Rule.Category} | {r.Rule.DefaultSeverity} | {r.Rule.Title}"),
            rows.Order(StringComparer.Ordinal));
    }

    private static string Severity(DiagnosticDescriptor rule) => rule.DefaultSeverity.ToString().ToLowerInvariant();
}
