namespace Mmoe.Model;

/// <summary>Neighbours in the memory that a forward pass works in.</summary>
internal readonly record struct Region(int Start, int Length)
{
    /// <summary>Some of them.</summary>
    public Region Slice(int start, int length) => new(this.Start + start, length);
}

/// <summary>Something that a forward pass does for a row: reads regions of its memory, writes one.</summary>
internal abstract record Instruction
{
    /// <summary>Does it.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="memory">The memory of the pass.</param>
    public abstract void Run(ReadOnlySpan<float> parameters, Span<float> memory);

    protected static ReadOnlySpan<float> Read(Span<float> memory, Region region) => memory.Slice(region.Start, region.Length);

    protected static Span<float> Write(Span<float> memory, Region region) => memory.Slice(region.Start, region.Length);
}

/// <summary>An activation, in place.</summary>
internal sealed record ActivateInstruction(Region Values, Activation Function) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory) =>
        Elementwise.Apply(this.Function, Write(memory, this.Values));
}

/// <summary>x · W + b, then an activation; the bias is at -1 where there is none.</summary>
internal sealed record DenseInstruction(Region From, Region To, int Weight, int Bias, Activation Function) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory)
    {
        var y = Write(memory, this.To);
        Sums.Dense(Read(memory, this.From), parameters[this.Weight..], this.Bias < 0 ? [] : parameters.Slice(this.Bias, y.Length), y);
        Elementwise.Apply(this.Function, y);
    }
}

/// <summary>See <see cref="LayerNorm"/>.</summary>
internal sealed record NormInstruction(Region From, Region To, int Scale, int Shift, double Epsilon) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory)
    {
        var x = Read(memory, this.From);
        var y = Write(memory, this.To);
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in x)
        {
            sum += value;
        }

        var mean = sum / x.Length;
        foreach (var value in x)
        {
            squares += (value - mean) * (value - mean);
        }

        var factor = 1 / Math.Sqrt((squares / x.Length) + this.Epsilon);
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = (float)((x[i] - mean) * factor * parameters[this.Scale + i]) + parameters[this.Shift + i];
        }
    }
}

/// <summary>One region added to another, in place.</summary>
internal sealed record AddInstruction(Region From, Region To) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory) =>
        Elementwise.Add(Write(memory, this.To), Read(memory, this.From));
}

/// <summary>Logits of a gate to weights, in place.</summary>
/// <param name="Logits">The logits.</param>
/// <param name="InverseTemperature">What they are multiplied by.</param>
/// <param name="TopK">How many of them count.</param>
/// <param name="Sorted">Memory for as many, where not all count.</param>
internal sealed record GateInstruction(Region Logits, float InverseTemperature, int TopK, Region Sorted) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory)
    {
        var logits = Write(memory, this.Logits);
        if (this.TopK < logits.Length || this.InverseTemperature != 1)
        {
            this.Prepare(logits, Write(memory, this.Sorted));
        }

        Elementwise.Softmax(logits, logits);
    }

    private void Prepare(Span<float> logits, Span<float> sorted)
    {
        var least = float.NegativeInfinity;
        if (this.TopK < logits.Length)
        {
            logits.CopyTo(sorted);
            sorted.Sort();
            least = sorted[^this.TopK];
        }

        // In this order: at a very high temperature the factor is 0, and 0 times infinity is no number; at a very low one it is so great that
        // only what is not above 0 can be multiplied by it.
        var greatest = Elementwise.Greatest(logits);
        foreach (ref var logit in logits)
        {
            logit = logit < least ? float.NegativeInfinity : (logit - greatest) * this.InverseTemperature;
        }
    }
}

/// <summary>A sum of regions, each with a weight out of another region.</summary>
internal sealed record MixInstruction(Region Weights, EquatableArray<Region> From, Region To) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory) =>
        Sums.Mixed(Read(memory, this.Weights), this.From.AsSpan(), memory, this.To);
}

/// <summary>A sum of regions, each with a weight that is a parameter.</summary>
internal sealed record StitchInstruction(int Weights, EquatableArray<Region> From, Region To) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory) =>
        Sums.Mixed(parameters.Slice(this.Weights, this.From.Count), this.From.AsSpan(), memory, this.To);
}

/// <summary>
/// A forward pass as a list of instructions over one piece of memory: every result has its place, so that a row needs no allocation.
/// </summary>
/// <param name="Instructions">What is done for each row after the first layer, in order.</param>
/// <param name="MemoryLength">The length of the memory. It begins with the first layer's line.</param>
/// <param name="Logits">Per tower, where its logits come to lie.</param>
/// <param name="Gates">Per softmax gate, where its weights come to lie.</param>
internal sealed record ForwardProgram(
    EquatableArray<Instruction> Instructions, int MemoryLength, EquatableArray<Region> Logits, EquatableArray<Region> Gates)
{
    /// <summary>Writes the program of a spec.</summary>
    /// <exception cref="OverflowException">The memory would be longer than <see cref="int.MaxValue"/>; see <see cref="MemoryOf"/>.</exception>
    public static ForwardProgram Of(Arrangement arrangement, ParameterLayout layout)
    {
        var writer = new Writer(layout);
        var (towers, gates) = writer.Write(arrangement);
        return new(new(writer.Instructions), checked((int)writer.Used), new(towers.AsSpan()), new(gates.AsSpan()));
    }

    /// <summary>The length that the memory of a spec's program would have.</summary>
    public static long MemoryOf(Arrangement arrangement, ParameterLayout layout)
    {
        var writer = new Writer(layout);
        writer.Write(arrangement);
        return writer.Used;
    }

    private sealed class Writer(ParameterLayout layout)
    {
        private readonly Dictionary<string, int> offsets = layout.Entries.ToDictionary(e => e.Name, e => e.Offset, StringComparer.Ordinal);
        private readonly Dictionary<string, BlockColumns> columns =
            layout.FirstLayer.Columns.ToDictionary(c => c.Owner, StringComparer.Ordinal);

        public List<Instruction> Instructions { get; } = [];

        public long Used { get; private set; } = layout.FirstLayer.Stride;

        public (Region[] Towers, Region[] Gates) Write(Arrangement arrangement)
        {
            Dictionary<string, Region> streams = new(StringComparer.Ordinal);
            var gates = new List<Region>();
            foreach (var level in arrangement.Levels)
            {
                var experts = this.Parts(level.Experts, streams);
                var logits = this.Parts(level.Gates, streams);
                var mixed = level.Mixtures.Select(mixture => (mixture.Stream, Region: this.Mix(mixture, experts, logits))).ToArray();
                streams = mixed.ToDictionary(m => m.Stream, m => m.Region, StringComparer.Ordinal);
                gates.AddRange(logits);
            }

            return (this.Parts(arrangement.Towers, streams), [.. gates]);
        }

        private Region[] Parts(EquatableArray<Bundle> bundles, Dictionary<string, Region> streams) =>
            [.. bundles.SelectMany(bundle => this.Parts(bundle, streams))];

        private Region[] Parts(Bundle bundle, Dictionary<string, Region> streams)
        {
            if (bundle.ReadsInput)
            {
                // The columns of a bundle are neighbours: one activation for all of them.
                var (first, last) = (this.columns[bundle.Parts[0].Owner], this.columns[bundle.Parts[^1].Owner]);
                this.Activate(new(first.First, last.First + last.Count - first.First), bundle.InputStep.Activation);
            }

            return [.. bundle.Parts.Select(part => this.Part(part, bundle, streams))];
        }

        private Region Part(Part part, Bundle bundle, Dictionary<string, Region> streams)
        {
            if (!bundle.ReadsInput)
            {
                return this.Steps(part, bundle.Steps, streams[part.Reads]);
            }

            var own = this.columns[part.Owner];
            return this.Steps(part, bundle.OtherSteps, new(own.First, own.Count));
        }

        private Region Steps(Part part, EquatableArray<Step> steps, Region from) =>
            steps.Aggregate(from, (x, step) => this.Step(part, step, x));

        private Region Step(Part part, Step step, Region from) => step switch
        {
            DenseStep dense => this.Dense(dense, dense.Owner(part.Owner), from),
            NormStep norm => this.Norm(norm, norm.Owner(part.Owner), from),
            ActivateStep activate => this.Activate(this.Copy(from), activate.Function),
            ResidualStep residual => this.Residual(part, residual, from),
            DropoutStep => from,
            _ => throw new ArgumentException($"there is no forward pass for {step}", nameof(step)),
        };

        private Region Dense(DenseStep dense, string owner, Region from)
        {
            var to = this.Take(dense.Outputs);
            var bias = dense.HasBias ? this.offsets[ParameterNames.Bias(owner)] : -1;
            this.Instructions.Add(new DenseInstruction(from, to, this.offsets[ParameterNames.Weight(owner)], bias, dense.Activation));
            return to;
        }

        private Region Norm(NormStep norm, string owner, Region from)
        {
            var to = this.Take(norm.Width);
            var (scale, shift) = (this.offsets[ParameterNames.Scale(owner)], this.offsets[ParameterNames.Shift(owner)]);
            this.Instructions.Add(new NormInstruction(from, to, scale, shift, norm.Epsilon));
            return to;
        }

        private Region Residual(Part part, ResidualStep residual, Region from)
        {
            // Copied, since what the inner steps give may be x itself.
            var to = this.Copy(this.Steps(part, residual.Inner, from));
            this.Instructions.Add(new AddInstruction(from, to));
            return to;
        }

        private Region Mix(PlacedMixture mixture, Region[] experts, Region[] logits)
        {
            EquatableArray<Region> from = new(mixture.Experts.Select(e => experts[e]));
            return mixture.Gate switch
            {
                PassGate => from[0],
                SoftmaxGate gate => this.Softmax(gate, logits[mixture.GatePart], from),
                StitchGate => this.Stitch(this.offsets[ParameterNames.Stitch(mixture.Owner)], from),
                _ => throw new ArgumentException($"there is no forward pass for {mixture.Gate}", nameof(mixture)),
            };
        }

        private Region Softmax(SoftmaxGate gate, Region weights, EquatableArray<Region> from)
        {
            var to = this.Take(from[0].Length);
            var topK = gate.TopK ?? from.Count;
            var sorted = topK < from.Count ? this.Take(from.Count) : default;
            this.Instructions.Add(new GateInstruction(weights, (float)(1 / gate.Temperature), topK, sorted));
            this.Instructions.Add(new MixInstruction(weights, from, to));
            return to;
        }

        private Region Stitch(int weights, EquatableArray<Region> from)
        {
            var to = this.Take(from[0].Length);
            this.Instructions.Add(new StitchInstruction(weights, from, to));
            return to;
        }

        private Region Activate(Region values, Activation function)
        {
            if (function != Activation.Identity)
            {
                this.Instructions.Add(new ActivateInstruction(values, function));
            }

            return values;
        }

        private Region Copy(Region from)
        {
            var to = this.Take(from.Length);
            this.Instructions.Add(new CopyInstruction(from, to));
            return to;
        }

        private Region Take(int length)
        {
            // Where the place is none, the memory is too long, and the program is not run.
            var region = new Region((int)Math.Min(this.Used, int.MaxValue), length);
            this.Used += length;
            return region;
        }
    }
}

/// <summary>A region copied.</summary>
internal sealed record CopyInstruction(Region From, Region To) : Instruction
{
    public override void Run(ReadOnlySpan<float> parameters, Span<float> memory) => Read(memory, this.From).CopyTo(Write(memory, this.To));
}
