namespace Mmoe.Generators.Parsing;

/// <summary>Something wrong in a schema, as a value.</summary>
/// <param name="Id">One of <see cref="SchemaRules"/>.</param>
/// <param name="Span">The offending characters.</param>
/// <param name="Arguments">What fills the rule's message.</param>
/// <param name="Other">A second place that explains it, such as the first of two duplicates.</param>
internal sealed record SchemaProblem(string Id, JsonSpan Span, EquatableArray<string> Arguments, JsonSpan? Other = null);
