using Mmoe.Model;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>Towers side by side in the spec that are equal, so that they compute as one batch.</summary>
/// <param name="First">The position of the first.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Head">What each ends in.</param>
internal sealed record TowerGroup(int First, int Count, Head Head);

/// <summary>
/// The forward pass of a spec, in as few operations as it takes: at usual batch sizes an operation costs more than its arithmetic, so that
/// equal experts, gates and towers compute together.
/// </summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly TorchFirstLayer firstLayer;
    private readonly bool isHalf;
    private readonly long[] columns;
    private readonly TorchLevel[] levels;
    private readonly TorchBundle[] towers;

    /// <summary>Prepares the pass and makes the leaves that it uses.</summary>
    /// <param name="spec">A spec without faults.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="layout">Where its parameters lie.</param>
    /// <param name="parameters">Where to make the leaves.</param>
    public TorchNetwork(ModelSpec spec, InputLayout inputs, ParameterLayout layout, FlatParameters parameters)
    {
        this.isHalf = parameters.Vector.dtype != ScalarType.Float32;
        var block = layout.FirstLayer;
        var arrangement = Arrangement.Of(spec, inputs.Width);
        this.firstLayer = TorchFirstLayer.Of(inputs, block, parameters);

        // Columns of the first layer's result: each bundle that stands on the input, then padding.
        var pieces = arrangement.Bundles.Where(b => b.ReadsInput).Select(b => (long)b.Parts.Count * b.InputStep.Outputs).ToList();
        if (pieces.Sum() < block.Stride)
        {
            pieces.Add(block.Stride - pieces.Sum());
        }

        this.columns = [.. pieces];
        var leaves = new LeafSource(layout, parameters);
        var piece = 0;
        TorchBundle[] Bundles(EquatableArray<Bundle> bundles, string[][] below) =>
            [.. bundles.Select(bundle => new TorchBundle(bundle, bundle.ReadsInput ? piece++ : -1, below, leaves))];

        string[][] streams = [];
        var placed = new List<TorchLevel>();
        foreach (var level in arrangement.Levels)
        {
            placed.Add(new TorchLevel(level, Bundles(level.Experts, streams), Bundles(level.Gates, streams), leaves));
            streams = placed[^1].Streams;
        }

        this.levels = [.. placed];
        this.towers = Bundles(arrangement.Towers, streams);
        this.Groups = [.. this.towers.Select(t => new TowerGroup(t.First, t.Count, spec.Towers[t.First].Head))];
    }

    /// <summary>The groups of towers, in the order of the results of <see cref="Logits"/>.</summary>
    public TowerGroup[] Groups { get; }

    /// <summary>The logits of a batch.</summary>
    /// <param name="indices"><inheritdoc cref="TorchFirstLayer.Apply" path="/param[@name='indices']"/></param>
    /// <param name="numerics"><inheritdoc cref="TorchFirstLayer.Apply" path="/param[@name='numerics']"/></param>
    /// <param name="masks">The random numbers of dropout; null where nothing is dropped.</param>
    /// <returns>
    /// Per group of towers [towers, rows, width of the head], float32. A gradient is to be had before the next batch comes.
    /// </returns>
    public Tensor[] Logits(Tensor indices, Tensor numerics, DropoutMasks? masks)
    {
        var line = this.firstLayer.Apply(indices, numerics);
        var first = this.columns.Length > 1 ? line.split(this.columns, 1) : [line];
        Vectors[] streams = [];
        foreach (var level in this.levels)
        {
            streams = level.Apply(first, streams, masks);
        }

        var logits = Array.ConvertAll(this.towers, tower => tower.Apply(first, streams, masks).ByPart);
        return this.isHalf ? Array.ConvertAll(logits, each => each.to(ScalarType.Float32)) : logits;
    }

    /// <inheritdoc/>
    public void Dispose() => this.firstLayer.Dispose();
}

/// <summary>Makes leaves of parameters that the layout lays side by side.</summary>
internal sealed class LeafSource(ParameterLayout layout, FlatParameters parameters)
{
    /// <summary>Whether leaves hold fewer bits than single precision.</summary>
    public bool AreHalf { get; } = parameters.Vector.dtype != ScalarType.Float32;

    private readonly Dictionary<string, int> offsets = layout.Entries.ToDictionary(e => e.Name, e => e.Offset, StringComparer.Ordinal);

    /// <summary>One leaf for the same parameter of several parts.</summary>
    /// <param name="names">The names, in the order of the parts.</param>
    /// <param name="shape">The shape of the leaf; the first dimension is the parts.</param>
    public Tensor Leaf(IReadOnlyList<string> names, params long[] shape)
    {
        var offset = this.offsets[names[0]];
        var size = shape[1..].Aggregate(1L, (product, length) => product * length);
        for (var i = 1; i < names.Count; i++)
        {
            if (this.offsets[names[i]] != offset + (i * size))
            {
                throw new ArgumentException($"'{names[0]}' and '{names[i]}' do not lie side by side", nameof(names));
            }
        }

        return parameters.Part(offset, shape);
    }
}
