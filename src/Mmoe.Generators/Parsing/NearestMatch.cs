namespace Mmoe;

/// <summary>Finds what was probably meant.</summary>
/// <remarks>This one file is compiled into the generator and into Mmoe.Data: a schema, a file and a command line suggest alike.</remarks>
#if MMOE_GENERATORS
internal
#else
public
#endif
static class NearestMatch
{
    // Time grows with the product of the lengths, and a longer text gets no suggestion.
    private const int MaxLength = 256;

    /// <summary>The candidate nearest to a text by edit distance (Levenshtein), the first of equals; null if none is near.</summary>
    /// <remarks>Near means: at most two fifths of the longer text differ, at least one character and not all, not counting letter case.</remarks>
    /// <param name="text">What was written.</param>
    /// <param name="candidates">What would be right.</param>
    public static string? Of(string text, IEnumerable<string> candidates)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        var best = default(string);
        var bestDistance = int.MaxValue;
        var folded = text.ToLowerInvariant();
        foreach (var candidate in candidates)
        {
            var longer = Math.Max(text.Length, candidate.Length);
            var limit = Math.Min(Math.Min(Math.Max(1, longer * 2 / 5), longer - 1), bestDistance - 1);
            if (candidate.Length > MaxLength || Math.Abs(text.Length - candidate.Length) > limit)
            {
                continue;
            }

            var distance = Distance(folded, candidate.ToLowerInvariant());
            if (distance <= limit)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>The number of characters to insert, delete or replace to make one text of the other.</summary>
    /// <param name="left">One text.</param>
    /// <param name="right">The other.</param>
    public static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
