namespace Mmoe.Model.Tests;

/// <summary>A property over all specs says little where the draw leaves something out.</summary>
public class SpecDrawTests
{
    private static readonly ModelCase[] Cases = [.. Enumerable.Range(0, 400).Select(seed => Samples.Case(Samples.Loans, seed, 60))];

    [Fact]
    public void Every_part_of_the_algebra_is_drawn()
    {
        var specs = Cases.Select(model => model.Spec).ToArray();
        var levels = specs.SelectMany(spec => spec.Levels).ToArray();
        var gates = levels.SelectMany(level => level.Mixtures).Select(mixture => mixture.Gate).ToArray();
        var softmaxes = gates.OfType<SoftmaxGate>().ToArray();
        var networks = levels.SelectMany(level => level.Experts).Select(expert => expert.Network)
            .Concat(softmaxes.Select(gate => gate.Hidden)).Concat(specs.SelectMany(spec => spec.Towers).Select(tower => tower.Hidden));
        var layers = networks.SelectMany(network => network.Layers).SelectMany(Within).ToArray();
        var heads = specs.SelectMany(spec => spec.Towers).Select(tower => tower.Head).ToArray();
        var higher = specs.SelectMany(spec => spec.Levels.Skip(1)).ToArray();

        Assert.Equal([0, 1, 2, 3], specs.Select(spec => spec.Levels.Count).Distinct().Order());
        AssertKinds(layers, typeof(Dense), typeof(Activate), typeof(Dropout), typeof(LayerNorm), typeof(Residual));
        AssertKinds(gates, typeof(PassGate), typeof(SoftmaxGate), typeof(StitchGate));
        AssertKinds(specs.Select(spec => spec.Weighting), typeof(FixedWeighting), typeof(UncertaintyWeighting), typeof(PcGradWeighting));
        Assert.Equal(Enum.GetValues<Activation>(), layers.OfType<Dense>().Select(dense => dense.Activation).Distinct().Order());
        Assert.Equal(Enum.GetValues<Activation>(), layers.OfType<Activate>().Select(activate => activate.Function).Distinct().Order());
        Assert.Contains(layers.OfType<Residual>(), residual => residual.Inner.Layers.Any(layer => layer is Residual));
        Assert.Contains(layers.OfType<Dense>(), dense => !dense.HasBias);
        Assert.Contains(softmaxes, gate => gate is { HasBias: false, TopK: > 1, Temperature: not 1, Hidden.Layers.Count: > 0 });
        Assert.Contains(softmaxes, gate => gate.Reads != Streams.Input);
        Assert.Contains(softmaxes, gate => gate.Reads == Streams.Input && gate.Hidden.Layers.Count > 1);
        Assert.Contains(higher, level => level.Experts.Any(expert => expert.Reads == Streams.Input));
        Assert.Contains(higher, level => level.Experts.Any(expert => expert.Network == Network.Identity));
        Assert.Contains(levels, level => level.Mixtures.Any(mixture => mixture.Gate is PassGate) && level.Mixtures.Count > 2);
        Assert.Contains(specs, spec => spec.Levels.Count > 0 && spec.Towers.Any(tower => tower.Reads == Streams.Input));
        Assert.Contains(specs, spec => spec.Frozen.Count > 1);
        Assert.Contains(specs, spec => spec.Weighting is FixedWeighting { Weights.Count: > 1 });
        Assert.Contains(heads, head => head is BinaryHead { PositiveWeight: not 1, LabelSmoothing: > 0 });
        Assert.Contains(heads, head => head is MulticlassHead { LabelSmoothing: > 0 });
        Assert.Contains(heads, head => head is RegressionHead { HuberDelta: not null });
        Assert.Contains(Cases, model => model.Arrangement.Bundles.Any(bundle => bundle.Parts.Count > 1));
    }

    [Fact]
    public void A_seed_is_a_spec() => Assert.Equal(Cases.Select(m => m.Spec), Cases.Select(m => Samples.Case(m.Dataset, m.Seed, 60).Spec));

    private static IEnumerable<Layer> Within(Layer layer) =>
        layer is Residual residual ? residual.Inner.Layers.SelectMany(Within).Prepend(layer) : [layer];

    private static void AssertKinds<T>(IEnumerable<T> values, params Type[] kinds)
        where T : notnull =>
        Assert.Equal(kinds.OrderBy(kind => kind.Name), values.Select(value => value.GetType()).Distinct().OrderBy(kind => kind.Name));
}
