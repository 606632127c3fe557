using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>What a pattern says of a value that is known: a member of an enum over <see cref="byte"/>, or null.</summary>
internal static class PatternCoverage
{
    /// <summary>Whether a pattern matches a value; null where that is not known before run time.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="value">The member's number, or null.</param>
    public static bool? Matches(IPatternOperation pattern, byte? value) => pattern switch
    {
        IDiscardPatternOperation => true,
        IConstantPatternOperation constant => IsEqual(constant.Value, value),
        IRelationalPatternOperation relational => Compare(relational, value),
        INegatedPatternOperation negated => !Matches(negated.Pattern, value),
        IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.Or } or =>
            Matches(or.LeftPattern, value) | Matches(or.RightPattern, value),
        IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.And } and =>
            Matches(and.LeftPattern, value) & Matches(and.RightPattern, value),
        IDeclarationPatternOperation { MatchesNull: true } => true,
        IDeclarationPatternOperation declaration => IsOfType(declaration.MatchedType, value),
        ITypePatternOperation type => IsOfType(type.MatchedType, value),
        IRecursivePatternOperation { PropertySubpatterns.Length: 0, DeconstructionSubpatterns.Length: 0 } recursive =>
            IsOfType(recursive.MatchedType, value),
        _ => null,
    };

    /// <summary>Whether a constant is a value.</summary>
    public static bool? IsEqual(IOperation constant, byte? value) => constant.ConstantValue switch
    {
        { HasValue: true, Value: null } => value is null,
        { HasValue: true, Value: byte number } => value == number,
        _ => null,
    };

    private static bool? Compare(IRelationalPatternOperation relational, byte? value) =>
        relational.Value.ConstantValue.Value is not byte limit ? null : relational.OperatorKind switch
        {
            BinaryOperatorKind.LessThan => value < limit,
            BinaryOperatorKind.LessThanOrEqual => value <= limit,
            BinaryOperatorKind.GreaterThan => value > limit,
            BinaryOperatorKind.GreaterThanOrEqual => value >= limit,
            _ => null,
        };

    // The compiler refuses a type that an enum never is; one that it always is (itself, Enum, an interface) leaves out null alone.
    private static bool? IsOfType(ITypeSymbol? type, byte? value) =>
        value is null ? false : type is null or ITypeParameterSymbol ? null : true;
}
