using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>A text that the compiler knows, and the expression that says it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Place">The expression, without what merely makes a span of it.</param>
internal sealed record ConstantText(string Text, SyntaxNode Place)
{
    /// <summary>The text that a call passes for a parameter; null if it is not known before run time.</summary>
    public static ConstantText? Of(IInvocationOperation call, Func<IParameterSymbol, bool> parameter) =>
        call.Arguments.FirstOrDefault(a => a.Parameter is { } p && parameter(p)) is { } argument ? Of(argument.Value) : null;

    private static ConstantText? Of(IOperation value) => value switch
    {
        { ConstantValue: { HasValue: true, Value: string text } } => new(text, value.Syntax),
        IUtf8StringOperation { Value: var text } => new(text, value.Syntax),
        IConversionOperation conversion => Of(conversion.Operand),
        IInvocationOperation { TargetMethod: { Name: "AsSpan", ContainingType.Name: "MemoryExtensions" }, Arguments.Length: 1 } whole =>
            Of(whole.Arguments[0].Value),
        _ => null,
    };
}
