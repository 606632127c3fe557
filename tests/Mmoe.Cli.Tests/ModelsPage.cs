using System.Text.RegularExpressions;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>docs/models.md, compared with the program; where they differ, models.received.md is what the program would say.</summary>
public sealed class ModelsPage
{
    private static readonly string Root = RepositoryRoot.Path;
    private static readonly string Page = Read("docs", "models.md");

    [Fact]
    public void The_families_are_those_of_the_command_line_in_its_order() =>
        Assert.Equal(ModelNames.Available, Sections().Select(section => section.Family));

    [Fact]
    public void Each_definition_is_the_one_that_is_compiled()
    {
        var source = Dedented(Read("src", "Mmoe.Model", "Algebra", "ModelFamilies.cs"));
        foreach (var (family, text) in Sections())
        {
            var definition = Assert.Single(Regex.Matches(text, "```csharp\n(.*?)```", RegexOptions.Singleline)).Groups[1].Value;
            Assert.True(source.Contains(Dedented(definition), StringComparison.Ordinal), $"{family} is defined in another way:\n{definition}");
        }
    }

    [Fact]
    public void The_pictures_the_example_and_what_the_table_says_of_defaults_and_families_are_the_programs()
    {
        var expected = Regex.Replace(Page, "### `([a-z-]+)`\n.*?```mermaid\n(.*?)```", Redrawn, RegexOptions.Singleline);
        expected = Regex.Replace(expected, "^\\| `([a-z_]+)` \\| `[^`]*` \\| ([a-z, -]*) \\|", Row, RegexOptions.Multiline);
        expected = Regex.Replace(expected, "(`OwnFamilies.cs`:\n\n```csharp\n).*?(```)", match =>
            match.Groups[1].Value + Read("tests", "Mmoe.Cli.Tests", "Examples", "OwnFamilies.cs") + match.Groups[2].Value,
            RegexOptions.Singleline);
        var received = Path.Combine(Root, "docs", "models.received.md");
        File.Delete(received);
        if (expected != Page)
        {
            File.WriteAllText(received, expected);
        }

        Assert.Equal(expected, Page);
    }

    [Fact]
    public void The_table_has_every_key_of_a_model_in_the_order_of_the_configuration()
    {
        var all = Settings.All.Select(setting => setting.Key).ToArray();
        var keys = all[Array.IndexOf(all, "num_experts")..Array.IndexOf(all, "batch_size")];
        var rows = Regex.Matches(Page, "^\\| `([a-z_]+)` \\| `[^`]*` \\| ", RegexOptions.Multiline);
        Assert.Equal(["model", .. keys], rows.Select(row => row.Groups[1].Value));
    }

    [Fact]
    public void The_programs_that_use_a_family_of_ones_own_are_compiled_here()
    {
        var own = Page[Page.IndexOf("`Program.cs`", StringComparison.Ordinal)..Page.IndexOf("## Surgery", StringComparison.Ordinal)];
        AssertCompiled(2, own, "OwnFamilyPrograms.cs");
    }

    [Fact]
    public void The_programs_of_surgery_are_compiled_here_and_do_what_the_page_says()
    {
        var surgery = Page[Page.IndexOf("## Surgery", StringComparison.Ordinal)..];
        surgery = surgery[..surgery.IndexOf("\n## ", StringComparison.Ordinal)];
        AssertCompiled(3, surgery, "ModelSurgeryPrograms.cs");

        var ple = ModelSurgeryPrograms.Ple(Synthetic.Descriptor.Tasks);
        var changed = Valid(ModelSurgeryPrograms.Changed(ple));
        Assert.Equal(["y0", "y2", "y1"], changed.Towers.Select(tower => tower.Task));
        Assert.Equal(["y0.0", "y2.0", "y1.0", "shared.0"], changed.Levels[1].Experts.Select(expert => expert.Name));

        var inputs = Valid(InputPlan.Of(Synthetic.Descriptor, [], null, [])).MaxWidth;
        var trained = Initialiser.Values(ParameterLayout.Of(ple, inputs), seed: 5);
        var (transfer, careful, fresh) = ModelSurgeryPrograms.Carried(ple, new(trained.AsSpan()), inputs, changed);
        var shown = Assert.Single(Regex.Matches(surgery, "```text\n(.*?)```", RegexOptions.Singleline)).Groups[1].Value;
        Assert.Equal(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries), fresh);
        Assert.Equal(fresh, transfer.Parameters.Select(parameter => parameter.Name).Where(name => !careful.IsFrozen(name)));

        var mmoe = ModelFamilies.Mmoe(Synthetic.Descriptor.Tasks, 2, new Dense(4, Activation.ReLU), Network.Identity);
        var more = Valid(ModelSurgeryPrograms.WithItsOwn(mmoe));
        Assert.Equal(mmoe, Valid(more.RemoveTask("y2")));
        Assert.Equal(["0", "1", "y2.0"], more.Levels[0].Experts.Select(expert => expert.Name));
    }

    [Fact]
    public void Every_figure_with_an_error_is_one_of_the_results()
    {
        var results = Read("bench", "results", "task-correlation.md") + Read("bench", "results", "task-correlation-few-rows.md");
        var figures = Regex.Matches(Page, "-?[0-9.]+ ± [0-9.]+[0-9]").Select(match => match.Value).ToArray();
        Assert.InRange(figures.Length, 8, 20);
        Assert.All(figures, figure => Assert.Contains($" {figure}", results, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Family, string Text)> Sections()
    {
        var families = Page[Page.IndexOf("## The families", StringComparison.Ordinal)..Page.IndexOf("## Keys", StringComparison.Ordinal)];
        return families.Split("### `")[1..].Select(section => (section[..section.IndexOf('`', StringComparison.Ordinal)], section));
    }

    private static string Redrawn(Match section)
    {
        var defaults = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        var config = defaults with { Model = section.Groups[1].Value, Parameters = defaults.Parameters with { NumExperts = 3 } };
        var plan = ModelPlan.Of(Synthetic.Descriptor, config)
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        var start = section.Groups[2].Index - section.Index;
        return section.Value[..start] + plan.Spec.Mermaid(plan.Inputs) + section.Value[(start + section.Groups[2].Length)..];
    }

    private static string Row(Match row)
    {
        var setting = Settings.All.Single(setting => setting.Key == row.Groups[1].Value);
        var families = ModelFamily.OwnKeys.Contains(setting.Key)
            ? string.Join(", ", ModelFamilyRegistry.BuiltIn.Families.Where(f => f.Keys.Contains(setting.Key)).Select(f => f.Name))
            : setting.Key == "model" ? "" : "all";

        // Its schema states no parameters but the reference system's, which are the defaults.
        var text = setting.Text(TrainingConfig.DefaultsOf(CensusIncome.Descriptor, "cuda"));
        return families.Length == 0 ? $"| `{setting.Key}` | `{text}` | |" : $"| `{setting.Key}` | `{text}` | {families} |";
    }

    private static void AssertCompiled(int count, string section, string file)
    {
        var programs = Regex.Matches(section, "```csharp\n(.*?)```", RegexOptions.Singleline)
            .Select(match => Dedented(match.Groups[1].Value))
            .ToArray();
        Assert.Equal(count, programs.Length);
        var compiled = Dedented(Read("tests", "Mmoe.Cli.Tests", "Examples", file));
        Assert.All(programs, program => Assert.Contains(program, compiled, StringComparison.Ordinal));
    }

    private static T Valid<T>(Validation<Fault, T> result) =>
        result.IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));

    private static string Dedented(string text) => string.Join('\n', text.Trim().Split('\n').Select(line => line.TrimStart()));

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));
}
