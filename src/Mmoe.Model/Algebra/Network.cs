namespace Mmoe.Model;

/// <summary>The function that a dense layer applies to its result, element by element.</summary>
public enum Activation
{
    /// <summary>x.</summary>
    Identity,

    /// <summary>max(x, 0).</summary>
    ReLU,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>x · σ(x); Elfwing et al. 2018, section 2.</summary>
    SiLU,
}

/// <summary>One step of a network, from a vector to a vector. Holds no numbers.</summary>
public abstract record Layer;

/// <summary>y = activation(x · W + b), with W of shape [inputs, units] and b of shape [units].</summary>
/// <param name="Units">The width of the result, at least 1.</param>
/// <param name="Activation">What is applied to every element.</param>
public sealed record Dense(int Units, Activation Activation) : Layer;

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
}
