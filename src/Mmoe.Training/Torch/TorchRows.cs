using Mmoe.Model;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>The targets of a group of towers.</summary>
/// <param name="Values">[towers, rows, 1]; for classes [towers, rows], int64. 0 where the label is missing.</param>
/// <param name="Weights">Of the shape of the values: the row's weight, 0 where the label is missing; null if all are 1.</param>
internal sealed record TorchTargets(Tensor Values, Tensor? Weights);

/// <summary>Rows on a device, as the network and the loss take them.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Indices">[rows, gathered inputs], int32 where rows wait, int64 where they are gathered for steps.</param>
/// <param name="Numerics">[rows, numeric inputs + 1], the last column 1.</param>
/// <param name="Targets">Per group of towers.</param>
internal sealed record TorchRows(int Rows, Tensor Indices, Tensor Numerics, TorchTargets[] Targets) : IDisposable
{
    /// <summary>Copies rows to a device.</summary>
    /// <param name="inputs">The rows.</param>
    /// <param name="groups">The groups of towers; none where targets are not wanted.</param>
    /// <param name="from">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="gathered">The number of gathered inputs.</param>
    /// <param name="numerics">The number of numeric inputs.</param>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="device">The device.</param>
    public static TorchRows Of(
        ModelInputs inputs, IEnumerable<TowerGroup> groups, int from, int count, int gathered, int numerics, int tasks, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var indices = TensorCopies.ToTensor(inputs.Indices.AsSpan(from * gathered, count * gathered), ScalarType.Int32)
            .view(count, gathered).to(device);
        var numbers = ones(count, numerics + 1, ScalarType.Float32);
        var scaled = inputs.Numerics.AsSpan(from * numerics, count * numerics);
        numbers.narrow(1, 0, numerics).copy_(TensorCopies.ToTensor<float>(scaled, ScalarType.Float32).view(count, numerics));
        var towers = groups.ToArray();
        var targets = towers.Length == 0 ? [] : OfTargets(inputs, towers, from, count, tasks, device);
        foreach (var target in targets)
        {
            target.Values.MoveToOuterDisposeScope();
            target.Weights?.MoveToOuterDisposeScope();
        }

        return new(count, indices.MoveToOuterDisposeScope(), numbers.to(device).MoveToOuterDisposeScope(), targets);
    }

    /// <summary>Some of the rows, in an order, side by side.</summary>
    /// <param name="order">Row numbers, int64.</param>
    public TorchRows Gather(Tensor order)
    {
        using var noGrad = no_grad();
        var count = (int)order.numel();
        return new(
            count,
            this.Indices.index_select(0, order).to(ScalarType.Int64),
            this.Numerics.index_select(0, order),
            Array.ConvertAll(this.Targets, t => new TorchTargets(t.Values.index_select(1, order), t.Weights?.index_select(1, order))));
    }

    /// <summary>Rows side by side, without a copy.</summary>
    /// <param name="from">The first.</param>
    /// <param name="count">How many.</param>
    public TorchRows Slice(int from, int count) => new(
        count,
        this.Indices.narrow(0, from, count),
        this.Numerics.narrow(0, from, count),
        Array.ConvertAll(this.Targets, t => new TorchTargets(t.Values.narrow(1, from, count), t.Weights?.narrow(1, from, count))));

    /// <summary>The same rows out of every scope: they live until they are disposed.</summary>
    public TorchRows Detached()
    {
        this.ForEach(t => t.DetachFromDisposeScope());
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => this.ForEach(t => t.Dispose());

    private void ForEach(Action<Tensor> action)
    {
        action(this.Indices);
        action(this.Numerics);
        foreach (var target in this.Targets)
        {
            action(target.Values);
            if (target.Weights is { } weights)
            {
                action(weights);
            }
        }
    }

    private static TorchTargets[] OfTargets(ModelInputs inputs, TowerGroup[] groups, int from, int count, int tasks, Device device)
    {
        var labels = inputs.Targets.AsSpan(from * tasks, count * tasks);
        var weights = inputs.Weights.AsSpan(from, count);
        var isPlain = !weights.ContainsAnyExcept(1f) && !HasNaN(labels);
        var all = TensorCopies.ToTensor(labels, ScalarType.Float32).view(count, tasks).t();
        var rowWeights = TensorCopies.ToTensor(weights, ScalarType.Float32).view(1, count);
        return Array.ConvertAll(groups, group =>
        {
            var own = all.narrow(0, group.First, group.Count);
            var isMissing = own.isnan();
            var values = own.masked_fill(isMissing, RootedScalars.Zero);
            if (group.Head is BinaryHead { LabelSmoothing: > 0 } binary)
            {
                var smoothed = System.Array.ConvertAll(values.ToFlat(), label => (float)binary.Smoothed(label));
                values = TensorCopies.ToTensor<float>(smoothed, ScalarType.Float32).view(group.Count, count);
            }

            var present = isPlain ? null : rowWeights.masked_fill(isMissing, RootedScalars.Zero);
            return group.Head is MulticlassHead
                ? new TorchTargets(values.to(ScalarType.Int64).contiguous().to(device), present?.to(device))
                : new TorchTargets(values.contiguous().unsqueeze(-1).to(device), present?.unsqueeze(-1).to(device));
        });
    }

    private static bool HasNaN(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (float.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
