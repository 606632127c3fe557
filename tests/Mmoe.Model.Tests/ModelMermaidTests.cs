using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>The picture of a spec: exact for two families, and whole and well-formed for whatever the algebra can say.</summary>
public partial class ModelMermaidTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Dataset([3, 3], 1, [0, 2]).Tasks;

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
        var boxes = Nodes(spec.Mermaid(Inputs(), mostSingle: 0)).Where(node => node.Id.StartsWith("l0e", StringComparison.Ordinal));
        Assert.Equal(
            [
                ("l0e0", "2 experts t0#46;0, t0#46;1"),
                ("l0e2", "2 experts t1#46;0, t1#46;1"),
                ("l0e4", "3 experts shared#46;0, shared#46;1, shared#46;2"),
            ],
            boxes.Select(node => (node.Id, node.Label.Split("<br/>")[0])));
        var singly = Nodes(spec.Mermaid(Inputs(), mostSingle: 3));
        Assert.Equal(7, singly.Count(node => node.Label.StartsWith("expert ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Experts_that_read_different_streams_are_never_in_one_box()
    {
        var layer = new Dense(4, Activation.ReLU);
        var spec = ModelFamilies.CrossStitch(Tasks, [layer, layer], Network.Identity);
        var boxes = Nodes(spec.Mermaid(Inputs(), mostSingle: 1)).Where(node => node.Label.Contains("expert", StringComparison.Ordinal));
        Assert.Equal(
            [("l0e0", "2 experts t0, t1"), ("l1e0", "expert t0"), ("l1e1", "expert t1")],
            boxes.Select(node => (node.Id, node.Label.Split("<br/>")[0])));
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
        IEnumerable<string> Shown(string kind) => titles
            .Select(title => Regex.Match(title, $"^(?:[0-9]+ )?{kind}s? (.*)$"))
            .Where(shown => shown.Success)
            .SelectMany(shown => Listed(shown.Groups[1].Value))
            .Order(StringComparer.Ordinal);
        void Show(string kind, IEnumerable<string> names) =>
            Assert.Equal(names.Select(name => name.Replace(".", "#46;", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Shown(kind));
        var mixtures = model.Spec.Levels.SelectMany(level => level.Mixtures).ToArray();
        Show("expert", model.Spec.Levels.SelectMany(level => level.Experts).Select(expert => expert.Name));
        Show("gate", mixtures.Where(mixture => mixture.Gate is SoftmaxGate).Select(mixture => mixture.Stream));
        Show("stitch", mixtures.Where(mixture => mixture.Gate is StitchGate).Select(mixture => mixture.Stream));
        Show("stream", mixtures.Select(mixture => mixture.Stream));
        Show("tower", model.Spec.Towers.Select(tower => tower.Task));
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
                expected.AddRange(level.Experts.Index()
                    .Where(expert => mixture.Experts.Contains(expert.Item.Name))
                    .Select(expert => ($"l{l}e{expert.Index}", $"l{l}m{m}")));
            }

            streams = level.Mixtures.Index().ToDictionary(m => m.Item.Stream, m => $"l{l}m{m.Index}", StringComparer.Ordinal);
            streams[Streams.Input] = "input";
        }

        expected.AddRange(model.Spec.Towers.Select((tower, t) => (streams[tower.Reads], $"t{t}")));
        Assert.Equal(expected.Order(), Edges(model.Spec.Mermaid(model.Inputs, mostSingle: int.MaxValue)).Order());
    }

    private static InputLayout Inputs() => Samples.Layout(Samples.Dataset([3, 3], 1, [0, 2]));

    // Names as they stand in a title: a list, or a range of numbers.
    private static string[] Listed(string names)
    {
        var range = Regex.Match(names, "^([0-9]+)-([0-9]+)$");
        int End(int group) => int.Parse(range.Groups[group].Value, CultureInfo.InvariantCulture);
        return range.Success ? [.. Enumerable.Range(End(1), End(2) - End(1) + 1).Select(number => $"{number}")] : names.Split(", ");
    }

    private static (string Id, string Label)[] Nodes(string text) =>
        [.. Matches(text, NodeLine()).Select(node => (node["id"].Value, node["label"].Value))];

    private static (string From, string To)[] Edges(string text) =>
        [.. Matches(text, EdgeLine()).Select(edge => (edge["from"].Value, edge["to"].Value))];

    private static IEnumerable<GroupCollection> Matches(string text, Regex line) =>
        text.Split('\n').Select(each => line.Match(each)).Where(match => match.Success).Select(match => match.Groups);

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
        Assert.All(Edges(text), edge => Assert.True(ids.Contains(edge.From) && ids.Contains(edge.To), $"{edge}: one is not declared"));
        Assert.All(ids.Skip(1), id => Assert.Contains(Edges(text), edge => edge.From == id || edge.To == id));
    }

    [GeneratedRegex("""^ +(?<id>[a-z][a-z0-9]*)(?:\[|\(\[|\{\{)"(?<label>[^"`\x00-\x1f]+)"(?:\]|\]\)|\}\})$""")]
    private static partial Regex NodeLine();

    [GeneratedRegex("^    (?<from>[a-z0-9]+) -(?:-|.-)> (?<to>[a-z0-9]+)$")]
    private static partial Regex EdgeLine();

    [GeneratedRegex("""^    subgraph l[0-9]+\["level [0-9]+"\]$""")]
    private static partial Regex FrameLine();
}
