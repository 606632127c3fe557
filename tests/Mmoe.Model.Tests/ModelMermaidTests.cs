using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>The picture of a spec: exact for two families, and whole and well-formed for whatever the algebra can say.</summary>
public partial class ModelMermaidTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Dataset([3, 2], 2, [0, 2]).Tasks;

    [Fact]
    public void The_reference_model_has_one_box_for_its_eight_experts()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 8, new Dense(4, Activation.ReLU), new Dense(8, Activation.ReLU));
        Assert.Equal(
            """
            flowchart TB
                input(["input<br/>7 features"])
                l0e0["8 experts 0-7<br/>dense 7 → 4 relu"]
                l0g0{{"gate t0<br/>dense 7 → 8 softmax"}}
                l0m0(["stream t0"])
                l0g1{{"gate t1<br/>dense 7 → 8 softmax"}}
                l0m1(["stream t1"])
                t0["tower t0<br/>dense 4 → 8 relu<br/>dense 8 → 1 sigmoid"]
                t1["tower t1<br/>dense 4 → 8 relu<br/>dense 8 → 1 identity"]
                input --> l0e0
                input --> l0g0
                l0g0 -.-> l0m0
                l0e0 --> l0m0
                input --> l0g1
                l0g1 -.-> l0m1
                l0e0 --> l0m1
                l0m0 --> t0
                l0m1 --> t1

            """,
            spec.Mermaid(Inputs()),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void A_ple_has_a_frame_for_each_level_and_shows_who_mixes_whom()
    {
        var spec = ModelFamilies.Ple(Tasks, 2, 1, 1, new Dense(4, Activation.ReLU), Network.Identity, new SoftmaxGate(TopK: 2));
        Assert.Equal(
            """
            flowchart TB
                input(["input<br/>7 features"])
                subgraph l0["level 0"]
                    l0e0["expert t0#46;0<br/>dense 7 → 4 relu"]
                    l0e1["expert t1#46;0<br/>dense 7 → 4 relu"]
                    l0e2["expert shared#46;0<br/>dense 7 → 4 relu"]
                    l0g0{{"gate t0<br/>dense 7 → 2 softmax, top 2"}}
                    l0m0(["stream t0"])
                    l0g1{{"gate t1<br/>dense 7 → 2 softmax, top 2"}}
                    l0m1(["stream t1"])
                    l0g2{{"gate shared<br/>dense 7 → 3 softmax, top 2"}}
                    l0m2(["stream shared"])
                end
                subgraph l1["level 1"]
                    l1e0["expert t0#46;0<br/>dense 4 → 4 relu"]
                    l1e1["expert t1#46;0<br/>dense 4 → 4 relu"]
                    l1e2["expert shared#46;0<br/>dense 4 → 4 relu"]
                    l1g0{{"gate t0<br/>dense 4 → 2 softmax, top 2"}}
                    l1m0(["stream t0"])
                    l1g1{{"gate t1<br/>dense 4 → 2 softmax, top 2"}}
                    l1m1(["stream t1"])
                end
                t0["tower t0<br/>dense 4 → 1 sigmoid"]
                t1["tower t1<br/>dense 4 → 1 identity"]
                input --> l0e0
                input --> l0e1
                input --> l0e2
                input --> l0g0
                l0g0 -.-> l0m0
                l0e0 --> l0m0
                l0e2 --> l0m0
                input --> l0g1
                l0g1 -.-> l0m1
                l0e1 --> l0m1
                l0e2 --> l0m1
                input --> l0g2
                l0g2 -.-> l0m2
                l0e0 --> l0m2
                l0e1 --> l0m2
                l0e2 --> l0m2
                l0m0 --> l1e0
                l0m1 --> l1e1
                l0m2 --> l1e2
                l0m0 --> l1g0
                l1g0 -.-> l1m0
                l1e0 --> l1m0
                l1e2 --> l1m0
                l0m1 --> l1g1
                l1g1 -.-> l1m1
                l1e1 --> l1m1
                l1e2 --> l1m1
                l1m0 --> t0
                l1m1 --> t1

            """,
            spec.Mermaid(Inputs()),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Experts_that_different_mixtures_take_are_never_in_one_box()
    {
        var spec = ModelFamilies.Cgc(Tasks, 2, 3, new Dense(4, Activation.ReLU), Network.Identity);
        var boxes = Nodes(spec.Mermaid(Inputs(), mostSingle: 0)).Where(node => node.Id.Contains('e', StringComparison.Ordinal) && node.Id != "input");
        Assert.Equal(
            [("l0e0", "2 experts t0#46;0, t0#46;1"), ("l0e2", "2 experts t1#46;0, t1#46;1"), ("l0e4", "3 experts shared#46;0, shared#46;1, shared#46;2")],
            boxes.Select(node => (node.Id, node.Label.Split("<br/>")[0])));
        Assert.Equal(7, Nodes(spec.Mermaid(Inputs(), mostSingle: 3)).Count(node => node.Label.StartsWith("expert ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_stitch_shows_its_weights_and_needs_no_arrow_from_the_input()
    {
        var spec = ModelFamilies.CrossStitch(Tasks, [new Dense(4, Activation.Tanh)], Network.Identity);
        var text = spec.Mermaid(Inputs());
        Assert.Contains("    l0g1{{\"stitch t1<br/>2 weights\"}}\n", text, StringComparison.Ordinal);
        Assert.Equal([("l0g1", "l0m1")], Edges(text).Where(edge => edge.From == "l0g1" || edge.To == "l0g1"));
    }

    [Theory]
    [InlineData("say \"hi\"", "say #34;hi#34;")]
    [InlineData("a.b#c", "a#46;b#35;c")]
    [InlineData("<b>&`*x*`", "#60;b#62;#38;#96;#42;x#42;#96;")]
    [InlineData("two\nlines\t]})", "two#10;lines#9;#93;#125;#41;")]
    [InlineData("never_married", "never_married")]
    [InlineData("_x_", "#95;x#95;")]
    [InlineData("Größe 大", "Größe 大")]
    [InlineData("end", "end")]
    [InlineData("😀", "#128512;")]
    public void A_name_is_shown_as_it_is_whatever_it_means_to_mermaid(string name, string escaped)
    {
        var spec = new Level([new Expert(name, new Dense(4, Activation.ReLU))], [new Mixture(name, [name], new SoftmaxGate())])
            >> ModelFamilies.Towers(Tasks, Network.Identity, name);
        var text = spec.Mermaid(Inputs());
        Assert.Contains($"    l0e0[\"expert {escaped}<br/>dense 7 → 4 relu\"]\n", text, StringComparison.Ordinal);
        Assert.Contains($"    l0g0{{{{\"gate {escaped}<br/>dense 7 → 1 softmax\"}}}}\n", text, StringComparison.Ordinal);
        Assert.Contains($"    l0m0([\"stream {escaped}\"])\n", text, StringComparison.Ordinal);
        AssertWellFormed(text);
    }

    [Fact]
    public void Half_a_character_is_shown_as_one_that_cannot_be() =>

        // Not a case above: what attributes hold is UTF-8, in which it has no place.
        this.A_name_is_shown_as_it_is_whatever_it_means_to_mermaid("\ud800", "#65533;");

    [Property(Arbitrary = [typeof(Arbitraries)])]
    public void Every_part_of_any_spec_appears_once_and_every_arrow_joins_two_that_are_declared(ModelCase model)
    {
        var text = model.Spec.Mermaid(model.Inputs, mostSingle: model.Seed % 4);
        AssertWellFormed(text);
        var titles = Nodes(text).Select(node => node.Label.Split("<br/>")[0]).ToArray();
        int Shown(string kind, string name) => titles.Count(title =>
            Regex.Match(title, $"^(?:[0-9]+ )?{kind}s? (.*)$") is { Success: true } shown && Listed(shown.Groups[1].Value).Contains(Plain(name)));
        foreach (var (number, level) in model.Spec.Levels.Index())
        {
            // Names are unique on a level only: each is counted as often as levels have it.
            Assert.All(level.Experts, e => Assert.Equal(model.Spec.Levels.Count(l => l.Experts.Any(o => o.Name == e.Name)), Shown("expert", e.Name)));
            Assert.All(level.Mixtures, m => Assert.Equal(model.Spec.Levels.Count(l => l.Mixtures.Any(o => o.Stream == m.Stream)), Shown("stream", m.Stream)));
            Assert.Equal(level.Mixtures.Count(m => m.Gate is not PassGate), Nodes(text).Count(node => node.Id.StartsWith($"l{number}g", StringComparison.Ordinal)));
        }

        Assert.All(model.Spec.Towers, tower => Assert.Equal(1, Shown("tower", tower.Task)));
    }

    [Property(Arbitrary = [typeof(Arbitraries)])]
    public void Drawn_singly_the_arrows_are_those_of_the_spec(ModelCase model)
    {
        var streams = new Dictionary<string, string>(StringComparer.Ordinal) { [Streams.Input] = "input" };
        var expected = new List<(string From, string To)>();
        foreach (var (l, level) in model.Spec.Levels.Index())
        {
            expected.AddRange(level.Experts.Select((expert, e) => (streams[expert.Reads], $"l{l}e{e}")));
            foreach (var (m, mixture) in level.Mixtures.Index())
            {
                expected.AddRange(mixture.Gate is SoftmaxGate gate ? [(streams[gate.Reads], $"l{l}g{m}")] : []);
                expected.AddRange(mixture.Gate is PassGate ? [] : [($"l{l}g{m}", $"l{l}m{m}")]);
                expected.AddRange(mixture.Experts.Select(name => ($"l{l}e{level.Experts.Index().First(e => e.Item.Name == name).Index}", $"l{l}m{m}")));
            }

            streams = level.Mixtures.Index().ToDictionary(m => m.Item.Stream, m => $"l{l}m{m.Index}", StringComparer.Ordinal);
            streams[Streams.Input] = "input";
        }

        expected.AddRange(model.Spec.Towers.Select((tower, t) => (streams[tower.Reads], $"t{t}")));
        Assert.Equal(expected.Order(), Edges(model.Spec.Mermaid(model.Inputs, mostSingle: int.MaxValue)).Order());
    }

    private static InputLayout Inputs() => Samples.Valid(InputLayout.Of(Samples.Dataset([3, 2], 2, [0, 2]), [], null));

    // Names as they stand in a title: a list, or a range of numbers.
    private static string[] Listed(string names) =>
        Regex.Match(names, "^([0-9]+)-([0-9]+)$") is { Success: true } range
            ? [.. Enumerable.Range(int.Parse(range.Groups[1].Value), int.Parse(range.Groups[2].Value) - int.Parse(range.Groups[1].Value) + 1).Select(n => $"{n}")]
            : names.Split(", ");

    private static string Plain(string name) => name.Replace(".", "#46;", StringComparison.Ordinal);

    private static (string Id, string Label)[] Nodes(string text) =>
        [.. text.Split('\n').Select(line => NodeLine().Match(line)).Where(m => m.Success).Select(m => (m.Groups["id"].Value, m.Groups["label"].Value))];

    private static (string From, string To)[] Edges(string text) =>
        [.. text.Split('\n').Select(line => EdgeLine().Match(line)).Where(m => m.Success).Select(m => (m.Groups["from"].Value, m.Groups["to"].Value))];

    private static void AssertWellFormed(string text)
    {
        var lines = text.Split('\n');
        Assert.Equal("flowchart TB", lines[0]);
        Assert.Equal("", lines[^1]);
        Assert.All(lines[1..^1], line => Assert.True(
            NodeLine().IsMatch(line) || EdgeLine().IsMatch(line) || FrameLine().IsMatch(line) || line == "    end", line));
        Assert.Equal(lines.Count(line => FrameLine().IsMatch(line)), lines.Count(line => line == "    end"));
        var ids = Nodes(text).Select(node => node.Id).ToArray();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(Edges(text), edge => Assert.True(ids.Contains(edge.From) && ids.Contains(edge.To), $"{edge} joins what is not declared"));
        Assert.All(ids.Skip(1), id => Assert.Contains(Edges(text), edge => edge.From == id || edge.To == id));
    }

    [GeneratedRegex("""^ +(?<id>[a-z][a-z0-9]*)(?:\[|\(\[|\{\{)"(?<label>[^"`\x00-\x1f]+)"(?:\]|\]\)|\}\})$""")]
    private static partial Regex NodeLine();

    [GeneratedRegex("^    (?<from>[a-z0-9]+) -(?:-|.-)> (?<to>[a-z0-9]+)$")]
    private static partial Regex EdgeLine();

    [GeneratedRegex("""^    subgraph l[0-9]+\["level [0-9]+"\]$""")]
    private static partial Regex FrameLine();
}
