using System.Globalization;
using System.Text;

namespace Mmoe.Generators.Parsing;

/// <summary>Collects the problems of one schema and finds words for them.</summary>
internal sealed class SchemaReport
{
    /// <summary>The most candidates that suggestions for one file are sought among.</summary>
    public const int MaxCandidates = 200_000;

    private const int MaxShown = 80;
    private const int MaxListed = 12;

    private readonly List<SchemaProblem> problems = [];

    // Bounds the work for suggestions: a hostile file could hold thousands of mistakes over a large vocabulary.
    private int candidatesLeft = MaxCandidates;

    /// <summary>The number of problems so far.</summary>
    public int Count => this.problems.Count;

    /// <summary>The problems in the order of the file.</summary>
    public EquatableArray<SchemaProblem> InFileOrder() =>
        new(this.problems.OrderBy(p => p.Span.Start).ThenBy(p => p.Id, StringComparer.Ordinal));

    /// <summary>Where the problems so far start, ascending.</summary>
    public int[] Starts()
    {
        var starts = this.problems.Select(p => p.Span.Start).ToArray();
        Array.Sort(starts);
        return starts;
    }

    /// <summary>Adds a problem.</summary>
    public void Add(string id, JsonSpan span, params string[] arguments) => this.problems.Add(new(id, span, new(arguments.Select(Shown))));

    /// <summary>Adds a problem that a second place explains.</summary>
    public void Add(string id, JsonSpan span, JsonSpan? other, params string[] arguments) =>
        this.problems.Add(new(id, span, new(arguments.Select(Shown)), other));

    /// <summary>What is accepted instead of a text, the nearest first.</summary>
    public string Instead(string text, IReadOnlyCollection<string> accepted)
    {
        var nearest = default(string);
        if (accepted.Count <= this.candidatesLeft)
        {
            this.candidatesLeft -= accepted.Count;
            nearest = NearestMatch.Of(text, accepted);
        }

        return Accepted(nearest, accepted);
    }

    /// <summary>What is accepted instead of a text, the nearest first if there is one.</summary>
    public static string Accepted(string? nearest, IReadOnlyCollection<string> accepted)
    {
        var all = accepted.Count == 0 ? "there is none" : $"accepted: {List(accepted)}";
        return nearest is null ? all : $"did you mean '{Cut(nearest)}'? {all}";
    }

    /// <summary>The first few texts, and how many there are if that is not all.</summary>
    public static string List(IReadOnlyCollection<string> texts)
    {
        var more = texts.Count > MaxListed ? $", … ({Number(texts.Count)} in all)" : "";
        return string.Join(", ", texts.Take(MaxListed).Select(text => $"'{Cut(text)}'")) + more;
    }

    /// <summary>A whole number in digits.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    // Whole messages may be long; a single value of the file may not.
    private static string Shown(string text) => Escape(text, 4 * 1024);

    private static string Cut(string text) => Escape(text, MaxShown);

    /// <summary>A text of the file as a message shows it: on one line, and cut if it is long.</summary>
    public static string Quote(string text) => Cut(text);

    private static string Escape(string text, int max)
    {
        var builder = new StringBuilder();
        foreach (var c in text)
        {
            if (builder.Length >= max)
            {
                return builder.Append('…').ToString();
            }

            if (c < ' ' || c is (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029')
            {
                builder.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                builder.Append(c);
            }
        }

        return builder.ToString();
    }
}
