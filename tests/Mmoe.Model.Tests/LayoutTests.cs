using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ParameterLayoutTests
{
    [Property]
    public void Entries_never_overlap_and_cover_all_but_the_unused_columns_of_the_first_layer(ModelCase model)
    {
        var layout = model.Layout;
        var owners = new int[layout.Length];
        foreach (var position in layout.Entries.SelectMany(Positions))
        {
            owners[position]++;
        }

        var block = layout.FirstLayer;
        var used = model.Spec.Experts.Sum(e => ((Dense)e.Layers[0]).Units) + (model.Spec.GateCount * model.Spec.Experts.Count);
        for (var i = 0; i < owners.Length; i++)
        {
            var unused = i < (block.Inputs + 1) * block.Stride && i % block.Stride >= used;
            Assert.Equal(unused ? 0 : 1, owners[i]);
        }
    }

    [Property]
    public void Names_are_unique(ModelCase model) =>
        Assert.Equal(model.Layout.Entries.Count, model.Layout.Entries.Select(e => e.Name).Distinct(StringComparer.Ordinal).Count());

    [Property]
    public void The_count_is_that_of_the_formula(ModelCase model)
    {
        long Count(int inputs, Network network) =>
            network.Layers.Cast<Dense>().Select((d, l) => ((l == 0 ? inputs : ((Dense)network.Layers[l - 1]).Units) + 1L) * d.Units).Sum();

        var (spec, width) = (model.Spec, model.Inputs.Width);
        var mixture = ((Dense)spec.Experts[0].Layers[^1]).Units;
        var gates = spec.Gating switch { Gating.None => 0, Gating.Shared => 1, _ => model.Dataset.Tasks.Count };
        var expected = spec.Experts.Sum(e => Count(width, e))
            + (gates * (width + 1L) * spec.Experts.Count)
            + spec.Towers.Sum(t => Count(mixture, t.Hidden >> new Dense(t.Head.Width, Activation.Identity)));

        Assert.Equal(expected, model.Layout.ParameterCount);
    }

    [Property]
    public void Rows_of_the_first_layer_begin_at_multiples_of_16_and_hold_experts_then_gates(ModelCase model)
    {
        var block = model.Layout.FirstLayer;
        var column = 0;
        Assert.Equal(0, block.Stride % 16);
        Assert.Equal(model.Inputs.Width, block.Inputs);
        for (var e = 0; e < model.Spec.Experts.Count; e++)
        {
            var units = ((Dense)model.Spec.Experts[e].Layers[0]).Units;
            Assert.Equal(column, block.ExpertColumns[e]);
            var weight = model.Layout[$"experts.{e}.dense.0.weight"];
            Assert.Equal((new([block.Inputs, units]), column, new([block.Stride, 1])), (weight.Shape, weight.Offset, weight.Strides));
            Assert.Equal((block.Inputs * block.Stride) + column, model.Layout[$"experts.{e}.dense.0.bias"].Offset);
            column += units;
        }

        Assert.Equal(model.Spec.GateCount, block.GateColumns.Count);
        foreach (var gate in block.GateColumns)
        {
            Assert.Equal(column, gate);
            column += model.Spec.Experts.Count;
        }

        Assert.InRange(block.Stride - column, 0, 15);
    }

    [Fact]
    public void After_the_first_layer_come_deeper_experts_then_towers_weights_before_biases()
    {
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, new([4, 3]), new([8]));
        var layout = ParameterLayout.Of(spec, 7);
        var deeper = layout.Entries.Where(e => e.Offset >= 8 * layout.FirstLayer.Stride).OrderBy(e => e.Offset).ToArray();

        Assert.Equal(
            [
                "experts.0.dense.1.weight", "experts.1.dense.1.weight", "experts.0.dense.1.bias", "experts.1.dense.1.bias",
                "towers.t0.dense.0.weight", "towers.t1.dense.0.weight", "towers.t2.dense.0.weight",
                "towers.t0.dense.0.bias", "towers.t1.dense.0.bias", "towers.t2.dense.0.bias",
                "towers.t0.output.weight", "towers.t1.output.weight", "towers.t2.output.weight",
                "towers.t0.output.bias", "towers.t1.output.bias", "towers.t2.output.bias",
            ],
            deeper.Select(e => e.Name));
        Assert.All(Enumerable.Range(1, deeper.Length - 1), i => Assert.Equal(deeper[i - 1].Offset + deeper[i - 1].Count, deeper[i].Offset));
        Assert.Equal(
            ["gates.t0", "gates.t1", "gates.t2"],
            layout.Entries.Select(e => e.Name).Where(n => n.StartsWith("gates", StringComparison.Ordinal)).Select(n => n[..8]).Distinct());
    }

    [Fact]
    public void A_gate_for_all_tasks_is_called_shared()
    {
        var layout = ParameterLayout.Of(ModelFamilies.OneGate(Samples.Loans.Tasks, 2, new([4]), new([8])), 7);

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
public class InitialiserTests
{
    [Property]
    public void Another_tower_changes_no_value_of_the_others(ModelCase model)
    {
        var more = model.Spec with
        {
            Towers = new([new Tower("added", new Dense(3, Activation.ReLU), new BinaryHead()), .. model.Spec.Towers]),
        };
        var (before, after) = (model.Layout, ParameterLayout.Of(more, model.Inputs.Width));

        Assert.All(before.Entries, e => Assert.Equal(
            Values(before, model.Seed, e.Name), Values(after, model.Seed, e.Name)));
    }

    [Property]
    public void Biases_and_unused_columns_start_at_0_and_weights_do_not(ModelCase model)
    {
        var (layout, values) = (model.Layout, Initialiser.Values(model.Layout, model.Seed));

        Assert.Equal(
            layout.Entries.Where(e => e.Name.EndsWith("weight", StringComparison.Ordinal)).Sum(e => e.Count),
            values.Count(v => v != 0));
        Assert.All(
            layout.Entries.Where(e => e.Name.EndsWith("bias", StringComparison.Ordinal)),
            e => Assert.All(Values(layout, model.Seed, e.Name), v => Assert.Equal(0, v)));
    }

    [Fact]
    public void The_seed_and_the_name_both_matter()
    {
        var layout = ParameterLayout.Of(ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, new([4]), new([8])), 7);

        Assert.Equal(Initialiser.Values(layout, 5), Initialiser.Values(layout, 5));
        Assert.NotEqual(Initialiser.Values(layout, 5), Initialiser.Values(layout, 6));
        Assert.NotEqual(Values(layout, 5, "experts.0.dense.0.weight"), Values(layout, 5, "experts.1.dense.0.weight"));
    }

    [Fact]
    public void Weights_have_variance_one_over_fan_in_and_end_at_two_deviations()
    {
        var layout = ParameterLayout.Of(ModelFamilies.SharedBottom(Samples.Loans.Tasks, new([200]), default), 500);
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
