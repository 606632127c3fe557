namespace Mmoe.Model;

/// <summary>One step of a network, from a vector to a vector. Holds no numbers that are trained.</summary>
public abstract record Layer
{
    /// <summary>First the layer, then the network; a layer is a network of one, so that two layers compose as they are.</summary>
    public static Network operator >>(Layer first, Network second) => (Network)first >> second;
}

/// <summary>y = activation(x · W + b), with W of shape [inputs, units] and b of shape [units].</summary>
/// <param name="Units">The width of the result, at least 1.</param>
/// <param name="Activation">What is applied to every element.</param>
/// <param name="HasBias">Whether there is a b.</param>
public sealed record Dense(int Units, Activation Activation, bool HasBias = true) : Layer;

/// <summary>y = f(x), element by element. <c>Dense(n, f)</c> is <c>Dense(n, Identity) >> Activate(f)</c>.</summary>
/// <param name="Function">f.</param>
public sealed record Activate(Activation Function) : Layer;

/// <summary>
/// In training each element is 0 with a probability p, and else divided by 1 - p; otherwise nothing happens. Srivastava et al. 2014,
/// section 4, with the scale moved from use to training.
/// </summary>
/// <param name="Rate">p, from 0 to below 1.</param>
public sealed record Dropout(double Rate) : Layer;

/// <summary>
/// y = scale · (x - mean) / √(variance + ε) + shift, with mean and population variance over the elements of one row, and a scale and a shift
/// per element; Ba et al. 2016, equation 4.
/// </summary>
/// <param name="Epsilon">ε, above 0.</param>
public sealed record LayerNorm(double Epsilon = 1e-5) : Layer;

/// <summary>y = x + inner(x), whose result must be as wide as x; He et al. 2016, equation 1.</summary>
/// <param name="Inner">The network that is gone around.</param>
public sealed record Residual(Network Inner) : Layer;

/// <summary>
/// Layers one after the other. Composition with <c>&gt;&gt;</c> is associative and has <see cref="Identity"/> as its neutral element.
/// </summary>
/// <param name="Layers">The layers, first applied first.</param>
public sealed record Network(EquatableArray<Layer> Layers)
{
    /// <summary>The network that gives back what it gets.</summary>
    public static Network Identity { get; } = new(EquatableArray<Layer>.Empty);

    /// <summary>A network of one layer.</summary>
    public static implicit operator Network(Layer layer) => new(new EquatableArray<Layer>([layer]));

    /// <summary>First <paramref name="first"/>, then <paramref name="second"/>.</summary>
    public static Network operator >>(Network first, Network second) => new(new EquatableArray<Layer>(first.Layers.Concat(second.Layers)));

    /// <summary>Dense layers of these widths, all with the same activation.</summary>
    public static Network OfDense(IEnumerable<int> units, Activation activation) =>
        units.Aggregate(Identity, (network, width) => network >> new Dense(width, activation));

    /// <summary>The width of the result for an input of this width.</summary>
    public int OutputWidth(int inputs) => this.Layers.Aggregate(inputs, (width, layer) => layer is Dense dense ? dense.Units : width);
}
