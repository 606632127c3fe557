namespace Mmoe.Data;

/// <summary>A closed, ordered set of texts. A text's position is its code.</summary>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    private readonly string[] texts;

    /// <summary>Takes the texts in code order.</summary>
    /// <param name="texts">The texts, all different.</param>
    /// <exception cref="ArgumentException">A text occurs twice, or there is none.</exception>
    public Vocabulary(params ReadOnlySpan<string> texts) => this.texts = texts.ToArray();

    /// <summary>The number of texts.</summary>
    public int Count => this.texts.Length;

    /// <summary>The text of a code.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such code.</exception>
    public string this[int code] => this.texts[code];

    /// <summary>The texts in code order.</summary>
    public ReadOnlySpan<string> Texts => this.texts;

    /// <summary>The code of a text, or -1. Compares exactly; allocates nothing.</summary>
    public int IndexOf(ReadOnlySpan<char> text) => throw new NotImplementedException();

    /// <summary>The code of a text in UTF-8, or -1. Compares exactly; allocates nothing.</summary>
    public int IndexOf(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();

    /// <summary>The text nearest to one that is not in the vocabulary, by edit distance; null if none is near.</summary>
    public string? Nearest(ReadOnlySpan<char> text) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool Equals(Vocabulary? other) => other is not null && this.Texts.SequenceEqual(other.Texts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => this.Equals(obj as Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => this.texts.Length == 0 ? 0 : HashCode.Combine(this.texts.Length, this.texts[0], this.texts[^1]);

    /// <summary>The number of texts and the first few.</summary>
    public override string ToString() => $"{this.Count} values";
}
