using Mmoe.Model;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>A level of a model: experts and mixtures, in batches of those that are alike.</summary>
internal sealed class TorchLevel
{
    private readonly TorchBundle[] experts;
    private readonly TorchBundle[] gates;
    private readonly TorchMixing[] mixings;

    /// <summary>Prepares a level.</summary>
    /// <param name="level">The level.</param>
    /// <param name="experts">Its experts.</param>
    /// <param name="gates">The networks of its softmax gates.</param>
    /// <param name="leaves">Where to make leaves.</param>
    public TorchLevel(PlacedLevel level, TorchBundle[] experts, TorchBundle[] gates, LeafSource leaves)
    {
        (this.experts, this.gates) = (experts, gates);
        var places = experts.SelectMany((bundle, group) => Enumerable.Range(0, bundle.Count).Select(i => new Place(group, i))).ToArray();
        int[] sizes = [.. experts.Select(bundle => bundle.Count)];
        var gatePlaces = gates.SelectMany((bundle, group) => Enumerable.Range(0, bundle.Count).Select(i => new Place(group, i))).ToArray();

        // A run of mixtures with the same kind of gate and equally wide results is one operation.
        var groups = new List<List<PlacedMixture>>();
        foreach (var mixture in level.Mixtures)
        {
            if (groups.Count == 0 || !GoTogether(groups[^1][^1], mixture))
            {
                groups.Add([]);
            }

            groups[^1].Add(mixture);
        }

        this.Streams = [.. groups.Select(group => group.Select(mixture => mixture.Stream).ToArray())];
        this.mixings = [.. groups.Select(group => TorchMixing.Of([.. group], places, sizes, gatePlaces, leaves))];

        bool GoTogether(PlacedMixture one, PlacedMixture other)
        {
            int Width(PlacedMixture mixture) => experts[places[mixture.Experts[0]].Group].Width;
            return Width(one) == Width(other) && one.Experts.Count == other.Experts.Count && (one.Gate, other.Gate) switch
            {
                (PassGate, PassGate) => true,
                (StitchGate, StitchGate) => one.Experts == other.Experts,
                (SoftmaxGate, SoftmaxGate) => gatePlaces[one.GatePart].Group == gatePlaces[other.GatePart].Group,
                _ => false,
            };
        }
    }

    /// <summary>The names of the streams, group by group, as <see cref="Apply"/> gives them.</summary>
    public string[][] Streams { get; }

    /// <summary>The streams of the level, group by group.</summary>
    public Vectors[] Apply(Tensor[] firstLayer, Vectors[] below, DropoutMasks? masks)
    {
        var results = Array.ConvertAll(this.experts, bundle => bundle.Apply(firstLayer, below, masks));
        var logits = Array.ConvertAll(this.gates, bundle => bundle.Apply(firstLayer, below, masks));
        return Array.ConvertAll(this.mixings, mixing => mixing.Apply(results, logits));
    }
}

/// <summary>Mixtures that are made in one operation.</summary>
internal abstract class TorchMixing
{
    /// <summary>What the mixtures give.</summary>
    /// <param name="results">What the experts give, bundle by bundle.</param>
    /// <param name="logits">The logits of gates, bundle by bundle: vectors of one number per expert.</param>
    public abstract Vectors Apply(Vectors[] results, Vectors[] logits);

    /// <summary>Prepares mixtures.</summary>
    /// <param name="mixtures">The mixtures: gates of one kind, results of one width.</param>
    /// <param name="experts">Where each expert of the level lies.</param>
    /// <param name="sizes">The number of experts of each bundle.</param>
    /// <param name="gates">Where each softmax gate of the level lies.</param>
    /// <param name="leaves">Where to make leaves.</param>
    public static TorchMixing Of(PlacedMixture[] mixtures, Place[] experts, int[] sizes, Place[] gates, LeafSource leaves)
    {
        var areOver = mixtures.All(mixture => mixture.Experts == mixtures[0].Experts);
        var named = mixtures[0].Gate is not PassGate && areOver ? mixtures[0].Experts : mixtures.SelectMany(mixture => mixture.Experts);
        var chosen = new Selection([.. named.Select(e => experts[e])], sizes);
        return mixtures[0].Gate switch
        {
            PassGate => new Passing(chosen),
            StitchGate => new Stitching(
                chosen,
                leaves.Leaf([.. mixtures.Select(m => ParameterNames.Stitch(m.Owner))], mixtures.Length, mixtures[0].Experts.Count)),
            SoftmaxGate gate => new Gating(
                gate, chosen, areOver, mixtures[0].Experts.Count, gates[mixtures[0].GatePart], mixtures.Length, leaves.AreHalf),
            _ => throw new ArgumentException($"there is no operation for {mixtures[0].Gate}", nameof(mixtures)),
        };
    }

    private sealed class Passing(Selection chosen) : TorchMixing
    {
        public override Vectors Apply(Vectors[] results, Vectors[] logits) => chosen.Apply(results);
    }

    private sealed class Stitching(Selection chosen, Tensor weights) : TorchMixing
    {
        public override Vectors Apply(Vectors[] results, Vectors[] logits)
        {
            var x = chosen.Apply(results).ByPart;
            return new(weights.mm(x.reshape(x.shape[0], -1)).view(-1, x.shape[1], x.shape[2]), AreByRow: false);
        }
    }

    private sealed class Gating(SoftmaxGate gate, Selection chosen, bool areOverTheSame, int experts, Place first, int count, bool isHalf)
        : TorchMixing
    {
        // Results narrower than this are mixed by a loop that takes factors as they lie.
        private const int MinProduct = 16;

        private static readonly Scalar MinusInfinity = float.NegativeInfinity;

        // Lives as long as the network: see RootedScalars.
        private readonly Scalar inverseTemperature = 1 / gate.Temperature;

        public override Vectors Apply(Vectors[] results, Vectors[] logits)
        {
            var weights = this.Weights(logits[first.Group]);
            var chosenResults = chosen.Apply(results);
            if (areOverTheSame)
            {
                // [rows, gates, experts] × [rows, experts, width]. Products of some size ask for factors without gaps.
                var x = chosenResults.ByRow;
                var byRow = weights.permute(2, 0, 1);
                return new((x.shape[2] < MinProduct ? byRow : byRow.contiguous()).bmm(x), AreByRow: true);
            }

            var y = chosenResults.ByPart;
            return new(y.view(count, experts, y.shape[1], y.shape[2]).mul(weights.unsqueeze(-1)).sum(1L), AreByRow: false);
        }

        // The greatest is 0 first, so that no temperature is too low; it changes no weight, and so has no gradient.
        private Tensor Sharpened(Tensor logits) =>
            gate.Temperature == 1 ? logits : logits.sub(logits.detach().amax([1L], keepdim: true)).mul(this.inverseTemperature);

        // [gates, experts, rows].
        private Tensor Weights(Vectors logits)
        {
            var vectors = count == logits.Parts ? logits : logits.OfParts(first.Index, count);
            var own = vectors.AreByRow ? vectors.Tensor.permute(1, 2, 0) : vectors.Tensor.transpose(1, 2);

            // In half precision too, weights sum to 1 as nearly as single precision can say.
            var sharp = this.Sharpened(isHalf ? own.to(ScalarType.Float32) : own);
            if (gate.TopK is { } topK && topK < experts)
            {
                // Last: at a very high temperature the factor is 0, and 0 times infinity is no number.
                var least = own.detach().topk(topK, 1).values.narrow(1, topK - 1, 1);
                sharp = sharp.masked_fill(own.detach().lt(least), MinusInfinity);
            }

            // Over any dimension but the last it computes many rows at once, which is twenty times as fast.
            var weights = sharp.softmax(1);
            return isHalf ? weights.to(own.dtype) : weights;
        }
    }
}
