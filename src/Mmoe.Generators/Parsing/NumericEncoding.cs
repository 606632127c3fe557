using System.Globalization;

namespace Mmoe;

/// <summary>The kinds of <see cref="NumericEncoding"/>.</summary>
#if MMOE_GENERATORS
internal
#else
public
#endif
enum NumericEncodingKind
{
    /// <summary><c>standardise</c>: (x - mean) / deviation.</summary>
    Standardise,

    /// <summary><c>log1p</c>: sign(x) · log(1 + |x|), then standardised.</summary>
    Log1p,

    /// <summary><c>min-max</c>: (x - min) / (max - min), at least 0 and at most 1.</summary>
    MinMax,

    /// <summary><c>quantile:N</c>: in which of N intervals, cut at quantiles; one-hot.</summary>
    Quantile,

    /// <summary><c>piecewise-linear:N</c>: N components between quantiles; Gorishniy et al. 2022, equation 1.</summary>
    PiecewiseLinear,
}

/// <summary>One way in which a model sees a numeric feature; its numbers are fitted on the train split.</summary>
/// <remarks>
/// This one file is compiled into the generator and into Mmoe.Data: a schema and a configuration name encodings alike.
/// </remarks>
#if MMOE_GENERATORS
internal
#else
public
#endif
sealed record NumericEncoding
{
    /// <summary>The least N of <c>quantile:N</c> and <c>piecewise-linear:N</c>.</summary>
    public const int MinCount = 2;

    /// <summary>The greatest N of <c>quantile:N</c> and <c>piecewise-linear:N</c>.</summary>
    public const int MaxCount = 1024;

    /// <summary>What joins several encodings of one column.</summary>
    public const char Joint = '+';

    private const int MaxShown = 80;

    private static readonly (string Name, NumericEncodingKind Kind, string? Counted)[] Table =
    [
        ("standardise", NumericEncodingKind.Standardise, null),
        ("log1p", NumericEncodingKind.Log1p, null),
        ("min-max", NumericEncodingKind.MinMax, null),
        ("quantile", NumericEncodingKind.Quantile, "intervals"),
        ("piecewise-linear", NumericEncodingKind.PiecewiseLinear, "components"),
    ];

    private NumericEncoding(NumericEncodingKind kind, int count)
    {
        this.Kind = kind;
        this.Count = count;
    }

    /// <summary>(x - mean) / deviation: how a feature is seen of which nothing else is said.</summary>
    public static NumericEncoding Standardise { get; } = new(NumericEncodingKind.Standardise, 0);

    /// <summary>sign(x) · log(1 + |x|), then standardised.</summary>
    public static NumericEncoding Log1p { get; } = new(NumericEncodingKind.Log1p, 0);

    /// <summary>(x - min) / (max - min), at least 0 and at most 1.</summary>
    public static NumericEncoding MinMax { get; } = new(NumericEncodingKind.MinMax, 0);

    /// <summary>The kind.</summary>
    public NumericEncodingKind Kind { get; }

    /// <summary>The N of <c>quantile:N</c> and <c>piecewise-linear:N</c>: at most so many intervals or components; else 0.</summary>
    public int Count { get; }

    /// <summary>In which of some intervals the number lies, one-hot; they are cut at quantiles.</summary>
    /// <param name="intervals">Their number, if no cut falls together with another.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not from <see cref="MinCount"/> to <see cref="MaxCount"/>.</exception>
    public static NumericEncoding Quantile(int intervals) => new(NumericEncodingKind.Quantile, Checked(intervals, nameof(intervals)));

    /// <summary>How far the number has come through each of some bins; Gorishniy et al. 2022, equation 1.</summary>
    /// <param name="components">Their number, if no edge falls together with another.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not from <see cref="MinCount"/> to <see cref="MaxCount"/>.</exception>
    public static NumericEncoding PiecewiseLinear(int components) =>
        new(NumericEncodingKind.PiecewiseLinear, Checked(components, nameof(components)));

    /// <summary>The encoding as a schema writes it: <c>quantile:16</c>.</summary>
    public override string ToString()
    {
        var (name, _, counted) = Table[(int)this.Kind];
        return counted is null ? name : $"{name}:{this.Count.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Encodings of one column as a schema writes them in one text: <c>standardise+quantile:16</c>.</summary>
    public static string Join(IEnumerable<NumericEncoding> encodings) => string.Join($"{Joint}", encodings);

    /// <summary>Reads the encodings of one column.</summary>
    /// <param name="texts">The texts; each names one encoding, or several with <see cref="Joint"/> between them.</param>
    /// <param name="problems">All that is wrong, in the order of the texts.</param>
    /// <returns>The encodings in order, without those that are wrong.</returns>
    public static EquatableArray<NumericEncoding> Parse(IReadOnlyList<string> texts, out EquatableArray<NumericEncodingProblem> problems)
    {
        var found = new List<(NumericEncoding Encoding, int Text)>();
        var wrong = new List<NumericEncodingProblem>();
        for (var text = 0; text < texts.Count; text++)
        {
            foreach (var part in texts[text].Split(Joint))
            {
                if (Read(part, text, out var problem) is not { } encoding)
                {
                    wrong.Add(problem!);
                }
                else if (Contradiction(encoding, text, found) is { } contradiction)
                {
                    wrong.Add(contradiction);
                }
                else
                {
                    found.Add((encoding, text));
                }
            }
        }

        problems = new(wrong);
        return new(found.Select(f => f.Encoding));
    }

    private static int Checked(int count, string name) => count is >= MinCount and <= MaxCount
        ? count
        : throw new ArgumentOutOfRangeException(name, count, $"It must be from {MinCount} to {MaxCount}.");

    private static NumericEncoding? Read(string part, int text, out NumericEncodingProblem? problem)
    {
        var colon = part.IndexOf(':');
        var name = colon < 0 ? part : part.Substring(0, colon);
        var number = colon < 0 ? null : part.Substring(colon + 1);
        var at = Array.FindIndex(Table, entry => entry.Name == name);
        if (at < 0)
        {
            problem = new(text, null, $"'{Shown(part)}' is no encoding", Instead(name, number));
            return null;
        }

        var (_, kind, counted) = Table[at];
        if (counted is null)
        {
            problem = number is null ? null : new(text, null, $"'{name}' takes no number", $"write '{name}'");
            return number is null ? new(kind, 0) : null;
        }

        var count = CountOf(number);
        problem = count is not null ? null : new(
            text,
            null,
            number is null ? $"'{name}' says no number of {counted}" : $"'{Shown(part)}' has no number of {counted} after the colon",
            $"write '{name}:N', N a whole number from {MinCount} to {MaxCount}");
        return count is null ? null : new(kind, count.Value);
    }

    // As it would be written: no sign, no blank, no zero before it.
    private static int? CountOf(string? number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= MinCount and <= MaxCount
            && count.ToString(CultureInfo.InvariantCulture) == number
            ? count
            : null;

    private static string Instead(string name, string? number)
    {
        string Form(string known) => Array.Find(Table, entry => entry.Name == known).Counted is null ? known : $"{known}:N";
        var accepted = $"accepted: {string.Join(", ", Table.Select(entry => $"'{Form(entry.Name)}'"))}";
        var nearest = NearestMatch.Of(name, Table.Select(entry => entry.Name));
        return nearest is null ? accepted
            : $"did you mean '{(CountOf(number) is null ? Form(nearest) : Form(nearest).Replace("N", number))}'? {accepted}";
    }

    private static NumericEncodingProblem? Contradiction(
        NumericEncoding encoding, int text, List<(NumericEncoding Encoding, int Text)> before)
    {
        foreach (var (other, otherText) in before)
        {
            var what = other == encoding ? $"'{encoding}' stands twice"
                : other.Kind == encoding.Kind ? $"'{other}' and '{encoding}' are one encoding twice"
                : other.IsLinear && encoding.IsLinear ? $"'{other}' and '{encoding}' are one number on two linear scales"
                : null;
            if (what is not null)
            {
                return new(text, otherText, what, "keep one of them");
            }
        }

        return null;
    }

    private bool IsLinear => this.Kind is NumericEncodingKind.Standardise or NumericEncodingKind.MinMax;

    private static string Shown(string text) => text.Length <= MaxShown ? text : text.Substring(0, MaxShown) + "…";
}

/// <summary>What is wrong with the encodings that are named for a column.</summary>
/// <param name="Text">The position of the text that is wrong.</param>
/// <param name="Other">The position of the text that it contradicts; null if it is wrong by itself.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
#if MMOE_GENERATORS
internal
#else
public
#endif
sealed record NumericEncodingProblem(int Text, int? Other, string What, string Advice);
