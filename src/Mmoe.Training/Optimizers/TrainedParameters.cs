using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>Which parameters training changes.</summary>
internal static class TrainedParameters
{
    /// <summary>Which elements of the flat vector training changes.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="layout">Where its parameters lie.</param>
    /// <returns>Per element of the flat vector; null where training changes all that a parameter uses.</returns>
    public static bool[]? Of(ModelSpec spec, ParameterLayout layout)
    {
        if (spec.Frozen.Count == 0 && layout.FirstLayer.Columns.All(columns => columns.HasBias))
        {
            return null;
        }

        var trained = new float[layout.Length];
        foreach (var entry in layout.Entries.Where(entry => !spec.IsFrozen(entry.Name)))
        {
            entry.CopyTo([.. Enumerable.Repeat(1f, entry.Count)], trained);
        }

        return Array.ConvertAll(trained, value => value == 1);
    }
}
