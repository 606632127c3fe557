using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

/// <summary>What must hold between models, in the values that they compute.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelLawTests
{
    private static readonly Network Expert = Samples.Relu(4) >> new LayerNorm() >> new Dense(3, Activation.Tanh);
    private static readonly Network Tower = Samples.Relu(5);

    [Property]
    public void A_dense_layer_with_an_activation_is_one_without_and_then_the_activation(ModelCase model)
    {
        var split = Everywhere(model.Spec, layer => layer is Dense { Activation: var f } dense
            ? dense with { Activation = Activation.Identity } >> new Activate(f) : layer);

        Assert.Equal(Logits(model), Logits(model.With(split)));
    }

    [Property]
    public void A_dropout_does_nothing_but_in_training(ModelCase model) => Assert.Equal(
        Logits(model), Logits(model.With(Everywhere(model.Spec, layer => layer is Dropout ? Network.Identity : layer))));

    [Property]
    public void An_expert_without_layers_passes_its_stream_on(ModelCase model)
    {
        // A level between the last one and the towers that changes nothing; names of what lies elsewhere stay.
        var through = new Level(
            new(model.Spec.Levels.LastOrDefault()?.Mixtures.Select(m => new Expert(m.Stream, Network.Identity, m.Stream)) ?? []),
            new(model.Spec.Levels.LastOrDefault()?.Mixtures.Select(m => new Mixture(m.Stream, [m.Stream], new PassGate())) ?? []));
        var longer = model.Spec with { Trunk = model.Spec.Trunk >> (model.Spec.Levels.Count == 0 ? Trunk.Identity : through) };

        Assert.Equal(Logits(model), Logits(model.With(longer)));
    }

    [Property]
    public void One_expert_under_any_gate_is_a_shared_bottom(ModelCase model)
    {
        ModelSpec First(Func<Mixture, Gate> gate) => Mixtures(model.Spec, m => m with { Experts = [m.Experts[0]], Gate = gate(m) });
        var shared = Logits(model.With(First(_ => new PassGate())));
        var softmax = First(m => m.Gate is SoftmaxGate g ? g with { TopK = g.TopK is null ? null : 1 } : new SoftmaxGate());

        Assert.Equal(shared, Logits(model.With(softmax)));
    }

    [Property]
    public void Permuting_experts_together_with_gate_columns_changes_nothing(ModelCase model)
    {
        // The experts of a level reversed, and those of each mixture rotated, with the columns of its gate and the weights of its stitch.
        static EquatableArray<T> Rotated<T>(IEnumerable<T> items) => new(items.Skip(1).Concat(items.Take(1)));
        var permuted = model.With(model.Spec with
        {
            Trunk = new Trunk(new(model.Spec.Levels.Select(level => new Level(
                new(level.Experts.Reverse()),
                new(level.Mixtures.Select(m => m with { Experts = Rotated(m.Experts) })))))),
        });
        var gates = model.Spec.Levels.SelectMany((level, n) => level.Mixtures.SelectMany(m =>
            new[] { "weight", "bias", "stitch" }.Select(kind => $"{(n == 0 ? "" : $"levels.{n}.")}gates.{m.Stream}.{kind}"))).ToHashSet();
        var parameters = Samples.Carried(model.Layout, model.Parameters(), permuted.Layout, name => name, (entry, values) =>
            gates.Contains(entry.Name) ? [.. values.Chunk(entry.Shape[^1]).SelectMany(row => Rotated(row))] : values);

        // Float32 adds in another order, which a choice of the top between almost equal logits would magnify.
        var (inputs, naive) = (model.Rows(4), new NaiveModel(model.Spec, model.Layout, model.Parameters()));
        var rows = NaiveModel.OneHot(inputs, model.Inputs.Width).Select(naive.Run).ToArray();
        var (before, after) = (Logits(model), new ManagedForward(permuted.Spec, permuted.Inputs).Logits(parameters, inputs));
        foreach (var (row, r) in rows.Select((row, r) => (row, r)).Where(at => !at.row.IsNearTie))
        {
            ManagedForwardTests.AssertClose(
                before.Chunk(row.Logits.Length).ElementAt(r).Select(v => (double)v),
                after.Chunk(row.Logits.Length).ElementAt(r),
                row.Greatest);
        }
    }

    [Property]
    public void A_high_temperature_makes_the_weights_even(ModelCase model)
    {
        var hot = model.With(Gates(model.Spec, g => g with { Temperature = 1e12, TopK = null }));
        var forward = new ManagedForward(hot.Spec, hot.Inputs);
        var weights = forward.GateWeights(hot.Parameters(), hot.Rows(3));

        Assert.All(
            forward.Gates,
            gate => Assert.All(
                weights.Chunk(forward.GateWidth).SelectMany(row => row.Skip(gate.First).Take(gate.Experts.Count)),
                weight => Assert.Equal(1.0 / gate.Experts.Count, weight, 1e-6)));
    }

    [Fact]
    public void The_highest_temperature_makes_even_weights_of_the_top_alone()
    {
        var gate = new SoftmaxGate(Temperature: double.MaxValue, TopK: 2);
        var model = new ModelCase(Samples.Loans, ModelFamilies.OneGate(Samples.Loans.Tasks, 3, Expert, Tower, gate), 1);
        var weights = new ManagedForward(model.Spec, model.Inputs).GateWeights(model.Parameters(), model.Rows(1));

        Assert.Equal([0, 0.5f, 0.5f], weights.Order());
    }

    [Property]
    public void Choosing_the_top_of_all_is_choosing_nothing(ModelCase model)
    {
        var all = Mixtures(model.Spec, m => m.Gate is SoftmaxGate g ? m with { Gate = g with { TopK = m.Experts.Count } } : m);
        var none = Gates(model.Spec, g => g with { TopK = null });

        Assert.Equal(Logits(model.With(none)), Logits(model.With(all)));
    }

    [Property]
    public void Cgc_without_experts_of_tasks_is_mmoe(int seed)
    {
        var tasks = Samples.Loans.Tasks;
        var mmoe = new ModelCase(Samples.Loans, ModelFamilies.Mmoe(tasks, 3, Expert, Tower), seed & 0xFFFF);
        var cgc = mmoe.With(ModelFamilies.Cgc(tasks, 0, 3, Expert, Tower));

        AssertSame(mmoe, cgc, name => name.Replace("experts.shared.", "experts.", StringComparison.Ordinal));
    }

    [Property]
    public void Mmoe_whose_gates_are_equal_is_one_gate(int seed)
    {
        var tasks = Samples.Loans.Tasks;
        var one = new ModelCase(Samples.Loans, ModelFamilies.OneGate(tasks, 3, Expert, Tower), seed & 0xFFFF);

        AssertSame(one, one.With(ModelFamilies.Mmoe(tasks, 3, Expert, Tower)), name =>
            name.StartsWith("gates.", StringComparison.Ordinal) ? $"gates.shared.{name.Split('.')[^1]}" : name);
    }

    [Property]
    public void Cross_stitch_that_takes_all_of_its_own_is_single_task(int seed)
    {
        var (tasks, upper) = (Samples.Loans.Tasks, new Dense(3, Activation.Tanh));
        var single = new ModelCase(Samples.Loans, ModelFamilies.SingleTask(tasks, Samples.Relu(4) >> upper, Tower), seed & 0xFFFF);
        var stitched = single.With(ModelFamilies.CrossStitch(tasks, [Samples.Relu(4), upper], Tower, own: 1));
        var start = Initialiser.Values(single.Layout, single.Seed);
        var parameters = Initialiser.Values(stitched.Layout, stitched.Seed);
        var carried = Samples.Carried(single.Layout, start, stitched.Layout, Source, (entry, values) =>
        {
            var own = new float[entry.Count];
            entry.CopyFrom(parameters, own);
            return entry.Name.EndsWith("stitch", StringComparison.Ordinal) ? own : values;
        });

        Assert.Equal(
            new ManagedForward(single.Spec, single.Inputs).Logits(start, single.Rows(4)),
            new ManagedForward(stitched.Spec, stitched.Inputs).Logits(carried, stitched.Rows(4)));

        // A stitch has no source; what stands here in its place is not used.
        static string Source(string name) => name.EndsWith("stitch", StringComparison.Ordinal) ? "towers.t1.output.bias"
            : !name.StartsWith("levels.1.", StringComparison.Ordinal) ? name
            : name["levels.1.".Length..].Replace("dense.0", "dense.1", StringComparison.Ordinal);
    }

    private static void AssertSame(ModelCase from, ModelCase to, Func<string, string> source) => Assert.Equal(
        Logits(from),
        new ManagedForward(to.Spec, to.Inputs).Logits(
            Samples.Carried(from.Layout, from.Parameters(), to.Layout, source), to.Rows(4)));

    private static float[] Logits(ModelCase model) => ManagedForwardTests.Logits(model);

    private static ModelSpec Gates(ModelSpec spec, Func<SoftmaxGate, Gate> change) =>
        Mixtures(spec, m => m.Gate is SoftmaxGate gate ? m with { Gate = change(gate) } : m);

    private static ModelSpec Mixtures(ModelSpec spec, Func<Mixture, Mixture> change) => spec with
    {
        Trunk = new Trunk(new(spec.Levels.Select(level => level with { Mixtures = new(level.Mixtures.Select(change)) }))),
    };

    private static ModelSpec Everywhere(ModelSpec spec, Func<Layer, Network> change)
    {
        Network Of(Network network) => network.Layers.Aggregate(
            Network.Identity, (done, layer) => done >> (layer is Residual r ? new Residual(Of(r.Inner)) : change(layer)));
        var gated = Gates(spec, gate => gate with { Hidden = Of(gate.Hidden) });
        return gated with
        {
            Trunk = new Trunk(new(gated.Levels.Select(level => level with
            {
                Experts = new(level.Experts.Select(e => e with { Network = Of(e.Network) })),
            }))),
            Towers = new(gated.Towers.Select(t => t with { Hidden = Of(t.Hidden) })),
        };
    }
}
