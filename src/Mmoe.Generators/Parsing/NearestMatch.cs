namespace Mmoe.Generators.Parsing;

/// <summary>Finds what was probably meant.</summary>
internal static class NearestMatch
{
    private const int MaxLength = 256;

    /// <summary>The candidate nearest to a text by edit distance (Levenshtein), the first of equals; null if none is near.</summary>
    /// <remarks>Near means: at most a third of the longer text differs, not counting letter case.</remarks>
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
            var limit = Math.Max(1, Math.Max(text.Length, candidate.Length) / 3);
            if (candidate.Length > MaxLength || Math.Abs(text.Length - candidate.Length) > limit)
            {
                continue;
            }

            var distance = Distance(folded, candidate.ToLowerInvariant());
            if (distance <= limit && distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>The number of characters to insert, delete or replace to make one text of the other.</summary>
    internal static int Distance(string left, string right)
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
