namespace Mmoe.Model;

/// <summary>A function that is applied element by element.</summary>
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

    /// <summary>x · Φ(x) with the distribution function of the standard normal, exactly and not by its tanh; Hendrycks &amp; Gimpel 2016, section 2.</summary>
    GELU,
}

/// <summary>The names of activations in JSON, in text and in configuration.</summary>
public static class Activations
{
    /// <summary>All, by name.</summary>
    public static EquatableArray<(string Name, Activation Activation)> All { get; } = new(
    [
        ("identity", Activation.Identity),
        ("relu", Activation.ReLU),
        ("tanh", Activation.Tanh),
        ("silu", Activation.SiLU),
        ("gelu", Activation.GELU),
    ]);

    /// <summary>The name of one.</summary>
    public static string Name(this Activation activation) => All.First(named => named.Activation == activation).Name;
}
