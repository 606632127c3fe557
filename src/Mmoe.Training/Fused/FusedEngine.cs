using System.Runtime.CompilerServices;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training.Fused;

/// <summary>
/// The engine in managed code: any spec, on the CPU, in float32. Whole steps are a few passes over memory that stays in the processor's
/// caches; nothing is allocated, and categories are never multiplied. Its gradients are those of <see cref="Torch.TorchEngine"/>, and so is
/// the state between steps, up to rounding: a run may go on with the one where the other stopped.
/// </summary>
/// <remarks>
/// The same seed and rows give the same bits on the same kind of processor, whatever the number of threads. Processors with and without
/// vectors of 512 bits, or fused multiplication and addition, round differently.
/// </remarks>
public sealed class FusedEngine : IEngine
{
    private readonly ModelSpec spec;
    private readonly ParameterLayout layout;
    private readonly FusedOptions options;
    private readonly RowShape shape;
    private readonly FusedProgram program;
    private readonly Crew crew;
    private readonly AlignedMemory<float> parameters;
    private readonly AlignedMemory<float> gradient;
    private readonly AlignedMemory<float>? trained;
    private readonly TouchedRows touched;
    private readonly AlignedMemory<float> taskFactors;
    private readonly ProjectedGradients? projected;
    private readonly BatchPass pass;
    private readonly UsePass use;
    private readonly FusedOptimizer optimizer;
    private readonly TaskWeights weights;
    private readonly DropoutNames? dropout;
    private ModelInputs? trainInputs;
    private PackedRows? train;
    private AlignedMemory<int> order = new(0);
    private long steps;

    /// <summary>Makes an engine.</summary>
    /// <param name="spec">A spec without faults.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="layout">Where its parameters lie: the layout of <paramref name="spec"/> and <paramref name="inputs"/>.</param>
    /// <param name="parameters">The parameters to start from; see <see cref="ParameterLayout"/>.</param>
    /// <param name="options">How to compute.</param>
    /// <exception cref="ArgumentException">
    /// The gathered inputs do not lie side by side, or what belongs together is of different lengths.
    /// </exception>
    public FusedEngine(
        ModelSpec spec, InputLayout inputs, ParameterLayout layout, ReadOnlySpan<float> parameters, FusedOptions options)
    {
        var block = layout.FirstLayer;
        (this.spec, this.layout, this.options) = (spec, layout, options);
        this.shape = RowShape.Of(inputs, block, spec.Towers.Count);
        this.program = FusedProgram.ForTraining(spec, inputs.Width, layout, options.BlocksAtOnce);
        this.crew = new(options.Threads);
        var length = (layout.Length + 15L) / 16 * 16;
        this.parameters = new(length);
        this.gradient = new(length, number: 1);
        this.touched = new(this.shape.Places, options.Threads);
        this.trained = TrainedParameters.Of(spec, layout) is { } mask ? Mask(mask, length) : null;
        this.taskFactors = new(spec.Towers.Count);
        this.projected = spec.Weighting is PcGradWeighting ? new(spec.Towers.Count, length, options.Seed) : null;
        this.weights = new(spec, layout);
        this.pass = new(
            this.program, this.shape, block.Offset, this.parameters, this.gradient, this.touched, this.taskFactors, this.crew);
        this.use = new(FusedProgram.ForUse(spec, inputs.Width, layout, options.BlocksAtOnce), this.shape, block.Offset, this.parameters, this.crew);
        this.optimizer = new(options.Optimizer, block, this.parameters, this.gradient, this.trained, this.touched, this.crew);
        this.dropout = this.program.Masked.Length > 0 ? new(this.program.Masked, options.Seed) : null;
        this.Load(parameters);
    }

    /// <inheritdoc/>
    public string Name => EngineNames.Fused;

    /// <inheritdoc/>
    public string Device => "cpu";

    /// <inheritdoc/>
    public void LoadTrain(ModelInputs train)
    {
        if (this.trainInputs is { } former)
        {
            this.use.Leave(former);
        }

        this.trainInputs = train;
        this.train = PackedRows.Of(this.shape, this.spec, train);
        this.use.Take(train, this.train);
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public Validation<Fault, TrainedSteps> TrainEpoch(
        EpochWork work, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(work.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(work.Accumulate, 1);
        var rows = this.train ?? throw new InvalidOperationException("there are no rows to train on yet");
        var perStep = (int)Math.Min(work.RowsPerStep, Math.Max(1, work.Order.Length));
        var readings = new LossReadings(work, areSums: false, this.steps);
        var losses = new float[work.Accumulate];
        var sums = new float[work.Accumulate];
        this.Follow(work.Order, rows.Count);
        this.pass.Reserve(Math.Min(work.BatchSize, work.Order.Length));
        var first = (int)Math.Min(work.Done.Steps * work.RowsPerStep, work.Order.Length);
        var told = readings.Steps;
        for (var at = first; at < work.Order.Length && !cancellation.IsCancellationRequested; at += perStep)
        {
            var end = Math.Min(at + perStep, work.Order.Length);
            var batches = 0;
            for (var from = at; from < end; from += work.BatchSize)
            {
                var batch = new Batch(rows, this.order, from, Math.Min(work.BatchSize, end - from));
                losses[batches] = (float)this.AddGradient(batch, batches);
                batches++;
            }

            sums[batches - 1] = this.Update(batches, learningRate(this.steps));
            if (readings.Add(losses.AsSpan(0, batches), sums.AsSpan(0, batches)) is { } fault)
            {
                return Fail<Fault, TrainedSteps>(fault);
            }

            if (end == work.Order.Length || (readings.Steps & (ProgressSteps - 1)) == 0)
            {
                progress(told = readings.Steps);
            }
        }

        if (readings.Steps > told)
        {
            progress(readings.Steps);
        }

        return Success<Fault, TrainedSteps>(this.Alive(readings.Done));
    }

    /// <summary>The threads that share large batches.</summary>
    internal int Threads => this.crew.Count;

    /// <summary>Loss and gradient of one batch under the present parameters; nothing changes.</summary>
    /// <param name="batch">The rows, at least one, all of them one batch.</param>
    /// <returns>The loss, and its gradient in the order of the flat vector.</returns>
    public (double Loss, float[] Gradient) Gradient(ModelInputs batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Rows, 1, nameof(batch));
        using var rows = PackedRows.Of(this.shape, this.spec, batch);
        this.Follow([.. Enumerable.Range(0, batch.Rows)], batch.Rows);
        this.pass.Reserve(batch.Rows);
        var loss = this.AddGradient(new(rows, this.order, 0, batch.Rows), 0);
        this.Finish();
        if (this.trained is { } mask)
        {
            FlatVectors.Keep(this.gradient, mask);
        }

        var gradient = this.Copy(this.gradient.Span);
        this.gradient.Span.Clear();
        this.touched.Clear();
        return this.Alive((loss, gradient));
    }

    /// <inheritdoc/>
    public float[] Logits(ModelInputs inputs, CancellationToken cancellation = default) =>
        this.Alive(this.use.Run(inputs, cancellation));

    /// <inheritdoc/>
    public float[] Parameters() => this.Alive(this.Copy(this.parameters.Span));

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters) => this.Load(parameters, this.parameters.Span, nameof(parameters));

    /// <inheritdoc/>
    public OptimizerState Optimizer() => this.Alive(new OptimizerState(
        this.steps,
        this.Moments(this.optimizer.First),
        this.optimizer.Second.IsEmpty ? new float[this.layout.Length] : this.Moments(this.optimizer.Second))
    {
        Skipped = this.steps - this.optimizer.Updates,
    });

    /// <inheritdoc/>
    public void Load(OptimizerState state)
    {
        this.Load(state.FirstMoment, this.optimizer.First, nameof(state));
        if (!this.optimizer.Second.IsEmpty)
        {
            this.Load(state.SecondMoment, this.optimizer.Second, nameof(state));
        }

        (this.steps, this.optimizer.Updates) = (state.Steps, state.Steps - state.Skipped);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.crew.Dispose();
        this.train = null;
        this.order.Dispose();
        this.pass.Dispose();
        this.use.Dispose();
        this.optimizer.Dispose();
        this.parameters.Dispose();
        this.gradient.Dispose();
        this.trained?.Dispose();
        this.touched.Dispose();
        this.taskFactors.Dispose();
        this.projected?.Dispose();
    }

    private static AlignedMemory<float> Mask(bool[] trained, long length)
    {
        var mask = new AlignedMemory<float>(length);
        for (var i = 0; i < trained.Length; i++)
        {
            mask.Span[i] = trained[i] ? 1 : 0;
        }

        return mask;
    }

    /// <summary>Progress is told once for so many steps, a power of 2.</summary>
    private const int ProgressSteps = 64;

    // The order, with rows behind its end that may be asked for ahead.
    private void Follow(ReadOnlySpan<int> rows, int count)
    {
        const int Behind = 64;
        foreach (var row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)count);
        }

        if (this.order.Length < rows.Length + Behind)
        {
            this.order.Dispose();
            this.order = new(rows.Length + Behind);
        }

        rows.CopyTo(this.order.Span);
        this.order.Span[rows.Length..].Clear();
    }

    // Adds a batch's gradient to that of the step; returns the batch's loss.
    [MethodImpl(Compiled.AtOnce)]
    private double AddGradient(in Batch batch, int number)
    {
        this.dropout?.Fill(this.pass, batch.Count, this.steps, number);
        this.weights.Read(this.parameters.Span);
        if (this.projected is { } projected)
        {
            return this.AddProjected(batch, projected);
        }

        this.weights.Factors.CopyTo(this.taskFactors.Span);
        this.pass.Run(batch, this.weights.Losses, this.weights.Totals);
        this.weights.AddGradient(this.gradient.Span);
        return this.weights.Loss();
    }

    // A pass for each task; then the vectors are mixed into the step's sum.
    private double AddProjected(in Batch batch, ProjectedGradients projected)
    {
        for (var t = 0; t < this.spec.Towers.Count; t++)
        {
            this.taskFactors.Span.Clear();
            this.taskFactors.Span[t] = 1;
            this.pass.Run(batch, this.weights.Losses, this.weights.Totals);
            if (this.trained is { } mask)
            {
                FlatVectors.Keep(this.gradient, mask);
            }

            projected.Take(t, this.gradient);
        }

        projected.Mix(this.steps);
        return this.weights.Loss();
    }

    // The gradient of a step as the optimiser takes it, but for its length.
    private void Finish()
    {
        if (this.projected is { } projected)
        {
            projected.Give(this.gradient);
        }
        else if (this.trained is { } mask && this.options.Clipping is not NoClipping)
        {
            FlatVectors.Keep(this.gradient, mask);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private float Update(int batches, double learningRate)
    {
        this.Finish();
        if (batches > 1)
        {
            FlatVectors.Scale(this.gradient, 1f / batches);
        }

        switch (this.options.Clipping)
        {
            case GlobalNormClipping clipping:
                var norm = Math.Sqrt(FlatVectors.Dot(this.gradient, this.gradient));
                if (norm > clipping.Norm)
                {
                    FlatVectors.Scale(this.gradient, (float)(clipping.Norm / norm));
                }

                break;
            case TensorNormClipping clipping:
                TensorClipping.Apply(this.layout, clipping.Norm, this.gradient.Span);
                break;
        }

        this.steps++;
        return this.optimizer.Update(learningRate, this.pass.IsShared);
    }

    private void Load(ReadOnlySpan<float> vector, Span<float> to, string name)
    {
        if (vector.Length != this.layout.Length)
        {
            throw new ArgumentException($"the vector has {vector.Length} elements, and the layout {this.layout.Length}", name);
        }

        vector.CopyTo(to);
        GC.KeepAlive(this);
    }

    // Without what is not trained: it never comes to use.
    private float[] Moments(ReadOnlySpan<float> vector)
    {
        var moments = this.Copy(vector);
        for (var i = 0; this.trained is { } mask && i < moments.Length; i++)
        {
            moments[i] *= mask.Span[i];
        }

        return moments;
    }

    // Without what no parameter uses.
    private float[] Copy(ReadOnlySpan<float> vector)
    {
        var copy = vector[..this.layout.Length].ToArray();
        var block = this.layout.FirstLayer;
        var used = block.Columns.Sum(columns => columns.Count);
        for (var row = 0; row <= block.Inputs; row++)
        {
            copy.AsSpan(block.Offset + (row * block.Stride) + used, block.Stride - used).Clear();
        }

        return copy;
    }
}
