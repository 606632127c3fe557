namespace Mmoe.Data;

/// <summary>The texts of an emitted vocabulary, in code order: what analyzers know of it.</summary>
/// <remarks>
/// A vocabulary's own table is made at run time, where no compiler sees it. This repeats the texts in the type's metadata, so that a
/// mistake is found while the project compiles, in the vocabulary's own project and in every other that refers to it.
/// </remarks>
[AttributeUsage(AttributeTargets.Enum | AttributeTargets.Struct, Inherited = false)]
public sealed class VocabularyTextsAttribute : Attribute
{
    /// <summary>Takes the texts one by one.</summary>
    /// <param name="texts">The texts in code order.</param>
    public VocabularyTextsAttribute(params string[] texts) => this.Texts = new(texts);

    /// <summary>Takes thousands of texts as one, which costs the compiler less than as many literals.</summary>
    /// <param name="texts">The texts in code order, joined.</param>
    /// <param name="separator">The character between two of them, which none of them holds.</param>
    public VocabularyTextsAttribute(string texts, char separator)
        : this(texts.Split(separator))
    {
    }

    /// <summary>The texts in code order.</summary>
    public EquatableArray<string> Texts { get; }
}
