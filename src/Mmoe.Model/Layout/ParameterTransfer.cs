namespace Mmoe.Model;

/// <summary>What became of a parameter in a transfer.</summary>
/// <param name="Name">The parameter of the new model.</param>
/// <param name="IsCarried">Whether its values come from the old model; else they are those that a new model starts with.</param>
public sealed record TransferredParameter(string Name, bool IsCarried);

/// <summary>Parameters of one model, carried over to another that has parts in common with it.</summary>
/// <param name="Values">The flat vector of the new model.</param>
/// <param name="Parameters">What became of each parameter, in the order of the new layout.</param>
public sealed record ParameterTransfer(float[] Values, EquatableArray<TransferredParameter> Parameters)
{
    /// <summary>
    /// Carries over what has the same name and shape; and of gates over other experts than before the columns of those that they have in
    /// common, if all of the new ones were there.
    /// </summary>
    /// <param name="from">The old model.</param>
    /// <param name="values">Its flat vector.</param>
    /// <param name="to">The new model, over the same inputs.</param>
    /// <param name="inputs">The number of input features of both.</param>
    /// <param name="seed">What parameters start from that are not carried over; see <see cref="Initialiser"/>.</param>
    /// <exception cref="ArgumentException">The vector is not that of the old model.</exception>
    public static ParameterTransfer Of(ModelSpec from, ReadOnlySpan<float> values, ModelSpec to, int inputs, int seed)
    {
        var (old, layout) = (ParameterLayout.Of(from, inputs), ParameterLayout.Of(to, inputs));
        if (values.Length != old.Length)
        {
            throw new ArgumentException($"the vector holds {values.Length} elements, the model needs {old.Length}", nameof(values));
        }

        var known = old.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        var (before, after) = (ExpertsOfGates(from), ExpertsOfGates(to));
        var flat = Initialiser.Values(layout, seed);
        var transferred = new List<TransferredParameter>();
        foreach (var entry in layout.Entries)
        {
            var columns = known.TryGetValue(entry.Name, out var source) ? Columns(entry, source, before, after) : null;
            if (columns is not null)
            {
                Copy(source!, values, columns, entry, flat);
            }

            transferred.Add(new(entry.Name, columns is not null));
        }

        return new(flat, new(transferred));
    }

    // Which column of the old parameter each column of the new one takes; null if it takes none.
    private static int[]? Columns(
        ParameterEntry entry,
        ParameterEntry source,
        Dictionary<string, EquatableArray<string>> before,
        Dictionary<string, EquatableArray<string>> after)
    {
        var isSameShape = entry.Shape == source.Shape;
        if (!before.TryGetValue(entry.Name, out var old) || !after.TryGetValue(entry.Name, out var now))
        {
            return isSameShape ? [.. Enumerable.Range(0, entry.Shape[^1])] : null;
        }

        int[] columns = [.. now.Select(expert => old.ToList().IndexOf(expert))];
        var isSameDepth = entry.Shape.Count == source.Shape.Count && (entry.Shape.Count == 1 || entry.Shape[0] == source.Shape[0]);
        return isSameDepth && !columns.Contains(-1) ? columns : null;
    }

    private static void Copy(ParameterEntry source, ReadOnlySpan<float> values, int[] columns, ParameterEntry entry, float[] flat)
    {
        var (old, now) = (new float[source.Count], new float[entry.Count]);
        source.CopyFrom(values, old);
        for (var i = 0; i < now.Length; i++)
        {
            now[i] = old[(i / columns.Length * source.Shape[^1]) + columns[i % columns.Length]];
        }

        entry.CopyTo(now, flat);
    }

    // The parameters that have a column per expert, with the names of the experts.
    private static Dictionary<string, EquatableArray<string>> ExpertsOfGates(ModelSpec spec)
    {
        var experts = new Dictionary<string, EquatableArray<string>>(StringComparer.Ordinal);
        for (var level = 0; level < spec.Levels.Count; level++)
        {
            foreach (var mixture in spec.Levels[level].Mixtures)
            {
                var gate = ParameterNames.Gate(level, mixture.Stream);
                foreach (var name in new[] { ParameterNames.Weight(gate), ParameterNames.Bias(gate), ParameterNames.Stitch(gate) })
                {
                    experts[name] = mixture.Experts;
                }
            }
        }

        return experts;
    }
}
