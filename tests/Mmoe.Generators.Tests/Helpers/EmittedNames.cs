using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mmoe.Generators.Models;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>The identifiers of emitted code: the names that names of the data might come in the way of.</summary>
internal static partial class EmittedNames
{
    /// <summary>All that occur, for an enum and for a struct, as they are and with their first letter in upper case.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. new[]
            {
                Schemas.Small,
                Schemas.Synthetic,
                Schemas.WithValues(Enumerable.Range(0, VocabularyModel.MaxEnum + 1).Select(i => $"value {i}")),
            }
            .SelectMany(schema => GeneratorHost.Run(schema).Results.Single().GeneratedSources)
            .SelectMany(source => source.SyntaxTree.GetRoot().DescendantTokens())
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken))
            .SelectMany(token => new[] { token.ValueText, char.ToUpperInvariant(token.ValueText[0]) + token.ValueText[1..] })
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The words of an identifier in lower case: <c>create-members</c> for <c>CreateMembers</c>.</summary>
    public static string InWords(string identifier, char between) =>
        WordStart().Replace(identifier, between.ToString()).ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
