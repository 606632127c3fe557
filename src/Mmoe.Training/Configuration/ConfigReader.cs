using System.Buffers;
using LanguageExt;
using Mmoe.Data;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Reads YAML event by event, so that everything has its place, into entries and what is wrong with the file as such.</summary>
internal sealed class ConfigReader
{
    // The parser's time grows with the square of the depth of brackets.
    private const int MaxDepth = 64;

    private const string WriteOut = "the configuration takes no anchors, aliases and tags: write the value itself";

    private static readonly string[] Nulls = ["", "~", "null", "Null", "NULL"];

    private static readonly SearchValues<char> NotPrintable = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085'))]);

    private readonly Parser parser;
    private readonly string name;
    private readonly List<ConfigEntry> entries = [];
    private readonly List<Fault> faults = [];
    private readonly Dictionary<string, FileLocation> places = new(StringComparer.Ordinal);

    private Mark reached = Mark.Empty;

    private ConfigReader(string text, string name)
    {
        this.parser = new(new Scanner(new StringReader(text), skipComments: true));
        this.name = name;
    }

    /// <summary>Reads a text.</summary>
    /// <returns>Entries as <see cref="ConfigFile.Parse"/> gives them, and faults that concern none of them.</returns>
    public static (Seq<ConfigEntry> Entries, Seq<Fault> Faults) Read(string text, string name)
    {
        // The parser passes over some of them without a word.
        if (text.AsSpan().IndexOfAny(NotPrintable) is >= 0 and var at)
        {
            var fault = Fault.Usage($"a control character, U+{(int)text[at]:X4}, which YAML does not allow", "take it out");
            return (Empty, Seq1(fault with { Where = ConfigFile.EndOf(text.AsSpan(0, at), name) }));
        }

        var reader = new ConfigReader(text, name);
        try
        {
            reader.Stream();
        }
        catch (YamlException e)
        {
            reader.faults.Add(ConfigFile.Located(Syntax(e), reader.Place(e.Start)));
        }
        catch (Exception e) when (e is InvalidOperationException or EndOfStreamException or ArgumentException)
        {
            // The parser throws these too, or ends without a word: at a key before a bracket is closed, a sign after a closed one, some tags.
            reader.faults.Add(reader.Wrong(
                "what follows here is no YAML",
                "look for brackets and quotation marks that are not closed, and for signs after those that are",
                reader.reached));
        }

        return (toSeq(reader.entries).Strict(), toSeq(reader.faults).Strict());
    }

    private void Stream()
    {
        this.parser.Consume<StreamStart>();
        if (this.parser.Accept<StreamEnd>(out _))
        {
            return;
        }

        this.parser.Consume<DocumentStart>();
        if (!this.Root())
        {
            return;
        }

        this.parser.Consume<DocumentEnd>();
        if (this.parser.Accept<DocumentStart>(out var second))
        {
            this.faults.Add(this.Wrong("a second document starts here", "keep one: a configuration is one", second.Start));
        }
    }

    /// <returns>Whether it was read to its end.</returns>
    private bool Root()
    {
        if (this.parser.Accept<Scalar>(out var scalar) && IsNull(scalar))
        {
            this.parser.MoveNext();
        }
        else if (!this.parser.TryConsume<MappingStart>(out var root))
        {
            var node = this.parser.Current!;
            this.faults.Add(this.Wrong(
                $"the file holds {(node is Scalar ? "a text" : "a list")}, and no keys",
                "write lines of the form 'key: value', with a blank after the colon",
                node.Start));
            this.Skip();
        }
        else
        {
            this.faults.AddRange(this.Decoration(root, "the file"));
            while (!this.parser.TryConsume<MappingEnd>(out _))
            {
                if (!this.Entry())
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool Entry()
    {
        if (!this.parser.TryConsume<Scalar>(out var key))
        {
            // The parser may have lost its way here, and then takes values for keys.
            var node = this.parser.Current!;
            this.faults.Add(node is AnchorAlias alias
                ? this.Alias(alias, "a key")
                : this.Wrong("a key is a text, and this is a list or a mapping", "write lines of the form 'key: value'", node.Start));
            return false;
        }

        this.reached = key.Start;
        var wrong = this.Decoration(key, "a key");
        var value = this.Peek();
        var at = this.Place(value.Start);
        var setting = Settings.Find(key.Value).MapFail(fault => ConfigFile.Located(
            // Who nests is not helped by all keys.
            value is MappingStart && NearestMatch.Of(key.Value, Settings.Keys) is null
                ? fault with { Hint = "keys stand on one level: write those below it without it" }
                : fault,
            this.Place(key.Start)));
        if (!this.places.TryAdd(key.Value, this.Place(key.Start)))
        {
            wrong = wrong.Add(this.Wrong(
                $"'{key.Value}' stands twice", $"keep one; the other is at {this.places[key.Value]}", key.Start));
        }

        // What an unknown key should have been is for its own fault to say, but for what the configuration has nowhere.
        var text = setting.Match(
            Succ: found => this.Value(found),
            Fail: unknown =>
            {
                var more = this.Decoration(value, $"'{key.Value}'");
                this.Skip();
                return Fail<Fault, string>(unknown + more);
            });
        wrong += text.FailAsEnumerable().ToSeq();
        this.entries.Add(new(key.Value, wrong.IsEmpty ? text : Fail<Fault, string>(wrong.Strict()), key.Value, at));
        return true;
    }

    private Validation<Fault, string> Value(Setting setting)
    {
        switch (this.Peek())
        {
            case SequenceStart start:
                return this.Elements(start, setting.Key, () => this.Element(setting.Key));
            case MappingStart start when setting.Pairing is { } sign:
                return this.Elements(start, setting.Key, () =>
                    (this.Element(setting.Key), this.Element(setting.Key)).Apply((named, value) => $"{named}{sign}{value}"));
            case MappingStart start:
                this.Skip();
                return Fail<Fault, string>(this.Wrong(
                    $"'{setting.Key}' has a mapping", "keys stand on one level: give it a value, or a list in brackets", start.Start));
            default:
                return this.Scalar(setting.Key);
        }
    }

    // A list as settings read it. A mapping is one of pairs.
    private Validation<Fault, string> Elements(NodeEvent start, string key, Func<Validation<Fault, string>> next)
    {
        this.parser.MoveNext();
        var wrong = this.Decoration(start, $"'{key}'");
        var elements = new List<string>();
        while (!this.parser.TryConsume<SequenceEnd>(out _) && !this.parser.TryConsume<MappingEnd>(out _))
        {
            next().Match(Succ: elements.Add, Fail: faults => wrong += faults);
        }

        return wrong.IsEmpty ? Success<Fault, string>($"[{string.Join(", ", elements)}]") : Fail<Fault, string>(wrong.Strict());
    }

    private Validation<Fault, string> Element(string key)
    {
        var start = this.Peek().Start;
        return this.Scalar(key).Bind(text =>
            string.IsNullOrWhiteSpace(text) ? Fail<Fault, string>(this.Wrong($"an element of '{key}' is empty", "take it out", start))
            : text.Contains(',', StringComparison.Ordinal) ? Fail<Fault, string>(this.Wrong(
                $"an element of '{key}' holds a comma: '{text}'", "make elements of its parts; none can hold a comma", start))
            : Success<Fault, string>(text));
    }

    private Validation<Fault, string> Scalar(string key)
    {
        var node = this.Peek();
        var wrong = this.Decoration(node, $"'{key}'");
        if (!this.parser.TryConsume<Scalar>(out var scalar))
        {
            this.Skip();
            return Fail<Fault, string>(node is AnchorAlias ? wrong : wrong.Add(this.Wrong(
                $"'{key}' has a list or a mapping within a list or a mapping", "one level of brackets is all there is", node.Start)));
        }

        return !wrong.IsEmpty ? Fail<Fault, string>(wrong)
            : IsNull(scalar) ? Fail<Fault, string>(this.Wrong($"'{key}' has no value", "give one, or leave the key out", scalar.Start))
            : Success<Fault, string>(scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded ? scalar.Value.TrimEnd('\n') : scalar.Value);
    }

    private static bool IsNull(Scalar scalar) => scalar.Style == ScalarStyle.Plain && Nulls.Contains(scalar.Value);

    private ParsingEvent Peek()
    {
        this.parser.Accept<ParsingEvent>(out var next);
        this.reached = next!.Start;
        return next;
    }

    // A whole node with all below it.
    private void Skip()
    {
        var depth = 0;
        do
        {
            var node = this.Peek();
            depth += node.NestingIncrease;
            if (depth > MaxDepth)
            {
                throw new MaximumRecursionLevelReachedException(node.Start, node.End, $"more than {MaxDepth} levels of lists and mappings");
            }

            this.parser.MoveNext();
        }
        while (depth > 0);
    }

    // What YAML may add to a node, and a configuration has no use for.
    private Seq<Fault> Decoration(ParsingEvent node, string of) => node switch
    {
        AnchorAlias alias => Seq1(this.Alias(alias, of)),
        NodeEvent plain =>
            (plain.Anchor.IsEmpty ? Empty : Seq1(this.Wrong($"{of} has the anchor '&{plain.Anchor.Value}'", WriteOut, plain.Start)))
            + (plain.Tag.IsEmpty || plain.Tag.Value == "?"
                ? Empty
                : Seq1(this.Wrong($"{of} has the tag '{plain.Tag.Value}'", WriteOut, plain.Start))),
        _ => Empty,
    };

    private Fault Alias(AnchorAlias alias, string of) => this.Wrong(
        $"{of} has the alias '*{alias.Value.Value}'", $"{WriteOut}, in quotation marks if it starts with a star", alias.Start);

    private Fault Wrong(string what, string hint, Mark at) => ConfigFile.Located(Fault.Usage(what, hint), this.Place(at));

    private FileLocation Place(Mark mark) => new(this.name, mark.Line, (int)mark.Column);

    private static Fault Syntax(YamlException e)
    {
        if (e is MaximumRecursionLevelReachedException)
        {
            return Fault.Usage(e.Message, "keys stand on one level");
        }

        var message = e.Message.TrimEnd('.');
        var hint = message.Contains("invalid mapping", StringComparison.Ordinal)
            ? "a key stands in a line of its own, as far to the right as the others, a blank after its colon; quote a text that holds ': '"
            : message.Contains("cannot start any token", StringComparison.Ordinal) ? "quote a text that starts with a sign; indent by blanks"
            : message.Contains("quoted scalar, found unexpected end", StringComparison.Ordinal) ? "close the quotation marks"
            : null;
        return Fault.Usage($"this is no YAML: {char.ToLowerInvariant(message[0])}{message[1..]}", hint);
    }
}
