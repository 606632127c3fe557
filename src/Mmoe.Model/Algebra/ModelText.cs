using System.Globalization;
using System.Text;

namespace Mmoe.Model;

/// <summary>A spec as text.</summary>
public static class ModelText
{
    /// <summary>
    /// The layers with their parameters as a table, equal neighbours in one line:
    /// <code>
    /// part         layer               parameters
    /// experts 0-7  dense 499 → 4 relu      16,000
    /// </code>
    /// </summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <returns>Lines that end in <c>\n</c>; the last names the sum.</returns>
    public static string Describe(this ModelSpec spec, InputLayout inputs)
    {
        var arrangement = Arrangement.Of(spec, inputs.Width);
        var rows = arrangement.Levels.SelectMany((level, number) =>
        {
            var prefix = arrangement.Levels.Count == 1 ? "" : $"level {number} ";
            var gates = level.Gates.Zip(Softmaxes(level), (gates, gate) => (gates, gate));
            return level.Experts.SelectMany(bundle => Rows($"{prefix}expert", bundle, ""))
                .Concat(gates.SelectMany(g => Rows($"{prefix}gate", g.gates, Kind(g.gate))))
                .Concat(Stitches(level, prefix));
        }).Concat(arrangement.Towers.SelectMany(bundle => Rows("tower", bundle, Kind(spec.Towers[bundle.First].Head)))).ToList();
        if (spec.Weighting is UncertaintyWeighting)
        {
            rows.Add(("weighting", "log variance per task", Number(spec.Towers.Count)));
        }

        var total = ParameterLayout.Of(spec, inputs.Width).ParameterCount;
        rows.Insert(0, ("part", "layer", "parameters"));
        rows.Add(("total", "", Number(total)));
        var widths = (rows.Max(r => r.Part.Length), rows.Max(r => r.Layer.Length), rows.Max(r => r.Count.Length));
        var text = new StringBuilder();
        foreach (var (part, layer, count) in rows)
        {
            text.Append(part.PadRight(widths.Item1)).Append("  ").Append(layer.PadRight(widths.Item2)).Append("  ");
            text.Append(count.PadLeft(widths.Item3)).Append('\n');
        }

        return text.ToString();
    }

    // The first gate of each bundle stands for all of it: bundled gates are alike.
    private static IEnumerable<SoftmaxGate> Softmaxes(PlacedLevel level)
    {
        var gates = level.Mixtures.Select(mixture => mixture.Gate).OfType<SoftmaxGate>().ToArray();
        return level.Gates.Select(bundle => gates[bundle.First]);
    }

    private static IEnumerable<(string Part, string Layer, string Count)> Rows(string kind, Bundle bundle, string last)
    {
        var parts = bundle.Parts;
        var owner = $"{kind}{(parts.Count == 1 ? "" : "s")} {Names([.. parts.Select(Name)])}";
        if (bundle.Steps.Count == 0)
        {
            yield return (owner, "as it is", "0");
        }

        foreach (var (step, index) in bundle.Steps.Select((step, index) => (step, index)))
        {
            var suffix = index == bundle.Steps.Count - 1 && last.Length > 0 ? last : null;
            yield return (owner, Text(step, suffix), Number(step.ParameterCount * parts.Count));
            owner = "";
        }
    }

    private static IEnumerable<(string Part, string Layer, string Count)> Stitches(PlacedLevel level, string prefix) =>
        level.Mixtures.Where(mixture => mixture.Gate is StitchGate).GroupBy(mixture => mixture.Experts.Count).Select(stitches => (
            $"{prefix}stitch{(stitches.Count() == 1 ? "" : "es")} {Names([.. stitches.Select(s => s.Stream)])}",
            $"{stitches.Key} weight{(stitches.Key == 1 ? "" : "s")}",
            Number((long)stitches.Key * stitches.Count())));

    internal static string Text(Step step, string? last) => step switch
    {
        DenseStep dense => $"dense {dense.Inputs} → {dense.Outputs} {last ?? dense.Activation.Name()}{(dense.HasBias ? "" : ", no bias")}",
        ActivateStep activate => activate.Function.Name(),
        NormStep => "layer norm",
        DropoutStep dropout => string.Create(CultureInfo.InvariantCulture, $"dropout {dropout.Rate}"),
        ResidualStep residual => $"x + ({string.Join(", ", residual.Inner.Select(inner => Text(inner, null)))})",
        _ => throw new ArgumentException($"there is no text for {step}", nameof(step)),
    };

    // The name of a part without what it is: experts.0 is 0, levels.1.gates.income is income.
    internal static string Name(Part part)
    {
        var segments = part.Owner.Split('.');
        return string.Join('.', segments[0] == "levels" ? segments[3..] : segments[1..]);
    }

    internal static string Names(string[] names) =>
        names.Length > 2 && names.Select((name, i) => name == (int.TryParse(names[0], out var first) ? $"{first + i}" : "")).All(same => same)
            ? $"{names[0]}-{names[^1]}"
            : string.Join(", ", names);

    internal static string Kind(SoftmaxGate gate)
    {
        var topK = gate.TopK is { } most ? $", top {most}" : "";
        var temperature = gate.Temperature == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", temperature {gate.Temperature}");
        return $"softmax{topK}{temperature}";
    }

    internal static string Kind(Head head) => head switch
    {
        BinaryHead => "sigmoid",
        MulticlassHead => "softmax",
        _ => "identity",
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
