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
public abstract record Layer
{
    /// <summary>First the layer, then the network; a layer is a network of one, so that two layers compose as they are.</summary>
    public static Network operator >>(Layer first, Network second) => (Network)first >> second;
}

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

    /// <summary>The width of the result for an input of this width.</summary>
    public int OutputWidth(int inputs) => this.Layers.Aggregate(inputs, (width, layer) => layer switch
    {
        Dense dense => dense.Units,
        _ => width,
    });

    /// <summary>The dense layers in order, each with the width that it gets.</summary>
    internal IEnumerable<DenseStep> DenseSteps(int inputs)
    {
        var width = inputs;
        foreach (var dense in this.Layers.OfType<Dense>())
        {
            yield return new DenseStep(width, dense.Units, dense.Activation);
            width = dense.Units;
        }
    }
}

/// <summary>A dense layer in its place: with the width of what it gets.</summary>
internal readonly record struct DenseStep(int Inputs, int Units, Activation Activation);
