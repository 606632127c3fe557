using Mmoe.Model;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>A step of equal parts as one batch: from [parts, rows, inputs] to [parts, rows, outputs].</summary>
internal abstract record TorchStep
{
    /// <summary>Takes the step.</summary>
    /// <param name="x">[parts, rows, inputs].</param>
    /// <param name="masks">The random numbers of dropout; null where nothing is dropped.</param>
    public abstract Tensor Apply(Tensor x, DropoutMasks? masks);

    /// <summary>Prepares steps of a bundle.</summary>
    public static TorchStep[] Of(EquatableArray<Step> steps, EquatableArray<Part> parts, LeafSource leaves) =>
        [.. steps.Select(step => Of(step, parts, leaves))];

    /// <summary>An activation.</summary>
    public static Tensor Activate(Tensor x, Activation activation) => activation switch
    {
        Activation.Identity => x,
        Activation.ReLU => x.relu(),
        Activation.Tanh => x.tanh(),
        Activation.SiLU => x.silu(),
        Activation.GELU => x.gelu(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "there is no such activation"),
    };

    private static TorchStep Of(Step step, EquatableArray<Part> parts, LeafSource leaves)
    {
        string[] Owners(Func<string, string> name) => [.. parts.Select(part => name(step.Owner(part.Owner)))];
        Tensor Vectors(Func<string, string> name) => leaves.Leaf(Owners(name), parts.Count, 1, step.Outputs);
        return step switch
        {
            DenseStep dense => new TorchDense(
                leaves.Leaf(Owners(ParameterNames.Weight), parts.Count, dense.Inputs, dense.Outputs),
                dense.HasBias ? Vectors(ParameterNames.Bias) : null,
                dense.Activation),
            ActivateStep activate => new TorchActivate(activate.Function),
            NormStep norm => new TorchNorm(norm.Width, norm.Epsilon, Vectors(ParameterNames.Scale), Vectors(ParameterNames.Shift)),
            DropoutStep dropout => new TorchDropout(Owners(name => name), dropout.Width, dropout.Rate),
            ResidualStep residual => new TorchResidual(Of(residual.Inner, parts, leaves)),
            _ => throw new ArgumentException($"there is no operation for {step}", nameof(step)),
        };
    }
}

/// <summary>Dense layers: weights [parts, inputs, units], biases [parts, 1, units].</summary>
internal sealed record TorchDense(Tensor Weight, Tensor? Bias, Activation Activation) : TorchStep
{
    // TorchSharp 0.107.0 hands the receiver of baddbmm to libtorch as the first factor, and its last argument as the summand.
    public override Tensor Apply(Tensor x, DropoutMasks? masks) =>
        Activate(this.Bias is { } bias ? x.baddbmm(this.Weight, bias) : x.bmm(this.Weight), this.Activation);
}

/// <summary>Activations.</summary>
internal sealed record TorchActivate(Activation Function) : TorchStep
{
    public override Tensor Apply(Tensor x, DropoutMasks? masks) => Activate(x, this.Function);
}

/// <summary>Layer norms: scales and shifts [parts, 1, width].</summary>
internal sealed record TorchNorm(int Width, double Epsilon, Tensor Scale, Tensor Shift) : TorchStep
{
    private readonly long[] shape = [Width];

    public override Tensor Apply(Tensor x, DropoutMasks? masks) =>
        nn.functional.layer_norm(x, this.shape, eps: this.Epsilon).mul(this.Scale).add(this.Shift, RootedScalars.One);
}

/// <summary>Dropout, by the names of the steps of all parts.</summary>
internal sealed record TorchDropout(string[] Names, int Width, double Rate) : TorchStep
{
    public override Tensor Apply(Tensor x, DropoutMasks? masks) =>
        masks is null || this.Rate == 0 ? x : x.mul(masks.Of(this.Names, (int)x.shape[1], this.Width, this.Rate, x.device).to(x.dtype));
}

/// <summary>Residuals.</summary>
internal sealed record TorchResidual(TorchStep[] Inner) : TorchStep
{
    public override Tensor Apply(Tensor x, DropoutMasks? masks) =>
        x.add(this.Inner.Aggregate(x, (y, step) => step.Apply(y, masks)), RootedScalars.One);
}
