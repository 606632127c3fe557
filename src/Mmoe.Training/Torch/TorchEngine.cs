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
    private readonly TowerGroup[] groups;
    private readonly TorchLoss loss;
    private readonly TorchAdam adam;
    private readonly int seed;
    private readonly bool hasDropout;
    private readonly Tensor losses;
    private readonly Tensor[] lossSlots;
    private TorchRows? train;

    private TorchEngine(ModelSpec spec, InputLayout inputs, ParameterLayout layout, Device device, TorchOptions options)
    {
        this.spec = spec;
        this.inputs = inputs;
        this.device = device;
        this.seed = options.Seed;
        this.parameters = new FlatParameters(layout.Length, device, Trained(spec, layout));
        this.network = new TorchNetwork(spec, inputs, layout, this.parameters);
        this.groups = this.network.Groups;
        this.hasDropout = Arrangement.Of(spec, inputs.Width).Bundles.Any(bundle => HasDropout(bundle.Steps));
        var logVariances = spec.Weighting is UncertaintyWeighting
            ? new LeafSource(layout, this.parameters).Leaf(
                [.. spec.Towers.Select(tower => ParameterNames.LogVariance(tower.Task))], spec.Towers.Count)
            : null;
        this.loss = new TorchLoss(spec, this.groups, logVariances, device);
        this.adam = new TorchAdam(layout.Length, options.Adam ?? new AdamOptions(), device);
        this.losses = zeros(StepsPerReading, ScalarType.Float32, device).DetachFromDisposeScope();
        this.lossSlots = [.. Enumerable.Range(0, StepsPerReading).Select(i => this.losses.select(0, i).DetachFromDisposeScope())];
    }

    /// <inheritdoc/>
    public string Name => "torch";

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
    public Validation<Fault, double> TrainEpoch(
        int[] order, int batchSize, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var rows = this.train ?? throw new InvalidOperationException("there are no rows to train on yet");
        var readings = new LossReadings(
            order.Length, batchSize, this.loss.IsPlain && rows.Targets[0].Weights is null, this.adam.Steps);
        using var scope = NewDisposeScope();
        var pending = 0;
        var perGathering = Math.Max(1, GatheredRows / batchSize) * batchSize;
        for (var start = 0; start < order.Length; start += perGathering)
        {
            using var gathering = NewDisposeScope();
            var named = order.AsSpan(start, Math.Min(perGathering, order.Length - start));
            var gathered = rows.Gather(TensorCopies.ToTensor<int>(named, ScalarType.Int32).to(ScalarType.Int64).to(this.device));
            using var scales = new LossScales(this.device);
            for (var at = 0; at < named.Length; at += batchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                var rate = learningRate(this.adam.Steps);
                this.Step(gathered, at, Math.Min(batchSize, named.Length - at), scales, rate, this.lossSlots[pending++]);
                if (pending == StepsPerReading || start + at + batchSize >= order.Length)
                {
                    if (readings.Add(this.losses.ToFlat().AsSpan(0, pending)) is { } fault)
                    {
                        return Fail<Fault, double>(fault);
                    }

                    pending = 0;
                    progress(readings.Steps);
                }
            }
        }

        return Success<Fault, double>(readings.Mean);
    }

    /// <summary>Loss and gradient of one batch under the present parameters; nothing changes.</summary>
    /// <param name="batch">The rows, all of them one batch.</param>
    /// <returns>The loss, and its gradient in the order of the flat vector.</returns>
    public (double Loss, float[] Gradient) Gradient(ModelInputs batch)
    {
        using var scope = NewDisposeScope();
        var rows = this.Rows(batch, this.groups, 0, batch.Rows);
        using var scales = new LossScales(this.device);
        var (loss, gradient) = this.LossAndGradient(rows.Gather(arange(batch.Rows, ScalarType.Int64, this.device)), scales);
        return (loss.item<float>() / (double)this.loss.Divisor(rows), gradient.ToFlat());
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

        return logits;
    }

    /// <inheritdoc/>
    public float[] Parameters() => this.parameters.Vector.ToFlat();

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters) => this.parameters.Vector.LoadFlat(parameters);

    /// <inheritdoc/>
    public OptimizerState Optimizer() => this.adam.Save();

    /// <inheritdoc/>
    public void Load(OptimizerState state) => this.adam.Load(state);

    /// <inheritdoc/>
    public void Dispose()
    {
        this.train?.Dispose();
        this.train = null;
        foreach (var slot in this.lossSlots)
        {
            slot.Dispose();
        }

        this.losses.Dispose();
        this.adam.Dispose();
        this.loss.Dispose();
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

    private void Step(TorchRows gathered, int from, int count, LossScales scales, double learningRate, Tensor lossSlot)
    {
        using var scope = NewDisposeScope();
        var batch = gathered.Slice(from, count);
        var (loss, gradient) = this.LossAndGradient(batch, scales);
        using var noGrad = no_grad();
        this.adam.Update(this.parameters.Vector, gradient, learningRate, this.parameters.Trained);
        lossSlot.copy_(loss);
    }

    private (Tensor Loss, Tensor Gradient) LossAndGradient(TorchRows batch, LossScales scales)
    {
        var masks = this.hasDropout ? new DropoutMasks(this.seed, this.adam.Steps) : null;
        var logits = this.network.Logits(batch.Indices, batch.Numerics, masks);
        if (this.loss.IsPlain)
        {
            var sum = this.loss.Sum(logits, batch.Targets);
            return (sum, this.GradientOf(sum, scales.Of(this.loss.Divisor(batch))));
        }

        var losses = this.loss.PerTask(logits, batch.Targets);
        var weighted = this.loss.Weighted(losses, batch.Targets);
        return (weighted, this.spec.Weighting is PcGradWeighting ? this.Projected(losses) : this.GradientOf(weighted, scales.Of(1)));
    }

    private Tensor GradientOf(Tensor loss, Tensor scale, bool keepsGraph = false) =>
        this.parameters.Flatten(autograd.grad([loss], this.parameters.Leaves, [scale], retain_graph: keepsGraph));

    // A pass backward for each task; the vectors meet on the device, and only their inner products come back.
    private Tensor Projected(Tensor losses)
    {
        var tasks = (int)losses.numel();
        var each = eye(tasks, device: this.device);
        var gradients = stack([.. Enumerable.Range(0, tasks).Select(t => this.GradientOf(losses, each.select(0, t), t < tasks - 1))]);
        using var noGrad = no_grad();
        var products = System.Array.ConvertAll(gradients.mm(gradients.t()).ToFlat(), product => (double)product);
        float[] factors = [.. PcGrad.Coefficients(products, PcGrad.Order(tasks, this.seed, this.adam.Steps)).Select(factor => (float)factor)];
        return TensorCopies.ToTensor<float>(factors, ScalarType.Float32).to(this.device).view(1, -1).mm(gradients).view(-1);
    }

    // Per element of the flat vector; null where training changes all.
    private static bool[]? Trained(ModelSpec spec, ParameterLayout layout)
    {
        if (spec.Frozen.Count == 0 && layout.FirstLayer.Columns.All(columns => columns.HasBias))
        {
            return null;
        }

        var trained = new float[layout.Length];
        foreach (var entry in layout.Entries.Where(entry => !spec.IsFrozen(entry.Name)))
        {
            entry.CopyTo([.. Enumerable.Repeat(1f, entry.Count)], trained);
        }

        return System.Array.ConvertAll(trained, value => value == 1);
    }

    private static bool HasDropout(EquatableArray<Step> steps) => steps.Any(step => step switch
    {
        DropoutStep { Rate: > 0 } => true,
        ResidualStep residual => HasDropout(residual.Inner),
        _ => false,
    });
}
