using System.Text;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>Breaks texts at random, the same way for the same seed.</summary>
internal static class Mutations
{
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "//", "/*", "*/", "null", "true", "-", "1e", "0", "9999999999", "\0", "\n",
        "\uD83D", "\uFEFF", "é", "\u2028",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "{}", "[]", "\"\"", "\"?\"", "0", "-1", "1.5", "1e999", "2147483648", "[[]]", "[{}]", "[\"a\",\"a\"]", "{\"\":{}}", "\"name\"",
        "\"\\u0000\\n\\u2028\\ufeff</summary>*/\\\"\"", "\"Row\"", "\"all\"", "[0]", "[-1, 2.5, \"x\"]", "\"\\ud83d\\ude00\"",
    ];

    /// <summary>A text with a few characters and tokens put in, taken out or exchanged.</summary>
    public static string OfText(string text, Random random)
    {
        var builder = new StringBuilder(text);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(builder.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    builder.Insert(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 1:
                    builder.Remove(at, Math.Min(random.Next(1, 12), builder.Length - at));
                    break;
                case 2 when at < builder.Length:
                    builder[at] = (char)random.Next(1, 128);
                    break;
                default:
                    builder.Length = at;
                    break;
            }
        }

        return builder.ToString();
    }

    /// <summary>A JSON text with a few of its values, or names of properties, exchanged: still JSON, seldom a schema.</summary>
    public static string OfValues(string json, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var spans = new List<JsonSpan>();
            Collect(JsonReader.Read(json).Root, spans, names: random.Next(4) == 0);
            if (spans.Count == 0)
            {
                return json;
            }

            var target = spans[random.Next(spans.Count)];
            var source = spans[random.Next(spans.Count)];
            var value = random.Next(2) == 0 ? Values[random.Next(Values.Length)] : json.Substring(source.Start, source.Length);
            json = json[..target.Start] + value + json[target.End..];
        }

        return json;
    }

    /// <summary>A JSON text with a few items and properties left out, written twice or moved to another place: still JSON.</summary>
    public static string OfStructure(string json, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var parts = Parts(JsonReader.Read(json).Root).ToArray();
            if (parts.Length == 0)
            {
                return json;
            }

            var (part, siblings) = parts[random.Next(parts.Length)];
            json = random.Next(3) switch
            {
                0 => Without(json, part, siblings),
                1 => json[..part.End] + "," + json[part.Start..part.End] + json[part.End..],
                _ => Moved(json, part, siblings[random.Next(siblings.Length)]),
            };
        }

        return json;
    }

    /// <summary>A sound schema with some names of every kind exchanged for, or identifiers stated by, names of emitted code.</summary>
    /// <remarks>A name is exchanged wherever it stands, so that a task still finds its column: most of these mutants are sound.</remarks>
    public static string OfNames(string json, Random random)
    {
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var root = JsonReader.Read(json).Root!;
            var name = EmittedNames.All[random.Next(EmittedNames.All.Count)];
            if (random.Next(4) == 0)
            {
                var owners = Items(root, "columns").Concat(Items(root, "tasks")).Append(root).ToArray();
                json = json.Insert(owners[random.Next(owners.Length)].Span.Start + 1, $" \"identifier\": \"{name}\",");
                continue;
            }

            var (between, names) = Pick(NamesByKind(root).ToArray(), random);
            var spans = new List<JsonSpan>();
            CollectEqual(root, Pick(names, random).Value, spans);
            var text = between == '-' || random.Next(2) == 0 ? EmittedNames.InWords(name, between) : name;
            foreach (var span in spans.OrderByDescending(span => span.Start))
            {
                json = $"{json[..span.Start]}\"{text}\"{json[span.End..]}";
            }
        }

        return json;
    }

    private static T Pick<T>(T[] items, Random random) => items[random.Next(items.Length)];

    // The names of each kind, and what stands between the words of such a name.
    private static IEnumerable<(char Between, JsonString[] Names)> NamesByKind(JsonNode root)
    {
        var values = Items(root, "columns").SelectMany(column => Items(column, "vocabulary")).ToArray();
        return new[]
        {
            ('-', Texts(root, "name")),
            ('-', Items(root, "tasks").SelectMany(task => Texts(task, "name"))),
            (' ', Items(root, "columns").SelectMany(column => Texts(column, "name"))),
            (' ', values.OfType<JsonString>().Concat(values.SelectMany(value => Texts(value, "value")))),
        }.Select(kind => (kind.Item1, kind.Item2.ToArray())).Where(kind => kind.Item2.Length > 0);
    }

    private static IEnumerable<JsonNode> Items(JsonNode node, string property) =>
        Property(node, property).OfType<JsonArray>().SelectMany(array => array.Items);

    private static IEnumerable<JsonString> Texts(JsonNode node, string property) => Property(node, property).OfType<JsonString>();

    private static IEnumerable<JsonNode> Property(JsonNode node, string name) =>
        (node as JsonObject)?.Properties.Where(p => p.Name == name).Select(p => p.Value) ?? [];

    private static void CollectEqual(JsonNode node, string text, List<JsonSpan> spans)
    {
        if (node is JsonString found && found.Value == text)
        {
            spans.Add(found.Span);
        }

        foreach (var child in Children(node))
        {
            CollectEqual(child, text, spans);
        }
    }

    private static IEnumerable<JsonNode> Children(JsonNode? node) => node switch
    {
        JsonObject o => o.Properties.Select(p => p.Value),
        JsonArray a => a.Items,
        _ => [],
    };

    private static string Without(string json, JsonSpan part, JsonSpan[] siblings)
    {
        // The comma on one side goes with it.
        var at = Array.IndexOf(siblings, part);
        return siblings.Length == 1 ? json.Remove(part.Start, part.Length)
            : at == 0 ? json[..part.Start] + json[siblings[1].Start..]
            : json[..siblings[at - 1].End] + json[part.End..];
    }

    private static string Moved(string json, JsonSpan one, JsonSpan other)
    {
        var (first, second) = one.Start < other.Start ? (one, other) : (other, one);
        return first == second ? json
            : json[..first.Start] + json[second.Start..second.End] + json[first.End..second.Start] + json[first.Start..first.End] + json[second.End..];
    }

    // Each item or property, with all of the same array or object.
    private static IEnumerable<(JsonSpan Part, JsonSpan[] Siblings)> Parts(JsonNode? node)
    {
        var spans = node switch
        {
            JsonObject o => o.Properties.Select(p => JsonSpan.FromBounds(p.NameSpan.Start, p.Value.Span.End)).ToArray(),
            JsonArray a => [.. a.Items.Select(i => i.Span)],
            _ => [],
        };
        return spans.Select(span => (span, spans)).Concat(Children(node).SelectMany(Parts));
    }

    private static void Collect(JsonNode? node, List<JsonSpan> spans, bool names)
    {
        if (node is null)
        {
            return;
        }

        if (!names)
        {
            spans.Add(node.Span);
        }

        foreach (var property in (node as JsonObject)?.Properties ?? [])
        {
            if (names)
            {
                spans.Add(property.NameSpan);
            }

            Collect(property.Value, spans, names);
        }

        foreach (var item in (node as JsonArray)?.Items ?? [])
        {
            Collect(item, spans, names);
        }
    }
}
