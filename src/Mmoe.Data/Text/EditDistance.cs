namespace Mmoe.Data;

/// <summary>Levenshtein's distance, for suggestions.</summary>
internal static class EditDistance
{
    /// <summary>Longer texts get no suggestion: the time grows with the product of the lengths.</summary>
    private const int Longest = 256;

    /// <summary>The candidate nearest to a text. Of equals, the first.</summary>
    /// <param name="text">The text, which is none of the candidates.</param>
    /// <param name="candidates">The texts that it may have been meant to be.</param>
    /// <returns>The candidate; null if none is within a third of the longer text's length.</returns>
    public static string? Nearest(ReadOnlySpan<char> text, IEnumerable<string> candidates)
    {
        if (text.Length > Longest)
        {
            return null;
        }

        string? nearest = null;
        var best = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var longer = Math.Max(text.Length, candidate.Length);
            var allowed = Math.Min(Math.Max(1, longer / 3), longer - 1);
            if (candidate.Length > Longest || Math.Abs(text.Length - candidate.Length) > Math.Min(allowed, best - 1))
            {
                continue;
            }

            var distance = Between(text, candidate);
            if (distance <= allowed && distance < best)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>How many characters must be inserted, deleted or replaced to make one text of the other.</summary>
    public static int Between(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var row = right.Length > Longest ? new int[right.Length + 1] : stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var replaced = diagonal + (left[i] == right[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[right.Length];
    }
}
