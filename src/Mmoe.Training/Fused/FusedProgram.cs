using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>A layer of dropout in a program.</summary>
/// <param name="Name">What its random numbers derive from.</param>
/// <param name="Rate">The probability of a 0.</param>
/// <param name="Mask">The lines of its factors among all masks.</param>
internal sealed record MaskedLayer(string Name, double Rate, Lines Mask);

/// <summary>
/// A spec as a list of kernels over lines of memory: every result has its place, so that a step allocates nothing.
/// </summary>
internal sealed class FusedProgram
{
    /// <summary>The most blocks that are computed at once: 128 rows.</summary>
    public const int MostBlocks = 8;

    // Between two sizes that were measured: see docs/engines.md, "Blocks at once".
    private const int LargeProducts = 1 << 20;

    private FusedProgram(Writer writer, Lines[] logits, Sums sums, LossKernel[] losses, int? blocksAtOnce)
    {
        this.Kernels = [.. writer.Kernels];
        this.Lines = writer.UsedLines;
        this.MaskLines = writer.UsedMasks;
        this.SumsLength = sums.Length;
        this.Summed = sums.Parts;
        this.Masked = [.. writer.Masked];
        this.Logits = logits;
        this.Losses = losses;
        ArgumentOutOfRangeException.ThrowIfLessThan(blocksAtOnce ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocksAtOnce ?? 1, MostBlocks);
        this.BlocksAtOnce = blocksAtOnce ?? (writer.Products >= LargeProducts ? MostBlocks : 1);
    }

    /// <summary>What is done for a block of rows after the first layer, in order.</summary>
    public BlockKernel[] Kernels { get; }

    /// <summary>What the towers end in, for training.</summary>
    public LossKernel[] Losses { get; }

    /// <summary>Lines of values; those of the first layer come first.</summary>
    public int Lines { get; }

    /// <summary>
    /// Blocks of rows that are computed at once: several where so many weights follow the first layer that they would be fetched from far for
    /// each block, and else one, whose values then stay in the nearest cache.
    /// </summary>
    public int BlocksAtOnce { get; }

    /// <summary>Lines of factors of dropout.</summary>
    public int MaskLines { get; }

    /// <summary>Floats of the sums of gradients of one chunk, a multiple of 16.</summary>
    public int SumsLength { get; }

    /// <summary>What the sums are added to.</summary>
    public SummedGradient[] Summed { get; }

    /// <summary>Layers of dropout.</summary>
    public MaskedLayer[] Masked { get; }

    /// <summary>Per tower, where its logits come to lie.</summary>
    public Lines[] Logits { get; }

    /// <summary>The program of training: with dropout and losses.</summary>
    /// <param name="spec">A spec without faults.</param>
    /// <param name="inputs">The number of input features.</param>
    /// <param name="layout">Where its parameters lie.</param>
    /// <param name="blocksAtOnce">See <see cref="BlocksAtOnce"/>; null for what the model asks for.</param>
    public static FusedProgram ForTraining(ModelSpec spec, int inputs, ParameterLayout layout, int? blocksAtOnce = null) =>
        Of(spec, inputs, layout, true, blocksAtOnce);

    /// <summary>The program of use: logits alone.</summary>
    /// <inheritdoc cref="ForTraining"/>
    public static FusedProgram ForUse(ModelSpec spec, int inputs, ParameterLayout layout, int? blocksAtOnce = null) =>
        Of(spec, inputs, layout, false, blocksAtOnce);

    private static FusedProgram Of(ModelSpec spec, int inputs, ParameterLayout layout, bool isTraining, int? blocksAtOnce)
    {
        var arrangement = Arrangement.Of(spec, inputs);
        var sums = new Sums(layout);
        var writer = new Writer(layout, isTraining, sums.Places);
        Dictionary<string, Lines> streams = new(StringComparer.Ordinal);
        foreach (var level in arrangement.Levels)
        {
            var experts = writer.Parts(level.Experts, streams);
            var gates = writer.Parts(level.Gates, streams);
            streams = level.Mixtures.ToDictionary(
                mixture => mixture.Stream, mixture => writer.Mix(mixture, experts, gates), StringComparer.Ordinal);
        }

        var towers = writer.Parts(arrangement.Towers, streams);
        LossKernel[] losses = [.. spec.Towers.Select((tower, t) => LossOf(tower.Head, t, towers.Length, towers[t]))];
        return new(writer, towers, sums, isTraining ? losses : [], blocksAtOnce);
    }

    private static LossKernel LossOf(Head head, int task, int tasks, Lines logits) => head switch
    {
        BinaryHead binary => new BinaryLossKernel(task, tasks, logits, (float)binary.PositiveWeight),
        MulticlassHead multiclass => new MulticlassLossKernel(task, tasks, logits, (float)multiclass.LabelSmoothing),
        RegressionHead { HuberDelta: { } delta } => new RegressionLossKernel(task, tasks, logits, (float)delta),
        RegressionHead => new RegressionLossKernel(task, tasks, logits, float.PositiveInfinity),
        _ => throw new ArgumentException($"there is no kernel for {head}", nameof(head)),
    };

    private sealed class Writer(ParameterLayout layout, bool isTraining, IReadOnlyDictionary<string, GradientSums> sums)
    {
        private readonly Dictionary<string, int> offsets = layout.Entries.ToDictionary(e => e.Name, e => e.Offset, StringComparer.Ordinal);
        private readonly Dictionary<string, BlockColumns> columns =
            layout.FirstLayer.Columns.ToDictionary(c => c.Owner, StringComparer.Ordinal);

        public List<BlockKernel> Kernels { get; } = [];

        public List<MaskedLayer> Masked { get; } = [];

        public int UsedLines { get; private set; } = layout.FirstLayer.Stride;

        public int UsedMasks { get; private set; }

        /// <summary>Weights of dense layers, each of which is multiplied with something of every row.</summary>
        public long Products { get; private set; }

        public Lines[] Parts(EquatableArray<Bundle> bundles, Dictionary<string, Lines> streams) =>
            [.. bundles.SelectMany(bundle => bundle.ReadsInput ? this.OnInput(bundle) : this.OnStreams(bundle, streams))];

        public Lines Mix(PlacedMixture mixture, Lines[] experts, Lines[] gates)
        {
            int[] from = [.. mixture.Experts.Select(e => experts[e].First)];
            var width = experts[mixture.Experts[0]].Count;
            switch (mixture.Gate)
            {
                case PassGate:
                    return experts[mixture.Experts[0]];
                case SoftmaxGate gate:
                    var weights = gates[mixture.GatePart];
                    var mixed = this.Take(width);
                    this.Kernels.Add(new SoftmaxKernel(weights, (float)(1 / gate.Temperature), gate.TopK ?? from.Length));
                    this.Kernels.Add(new MixKernel(weights, from, mixed));
                    return mixed;
                case StitchGate:
                    var at = this.offsets[ParameterNames.Stitch(mixture.Owner)];
                    var stitched = this.Take(width);
                    this.Kernels.Add(new StitchKernel(at, this.SumsOf(ParameterNames.Stitch(mixture.Owner)), from, stitched));
                    return stitched;
                default:
                    throw new ArgumentException($"there is no kernel for {mixture.Gate}", nameof(mixture));
            }
        }

        private Lines[] OnStreams(Bundle bundle, Dictionary<string, Lines> streams) =>
            [.. bundle.Parts.Select(part => this.Steps(part, bundle.Steps, streams[part.Reads]))];

        // The columns of a bundle are neighbours, and activated in one go.
        private Lines[] OnInput(Bundle bundle)
        {
            var units = bundle.InputStep.Outputs;
            var first = this.columns[bundle.Parts[0].Owner].First;
            var all = this.Activate(new(first, bundle.Parts.Count * units), bundle.InputStep.Activation, isOwn: true);
            return [.. bundle.Parts.Select((part, p) => this.Steps(part, bundle.OtherSteps, new(all.First + (p * units), units)))];
        }

        private Lines Steps(Part part, EquatableArray<Step> steps, Lines from) =>
            steps.Aggregate(from, (x, step) => this.Step(part, step, x));

        private Lines Step(Part part, Step step, Lines from) => step switch
        {
            DenseStep dense => this.Dense(dense, dense.Owner(part.Owner), from),
            ActivateStep activate => this.Activate(from, activate.Function, isOwn: false),
            NormStep norm => this.Norm(norm, norm.Owner(part.Owner), from),
            DropoutStep dropout => this.Dropout(dropout, dropout.Owner(part.Owner), from),
            ResidualStep residual => this.Residual(part, residual, from),
            _ => throw new ArgumentException($"there is no kernel for {step}", nameof(step)),
        };

        private Lines Dense(DenseStep dense, string owner, Lines from)
        {
            var to = this.Take(dense.Outputs);
            var (weight, bias) = (ParameterNames.Weight(owner), ParameterNames.Bias(owner));
            this.Products += (long)from.Count * to.Count;
            this.Kernels.Add(new DenseKernel(
                from, to, this.offsets[weight], dense.HasBias ? this.offsets[bias] : -1, this.SumsOf(weight), this.SumsOf(bias)));
            return this.Activate(to, dense.Activation, isOwn: true);
        }

        // Nobody else reads what is a layer's own before it is activated.
        private Lines Activate(Lines from, Activation function, bool isOwn)
        {
            if (function == Activation.Identity)
            {
                return from;
            }

            var isInPlace = isOwn && function is Activation.ReLU or Activation.Tanh;
            var to = isInPlace ? from : this.Take(from.Count);
            this.Kernels.Add(function switch
            {
                Activation.ReLU => new ActivationKernel<ReluFunction>(from, to),
                Activation.Tanh => new ActivationKernel<TanhFunction>(from, to),
                Activation.SiLU => new ActivationKernel<SiluFunction>(from, to),
                Activation.GELU => new ActivationKernel<GeluFunction>(from, to),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "there is no such activation"),
            });
            return to;
        }

        private Lines Norm(NormStep norm, string owner, Lines from)
        {
            var (to, own) = (this.Take(norm.Width), this.Take(2));
            var (scale, shift) = (ParameterNames.Scale(owner), ParameterNames.Shift(owner));
            this.Kernels.Add(new NormKernel(
                from, to, own, this.offsets[scale], this.offsets[shift], (float)norm.Epsilon, this.SumsOf(scale), this.SumsOf(shift)));
            return to;
        }

        private Lines Dropout(DropoutStep dropout, string name, Lines from)
        {
            if (!isTraining || dropout.Rate == 0)
            {
                return from;
            }

            var mask = new Lines(this.UsedMasks, dropout.Width);
            this.UsedMasks = checked(this.UsedMasks + dropout.Width);
            this.Masked.Add(new(name, dropout.Rate, mask));
            var to = this.Take(dropout.Width);
            this.Kernels.Add(new DropoutKernel(from, to, mask));
            return to;
        }

        private Lines Residual(Part part, ResidualStep residual, Lines from)
        {
            var inner = this.Steps(part, residual.Inner, from);
            var to = this.Take(from.Count);
            this.Kernels.Add(new SumKernel(from, inner, to));
            return to;
        }

        private Lines Take(int count)
        {
            var lines = new Lines(this.UsedLines, count);
            this.UsedLines = checked(this.UsedLines + count);
            return lines;
        }

        private GradientSums SumsOf(string name) => sums.GetValueOrDefault(name);
    }

    /// <summary>Room for the gradients of all tensors but those of the first layer, in the order of the flat vector.</summary>
    private sealed class Sums
    {
        // A row of a weight that fills whole vectors is added up as it is; smaller ones are faster in lines.
        private const int WholeVector = 16;

        private readonly Dictionary<string, GradientSums> places = new(StringComparer.Ordinal);
        private readonly List<SummedGradient> parts = [];

        public Sums(ParameterLayout layout)
        {
            var block = layout.FirstLayer;
            var end = block.Offset + ((block.Inputs + 1) * block.Stride);
            foreach (var entry in layout.Entries.Where(entry => entry.Offset >= end))
            {
                var (rows, columns) = entry.Shape.Count == 1 ? (1, entry.Shape[0]) : (entry.Shape[0], entry.Shape[1]);
                if (rows == 1 || columns < WholeVector)
                {
                    this.AddLines(entry, checked(rows * columns));
                }
                else
                {
                    var stride = checked((columns + WholeVector - 1) / WholeVector * WholeVector);
                    this.Add(entry, new(this.Length, stride), rows, columns, checked(rows * stride));
                }
            }
        }

        public int Length { get; private set; }

        public SummedGradient[] Parts => [.. this.parts];

        public IReadOnlyDictionary<string, GradientSums> Places => this.places;

        // Neighbours in lines are reduced together.
        private void AddLines(ParameterEntry entry, int count)
        {
            var sums = new GradientSums(this.Length, 0);
            if (this.parts is [.., { Sums.AreLines: true } last] && last.Flat + last.Columns == entry.Offset)
            {
                this.parts[^1] = last with { Columns = last.Columns + count };
                this.places.Add(entry.Name, sums);
                this.Length = checked(this.Length + (count * Fused.Lines.Rows));
                return;
            }

            this.Add(entry, sums, 1, count, checked(count * Fused.Lines.Rows));
        }

        private void Add(ParameterEntry entry, GradientSums sums, int rows, int columns, int length)
        {
            this.places.Add(entry.Name, sums);
            this.parts.Add(new(sums, entry.Offset, rows, columns));
            this.Length = checked(this.Length + length);
        }
    }
}
