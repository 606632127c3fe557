namespace Mmoe.Model;

/// <summary>How the results of experts become one.</summary>
public abstract record Gate;

/// <summary>The result of the only expert, as it is.</summary>
public sealed record PassGate : Gate;

/// <summary>
/// Weights by a softmax over logits that a network computes for each row: g(x) = softmax(W · hidden(x) / τ); with neither hidden layers nor
/// bias nor τ it is equation 8 of Ma et al. 2018. With <paramref name="TopK"/> only the greatest logits of a row take part: Shazeer et al.
/// 2017, section 2.1, equations 3 and 5, without noise. Logits equal to the k-th greatest take part too.
/// </summary>
/// <param name="Reads">The stream that the gate looks at.</param>
/// <param name="HasBias">Whether the logits have a bias.</param>
/// <param name="Temperature">τ, above 0: the greater, the more even the weights.</param>
/// <param name="TopK">How many experts take part, at least 1; null for all.</param>
public sealed record SoftmaxGate(string Reads = Streams.Input, bool HasBias = true, double Temperature = 1, int? TopK = null) : Gate
{
    /// <summary>Layers before the logits; mostly none.</summary>
    public Network Hidden { get; init; } = Network.Identity;
}

/// <summary>
/// Learned weights that are the same for every row and need not sum to 1: the cross-stitch unit of Misra et al. 2016, section 3, equation 1,
/// with one weight for all elements.
/// </summary>
/// <param name="Initial">The weights that training starts from, one per expert.</param>
public sealed record StitchGate(EquatableArray<float> Initial) : Gate
{
    /// <summary>A stitch that begins with so much of its own, and of each other with an equal share of the rest to 1.</summary>
    /// <param name="experts">The number of experts.</param>
    /// <param name="own">The position of its own.</param>
    /// <param name="weight">What it takes of its own, if there are others.</param>
    public static StitchGate Sharing(int experts, int own, float weight) => new([.. Enumerable.Range(0, experts)
        .Select(expert => experts == 1 ? 1 : expert == own ? weight : (1 - weight) / (experts - 1))]);
}
