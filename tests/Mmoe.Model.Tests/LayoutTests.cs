using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ParameterLayoutTests
{
    [Property(MaxTest = 200)]
    public void Entries_never_overlap_and_cover_all_but_the_padding_of_the_first_layer(ModelCase model)
    {
        var layout = model.Layout;
        var owners = new int[layout.Length];
        foreach (var position in layout.Entries.SelectMany(Positions))
        {
            owners[position]++;
        }

        var block = layout.FirstLayer;
        var used = block.Columns.SelectMany(c => Enumerable.Repeat(c.HasBias, c.Count)).ToArray();
        Assert.InRange(block.Stride - used.Length, 0, 15);
        Assert.Equal((0, 0, model.Inputs.Width), (block.Offset, block.Stride % 16, block.Inputs));
        for (var i = 0; i < owners.Length; i++)
        {
            var (row, column) = (i / block.Stride, i % block.Stride);
            var isPadding = row <= block.Inputs && (column >= used.Length || (row == block.Inputs && !used[column]));
            Assert.Equal(isPadding ? 0 : 1, owners[i]);
        }
    }

    [Property]
    public void Names_are_unique(ModelCase model) =>
        Assert.Equal(model.Layout.Entries.Count, model.Layout.Entries.Select(e => e.Name).Distinct(StringComparer.Ordinal).Count());

    [Property(MaxTest = 200)]
    public void The_count_is_that_of_the_formula(ModelCase model)
    {
        int Count(Network network, int inputs) => network.Layers.Aggregate((Width: inputs, Sum: 0), (at, layer) => layer switch
        {
            Dense d => (d.Units, at.Sum + (at.Width * d.Units) + (d.HasBias ? d.Units : 0)),
            LayerNorm => (at.Width, at.Sum + (2 * at.Width)),
            Residual r => (at.Width, at.Sum + Count(r.Inner, at.Width)),
            _ => at,
        }).Sum;

        var (spec, sum) = (model.Spec, 0);
        var widths = new Dictionary<string, int> { ["input"] = model.Inputs.Width };
        foreach (var level in spec.Levels)
        {
            sum += level.Experts.Sum(e => Count(e.Network, widths[e.Reads]));
            sum += level.Mixtures.Sum(m => m.Gate switch
            {
                SoftmaxGate g => Count(g.Hidden >> new Dense(m.Experts.Count, Activation.Identity, g.HasBias), widths[g.Reads]),
                StitchGate => m.Experts.Count,
                _ => 0,
            });
            var results = level.Experts.ToDictionary(e => e.Name, e => e.Network.OutputWidth(widths[e.Reads]));
            widths = level.Mixtures.ToDictionary(m => m.Stream, m => results[m.Experts[0]]);
            widths["input"] = model.Inputs.Width;
        }

        sum += spec.Towers.Sum(t => Count(t.Hidden >> new Dense(t.Head.Width, Activation.Identity), widths[t.Reads]));
        Assert.Equal(sum + (spec.Weighting is UncertaintyWeighting ? spec.Towers.Count : 0), model.Layout.ParameterCount);
    }

    [Property(MaxTest = 200)]
    public void In_the_first_layer_parts_lie_side_by_side_in_the_order_of_the_bundles(ModelCase model)
    {
        var (layout, column) = (model.Layout, 0);
        var block = layout.FirstLayer;
        var columns = new Queue<BlockColumns>(block.Columns);
        foreach (var bundle in model.Arrangement.Bundles.Where(bundle => bundle.ReadsInput))
        {
            var dense = bundle.InputStep;
            foreach (var part in bundle.Parts)
            {
                Assert.Equal(new BlockColumns(part.Owner, column, dense.Outputs, dense.HasBias), columns.Dequeue());
                var owner = dense.Owner(part.Owner);
                var weight = layout[$"{owner}.weight"];
                Assert.Equal(
                    (new([block.Inputs, dense.Outputs]), column, new([block.Stride, 1])), (weight.Shape, weight.Offset, weight.Strides));
                if (dense.HasBias)
                {
                    Assert.Equal((block.Inputs * block.Stride) + column, layout[$"{owner}.bias"].Offset);
                }

                column += dense.Outputs;
            }
        }

        Assert.Empty(columns);
    }

    [Property(MaxTest = 200)]
    public void After_the_first_layer_come_the_bundles_layer_by_layer_weights_before_biases_then_what_has_no_part(ModelCase model)
    {
        IEnumerable<string> Of(EquatableArray<Part> parts, IEnumerable<Step> steps) => steps.SelectMany(step => step switch
        {
            ResidualStep residual => Of(parts, residual.Inner),
            NormStep or DenseStep => Kinds(step).SelectMany(kind => parts.Select(part => $"{part.Owner}.{step.Name}.{kind}")),
            _ => [],
        });
        string[] Kinds(Step step) =>
            step is NormStep ? ["scale", "shift"] : step is DenseStep { HasBias: true } ? ["weight", "bias"] : ["weight"];

        var (layout, spec, arrangement) = (model.Layout, model.Spec, model.Arrangement);
        var expected = arrangement.Bundles.SelectMany(bundle => Of(bundle.Parts, bundle.OtherSteps))
            .Concat(spec.Levels.SelectMany((level, n) => level.Mixtures
                .Where(m => m.Gate is StitchGate).Select(m => $"{(n == 0 ? "" : $"levels.{n}.")}gates.{m.Stream}.stitch")))
            .Concat(spec.Weighting is UncertaintyWeighting ? spec.Towers.Select(t => $"weighting.{t.Task}.log_variance") : [])
            .Select(name => name.Replace("..", ".", StringComparison.Ordinal));
        var next = (layout.FirstLayer.Inputs + 1) * layout.FirstLayer.Stride;
        var deeper = layout.Entries.Where(e => e.Offset >= next).OrderBy(e => e.Offset).ToArray();

        Assert.Equal(expected, deeper.Select(e => e.Name));
        foreach (var entry in deeper)
        {
            Assert.Equal((next, 1), (entry.Offset, entry.Strides[^1]));
            Assert.True(entry.Shape.Count == 1 || entry.Strides[0] == entry.Shape[1], entry.Name);
            next += entry.Count;
        }

        Assert.Equal(layout.Length, next);
    }

    [Fact]
    public void The_names_of_a_model_with_everything_are_stable()
    {
        var block = new Residual(new LayerNorm() >> new Dense(4, Activation.ReLU, HasBias: false) >> new Residual(Samples.Relu(4)));
        var expert = Samples.Relu(4) >> new LayerNorm() >> block >> new Dropout(0.5) >> block;
        var spec = new Level(
            [new Expert("0", expert), new Expert("1.x", expert)],
            [new Mixture("a", ["0", "1.x"], new StitchGate([1, 0])), new Mixture("b", ["0"], new PassGate())])
            >> new Level(
            [new Expert("0", Network.Identity, "a"), new Expert("1", Network.Identity, "b")],
            [new Mixture("y", ["0", "1"], new SoftmaxGate { Hidden = Samples.Relu(3) })])
            >> [new Tower("t.0", Samples.Relu(2), new BinaryHead(), "y")];

        Assert.Equal(
            [
                "experts.0.dense.0.weight", "experts.0.dense.0.bias", "experts.1.x.dense.0.weight", "experts.1.x.dense.0.bias",
                "levels.1.gates.y.dense.0.weight", "levels.1.gates.y.dense.0.bias",
                .. Pair("norm.0.scale"), .. Pair("norm.0.shift"),
                .. Pair("residual.0.norm.0.scale"), .. Pair("residual.0.norm.0.shift"), .. Pair("residual.0.dense.0.weight"),
                .. Pair("residual.0.residual.0.dense.0.weight"), .. Pair("residual.0.residual.0.dense.0.bias"),
                .. Pair("residual.1.norm.0.scale"), .. Pair("residual.1.norm.0.shift"), .. Pair("residual.1.dense.0.weight"),
                .. Pair("residual.1.residual.0.dense.0.weight"), .. Pair("residual.1.residual.0.dense.0.bias"),
                "levels.1.gates.y.weight", "levels.1.gates.y.bias",
                "towers.t.0.dense.0.weight", "towers.t.0.dense.0.bias", "towers.t.0.output.weight", "towers.t.0.output.bias",
                "gates.a.stitch", "weighting.t.0.log_variance",
            ],
            ParameterLayout.Of(spec with { Weighting = new UncertaintyWeighting() }, 7).Entries.Select(e => e.Name));

        static string[] Pair(string name) => [$"experts.0.{name}", $"experts.1.x.{name}"];
    }

    [Fact]
    public void A_gate_for_all_tasks_is_called_shared()
    {
        var layout = ParameterLayout.Of(ModelFamilies.OneGate(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 7);

        Assert.Equal([7, 2], layout["gates.shared.weight"].Shape);
        Assert.Throws<KeyNotFoundException>(() => layout["gates.t0.weight"]);
    }

    [Property]
    public void An_entry_read_and_written_back_is_where_its_strides_say(ModelCase model)
    {
        var (layout, flat) = (model.Layout, model.Parameters());
        var copy = new float[layout.Length];
        foreach (var entry in layout.Entries)
        {
            var values = new float[entry.Count];
            entry.CopyFrom(flat, values);
            Assert.Equal(Positions(entry).Select(p => flat[p]), values);
            entry.CopyTo(values, copy);
        }

        Assert.Equal(flat, copy);
    }

    private static IEnumerable<int> Positions(ParameterEntry entry) => entry.Shape.Count == 1
        ? Enumerable.Range(0, entry.Shape[0]).Select(i => entry.Offset + (i * entry.Strides[0]))
        : Enumerable.Range(0, entry.Shape[0]).SelectMany(
            i => Enumerable.Range(0, entry.Shape[1]).Select(j => entry.Offset + (i * entry.Strides[0]) + (j * entry.Strides[1])));
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ArrangementTests
{
    [Property(MaxTest = 200)]
    public void Bundles_are_runs_of_neighbours_that_are_alike_and_as_long_as_can_be(ModelCase model)
    {
        var arrangement = model.Arrangement;
        foreach (var (bundles, count) in arrangement.Levels
            .Zip(model.Spec.Levels, (placed, level) => new[]
            {
                (placed.Experts, level.Experts.Count),
                (placed.Gates, level.Mixtures.Count(m => m.Gate is SoftmaxGate)),
            })
            .SelectMany(kinds => kinds)
            .Append((arrangement.Towers, model.Spec.Towers.Count)))
        {
            Assert.Equal(count, bundles.Sum(bundle => bundle.Parts.Count));
            Assert.Equal(
                bundles.Select((_, b) => bundles.Take(b).Sum(bundle => bundle.Parts.Count)), bundles.Select(bundle => bundle.First));
            Assert.All(bundles, bundle => Assert.Single(bundle.Parts.Select(part => part.Reads == "input").Distinct()));
        }

        foreach (var (one, other) in arrangement.Levels.SelectMany(level => level.Experts.Zip(level.Experts.Skip(1))))
        {
            Assert.NotEqual((one.Steps, one.Inputs, one.ReadsInput), (other.Steps, other.Inputs, other.ReadsInput));
        }
    }

    [Fact]
    public void Experts_without_layers_are_as_wide_as_what_they_read()
    {
        var spec = new Level(
            [new Expert("0", Samples.Relu(4)), new Expert("1", Samples.Relu(5))],
            [new Mixture("four", ["0"], new PassGate()), new Mixture("five", ["1"], new PassGate())])
            >> new Level(
            [new("0", Network.Identity, "four"), new("1", Network.Identity, "five"), new("2", Network.Identity, "five")],
            [new Mixture("a", ["0"], new PassGate()), new Mixture("b", ["1", "2"], new SoftmaxGate())])
            >> [new Tower("x", Network.Identity, new BinaryHead(), "a"), new Tower("y", Network.Identity, new BinaryHead(), "b")];
        var placed = Arrangement.Of(spec, 7).Levels[1];

        Assert.Equal([(0, 1, 4), (1, 2, 5)], placed.Experts.Select(bundle => (bundle.First, bundle.Parts.Count, bundle.Outputs)));
        Assert.Equal([new StreamWidth("a", 4), new StreamWidth("b", 5)], placed.Streams);
    }

    [Fact]
    public void The_parts_of_the_reference_model_are_three_batches_where_its_heads_are_alike()
    {
        var tasks = Samples.Dataset([3], 1, [0, 0]).Tasks;
        var arrangement = Arrangement.Of(ModelFamilies.Mmoe(tasks, 8, Samples.Relu(4), Samples.Relu(8)), 7);

        Assert.Equal([8, 2, 2], arrangement.Bundles.Select(bundle => bundle.Parts.Count));
    }

    [Fact]
    public void Gates_and_towers_of_other_kinds_are_no_batch()
    {
        var tasks = Samples.Dataset([3], 1, [0, 0]).Tasks;
        var spec = ModelFamilies.Mmoe(tasks, 2, Samples.Relu(4), Samples.Relu(8));
        var level = spec.Levels[0];
        var mixed = spec with
        {
            Trunk = level with { Mixtures = [level.Mixtures[0], level.Mixtures[1] with { Gate = new SoftmaxGate(Temperature: 2) }] },
            Towers = [spec.Towers[0], spec.Towers[1] with { Head = new BinaryHead(PositiveWeight: 2) }],
        };

        Assert.Equal([2, 1, 1, 1, 1], Arrangement.Of(mixed, 7).Bundles.Select(bundle => bundle.Parts.Count));
    }

    [Fact]
    public void A_stream_that_is_not_there_is_named() => Assert.Equal(
        "there is no stream 'no'",
        Assert.Throws<ArgumentException>(
            () => Arrangement.Of(Trunk.Identity >> [new Tower("x", Network.Identity, new BinaryHead(), "no")], 7)).Message);
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class InitialiserTests
{
    [Property]
    public void Another_tower_or_expert_changes_no_value_of_the_others(ModelCase model)
    {
        var more = model.Spec with
        {
            Trunk = new Trunk(new(model.Spec.Levels.Select(level => level with
            {
                Experts = [new Expert("added", Samples.Relu(3)), .. level.Experts],
                Mixtures = [new Mixture("added", ["added"], new SoftmaxGate()), .. level.Mixtures],
            }))),
            Towers = [new Tower("added", Samples.Relu(3), new BinaryHead(), "input"), .. model.Spec.Towers],
        };
        var (before, after) = (model.Layout, ParameterLayout.Of(more, model.Inputs.Width));

        Assert.All(before.Entries, e => Assert.Equal(
            Values(before, model.Seed, e.Name), Values(after, model.Seed, e.Name)));
    }

    [Property(MaxTest = 200)]
    public void Every_parameter_starts_as_its_kind_does_and_padding_at_0(ModelCase model)
    {
        var (layout, values) = (model.Layout, Initialiser.Values(model.Layout, model.Seed));
        var stitches = model.Spec.Levels
            .SelectMany((level, n) => level.Mixtures.Select(m => (Owner: $"{(n == 0 ? "" : $"levels.{n}.")}gates.{m.Stream}", m.Gate)))
            .Where(mixture => mixture.Gate is StitchGate)
            .ToDictionary(mixture => $"{mixture.Owner}.stitch", mixture => ((StitchGate)mixture.Gate).Initial);
        foreach (var entry in layout.Entries)
        {
            var own = new float[entry.Count];
            entry.CopyFrom(values, own);
            switch (entry.Name.Split('.')[^1])
            {
                case "weight":
                    Assert.All(own, v => Assert.InRange(Math.Abs(v), 1e-30, 2.001 / Math.Sqrt(entry.Shape[0]) / 0.87962566103423978));
                    break;
                case "scale":
                    Assert.All(own, v => Assert.Equal(1, v));
                    break;
                case "stitch":
                    Assert.Equal(stitches[entry.Name], own);
                    break;
                default:
                    Assert.All(own, v => Assert.Equal(0, v));
                    break;
            }

            entry.CopyTo(new float[entry.Count], values);
        }

        Assert.All(values, v => Assert.Equal(0, v));
    }

    [Fact]
    public void The_seed_and_the_name_both_matter()
    {
        var layout = ParameterLayout.Of(ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 7);

        Assert.Equal(Initialiser.Values(layout, 5), Initialiser.Values(layout, 5));
        Assert.NotEqual(Initialiser.Values(layout, 5), Initialiser.Values(layout, 6));
        Assert.NotEqual(Values(layout, 5, "experts.0.dense.0.weight"), Values(layout, 5, "experts.1.dense.0.weight"));
    }

    [Fact]
    public void Weights_have_variance_one_over_fan_in_and_end_at_two_deviations()
    {
        var layout = ParameterLayout.Of(ModelFamilies.SharedBottom(Samples.Loans.Tasks, Samples.Relu(200), Network.Identity), 500);
        var values = Values(layout, 1, "experts.0.dense.0.weight").Select(v => (double)v).ToArray();
        var deviation = Math.Sqrt(1.0 / 500);

        Assert.InRange(values.Average() / deviation, -0.02, 0.02);
        Assert.InRange(values.Average(v => v * v) * 500, 0.98, 1.02);
        Assert.InRange(values.Max(Math.Abs) / (2 * deviation / 0.87962566103423978), 0.99, 1.000001);
    }

    private static float[] Values(ParameterLayout layout, int seed, string name)
    {
        var values = new float[layout[name].Count];
        layout[name].CopyFrom(Initialiser.Values(layout, seed), values);
        return values;
    }
}
