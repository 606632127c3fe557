using Mmoe.Model;
using Mmoe.Training;

/// <summary>MMoE whose experts differ in depth, with one expert of each task's own beside them.</summary>
internal static class OwnFamilies
{
    public static ModelFamily Depths { get; } = new("depths", "shared experts of one to three layers, and one of each task's own", parts =>
    {
        var shared = Enumerable.Range(1, 3).Select(depth => new Expert($"{depth}", Deep(parts.Expert, depth))).ToArray();
        var own = parts.Tasks.Select(task => new Expert(task.Name, parts.Expert));
        var mixtures = parts.Tasks.Select(task => new Mixture(task.Name, [.. shared.Select(e => e.Name), task.Name], parts.Gate));
        return new Level([.. shared, .. own], [.. mixtures]) >> ModelFamilies.Towers(parts.Tasks, parts.Tower);
    })
    {
        Keys = ModelFamily.GateKeys,
    };

    private static Network Deep(Network network, int depth) =>
        Enumerable.Repeat(network, depth).Aggregate((below, above) => below >> above);
}
