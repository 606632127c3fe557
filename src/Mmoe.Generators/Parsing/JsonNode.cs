namespace Mmoe.Generators.Parsing;

/// <summary>A value of a JSON text with its place in that text.</summary>
/// <remarks>A node serves one parse and is then dropped: it has positions, so nothing of it may enter a model that is compared.</remarks>
/// <param name="span">The characters of the value, quotes and brackets included.</param>
internal abstract class JsonNode(JsonSpan span)
{
    /// <summary>The characters of the value, quotes and brackets included.</summary>
    public JsonSpan Span { get; } = span;

    /// <summary>The kind of value with its article, as a message names it.</summary>
    public abstract string Kind { get; }
}

/// <summary>An object: its properties in the order of the text, those with a repeated name included.</summary>
internal sealed class JsonObject(JsonSpan span, IReadOnlyList<JsonProperty> properties) : JsonNode(span)
{
    /// <summary>The properties in the order of the text.</summary>
    public IReadOnlyList<JsonProperty> Properties { get; } = properties;

    /// <inheritdoc/>
    public override string Kind => "an object";
}

/// <summary>A property of an object.</summary>
/// <param name="Name">The name, unescaped.</param>
/// <param name="NameSpan">The characters of the name, quotes included.</param>
/// <param name="Value">The value.</param>
internal sealed record JsonProperty(string Name, JsonSpan NameSpan, JsonNode Value);

/// <summary>An array.</summary>
internal sealed class JsonArray(JsonSpan span, IReadOnlyList<JsonNode> items) : JsonNode(span)
{
    /// <summary>The items in order.</summary>
    public IReadOnlyList<JsonNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Kind => "an array";
}

/// <summary>A text. It is always well-formed UTF-16: a lone surrogate is an error and reads as U+FFFD.</summary>
internal sealed class JsonString(JsonSpan span, string value) : JsonNode(span)
{
    /// <summary>The text, unescaped.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override string Kind => "a string";
}

/// <summary>A number, kept as written: a conversion to binary and back differs between the hosts of a compiler.</summary>
internal sealed class JsonNumber(JsonSpan span, string raw) : JsonNode(span)
{
    /// <summary>The number's characters.</summary>
    public string Raw { get; } = raw;

    /// <inheritdoc/>
    public override string Kind => "a number";
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class JsonBoolean(JsonSpan span, bool value) : JsonNode(span)
{
    /// <summary>The value.</summary>
    public bool Value { get; } = value;

    /// <inheritdoc/>
    public override string Kind => "a boolean";
}

/// <summary><c>null</c>.</summary>
internal sealed class JsonNull(JsonSpan span) : JsonNode(span)
{
    /// <inheritdoc/>
    public override string Kind => "null";
}
