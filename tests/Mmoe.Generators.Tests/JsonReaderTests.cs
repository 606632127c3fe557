using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Tests.Helpers;
using JsonArray = Mmoe.Generators.Parsing.JsonArray;
using JsonNode = Mmoe.Generators.Parsing.JsonNode;
using JsonObject = Mmoe.Generators.Parsing.JsonObject;
using JsonReader = Mmoe.Generators.Parsing.JsonReader;

namespace Mmoe.Generators.Tests;

public sealed class JsonReaderTests
{
    [Property(MaxTest = 300)]
    public void The_slice_of_a_node_reads_as_that_node(int seed)
    {
        var text = RandomJson(new Random(seed));
        var tree = JsonReader.Read(text);
        Assert.Empty(tree.Errors);
        Everywhere(tree.Root!, node =>
        {
            var slice = JsonReader.Read(text.Substring(node.Span.Start, node.Span.Length));
            Assert.Empty(slice.Errors);
            Assert.Equal(Canonical(node), Canonical(slice.Root!));
            Assert.Equal(node.Span.Length, slice.Root!.Span.Length);
            foreach (var property in (node as JsonObject)?.Properties ?? [])
            {
                var name = JsonReader.Read(text.Substring(property.NameSpan.Start, property.NameSpan.Length));
                Assert.Empty(name.Errors);
                Assert.Equal(property.Name, Assert.IsType<JsonString>(name.Root).Value);
            }
        });
    }

    [Property(MaxTest = 300)]
    public void It_reads_what_the_framework_reads(int seed)
    {
        var text = RandomJson(new Random(seed));
        Assert.Equal(Canonical(System.Text.Json.Nodes.JsonNode.Parse(text)), Canonical(JsonReader.Read(text).Root!));
    }

    [Property(MaxTest = 2000)]
    public void It_accepts_what_the_framework_accepts_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        var text = Mutations.OfText(RandomJson(random), random);
        var tree = JsonReader.Read(text);
        var ours = tree.Errors.All(e => e.Repeats is not null || e.Message.Contains("surrogate", StringComparison.Ordinal));
        Assert.True(Accepts(text) == ours, $"{JsonSerializer.Serialize(text)}: {string.Join("; ", tree.Errors)}");
        Assert.All(tree.Errors, e => Assert.InRange(e.Span.End, e.Span.Start, text.Length));
    }

    [Property(MaxTest = 1000)]
    public void No_text_makes_it_throw(string? text)
    {
        var tree = JsonReader.Read(text ?? "");
        Assert.True(tree.Root is not null || tree.Errors.Count > 0);
    }

    [Fact]
    public void A_name_that_stands_twice_is_reported_with_both_places()
    {
        var text = """{"a": 1, "b": {"a": 2}, "\u0061": 3}""";
        var error = Assert.Single(JsonReader.Read(text).Errors);
        Assert.Equal("\"\\u0061\"", text.Substring(error.Span.Start, error.Span.Length));
        Assert.Equal(("a", 1), (error.Repeats!.Value.Name, error.Repeats.Value.First.Start));
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(65, 1)]
    public void Nesting_has_an_end(int depth, int errors) =>
        Assert.Equal(errors, JsonReader.Read(new string('[', depth) + new string(']', depth)).Errors.Count);

    [Fact]
    public void Reading_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => JsonReader.Read("[]", source.Token));
    }

    [Fact]
    public void A_byte_order_mark_is_read_past() => Assert.Empty(JsonReader.Read("\uFEFF[]").Errors);

    private static bool Accepts(string text)
    {
        try
        {
            // One byte order mark is no part of the text.
            using var document = JsonDocument.Parse(text.StartsWith('\uFEFF') ? text[1..] : text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair has no UTF-8 form; the reader reports it, and the framework refuses the whole text.
            return Accepts(new string([.. text.Select(c => char.IsSurrogate(c) ? 'x' : c)]));
        }
    }

    private static void Everywhere(JsonNode node, Action<JsonNode> action)
    {
        action(node);
        foreach (var property in (node as JsonObject)?.Properties ?? [])
        {
            Everywhere(property.Value, action);
        }

        foreach (var item in (node as JsonArray)?.Items ?? [])
        {
            Everywhere(item, action);
        }
    }

    private static string Canonical(JsonNode node) => node switch
    {
        JsonObject o => "{" + string.Join(",", o.Properties.Select(p => JsonSerializer.Serialize(p.Name) + ":" + Canonical(p.Value))) + "}",
        JsonArray a => "[" + string.Join(",", a.Items.Select(Canonical)) + "]",
        JsonString s => JsonSerializer.Serialize(s.Value),
        JsonNumber n => double.Parse(n.Raw, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        JsonBoolean b => b.Value ? "true" : "false",
        _ => "null",
    };

    private static string Canonical(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonObject o => "{" + string.Join(",", o.Select(p => JsonSerializer.Serialize(p.Key) + ":" + Canonical(p.Value))) + "}",
        System.Text.Json.Nodes.JsonArray a => "[" + string.Join(",", a.Select(Canonical)) + "]",
        JsonValue v when v.GetValueKind() == JsonValueKind.Number => v.GetValue<double>().ToString("R", CultureInfo.InvariantCulture),
        JsonValue v => v.ToJsonString(),
        _ => "null",
    };

    private static string RandomJson(Random random)
    {
        var builder = new StringBuilder();
        Blanks(builder, random);
        Append(builder, random, 0);
        Blanks(builder, random);
        return builder.ToString();
    }

    private static void Append(StringBuilder builder, Random random, int depth)
    {
        switch (random.Next(depth > 4 ? 5 : 9))
        {
            case 0:
                builder.Append("null");
                break;
            case 1:
                builder.Append(random.Next(2) == 0 ? "true" : "false");
                break;
            case 2:
                builder.Append(random.Next(-100, 100)).Append(random.Next(3) switch { 0 => "", 1 => ".25", _ => "e-2" });
                break;
            case 3 or 4:
                AppendText(builder, random, random.Next(8));
                break;
            case 5 or 6:
                AppendList(builder, random, '[', ']', _ => Append(builder, random, depth + 1));
                break;
            default:
                AppendList(builder, random, '{', '}', i =>
                {
                    // The position keeps names different.
                    AppendText(builder, random, random.Next(4), i.ToString(CultureInfo.InvariantCulture));
                    Blanks(builder, random);
                    builder.Append(':');
                    Blanks(builder, random);
                    Append(builder, random, depth + 1);
                });
                break;
        }
    }

    private static void AppendList(StringBuilder builder, Random random, char open, char close, Action<int> item)
    {
        builder.Append(open);
        Blanks(builder, random);
        var count = random.Next(5);
        for (var i = 0; i < count; i++)
        {
            item(i);
            Blanks(builder, random);
            builder.Append(i < count - 1 ? "," : "");
            Blanks(builder, random);
        }

        builder.Append(close);
    }

    private static void AppendText(StringBuilder builder, Random random, int length, string start = "")
    {
        builder.Append('"').Append(start);
        for (var i = 0; i < length; i++)
        {
            builder.Append(random.Next(6) switch
            {
                0 => "\\" + "\"\\/bfnrt"[random.Next(8)],
                1 => $"\\u{random.Next(0xD800):x4}",
                2 => "\U0001F600",
                3 => "é中"[random.Next(2)].ToString(),
                _ => ((char)random.Next('a', 'z')).ToString(),
            });
        }

        builder.Append('"');
    }

    private static void Blanks(StringBuilder builder, Random random) => builder.Append(random.Next(4) switch { 0 => " ", 1 => "\r\n\t", _ => "" });
}
