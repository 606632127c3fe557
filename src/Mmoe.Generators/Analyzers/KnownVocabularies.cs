using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mmoe.Generators.Emitting;

namespace Mmoe.Generators.Analyzers;

/// <summary>The emitted vocabularies that a compilation can name, of its own or of another assembly; each is read once.</summary>
internal sealed class KnownVocabularies
{
    private const string TextsAttribute = "Mmoe.Data.VocabularyTextsAttribute";

    private readonly INamedTypeSymbol textsAttribute;
    private readonly INamedTypeSymbol? toolAttribute;
    private readonly ConcurrentDictionary<INamedTypeSymbol, KnownVocabulary?> known = new(SymbolEqualityComparer.Default);

    private KnownVocabularies(Compilation compilation, INamedTypeSymbol textsAttribute)
    {
        this.textsAttribute = textsAttribute;
        this.toolAttribute = compilation.GetTypeByMetadataName("System.CodeDom.Compiler.GeneratedCodeAttribute");
    }

    /// <summary>The vocabularies of a compilation; null where none can be, since it does not know what emitted code leans on.</summary>
    public static KnownVocabularies? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName(TextsAttribute) is { } attribute ? new(compilation, attribute) : null;

    /// <summary>The vocabulary that a type is; null if it is none.</summary>
    public KnownVocabulary? Find(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Enum or TypeKind.Struct } named ? this.known.GetOrAdd(named, this.Read) : null;

    /// <summary>The vocabulary that a type is, if it is an enum.</summary>
    public KnownVocabulary? FindEnum(ITypeSymbol? type) => type is { TypeKind: TypeKind.Enum } ? this.Find(type) : null;

    /// <summary>The type that a value has where it is not null.</summary>
    public static ITypeSymbol? WithoutNullable(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type;

    /// <summary>Whether the generator wrote a method that gives a vocabulary's values.</summary>
    /// <remarks>
    /// A struct holds its own methods. An enum's stand in a type beside the dataset: there in an extension block where the call is written
    /// as the enum's, and directly where it is written as that type's.
    /// </remarks>
    public bool IsEmitted(IMethodSymbol method, KnownVocabulary vocabulary)
    {
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, vocabulary.Type) || this.BearsTool(type))
            {
                return true;
            }
        }

        return false;
    }

    private bool BearsTool(INamedTypeSymbol type) => type.GetAttributes().Any(attribute =>
        SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, this.toolAttribute)
        && attribute.ConstructorArguments.FirstOrDefault().Value is EmittedFile.Tool);

    private KnownVocabulary? Read(INamedTypeSymbol type)
    {
        var attribute = type.GetAttributes()
            .FirstOrDefault(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, this.textsAttribute));
        return attribute is null || TextsOf(attribute.ConstructorArguments) is not { } texts ? null : new(type, texts);
    }

    // One by one, or joined and the separator: the two constructors of the attribute.
    private static string[]? TextsOf(ImmutableArray<TypedConstant> arguments)
    {
        var first = arguments.FirstOrDefault();
        if (first.Kind == TypedConstantKind.Array)
        {
            return first.IsNull ? null : [.. first.Values.Select(text => text.Value).OfType<string>()];
        }

        return first.Value is string joined && arguments.Last().Value is char separator ? joined.Split(separator) : null;
    }
}
