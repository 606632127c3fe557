namespace Mmoe.Model;

/// <summary>A layer in its place: with the widths on both sides and a name for what it trains.</summary>
/// <param name="Name">The name within its part, as in <c>dense.0</c>; empty for the layer that is named as the part itself.</param>
/// <param name="Inputs">The width of what it gets.</param>
/// <param name="Outputs">The width of what it gives.</param>
public abstract record Step(string Name, int Inputs, int Outputs)
{
    /// <summary>The number of parameters that it trains in one part.</summary>
    public virtual long ParameterCount => 0;

    /// <summary>The name of what it trains, in full.</summary>
    /// <param name="part">The name of the part.</param>
    public string Owner(string part) => this.Name.Length == 0 ? part : $"{part}.{this.Name}";

    /// <summary>The steps of a network, one after the other.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inputs">The width of what it gets.</param>
    /// <param name="prefix">What the names of its steps begin with, a final dot included.</param>
    /// <remarks>Steps are numbered from 0 among those of their kind: <c>dense.0</c>, <c>norm.0</c>, <c>dense.1</c>.</remarks>
    public static EquatableArray<Step> Of(Network network, int inputs, string prefix = "")
    {
        var (width, dense, norms, residuals, dropouts) = (inputs, 0, 0, 0, 0);
        var steps = new List<Step>();
        foreach (var layer in network.Layers)
        {
            Step step = layer switch
            {
                Dense d => new DenseStep($"{prefix}dense.{dense++}", width, d.Units, d.Activation, d.HasBias),
                Activate a => new ActivateStep(width, a.Function),
                LayerNorm n => new NormStep($"{prefix}norm.{norms++}", width, n.Epsilon),
                Dropout d => new DropoutStep($"{prefix}dropout.{dropouts++}", width, d.Rate),
                Residual r => new ResidualStep(width, Of(r.Inner, width, $"{prefix}residual.{residuals++}.")),
                _ => throw new ArgumentException($"there is no step for {layer}", nameof(network)),
            };
            steps.Add(step);
            width = step.Outputs;
        }

        return new(steps);
    }
}

/// <summary>See <see cref="Dense"/>. Trains <c>weight</c>, [inputs, outputs], and <c>bias</c>, [outputs].</summary>
/// <param name="Name"><inheritdoc cref="Step" path="/param[@name='Name']"/></param>
/// <param name="Inputs"><inheritdoc cref="Step" path="/param[@name='Inputs']"/></param>
/// <param name="Outputs"><inheritdoc cref="Step" path="/param[@name='Outputs']"/></param>
/// <param name="Activation">What is applied to every element.</param>
/// <param name="HasBias">Whether there is a bias.</param>
public sealed record DenseStep(string Name, int Inputs, int Outputs, Activation Activation, bool HasBias) : Step(Name, Inputs, Outputs)
{
    /// <inheritdoc/>
    public override long ParameterCount => (this.Inputs + (this.HasBias ? 1L : 0)) * this.Outputs;
}

/// <summary>See <see cref="Activate"/>.</summary>
/// <param name="Width">The width on both sides.</param>
/// <param name="Function">What is applied to every element.</param>
public sealed record ActivateStep(int Width, Activation Function) : Step("", Width, Width);

/// <summary>See <see cref="LayerNorm"/>. Trains <c>scale</c> and <c>shift</c>, both [width].</summary>
/// <param name="Name"><inheritdoc cref="Step" path="/param[@name='Name']"/></param>
/// <param name="Width">The width on both sides.</param>
/// <param name="Epsilon">What is added to the variance.</param>
public sealed record NormStep(string Name, int Width, double Epsilon) : Step(Name, Width, Width)
{
    /// <inheritdoc/>
    public override long ParameterCount => 2L * this.Width;
}

/// <summary>See <see cref="Dropout"/>. Trains nothing; its name is what its random numbers derive from.</summary>
/// <param name="Name"><inheritdoc cref="Step" path="/param[@name='Name']"/></param>
/// <param name="Width">The width on both sides.</param>
/// <param name="Rate">The probability of a 0.</param>
public sealed record DropoutStep(string Name, int Width, double Rate) : Step(Name, Width, Width);

/// <summary>See <see cref="Residual"/>.</summary>
/// <param name="Width">The width on both sides.</param>
/// <param name="Inner">The steps gone around; their names are those within the part.</param>
public sealed record ResidualStep(int Width, EquatableArray<Step> Inner) : Step("", Width, Width)
{
    /// <inheritdoc/>
    public override long ParameterCount => this.Inner.Sum(step => step.ParameterCount);
}
