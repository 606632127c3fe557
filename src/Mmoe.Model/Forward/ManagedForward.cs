namespace Mmoe.Model;

/// <summary>
/// The forward pass in plain managed code over the flat vector: what every other engine is compared with. Float32, no libtorch, one thread;
/// an instance holds no state between calls and may be shared by threads.
/// </summary>
public sealed class ManagedForward
{
    private readonly ModelSpec spec;
    private readonly int gathered;
    private readonly int numerics;
    private readonly (int Units, Activation Activation)[] first;
    private readonly PlacedDense[][] deeper;
    private readonly PlacedDense[][] towers;
    private readonly int mixtureWidth;
    private readonly int widest;

    /// <summary>Prepares the pass.</summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">What the model sees.</param>
    public ManagedForward(ModelSpec spec, InputLayout inputs)
    {
        this.spec = spec;
        this.gathered = inputs.Gathered.Count;
        this.numerics = inputs.NumericWidth;
        this.Layout = ParameterLayout.Of(spec, inputs.Width);

        var offsets = this.Layout.Entries.ToDictionary(e => e.Name, e => e.Offset, StringComparer.Ordinal);
        PlacedDense Place(string owner, DenseStep step) =>
            new(offsets[ParameterNames.Weight(owner)], offsets[ParameterNames.Bias(owner)], step.Inputs, step.Units, step.Activation);

        var experts = spec.Experts
            .Select((expert, e) => expert.DenseSteps(inputs.Width).Select((step, l) => Place(ParameterNames.Expert(e, l), step)).ToArray())
            .ToArray();
        this.first = [.. experts.Select(e => (e[0].Units, e[0].Activation))];
        this.deeper = [.. experts.Select(e => e[1..])];
        this.mixtureWidth = spec.Experts[0].OutputWidth(inputs.Width);
        this.towers =
        [
            .. spec.Towers.Select(tower => tower.Hidden.DenseSteps(this.mixtureWidth)
                .Select((step, l) => Place(ParameterNames.Tower(tower.Task, l), step))
                .Append(Place(
                    ParameterNames.Output(tower.Task),
                    new DenseStep(tower.Hidden.OutputWidth(this.mixtureWidth), tower.Head.Width, Activation.Identity)))
                .ToArray()),
        ];
        this.widest = experts.Concat(this.towers).SelectMany(steps => steps).Max(step => step.Units);
    }

    /// <summary>Where the parameters lie in the flat vector.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Logits for rows.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <returns>[rows, widths of all heads], the towers side by side in order.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public float[] Logits(ReadOnlySpan<float> parameters, ModelInputs inputs, CancellationToken cancellation = default)
    {
        var logits = new float[inputs.Rows * this.spec.LogitWidth];
        this.Run(parameters, inputs.Rows, inputs.Indices, inputs.Numerics, logits, default, cancellation);
        return logits;
    }

    /// <summary>How much each gate gives to each expert.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="inputs">The rows.</param>
    /// <returns>[rows, gates, experts]: positive, and 1 in sum for each row and gate; empty for a model without gates.</returns>
    public float[] GateWeights(ReadOnlySpan<float> parameters, ModelInputs inputs)
    {
        var weights = new float[inputs.Rows * this.spec.GateCount * this.spec.Experts.Count];
        this.Run(parameters, inputs.Rows, inputs.Indices, inputs.Numerics, new float[inputs.Rows * this.spec.LogitWidth], weights);
        return weights;
    }

    /// <summary>Logits, and gate weights on request, into memory of the caller.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="indices">[rows, gathered inputs]: rows of the first layer.</param>
    /// <param name="numerics">[rows, numeric inputs]: scaled numbers.</param>
    /// <param name="logits">[rows, widths of all heads], to be written.</param>
    /// <param name="gateWeights">[rows, gates, experts], to be written; empty if they are not wanted.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <exception cref="ArgumentException">A length does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public void Run(
        ReadOnlySpan<float> parameters,
        int rows,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> numerics,
        Span<float> logits,
        Span<float> gateWeights,
        CancellationToken cancellation = default)
    {
        var (gates, experts, width) = (this.spec.GateCount, this.spec.Experts.Count, this.spec.LogitWidth);
        RequireLength(parameters.Length, this.Layout.Length, nameof(parameters));
        RequireLength(indices.Length, rows * this.gathered, nameof(indices));
        RequireLength(numerics.Length, rows * this.numerics, nameof(numerics));
        RequireLength(logits.Length, rows * width, nameof(logits));
        if (!gateWeights.IsEmpty)
        {
            RequireLength(gateWeights.Length, rows * gates * experts, nameof(gateWeights));
        }

        var line = new float[this.Layout.FirstLayer.Stride];
        var results = new float[experts * this.mixtureWidth];
        var scratch = new Scratch(new float[this.widest], new float[this.widest]);
        var mixture = new float[this.mixtureWidth];
        for (var row = 0; row < rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            this.FirstLayer(
                parameters,
                indices.Slice(row * this.gathered, this.gathered),
                numerics.Slice(row * this.numerics, this.numerics),
                line);
            for (var e = 0; e < experts; e++)
            {
                var first = line.AsSpan(this.Layout.FirstLayer.ExpertColumns[e], this.first[e].Units);
                Activate(this.first[e].Activation, first);
                Dense(parameters, this.deeper[e], first, results.AsSpan(e * this.mixtureWidth, this.mixtureWidth), scratch);
            }

            for (var gate = 0; gate < gates; gate++)
            {
                var weights = line.AsSpan(this.Layout.FirstLayer.GateColumns[gate], experts);
                Softmax(weights, weights);
                if (!gateWeights.IsEmpty)
                {
                    weights.CopyTo(gateWeights[(((row * gates) + gate) * experts)..]);
                }
            }

            var logit = row * width;
            for (var t = 0; t < this.towers.Length; t++)
            {
                this.Mix(line, this.spec.GateOf(t), results, mixture);
                Dense(parameters, this.towers[t], mixture, logits.Slice(logit, this.towers[t][^1].Units), scratch);
                logit += this.towers[t][^1].Units;
            }
        }
    }

    /// <summary>exp(x) over its sum; the greatest element is subtracted first, so that nothing overflows. In place is allowed.</summary>
    internal static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        var greatest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            greatest = MathF.Max(greatest, logit);
        }

        var sum = 0f;
        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] = MathF.Exp(logits[i] - greatest);
            sum += probabilities[i];
        }

        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] /= sum;
        }
    }

    /// <summary>1 / (1 + exp(-x)), without overflow on either side.</summary>
    internal static float Sigmoid(float x)
    {
        var e = MathF.Exp(-MathF.Abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    // A one-hot vector times a matrix is one row of the matrix: codes and intervals are gathered, never multiplied.
    private void FirstLayer(ReadOnlySpan<float> parameters, ReadOnlySpan<int> indices, ReadOnlySpan<float> numerics, Span<float> line)
    {
        var block = this.Layout.FirstLayer;
        var weights = parameters.Slice(block.Offset, (block.Inputs + 1) * block.Stride);
        weights.Slice(block.Inputs * block.Stride, block.Stride).CopyTo(line);
        foreach (var index in indices)
        {
            AddScaled(line, weights.Slice(index * block.Stride, block.Stride), 1f);
        }

        var first = block.Inputs - numerics.Length;
        for (var i = 0; i < numerics.Length; i++)
        {
            AddScaled(line, weights.Slice((first + i) * block.Stride, block.Stride), numerics[i]);
        }
    }

    private void Mix(ReadOnlySpan<float> line, int gate, ReadOnlySpan<float> results, Span<float> mixture)
    {
        if (gate < 0)
        {
            results.CopyTo(mixture);
            return;
        }

        mixture.Clear();
        var weights = line.Slice(this.Layout.FirstLayer.GateColumns[gate], this.spec.Experts.Count);
        for (var e = 0; e < weights.Length; e++)
        {
            AddScaled(mixture, results.Slice(e * this.mixtureWidth, this.mixtureWidth), weights[e]);
        }
    }

    private static void Dense(
        ReadOnlySpan<float> parameters, ReadOnlySpan<PlacedDense> layers, ReadOnlySpan<float> input, Span<float> output, Scratch scratch)
    {
        var (current, free) = (scratch.A, scratch.B);
        foreach (var layer in layers)
        {
            var result = free.AsSpan(0, layer.Units);
            parameters.Slice(layer.Bias, layer.Units).CopyTo(result);
            for (var i = 0; i < layer.Inputs; i++)
            {
                AddScaled(result, parameters.Slice(layer.Weight + (i * layer.Units), layer.Units), input[i]);
            }

            Activate(layer.Activation, result);
            input = result;
            (current, free) = (free, current);
        }

        input.CopyTo(output);
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> row, float factor)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += factor * row[i];
        }
    }

    private static void Activate(Activation activation, Span<float> values)
    {
        switch (activation)
        {
            case Activation.Identity:
                break;
            case Activation.ReLU:
                foreach (ref var value in values)
                {
                    value = MathF.Max(value, 0);
                }

                break;
            case Activation.Tanh:
                foreach (ref var value in values)
                {
                    value = MathF.Tanh(value);
                }

                break;
            case Activation.SiLU:
                foreach (ref var value in values)
                {
                    value *= Sigmoid(value);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "there is no such activation");
        }
    }

    private static void RequireLength(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} holds {length} elements, the model needs {expected}", name);
        }
    }

    private readonly record struct PlacedDense(int Weight, int Bias, int Inputs, int Units, Activation Activation);

    private readonly record struct Scratch(float[] A, float[] B);
}
