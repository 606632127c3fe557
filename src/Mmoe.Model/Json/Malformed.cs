using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>Text or bytes that do not say what they should. Never leaves <see cref="Malformed"/>.</summary>
internal sealed class MalformedException(string message) : Exception(message);

/// <summary>Reading of data that may be hostile: faults instead of exceptions.</summary>
internal static class Malformed
{
    /// <summary>What <paramref name="read"/> returns, or a fault that tells why it could not.</summary>
    /// <param name="what">What is read, for the fault's text.</param>
    /// <param name="where">Where it comes from; null if unknown.</param>
    /// <param name="read">Reads; throws <see cref="MalformedException"/>, or what System.Text.Json throws.</param>
    public static Validation<Fault, T> Guard<T>(string what, FileLocation? where, Func<T> read)
        where T : class => Faulty.Validated(faults => Guard(what, where, faults, read));

    /// <summary>The same without LanguageExt, for what is compiled ahead of time.</summary>
    /// <param name="what">What is read, for the fault's text.</param>
    /// <param name="where">Where it comes from; null if unknown.</param>
    /// <param name="faults">Where to add the fault.</param>
    /// <param name="read">Reads; throws <see cref="MalformedException"/>, or what System.Text.Json throws.</param>
    /// <returns>What <paramref name="read"/> returns; null after a fault.</returns>
    public static T? Guard<T>(string what, FileLocation? where, ICollection<Fault> faults, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is MalformedException or JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a string with half a surrogate pair, which JSON can spell and .NET cannot hold.
            faults.Add(Fault.Data($"{what} cannot be read: {e.Message}", where));
            return null;
        }
    }

    /// <summary>Parses JSON in which no object names a member twice.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8) =>
        JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });

    /// <summary>Parses JSON in which no object names a member twice.</summary>
    public static JsonDocument Parse(string text) =>
        JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });

    /// <summary>A member that must be there.</summary>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.Optional(name) ?? throw new MalformedException($"'{name}' is missing");

    /// <summary>A member that may be absent or null.</summary>
    public static JsonElement? Optional(this JsonElement parent, string name)
    {
        Require(parent, JsonValueKind.Object);
        return parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
    }

    /// <summary>A text.</summary>
    public static string Text(this JsonElement element)
    {
        Require(element, JsonValueKind.String);
        return element.GetString()!;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static bool Boolean(this JsonElement element) => element.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? element.GetBoolean()
        : throw new MalformedException($"expected True or False, found {element.ValueKind}");

    /// <summary>An integer of 32 bits.</summary>
    public static int Integer(this JsonElement element) => element.LongInteger() is >= int.MinValue and <= int.MaxValue and var value
        ? (int)value
        : throw new MalformedException($"{element} is not an integer of 32 bits");

    /// <summary>An integer of 64 bits.</summary>
    public static long LongInteger(this JsonElement element)
    {
        Require(element, JsonValueKind.Number);
        return element.TryGetInt64(out var value) ? value : throw new MalformedException($"{element} is not an integer of 64 bits");
    }

    /// <summary>A finite number.</summary>
    public static double Number(this JsonElement element)
    {
        Require(element, JsonValueKind.Number);
        return element.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw NotFinite(element);
    }

    /// <summary>A finite number of single precision.</summary>
    public static float Single(this JsonElement element)
    {
        Require(element, JsonValueKind.Number);
        return element.TryGetSingle(out var value) && float.IsFinite(value) ? value : throw NotFinite(element);
    }

    /// <summary>The elements of an array, each read by a function.</summary>
    public static EquatableArray<T> Items<T>(this JsonElement element, Func<JsonElement, T> read)
    {
        Require(element, JsonValueKind.Array);
        return new(element.EnumerateArray().Select(read));
    }

    /// <summary>The members of an object.</summary>
    public static IEnumerable<JsonProperty> Properties(this JsonElement element)
    {
        Require(element, JsonValueKind.Object);
        return element.EnumerateObject();
    }

    /// <summary>The value that a name stands for.</summary>
    public static T Named<T>(this JsonElement element, string what, params ReadOnlySpan<(string Name, T Value)> values)
    {
        var text = element.Text();
        foreach (var (name, value) in values)
        {
            if (name == text)
            {
                return value;
            }
        }

        throw new MalformedException($"there is no {what} '{text}'");
    }

    /// <summary>The items themselves, if no two have the same key.</summary>
    public static EquatableArray<T> Distinct<T>(this EquatableArray<T> items, string what, Func<T, string> key)
    {
        var seen = new System.Collections.Generic.HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (!seen.Add(key(item)))
            {
                throw new MalformedException($"the {what} '{key(item)}' occurs twice");
            }
        }

        return items;
    }

    private static MalformedException NotFinite(JsonElement element) => new($"{element} is no finite number");

    private static void Require(JsonElement element, JsonValueKind kind)
    {
        if (element.ValueKind != kind)
        {
            throw new MalformedException($"expected {kind}, found {element.ValueKind}");
        }
    }
}
