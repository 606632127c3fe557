using Microsoft.CodeAnalysis;

namespace Mmoe.Generators.Analyzers;

/// <summary>An emitted vocabulary as analyzers see it: its type, and the texts that the type's metadata lists.</summary>
internal sealed class KnownVocabulary
{
    private static readonly SymbolDisplayFormat NestedName =
        new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes);

    // Two texts that cannot be told apart have no code.
    private const int NoCode = -1;

    private readonly Dictionary<string, int> codes = new(StringComparer.Ordinal);

    /// <summary>Takes a type and its texts in code order.</summary>
    public KnownVocabulary(INamedTypeSymbol type, IReadOnlyCollection<string> texts)
    {
        this.Type = type;
        this.Texts = texts;
        this.Name = type.ToDisplayString(NestedName);
        this.Members =
        [
            .. type.GetMembers()
                .OfType<IFieldSymbol>()
                .Where(field => type.TypeKind == TypeKind.Enum && field.ConstantValue is byte)
                .OrderBy(field => (byte)field.ConstantValue!)
                .Select(field => field.Name),
        ];
        var code = 0;
        foreach (var text in texts)
        {
            var key = Key(text);
            this.codes[key] = this.codes.ContainsKey(key) ? NoCode : code;
            code++;
        }
    }

    /// <summary>The enum or struct.</summary>
    public INamedTypeSymbol Type { get; }

    /// <summary>The type's name within its namespace, such as <c>Loans.Home</c>.</summary>
    public string Name { get; }

    /// <summary>The texts in code order.</summary>
    public IReadOnlyCollection<string> Texts { get; }

    /// <summary>The names of an enum's members in code order; empty for a struct.</summary>
    public IReadOnlyList<string> Members { get; }

    /// <summary>Whether a text is in the vocabulary; the comparison is exact, as at run time, but for NUL characters at the end.</summary>
    public bool Holds(string text) => this.codes.ContainsKey(Key(text));

    /// <summary>The member whose text this is; null if there is none.</summary>
    public string? MemberOf(string text) =>
        this.codes.TryGetValue(text, out var code) && code != NoCode && code < this.Members.Count ? this.Members[code] : null;

    // Roslyn drops NUL characters at the end of an attribute's string when it reads an assembly. Rather miss a mistake than invent one.
    private static string Key(string text) => text.TrimEnd('\0');
}
