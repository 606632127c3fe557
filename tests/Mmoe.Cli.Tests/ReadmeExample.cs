using System.Text.Json;
using Mmoe.Cli.Tests.Datasets;
using Mmoe.Data;

namespace Mmoe.Cli.Tests;

/// <summary>The README's "Add a dataset by dropping a schema file", followed to the letter in a folder of its own.</summary>
public sealed class ReadmeExample
{
    private const string Mmoe = "dotnet run -c Release --project src/Mmoe.Cli -- ";

    [Fact]
    public void The_schema_that_is_compiled_here_is_the_readmes()
    {
        var compiled = Path.Combine(Root(), "tests", "Mmoe.Cli.Tests", "datasets", "loans.schema.json");
        Assert.Equal(Assert.Single(Blocks("json")), File.ReadAllText(compiled));
    }

    [Fact]
    public void The_rows_that_it_shows_are_rows_of_the_schema()
    {
        using var bench = Bench();
        var path = bench.Write("loans.csv", Assert.Single(Blocks("csv")));
        var table = SplitLoader.LoadFile(Loans.Descriptor, path)
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        Assert.Equal(3, table.Rows);
        Assert.Equal([34, 2100.5f, 51, float.NaN, 27, 1450], table.Numerics.ToArray());
        Assert.Equal([0, 0, 1], table.Labels.ToArray());
    }

    [Fact]
    public void The_rows_that_are_made_up_are_people_of_a_plausible_age_and_income()
    {
        using var bench = Bench();
        Assert.Equal(0, bench.Run("data", "synthesize", "loans", "--rows", "2000", "--out", "loans.csv").Code);
        var numerics = SplitLoader.LoadFile(Loans.Descriptor, bench.Path("loans.csv"))
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)))
            .Numerics.ToArray();
        var people = numerics.Chunk(2).ToArray();
        Assert.Equal(2_000, people.Length);
        Assert.All(people, person => Assert.InRange(person[0], 18, 100));
        Assert.All(people.Where(person => !float.IsNaN(person[1])), person => Assert.InRange(person[1], 0, 20_000));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void Its_commands_make_rows_and_train_on_them_and_labels_made_up_teach_nothing()
    {
        using var bench = Bench();
        var commands = Blocks("")
            .Select(block => Assert.Single(block.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            .Where(line => line.StartsWith(Mmoe, StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(["data synthesize", "train loans"], commands.Select(line => string.Join(' ', line[Mmoe.Length..].Split(' ')[..2])));
        foreach (var command in commands)
        {
            var outcome = bench.Run(command[Mmoe.Length..].Split(' '));
            Assert.True(outcome.Code == 0, $"{command}\n{outcome.Error}");
        }

        Assert.Equal(2_001, File.ReadLines(bench.Path("data", "loans", "loans.csv")).Count());
        Assert.Contains(bench.Path("data", "loans"), bench.Run("datasets").Out, StringComparison.Ordinal);
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("runs", "loans-1", "summary.json")));
        Assert.Equal("loans", summary.RootElement.GetProperty("dataset").GetString());

        // 400 test rows: the area's standard deviation is 0.03 where there is nothing to learn.
        var test = summary.RootElement.GetProperty("metrics").GetProperty("test");
        Assert.InRange(test.GetProperty("default").GetProperty("auc").GetDouble(), 0.4, 0.6);
    }

    private static Workbench Bench() => new() { Datasets = Registry.All };

    // The fenced blocks of a language, or of none, in the example's section.
    private static string[] Blocks(string language)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "README.md"));
        var start = text.IndexOf("## Add a dataset by dropping a schema file\n", StringComparison.Ordinal);
        Assert.True(start >= 0, "the README has no such section");
        var section = text[start..text.IndexOf("\n## ", start, StringComparison.Ordinal)];

        // Outside and inside of fences take turns.
        return
        [
            .. section.Split("```")
                .Where((block, i) => i % 2 == 1 && block.StartsWith(language + "\n", StringComparison.Ordinal))
                .Select(block => block[(language.Length + 1)..]),
        ];
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mmoe.Generated.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the test does not run below the repository");
        }

        return folder.FullName;
    }
}
