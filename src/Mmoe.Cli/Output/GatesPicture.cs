using System.Globalization;

namespace Mmoe.Cli;

/// <summary>Gates and stitches as heat maps: a panel per level, a row per gate, a column per expert.</summary>
internal static class GatesPicture
{
    public static HeatMap Of(Inspection inspection) => new(Gates(inspection).Concat(Stitches(inspection)));

    private static IEnumerable<HeatMapPanel> Gates(Inspection inspection) => inspection.Gates is not MeasuredGates measured
        ? []
        : measured.Usage.GroupBy(gate => gate.Level).Select(level => Panel(
            inspection,
            level.Key,
            string.Create(CultureInfo.InvariantCulture, $"mean gate weight on {measured.Rows}, {measured.Count:N0} rows"),
            level.Select(gate => (gate.Stream, gate.Experts.ToDictionary(e => e.Expert, e => e.MeanWeight)))));

    private static IEnumerable<HeatMapPanel> Stitches(Inspection inspection) =>
        inspection.Stitches.GroupBy(stitch => stitch.Level).Select(level => Panel(
            inspection,
            level.Key,
            "stitch weight",
            level.Select(stitch => (stitch.Stream, stitch.Experts.Zip(stitch.Weights, Finite).OfType<(string, double)>().ToDictionary()))));

    // What a broken model has in the place of a number has no colour.
    private static (string Expert, double Weight)? Finite(string expert, float weight) => float.IsFinite(weight) ? (expert, weight) : null;

    private static HeatMapPanel Panel(
        Inspection inspection, int level, string title, IEnumerable<(string Stream, Dictionary<string, double> Weights)> rows)
    {
        var all = rows.ToArray();
        var experts = inspection.ExpertsOf(level, all.SelectMany(row => row.Weights.Keys));
        return new(
            inspection.LevelTitle(level) + title,
            new(all.Select(row => row.Stream)),
            new(experts.AsSpan()),
            new(all.SelectMany(row => experts.Select(expert => row.Weights.TryGetValue(expert, out var weight) ? weight : (double?)null))));
    }
}
