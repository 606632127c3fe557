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
internal sealed class TorchNetwork
{
    private readonly int stride;
    private readonly int gathered;
    private readonly Tensor? gatheredRows;
    private readonly Tensor otherRows;
    private readonly long[] columns;
    private readonly ExpertRun[] experts;
    private readonly (int Column, int Count) gates;
    private readonly TowerRun[] towers;
    private readonly int expertCount;
    private readonly int towerCount;

    /// <summary>Prepares the pass and makes the leaves that it uses.</summary>
    /// <param name="spec">A spec without faults.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="layout">Where its parameters lie.</param>
    /// <param name="parameters">Where to make the leaves.</param>
    public TorchNetwork(ModelSpec spec, InputLayout inputs, ParameterLayout layout, FlatParameters parameters)
    {
        var block = layout.FirstLayer;
        var offsets = layout.Entries.ToDictionary(e => e.Name, e => e.Offset, StringComparer.Ordinal);
        var firstNumeric = block.Inputs - inputs.NumericWidth;
        this.stride = block.Stride;
        this.gathered = inputs.Gathered.Count;
        this.gatheredRows = firstNumeric > 0 ? parameters.Part(block.Offset, firstNumeric, block.Stride) : null;
        this.otherRows = parameters.Part(block.Offset + (firstNumeric * block.Stride), inputs.NumericWidth + 1, block.Stride);
        this.expertCount = spec.Experts.Count;
        this.towerCount = spec.Towers.Count;

        // One leaf for all owners of a layer: the layout lays equal parts side by side.
        Tensor Part(Func<int, string> name, int first, int count, int size, params long[] shape)
        {
            var offset = offsets[name(first)];
            for (var i = 1; i < count; i++)
            {
                if (offsets[name(first + i)] != offset + (i * size))
                {
                    throw new ArgumentException($"'{name(first)}' and '{name(first + i)}' do not lie side by side", nameof(layout));
                }
            }

            return parameters.Part(offset, shape);
        }

        DenseBatch Batch(Func<int, string> owner, int first, int count, int width, Dense dense) => new(
            Part(i => ParameterNames.Weight(owner(i)), first, count, width * dense.Units, count, width, dense.Units),
            Part(i => ParameterNames.Bias(owner(i)), first, count, dense.Units, count, 1, dense.Units),
            dense.Activation);

        DenseBatch[] Batches(Func<int, int, string> owner, int first, int count, int width, IEnumerable<Dense> layers, int firstLayer) =>
        [
            .. layers.Select((dense, layer) =>
            {
                var batch = Batch(i => owner(i, firstLayer + layer), first, count, width, dense);
                width = dense.Units;
                return batch;
            }),
        ];

        this.experts =
        [
            .. Runs(spec.Experts).Select(run =>
            {
                var layers = spec.Experts[run.First].Layers.Cast<Dense>().ToArray();
                return new ExpertRun(
                    run.Count,
                    layers[0].Units,
                    layers[0].Activation,
                    Batches(ParameterNames.Expert, run.First, run.Count, layers[0].Units, layers.Skip(1), 1));
            }),
        ];
        this.gates = (block.GateColumns.Count > 0 ? block.GateColumns[0] : 0, block.GateColumns.Count);

        var mixtureWidth = spec.Experts[0].Layers.Cast<Dense>().Last().Units;
        this.towers =
        [
            .. Runs(new EquatableArray<(Network, Head)>(spec.Towers.Select(t => (t.Hidden, t.Head)))).Select(run =>
            {
                var tower = spec.Towers[run.First];
                var layers = tower.Hidden.Layers.Cast<Dense>().ToArray();
                var hidden = Batches(
                    (i, layer) => ParameterNames.Tower(spec.Towers[i].Task, layer), run.First, run.Count, mixtureWidth, layers, 0);
                var output = Batch(
                    i => ParameterNames.Output(spec.Towers[i].Task),
                    run.First,
                    run.Count,
                    layers.Length > 0 ? layers[^1].Units : mixtureWidth,
                    new Dense(tower.Head.Width, Activation.Identity));
                return new TowerRun(new TowerGroup(run.First, run.Count, tower.Head), [.. hidden, output]);
            }),
        ];

        // Columns of the first layer's result: each run of experts, then all gates, then padding.
        var used = this.experts.Sum(e => e.Count * e.Units) + (this.gates.Count * this.expertCount);
        this.columns =
        [
            .. this.experts.Select(e => (long)e.Count * e.Units),
            .. this.gates.Count > 0 ? [(long)this.gates.Count * this.expertCount] : Array.Empty<long>(),
            .. this.stride > used ? [(long)this.stride - used] : Array.Empty<long>(),
        ];
    }

    /// <summary>The groups of towers, in the order of the results of <see cref="Logits"/>.</summary>
    public IEnumerable<TowerGroup> Groups => this.towers.Select(t => t.Group);

    /// <summary>The logits of a batch.</summary>
    /// <param name="indices">[rows · gathered inputs], int64: rows of the first layer.</param>
    /// <param name="numerics">[rows, numeric inputs + 1]: the numeric inputs, then ones, which carry the bias.</param>
    /// <returns>Per group of towers [towers, rows, width of the head].</returns>
    public Tensor[] Logits(Tensor indices, Tensor numerics)
    {
        var line = this.FirstLayer(indices, numerics);
        var first = this.columns.Length > 1 ? line.split(this.columns, 1) : [line];
        var results = new Tensor[this.experts.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = this.experts[i].Results(first[i]);
        }

        var all = results.Length == 1 ? results[0] : cat(results, 1);
        var mixtures = this.gates.Count == 0
            ? all
            : bmm(first[this.experts.Length].view(-1, this.gates.Count, this.expertCount).softmax(-1), all);
        var byTower = mixtures.transpose(0, 1);
        return Array.ConvertAll(this.towers, tower => tower.Logits(
            this.gates.Count <= 1 ? byTower.expand(tower.Group.Count, -1, -1)
            : tower.Group.Count == this.towerCount ? byTower
            : byTower.narrow(0, tower.Group.First, tower.Group.Count)));
    }

    // A one-hot vector times a matrix is one row of the matrix: codes and intervals are gathered, never multiplied.
    private Tensor FirstLayer(Tensor indices, Tensor numerics) =>
        this.gatheredRows is null
            ? numerics.mm(this.otherRows)
            : this.gatheredRows.index_select(0, indices).view(-1, this.gathered, this.stride).sum(1L)
                .addmm(numerics, this.otherRows);

    private static IEnumerable<(int First, int Count)> Runs<T>(EquatableArray<T> items)
    {
        for (int first = 0, next; first < items.Count; first = next)
        {
            for (next = first + 1; next < items.Count && EqualityComparer<T>.Default.Equals(items[next], items[first]);)
            {
                next++;
            }

            yield return (first, next - first);
        }
    }

    private static Tensor Activate(Tensor x, Activation activation) => activation switch
    {
        Activation.Identity => x,
        Activation.ReLU => x.relu(),
        Activation.Tanh => x.tanh(),
        Activation.SiLU => x.silu(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "there is no such activation"),
    };

    /// <summary>Equal dense layers: [owners, inputs, units] and [owners, 1, units].</summary>
    private sealed record DenseBatch(Tensor Weight, Tensor Bias, Activation Activation)
    {
        // TorchSharp 0.107.0 hands the receiver of baddbmm to libtorch as the first factor, and its last argument as the summand.
        public Tensor Apply(Tensor x) => Activate(x.baddbmm(this.Weight, this.Bias), this.Activation);
    }

    /// <summary>Equal experts side by side; their first layer is part of the block.</summary>
    private sealed record ExpertRun(int Count, int Units, Activation Activation, DenseBatch[] Deeper)
    {
        /// <summary>[rows, experts · units] to [rows, experts, width of a result].</summary>
        public Tensor Results(Tensor first)
        {
            var x = Activate(first.view(-1, this.Count, this.Units), this.Activation);
            return this.Deeper.Length == 0 ? x : this.Deeper.Aggregate(x.transpose(0, 1), (y, layer) => layer.Apply(y)).transpose(0, 1);
        }
    }

    private sealed record TowerRun(TowerGroup Group, DenseBatch[] Layers)
    {
        /// <summary>[towers, rows, width of a mixture] to [towers, rows, width of the head].</summary>
        public Tensor Logits(Tensor mixtures)
        {
            var x = mixtures;
            foreach (var layer in this.Layers)
            {
                x = layer.Apply(x);
            }

            return x;
        }
    }
}
