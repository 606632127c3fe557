using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>What a switch over a vocabulary that is an enum does not handle.</summary>
/// <remarks>
/// A case with a condition leaves its value open, as it does to the compiler. Null is no value of a vocabulary, and told apart.
/// </remarks>
/// <param name="Vocabulary">The vocabulary.</param>
/// <param name="Forgotten">The members that no case takes, whatever else is the case.</param>
/// <param name="ForgetsNull">Whether the value may be null, and no case takes that.</param>
internal sealed record SwitchCoverage(KnownVocabulary Vocabulary, IReadOnlyCollection<string> Forgotten, bool ForgetsNull)
{
    /// <summary>The coverage of a switch statement or expression; null if what it switches over is no such vocabulary.</summary>
    public static SwitchCoverage? Of(IOperation operation, KnownVocabularies vocabularies)
    {
        var (value, cases) = operation switch
        {
            ISwitchOperation statement => (statement.Value, CasesOf(statement)),
            ISwitchExpressionOperation expression => (expression.Value, CasesOf(expression)),
            _ => throw new ArgumentException("The operation is no switch.", nameof(operation)),
        };
        var type = KnownVocabularies.WithoutNullable(value.Type);
        return vocabularies.FindEnum(type) is { } vocabulary
            ? new(
                vocabulary,
                [.. vocabulary.Members.Where((_, code) => !cases.Any(handles => handles((byte)code)))],
                !SymbolEqualityComparer.Default.Equals(type, value.Type) && !cases.Any(handles => handles(null)))
            : null;
    }

    // Each case as a question to it: does it take this value, whatever else is the case?
    private static Func<byte?, bool>[] CasesOf(ISwitchOperation statement) =>
    [
        .. statement.Cases.SelectMany(section => section.Clauses).Select<ICaseClauseOperation, Func<byte?, bool>>(clause => clause switch
        {
            IDefaultCaseClauseOperation => static _ => true,
            ISingleValueCaseClauseOperation single => code => PatternCoverage.IsEqual(single.Value, code) == true,
            IPatternCaseClauseOperation pattern => code => Handles(pattern.Pattern, pattern.Guard, code),
            _ => static _ => false,
        }),
    ];

    private static Func<byte?, bool>[] CasesOf(ISwitchExpressionOperation expression) =>
        [.. expression.Arms.Select(arm => (Func<byte?, bool>)(code => Handles(arm.Pattern, arm.Guard, code)))];

    private static bool Handles(IPatternOperation pattern, IOperation? guard, byte? code) =>
        guard is null or { ConstantValue: { HasValue: true, Value: true } } && PatternCoverage.Matches(pattern, code) == true;
}
