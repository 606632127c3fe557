using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>
/// The engine on TorchSharp: any spec, on CPU or CUDA, with gradients by autograd. It is what the fused engine is compared with.
/// </summary>
/// <remarks>
/// On the CPU the same seed, rows and number of threads give the same bits. On CUDA they need not: sums of gathered rows are added in no
/// fixed order there.
/// </remarks>
public sealed class TorchEngine : IEngine
{
    /// <summary>Losses are read from the device once for so many steps.</summary>
    private const int StepsPerReading = 64;

    /// <summary>At least so many rows are gathered at once for training.</summary>
    private const int GatheredRows = 1 << 16;

    /// <summary>Rows per pass without gradients.</summary>
    private const int EvaluatedRows = 1 << 13;

    private readonly ModelSpec spec;
    private readonly InputLayout inputs;
    private readonly Device device;
    private readonly FlatParameters parameters;
    private readonly TorchNetwork network;
    private readonly FlatParameters computed;
    private readonly TorchNetwork trainedNetwork;
    private readonly TowerGroup[] groups;
    private readonly TorchLoss loss;
    private readonly TorchOptimizer optimizer;
    private readonly TorchClipping? clipping;
    private readonly int seed;
    private readonly bool hasDropout;
    private long steps;
    private long skipped;
    private LossScale? scale;
    private Readings readings;
    private TorchRows? train;

    private TorchEngine(ModelSpec spec, InputLayout inputs, ParameterLayout layout, Device device, TorchOptions options)
    {
        this.spec = spec;
        this.inputs = inputs;
        this.device = device;
        this.seed = options.Seed;
        var trained = TrainedParameters.Of(spec, layout);
        this.parameters = new FlatParameters(layout.Length, device, trained);
        this.network = new TorchNetwork(spec, inputs, layout, this.parameters);

        // In half precision the passes of training have a copy of the parameters, which every step renews.
        var isHalf = options.Precision != Precision.Float32;
        var half = options.Precision == Precision.Float16 ? ScalarType.Float16 : ScalarType.BFloat16;
        this.computed = isHalf ? new FlatParameters(layout.Length, device, trained, half) : this.parameters;
        this.trainedNetwork = isHalf ? new TorchNetwork(spec, inputs, layout, this.computed) : this.network;
        this.scale = options.Precision == Precision.Float16 ? LossScale.Initial : null;
        this.groups = this.network.Groups;
        this.hasDropout = Arrangement.Of(spec, inputs.Width).Bundles.Any(bundle => HasDropout(bundle.Steps));
        var logVariances = spec.Weighting is UncertaintyWeighting
            ? new LeafSource(layout, this.computed).Leaf(
                [.. spec.Towers.Select(tower => ParameterNames.LogVariance(tower.Task))], spec.Towers.Count)
            : null;
        this.loss = new TorchLoss(spec, this.groups, logVariances, device);
        this.optimizer = TorchOptimizer.Of(options.Optimizer, layout.Length, device);
        this.clipping = TorchClipping.Of(options.Clipping, layout, device);
        this.readings = new Readings(StepsPerReading, device);
    }

    /// <inheritdoc/>
    public string Name => EngineNames.Torch;

    /// <inheritdoc/>
    public string Device => this.device.type == DeviceType.CPU ? "cpu" : $"cuda:{this.device.index}";

    /// <summary>Makes an engine.</summary>
    /// <param name="spec">A spec without faults.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="layout">Where its parameters lie: the layout of <paramref name="spec"/> and <paramref name="inputs"/>.</param>
    /// <param name="parameters">The parameters to start from; see <see cref="ParameterLayout"/>.</param>
    /// <param name="options">How to compute.</param>
    /// <returns>The engine; a fault where libtorch or the device is missing, or the device is none.</returns>
    public static Validation<Fault, TorchEngine> Create(
        ModelSpec spec, InputLayout inputs, ParameterLayout layout, ReadOnlyMemory<float> parameters, TorchOptions options) =>
        from loaded in LibTorch.Ensure()
        from device in TorchDevice.Parse(options.Device)
        select Start(spec, inputs, layout, parameters, device, options);

    /// <inheritdoc/>
    public void LoadTrain(ModelInputs train)
    {
        this.train?.Dispose();
        this.train = this.Rows(train, this.groups, 0, train.Rows).Detached();
    }

    /// <inheritdoc/>
    public Validation<Fault, TrainedSteps> TrainEpoch(
        EpochWork work, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(work.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(work.Accumulate, 1);
        var rows = this.train ?? throw new InvalidOperationException("there are no rows to train on yet");
        var losses = new LossReadings(work, this.loss.IsPlain && rows.Targets[0].Weights is null, this.steps);
        using var scope = NewDisposeScope();
        this.readings = this.readings.For(work.Accumulate, this.device);
        var perStep = (int)Math.Min(work.RowsPerStep, Math.Max(1, work.Order.Length));
        var perGathering = Math.Max(1, GatheredRows / perStep) * perStep;
        for (var start = (int)Math.Min(work.Done.Steps * work.RowsPerStep, work.Order.Length); start < work.Order.Length; start += perGathering)
        {
            using var gathering = NewDisposeScope();
            var named = work.Order.AsSpan(start, Math.Min(perGathering, work.Order.Length - start));
            var gathered = rows.Gather(TensorCopies.ToTensor<int>(named, ScalarType.Int32).to(ScalarType.Int64).to(this.device));
            using var scales = new Scales(this.device);
            for (var at = 0; at < named.Length; at += perStep)
            {
                var isLast = start + at + perStep >= work.Order.Length;
                var isCancelled = cancellation.IsCancellationRequested;
                if (!isCancelled && this.Step(gathered, at, Math.Min(perStep, named.Length - at), work, scales, learningRate(this.steps)) is { } overflow)
                {
                    return Fail<Fault, TrainedSteps>(overflow);
                }

                if (isCancelled || isLast || this.readings.Left < work.Accumulate)
                {
                    if (this.readings.Take(losses) is { } fault)
                    {
                        return Fail<Fault, TrainedSteps>(fault);
                    }

                    progress(losses.Done.Steps);
                }

                if (isCancelled)
                {
                    return Success<Fault, TrainedSteps>(losses.Done);
                }
            }
        }

        return Success<Fault, TrainedSteps>(this.Alive(losses.Done));
    }

    /// <summary>Loss and gradient of one batch under the present parameters; nothing changes.</summary>
    /// <param name="batch">The rows, at least one, all of them one batch.</param>
    /// <returns>The loss, and its gradient in the order of the flat vector.</returns>
    public (double Loss, float[] Gradient) Gradient(ModelInputs batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Rows, 1, nameof(batch));
        using var scope = NewDisposeScope();
        var rows = this.Rows(batch, this.groups, 0, batch.Rows);
        using var scales = new LossScales(this.device);
        using Scalar end = batch.Rows;
        var order = arange(RootedScalars.Zero, end, RootedScalars.One, ScalarType.Int64, this.device);
        var (loss, gradient) = this.LossAndGradient(rows.Gather(order), scales, 0);
        return this.Alive((loss.item<float>() / (double)this.loss.Divisor(rows), gradient.ToFlat()));
    }

    /// <inheritdoc/>
    public float[] Logits(ModelInputs inputs, CancellationToken cancellation = default)
    {
        var width = this.spec.Towers.Sum(t => t.Head.Width);
        var logits = new float[inputs.Rows * width];
        using var noGrad = no_grad();
        for (var start = 0; start < inputs.Rows; start += EvaluatedRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = this.Rows(inputs, [], start, Math.Min(EvaluatedRows, inputs.Rows - start));
            var groups = this.network.Logits(rows.Indices.to(ScalarType.Int64), rows.Numerics, null);
            cat([.. groups.Select(g => g.transpose(0, 1).reshape(rows.Rows, -1))], 1).ToFlat().CopyTo(logits, start * width);
        }

        return this.Alive(logits);
    }

    /// <inheritdoc/>
    public float[] Parameters() => this.Alive(this.parameters.Vector.ToFlat());

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        this.parameters.Vector.LoadFlat(parameters);
        this.Renew();
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public OptimizerState Optimizer() =>
        this.Alive(this.optimizer.Save() with { Steps = this.steps, Skipped = this.skipped, Scale = this.scale });

    /// <inheritdoc/>
    public void Load(OptimizerState state)
    {
        this.optimizer.Load(state);
        (this.steps, this.skipped) = (state.Steps, state.Skipped);
        this.scale = this.scale is null ? null : state.Scale ?? LossScale.Initial;
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.train?.Dispose();
        this.train = null;
        this.readings.Dispose();
        this.clipping?.Dispose();
        this.optimizer.Dispose();
        this.loss.Dispose();
        if (this.computed != this.parameters)
        {
            this.trainedNetwork.Dispose();
            this.computed.Dispose();
        }

        this.network.Dispose();
        this.parameters.Dispose();
    }

    private static TorchEngine Start(
        ModelSpec spec, InputLayout inputs, ParameterLayout layout, ReadOnlyMemory<float> parameters, Device device, TorchOptions options)
    {
        set_num_threads(options.Threads);
        var engine = new TorchEngine(spec, inputs, layout, device, options);
        engine.Load(parameters.Span);
        return engine;
    }

    private TorchRows Rows(ModelInputs rows, TowerGroup[] groups, int from, int count) =>
        TorchRows.Of(
            rows, groups, from, count, this.inputs.Gathered.Count, this.inputs.NumericWidth, this.spec.Towers.Count, this.device);

    // A fault where gradients overflow whatever the scale; whether numbers are finite otherwise is seen when they are read.
    private Fault? Step(TorchRows gathered, int from, int count, EpochWork work, Scales scales, double learningRate)
    {
        using var scope = NewDisposeScope();
        var factors = scales.Of(this.scale?.Factor ?? 1);
        var (gradient, batches) = this.Gradient(gathered, from, count, work.BatchSize, factors);
        using var noGrad = no_grad();
        if (batches > 1 || this.scale is not null)
        {
            using Scalar share = 1 / (batches * factors.Factor);
            gradient.mul_(share);
        }

        this.steps++;
        this.clipping?.Apply(gradient);
        var sum = gradient.sum();
        if (this.scale is { } scale)
        {
            var isFinite = float.IsFinite(sum.item<float>());
            this.scale = scale.After(isFinite);
            if (!isFinite)
            {
                this.skipped++;
                return this.scale.IsExhausted ? this.Exhausted() : null;
            }
        }
        else
        {
            this.readings.AddGradient(sum);
        }

        this.optimizer.Update(this.parameters.Vector, gradient, learningRate, this.parameters.Trained);
        this.Renew();
        return null;
    }

    // The sum of the gradients of a step's batches, each times the scale.
    private (Tensor Gradient, int Batches) Gradient(TorchRows gathered, int from, int count, int batchSize, LossScales scales)
    {
        var (sum, batches) = ((Tensor?)null, 0);
        for (var at = 0; at < count; at += batchSize)
        {
            using var scope = NewDisposeScope();
            var (loss, gradient) = this.LossAndGradient(gathered.Slice(from + at, Math.Min(batchSize, count - at)), scales, batches++);
            using var noGrad = no_grad();
            this.readings.AddLoss(loss);
            sum = sum is null ? gradient.MoveToOuterDisposeScope() : sum.add_(gradient, RootedScalars.One);
        }

        return (sum!, batches);
    }

    private Fault Exhausted() => Fault.Run(
        string.Create(
            CultureInfo.InvariantCulture,
            $"the gradient of step {this.steps} overflows half precision though the loss is scaled by {this.scale!.Factor}"),
        "set precision=bfloat16 or float32, or lower the learning rate");

    private void Renew()
    {
        if (this.computed != this.parameters)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            this.computed.Vector.copy_(this.parameters.Vector);
        }
    }

    private (Tensor Loss, Tensor Gradient) LossAndGradient(TorchRows batch, LossScales scales, int number)
    {
        var masks = this.hasDropout ? new DropoutMasks(this.seed, this.steps, number) : null;
        var logits = this.trainedNetwork.Logits(batch.Indices, batch.Numerics, masks);
        if (this.loss.IsPlain)
        {
            var sum = this.loss.Sum(logits, batch.Targets);
            return (sum, this.GradientOf(sum, scales.Of(this.loss.Divisor(batch))));
        }

        var losses = this.loss.PerTask(logits, batch.Targets);
        var weighted = this.loss.Weighted(losses, batch.Targets);
        return (
            weighted,
            this.spec.Weighting is PcGradWeighting ? this.Projected(losses, scales.Factor) : this.GradientOf(weighted, scales.Of(1)));
    }

    private Tensor GradientOf(Tensor loss, Tensor scale, bool keepsGraph = false) =>
        this.computed.Flatten(autograd.grad([loss], this.computed.Leaves, [scale], retain_graph: keepsGraph));

    // A pass backward for each task; the vectors meet on the device, and only their inner products come back.
    private Tensor Projected(Tensor losses, double scale)
    {
        var tasks = (int)losses.numel();
        using Scalar factor = scale;
        var each = eye(tasks, device: this.device).mul_(factor);
        var gradients = stack([.. Enumerable.Range(0, tasks).Select(t => this.GradientOf(losses, each.select(0, t), t < tasks - 1))]);
        using var noGrad = no_grad();
        var products = System.Array.ConvertAll(gradients.mm(gradients.t()).ToFlat(), product => (double)product);
        float[] factors = [.. PcGrad.Coefficients(products, PcGrad.Order(tasks, this.seed, this.steps)).Select(factor => (float)factor)];
        return TensorCopies.ToTensor<float>(factors, ScalarType.Float32).to(this.device).view(1, -1).mm(gradients).view(-1);
    }

    private static bool HasDropout(EquatableArray<Step> steps) => steps.Any(step => step switch
    {
        DropoutStep { Rate: > 0 } => true,
        ResidualStep residual => HasDropout(residual.Inner),
        _ => false,
    });

    /// <summary>The scales of losses by their factor, which changes now and then.</summary>
    private sealed class Scales(Device device) : IDisposable
    {
        private LossScales? scales;

        public LossScales Of(double factor)
        {
            if (this.scales?.Factor != factor)
            {
                this.scales?.Dispose();
                this.scales = new(device, factor);
            }

            return this.scales;
        }

        public void Dispose() => this.scales?.Dispose();
    }

    /// <summary>Losses and sums of gradients that wait on the device: reading one by one would stop it each time.</summary>
    private sealed class Readings : IDisposable
    {
        private readonly Tensor losses;
        private readonly Tensor gradients;
        private readonly Tensor[] lossSlots;
        private readonly Tensor[] gradientSlots;
        private int pending;

        public Readings(int slots, Device device)
        {
            (this.losses, this.lossSlots) = Slots(slots, device);
            (this.gradients, this.gradientSlots) = Slots(slots, device);
        }

        /// <summary>How many losses can still be added.</summary>
        public int Left => this.lossSlots.Length - this.pending;

        /// <summary>These, or longer ones for steps of many batches.</summary>
        public Readings For(int batches, Device device)
        {
            this.pending = 0;
            if (this.lossSlots.Length >= batches)
            {
                // After a fault there may be sums that are no numbers.
                this.gradients.zero_();
                return this;
            }

            this.Dispose();
            return new Readings(batches, device);
        }

        public void AddLoss(Tensor loss) => this.lossSlots[this.pending++].copy_(loss);

        /// <summary>The gradient of the step whose last batch was the last added; what stands for the others is older, and finite.</summary>
        public void AddGradient(Tensor sum) => this.gradientSlots[this.pending - 1].copy_(sum);

        public Fault? Take(LossReadings into)
        {
            if (this.pending == 0)
            {
                return null;
            }

            var count = this.pending;
            this.pending = 0;
            return into.Add(this.losses.ToFlat().AsSpan(0, count), this.gradients.ToFlat().AsSpan(0, count));
        }

        public void Dispose()
        {
            foreach (var slot in this.lossSlots.Concat(this.gradientSlots))
            {
                slot.Dispose();
            }

            this.losses.Dispose();
            this.gradients.Dispose();
        }

        private static (Tensor All, Tensor[] Each) Slots(int count, Device device)
        {
            var all = zeros(count, ScalarType.Float32, device).DetachFromDisposeScope();
            return (all, [.. Enumerable.Range(0, count).Select(i => all.select(0, i).DetachFromDisposeScope())]);
        }
    }
}
