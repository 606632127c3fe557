using System.Globalization;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>An input of a model: what one row of its first layer stands for.</summary>
/// <param name="Column">The column.</param>
/// <param name="Part">Which of the column's inputs: a value, an interval, an encoding of a number or a component of one.</param>
public sealed record InputName(string Column, string Part);

/// <summary>Which inputs of one layout another has too, wherever they stand there.</summary>
/// <param name="Rows">For each row of the new first layer that of the old one which stands for the same; -1 if there is none.</param>
/// <param name="New">The inputs that have none, in order.</param>
/// <param name="Gone">The inputs of the old layout that the new one has not, in order.</param>
internal sealed record InputMatch(int[] Rows, EquatableArray<InputName> New, EquatableArray<InputName> Gone)
{
    /// <summary>
    /// Compares two layouts: categorical columns by the texts of their values; numbers in intervals by column and interval; other encodings
    /// of numbers by column and kind, and components of <c>piecewise-linear</c> by their bins, of which the first and the last are others
    /// than one between the same edges in the middle.
    /// </summary>
    /// <param name="from">The old layout.</param>
    /// <param name="known">The schema that it was made for.</param>
    /// <param name="to">The new layout.</param>
    /// <param name="schema">The schema that it was made for.</param>
    public static InputMatch Of(InputLayout from, SchemaSummary known, InputLayout to, SchemaSummary schema)
    {
        var pairs = Pairs(from, to);
        Input[] old = [.. Numbered(Inputs(from, known, input => pairs.Old[input]))];
        Input[] now = [.. Numbered(Inputs(to, schema, input => pairs.New[input]))];
        var places = old.Select((input, row) => (input.Key, row)).ToDictionary(place => place.Key, place => place.row);
        int[] rows = [.. now.Select(input => places.TryGetValue(input.Key, out var row) ? row : -1)];
        return new(
            rows,
            new(now.Where((_, row) => rows[row] < 0).Select(input => input.Name)),
            new(old.Where((_, row) => !rows.Contains(row)).Select(input => input.Name)));
    }

    // A column may stand in intervals more than once: those with the same edges belong together, and the others in their order.
    private static (Dictionary<GatheredInput, int> Old, Dictionary<GatheredInput, int> New) Pairs(InputLayout from, InputLayout to)
    {
        var (old, now) = (new Dictionary<GatheredInput, int>(), new Dictionary<GatheredInput, int>());
        foreach (var column in to.Gathered.Concat(from.Gathered).OfType<BinnedInput>().GroupBy(input => input.Column, StringComparer.Ordinal))
        {
            var left = from.Gathered.OfType<BinnedInput>().Where(input => input.Column == column.Key).ToList();
            var open = to.Gathered.OfType<BinnedInput>().Where(input => input.Column == column.Key).ToList();
            var pair = 0;
            foreach (var input in open.ToArray())
            {
                if (left.Find(other => other.Edges == input.Edges) is { } same)
                {
                    (old[same], now[input]) = (pair, pair++);
                    left.Remove(same);
                    open.Remove(input);
                }
            }

            for (var i = 0; i < Math.Max(left.Count, open.Count); i++, pair++)
            {
                if (i < left.Count)
                {
                    old[left[i]] = pair;
                }

                if (i < open.Count)
                {
                    now[open[i]] = pair;
                }
            }
        }

        return (old, now);
    }

    // A file may come from anywhere, and have the same input twice.
    private static IEnumerable<Input> Numbered(IEnumerable<Input> inputs)
    {
        var seen = new Dictionary<Key, int>();
        foreach (var input in inputs)
        {
            var before = seen.GetValueOrDefault(input.Key);
            seen[input.Key] = before + 1;
            yield return input with { Key = input.Key with { Occurrence = before } };
        }
    }

    private static IEnumerable<Input> Inputs(InputLayout layout, SchemaSummary schema, Func<BinnedInput, int> pair) =>
        layout.Gathered.SelectMany(input => input switch
        {
            CategoricalInput categorical => schema.Columns.First(column => column.Name == categorical.Column).Vocabulary
                .Select(value => new Input(new(categorical.Column, Kind.Value, value), new(categorical.Column, value))),
            BinnedInput binned => Intervals(binned, pair(binned)),
            _ => throw new ArgumentException($"there are no names for {input}", nameof(layout)),
        }).Concat(layout.Numerics.SelectMany(Components));

    private static IEnumerable<Input> Intervals(BinnedInput input, int pair)
    {
        float[] edges = [float.NegativeInfinity, .. input.Edges, float.PositiveInfinity];
        for (var i = 0; i < edges.Length - 1; i++)
        {
            var name = edges.Length == 2 ? "any number"
                : i == 0 ? $"below {Text(edges[1])}"
                : i == edges.Length - 2 ? $"from {Text(edges[i])}"
                : $"{Text(edges[i])} to below {Text(edges[i + 1])}";
            yield return new(new(input.Column, Kind.Interval, "", pair, edges[i], edges[i + 1]), new(input.Column, name));
        }

        if (input.HasMissing)
        {
            yield return new(new(input.Column, Kind.MissingInterval, "", pair), new(input.Column, "missing"));
        }
    }

    private static IEnumerable<Input> Components(NumericInput input) => input.Encoder switch
    {
        StandardEncoder { Transform: NumericTransform.Identity } => [Component(input, Kind.Standardise, "standardise")],
        StandardEncoder => [Component(input, Kind.Log1p, "log1p")],
        MinMaxEncoder => [Component(input, Kind.MinMax, "min-max")],
        MissingEncoder => [Component(input, Kind.Missing, "missing")],
        PiecewiseLinearEncoder { Edges: var edges } => Enumerable.Range(0, edges.Count - 1).Select(i => new Input(
            new(input.Column, Kind.PiecewiseLinear, "", 0, edges[i], edges[i + 1], i == 0, i == edges.Count - 2),
            new(input.Column, $"piecewise-linear {Text(edges[i])} to {Text(edges[i + 1])}"))),
        _ => throw new ArgumentException($"there is no name for {input}", nameof(input)),
    };

    private static Input Component(NumericInput input, Kind kind, string name) => new(new(input.Column, kind, ""), new(input.Column, name));

    private static string Text(float edge) => edge.ToString(CultureInfo.InvariantCulture);

    private enum Kind
    {
        Value,
        Interval,
        MissingInterval,
        Standardise,
        Log1p,
        MinMax,
        PiecewiseLinear,
        Missing,
    }

    /// <summary>What makes an input the same as another.</summary>
    private readonly record struct Key(
        string Column,
        Kind Kind,
        string Value,
        int Pair = 0,
        float Low = 0,
        float High = 0,
        bool IsFirst = false,
        bool IsLast = false,
        int Occurrence = 0);

    private readonly record struct Input(Key Key, InputName Name);
}
