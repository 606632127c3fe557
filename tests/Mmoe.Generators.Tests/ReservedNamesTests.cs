using Microsoft.CodeAnalysis;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>
/// Names of the data stand among names that emitted code declares for itself; the latter are found in emitted code, so that none that is
/// added later can be forgotten among the reserved ones, and none stays reserved once it has gone.
/// </summary>
public sealed class ReservedNamesTests
{
    // An enum and a struct, all kinds of tasks, and no name twice: a name tells whether it is a column's, a task's or a value's.
    private static readonly string[] Texts =
    [
        Schemas.Small
            .But("\"name\": \"default\"", "\"name\": \"task-a\"")
            .But("\"name\": \"grade\", \"kind\": \"multi", "\"name\": \"task-b\", \"kind\": \"multi")
            .But("\"identifier\": \"Loss\"", "\"identifier\": \"TaskC\""),
        Schemas.WithValues(Enumerable.Range(0, VocabularyModel.MaxEnum + 1).Select(i => $"v{i}"))
            .But("\"name\": \"y\", \"kind\": \"reg", "\"name\": \"task-d\", \"kind\": \"reg"),
    ];

    // What no member may be called, though none of emitted code is: every type has these from object, and a record forbids 'Clone'.
    private static readonly string[] Inherited =
    [
        "Clone", "Deconstruct",
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
    ];

    private static readonly DatasetModel[] Datasets = [.. Texts.Select(text => SchemaParser.Parse(text).Dataset!)];

    private static readonly INamedTypeSymbol[] Types = [.. TypesOf(GeneratorHost.Compile(Texts).Assembly.GlobalNamespace)];

    [Fact]
    public void Columns()
    {
        var columns = Datasets.SelectMany(d => d.Columns).Select(c => c.Identifier).ToHashSet();
        var declared = Types
            .Where(type => type.TypeKind != TypeKind.Enum
                && (Names(type).Any(columns.Contains) || columns.Contains(type.Name) || columns.Contains(Extended(type))))
            .SelectMany(type => Extended(type).Length > 0 ? Names(type) : Names(type).Append(type.Name));
        AssertReserved(declared.Where(name => !columns.Contains(name)), IdentifierScope.Columns("SmallLoans"), otherwise: "Least");
    }

    [Fact]
    public void Values()
    {
        var vocabularies = Datasets.SelectMany(d => d.Vocabularies())
            .Where(v => v.Vocabulary.IsEnum)
            .Select(v => v.Column.Identifier)
            .ToArray();
        Assert.Equal(["Home", "Sex", "Defaulted", "Grade"], vocabularies);
        Assert.All(vocabularies, vocabulary => AssertReserved(
            Types.Where(type => Extended(type) == vocabulary).SelectMany(Names).Append(vocabulary), IdentifierScope.Values(vocabulary)));
    }

    [Fact]
    public void Tasks()
    {
        var tasks = Datasets.SelectMany(d => d.Tasks).Select(t => t.Identifier).ToHashSet();
        Assert.Equal(["TaskA", "TaskB", "TaskC", "TaskD"], tasks);
        var declared = Types.Where(type => Names(type).Any(tasks.Contains)).SelectMany(type => Names(type).Append(type.Name));
        AssertReserved(declared.Where(name => !tasks.Contains(name)), IdentifierScope.Tasks);
    }

    [Fact]
    public void Types_of_datasets()
    {
        var own = Datasets.Select(d => d.TypeName).ToArray();
        var columns = Datasets.SelectMany(d => d.Columns).Select(c => c.Identifier);
        var fromNames = own.Concat(Datasets.SelectMany(d => d.CompanionTypes()));
        var declared = Types.Where(type => type.ContainingType is null).Select(type => type.Name).Except(fromNames)
            .Concat(Types.Where(type => own.Contains(type.Name)).SelectMany(Names).Except(columns));
        AssertReserved(declared, IdentifierScope.Datasets);
    }

    private static void AssertReserved(IEnumerable<string> declared, IdentifierScope scope, params string[] otherwise)
    {
        var needed = declared.Except(otherwise).Union(Inherited).Union(Synthesised()).ToArray();
        Assert.Equal([], needed.Except(scope.Reserved));
        Assert.Equal([], scope.Reserved.Except(needed));
    }

    // Of the records; reserved everywhere, to have one list of what is never free.
    private static IEnumerable<string> Synthesised() =>
        Types.Single(type => type.ToDisplayString().EndsWith(".SmallLoans.Row", StringComparison.Ordinal)).GetMembers()
            .Where(m => m.IsImplicitlyDeclared && m.CanBeReferencedByName)
            .Select(m => m.Name);

    // What the data cannot be called, the data cannot clash with.
    private static IEnumerable<string> Names(INamedTypeSymbol type) =>
        type.GetMembers().Where(m => m.CanBeReferencedByName).Select(m => m.Name).Where(Identifiers.IsValid);

    private static string Extended(INamedTypeSymbol type) => type.IsExtension ? type.ExtensionParameter!.Type.Name : "";

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) =>
        container.GetMembers().SelectMany(member => member switch
        {
            INamedTypeSymbol type => TypesOf(type).Prepend(type),
            INamespaceSymbol inner => TypesOf(inner),
            _ => [],
        });
}
