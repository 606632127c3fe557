using System.Globalization;

namespace Mmoe.Generators.Parsing;

/// <summary>The properties of one object of a schema, read by name; whatever is wrong with them is reported.</summary>
internal sealed class SchemaFields
{
    private readonly Dictionary<string, JsonProperty> byName = new(StringComparer.Ordinal);
    private readonly SchemaReport report;

    /// <summary>Takes the properties of an object, the first of each name.</summary>
    /// <param name="node">The object.</param>
    /// <param name="what">What it is, with its article: <c>a column</c>.</param>
    /// <param name="known">The properties that it may hold.</param>
    /// <param name="report">Where unknown ones are reported.</param>
    public SchemaFields(JsonObject node, string what, string[] known, SchemaReport report)
    {
        this.Node = node;
        this.What = what;
        this.report = report;
        foreach (var property in node.Properties)
        {
            if (Array.IndexOf(known, property.Name) < 0)
            {
                report.Add(
                    SchemaRules.UnknownProperty,
                    property.NameSpan,
                    SchemaReport.Quote(property.Name),
                    what,
                    report.Instead(property.Name, known));
            }
            else if (!this.byName.ContainsKey(property.Name))
            {
                this.byName.Add(property.Name, property);
            }
        }
    }

    /// <summary>The object.</summary>
    public JsonObject Node { get; }

    /// <summary>What it is, with its article.</summary>
    public string What { get; }

    /// <summary>The object's opening brace: where a missing property is reported.</summary>
    public JsonSpan Brace => new(this.Node.Span.Start, 1);

    /// <summary>The property of a name, or null.</summary>
    public JsonProperty? Find(string name) => this.byName.TryGetValue(name, out var property) ? property : null;

    /// <summary>The property of a name; reported if it is missing.</summary>
    public JsonProperty? Require(string name)
    {
        var property = this.Find(name);
        if (property is null)
        {
            this.report.Add(SchemaRules.MissingProperty, this.Brace, name, this.What);
        }

        return property;
    }

    /// <summary>Reports a property that has no meaning here.</summary>
    /// <param name="name">The property.</param>
    /// <param name="what">What it has no meaning for.</param>
    public void Forbid(string name, string what)
    {
        if (this.Find(name) is { } property)
        {
            this.report.Add(SchemaRules.NotApplicable, property.NameSpan, name, what);
        }
    }

    /// <summary>A property that is an object, an array, …; reported if it is something else.</summary>
    public T? As<T>(JsonProperty? property, string expected)
        where T : JsonNode => property is null ? null : this.As<T>(property.Value, $"'{property.Name}'", expected);

    /// <summary>A value that is an object, an array, …; reported if it is something else.</summary>
    public T? As<T>(JsonNode node, string what, string expected)
        where T : JsonNode
    {
        if (node is T result)
        {
            return result;
        }

        this.report.Add(SchemaRules.WrongType, Head(node), what, expected, node.Kind);
        return null;
    }

    /// <summary>A text.</summary>
    public JsonString? Text(string name) => this.As<JsonString>(this.Find(name), "a string");

    /// <summary>A text that must not be empty.</summary>
    public JsonString? FilledText(string name) => this.Filled(this.Text(name), $"'{name}'");

    /// <summary>A text that must be there and must not be empty.</summary>
    public JsonString? RequiredText(string name) => this.Filled(this.As<JsonString>(this.Require(name), "a string"), $"'{name}'");

    /// <summary>A text if it is not empty, else a report.</summary>
    public JsonString? Filled(JsonString? text, string what)
    {
        if (text is null || text.Value.Length > 0)
        {
            return text;
        }

        this.report.Add(SchemaRules.MalformedText, text.Span, "", what, "it must not be empty");
        return null;
    }

    /// <summary>A text of a certain form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is to be, with its article.</param>
    /// <param name="form">The form in words.</param>
    /// <param name="accepts">The form.</param>
    public JsonString? Formed(JsonString? text, string what, string form, Func<string, bool> accepts)
    {
        if (text is null || accepts(text.Value))
        {
            return text;
        }

        this.report.Add(SchemaRules.MalformedText, text.Span, SchemaReport.Quote(text.Value), what, form);
        return null;
    }

    /// <summary>The explicit C# name, if one is stated.</summary>
    public JsonString? Identifier() => this.Formed(
        this.Text("identifier"),
        "an identifier",
        $"it must be 1 to {Identifiers.MaxLength} letters, digits and '_', not starting with a digit or a lower-case letter",
        Identifiers.IsValid);

    /// <summary>One of a few texts.</summary>
    public string? Choice(JsonProperty? property, params string[] accepted)
    {
        if (this.As<JsonString>(property, "a string") is not { } text)
        {
            return null;
        }

        if (Array.IndexOf(accepted, text.Value) >= 0)
        {
            return text.Value;
        }

        this.report.Add(
            SchemaRules.ValueNotAccepted,
            text.Span,
            SchemaReport.Quote(text.Value),
            property!.Name,
            this.report.Instead(text.Value, accepted));
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool? Boolean(string name) => this.As<JsonBoolean>(this.Find(name), "true or false")?.Value;

    /// <summary>A whole number in a range.</summary>
    public int? Integer(string name, NumberLimits limits) =>
        this.As<JsonNumber>(this.Find(name), "a number") is { } number ? this.Integer(number, name, limits) : null;

    /// <summary>A whole number within the limits of its name.</summary>
    public int? Integer(string name, IReadOnlyDictionary<string, NumberLimits> limits) => this.Integer(name, limits[name]);

    /// <summary>A whole number in a range.</summary>
    public int? Integer(JsonNumber number, string what, NumberLimits limits)
    {
        if (decimal.TryParse(number.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value == decimal.Truncate(value) && limits.Contains((double)value))
        {
            return (int)value;
        }

        this.report.Add(
            SchemaRules.NumberOutOfRange, number.Span, SchemaReport.Quote(number.Raw), what, $"a whole number {limits}");
        return null;
    }

    /// <summary>A fraction within the limits of its name, as written.</summary>
    public string? Fraction(string name, IReadOnlyDictionary<string, NumberLimits> limits)
    {
        if (this.As<JsonNumber>(this.Find(name), "a number") is not { } number)
        {
            return null;
        }

        // A number longer than any double needs is no slip of the pen; it would only make a strange literal.
        if (number.Raw.Length <= 32 && double.TryParse(number.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && limits[name].Contains(value))
        {
            return number.Raw;
        }

        this.report.Add(SchemaRules.NumberOutOfRange, number.Span, SchemaReport.Quote(number.Raw), name, $"a number {limits[name]}");
        return null;
    }

    /// <summary>A list of texts, none empty unless allowed.</summary>
    public List<JsonString>? Texts(string name, bool allowEmpty)
    {
        if (this.As<JsonArray>(this.Find(name), "an array of strings") is not { } array)
        {
            return null;
        }

        var texts = new List<JsonString>();
        foreach (var item in array.Items)
        {
            var text = this.As<JsonString>(item, $"an item of '{name}'", "a string");
            if ((allowEmpty ? text : this.Filled(text, $"an item of '{name}'")) is { } good)
            {
                texts.Add(good);
            }
        }

        return texts;
    }

    /// <summary>What to underline of a value: all of it, but only the bracket of an object or array.</summary>
    public static JsonSpan Head(JsonNode node) => node is JsonObject or JsonArray ? new(node.Span.Start, 1) : node.Span;
}
