namespace Mmoe.Testing;

/// <summary>Laws of a descriptor by itself.</summary>
internal static class DescriptorLaws
{
    /// <summary>The vocabulary of a column that has one.</summary>
    public static Vocabulary? VocabularyOrNull(this Column column) => column switch
    {
        CategoricalFeature feature => feature.Vocabulary,
        CategoricalLabel label => label.Vocabulary,
        _ => null,
    };

    public static IEnumerable<string> Positions(DatasetDescriptor descriptor)
    {
        // Counted from the columns alone: what the descriptor says of itself is what is in question.
        var (codes, numerics, labels, weights) = (0, 0, 0, 0);
        var oneHot = descriptor.Columns.Sum(c => c is CategoricalFeature f ? f.Vocabulary.Count : 0);
        var offset = 0;
        for (var i = 0; i < descriptor.Columns.Count; i++)
        {
            var column = descriptor.Columns[i];
            var expected = column switch
            {
                CategoricalFeature f => (Index: codes++, Offset: Next(ref offset, f.Vocabulary.Count)),
                NumericFeature => (Index: numerics, Offset: oneHot + numerics++),
                LabelColumn => (Index: labels++, Offset: 0),
                WeightColumn => (Index: weights++, Offset: 0),
                _ => (Index: 0, Offset: 0),
            };
            var actual = column switch
            {
                CategoricalFeature f => (f.CodeIndex, f.Offset),
                NumericFeature n => (n.NumericIndex, n.Offset),
                LabelColumn l => (l.LabelIndex, 0),
                WeightColumn w => (w.WeightIndex, 0),
                _ => (0, 0),
            };
            if (column.FileIndex != i)
            {
                yield return $"column '{column.Name}' is at {column.FileIndex} of a record, expected {i}";
            }

            if (actual != expected)
            {
                yield return $"column '{column.Name}' has (index, offset) {actual}, expected {expected}";
            }
        }

        for (var i = 0; i < descriptor.Tasks.Count; i++)
        {
            if (descriptor.Tasks[i].Index != i)
            {
                yield return $"task '{descriptor.Tasks[i].Name}' has index {descriptor.Tasks[i].Index}, expected {i}";
            }
        }

        if ((descriptor.OneHotWidth, descriptor.NumFeatures) != (oneHot, oneHot + numerics))
        {
            yield return $"{descriptor.OneHotWidth} one-hot features of {descriptor.NumFeatures}, expected {oneHot} of {oneHot + numerics}";
        }
    }

    public static IEnumerable<string> Names(DatasetDescriptor descriptor)
    {
        foreach (var name in Repeated(descriptor.Columns.Select(c => c.Name)))
        {
            yield return $"two columns are named '{name}'";
        }

        foreach (var name in Repeated(descriptor.Tasks.Select(t => t.Name)))
        {
            yield return $"two tasks are named '{name}'";
        }

        foreach (var label in descriptor.Labels.Where(l => descriptor.Tasks.All(t => !t.LabelColumn.Equals(l))))
        {
            yield return $"no task has the label '{label.Name}'";
        }

        foreach (var task in descriptor.Tasks.Where(t => !descriptor.Labels.Contains(t.LabelColumn)))
        {
            yield return $"task '{task.Name}' has the label '{task.LabelColumn.Name}', which is none of the dataset's";
        }

        static IEnumerable<string> Repeated(IEnumerable<string> names) =>
            names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key);
    }

    private static int Next(ref int offset, int width)
    {
        var start = offset;
        offset += width;
        return start;
    }
}
