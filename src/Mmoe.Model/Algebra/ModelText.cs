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
        var mixture = spec.Experts[0].OutputWidth(inputs.Width);
        var experts = spec.Experts.Select((expert, e) => ($"{e}", Dense(expert, inputs.Width)));
        var gates = Enumerable.Range(0, spec.GateCount).Select(gate => (
            spec.Gating == Gating.Shared ? "shared" : spec.Towers[gate].Task,
            new[] { new Line($"dense {inputs.Width} → {spec.Experts.Count} softmax", Parameters(inputs.Width, spec.Experts.Count)) }));
        var towers = spec.Towers.Select(tower => (tower.Task, (Line[])
            [
                .. Dense(tower.Hidden, mixture),
                new(
                    $"dense {tower.Hidden.OutputWidth(mixture)} → {tower.Head.Width} {Kind(tower.Head)}",
                    Parameters(tower.Hidden.OutputWidth(mixture), tower.Head.Width)),
            ]));

        var rows = Rows("expert", experts).Concat(Rows("gate", gates)).Concat(Rows("tower", towers)).ToList();
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

    private static IEnumerable<(string Part, string Layer, string Count)> Rows(string kind, IEnumerable<(string Name, Line[] Lines)> parts)
    {
        var rest = parts.ToArray().AsSpan();
        var rows = new List<(string, string, string)>();
        while (!rest.IsEmpty)
        {
            var equal = 1;
            while (equal < rest.Length && rest[equal].Lines.SequenceEqual(rest[0].Lines))
            {
                equal++;
            }

            var owner = $"{kind}{(equal == 1 ? "" : "s")} {Names(rest[..equal])}";
            foreach (var line in rest[0].Lines)
            {
                rows.Add((owner, line.Layer, Number(line.Parameters * equal)));
                owner = "";
            }

            rest = rest[equal..];
        }

        return rows;
    }

    private static string Names(ReadOnlySpan<(string Name, Line[] Lines)> parts) =>
        parts.Length > 2 && int.TryParse(parts[0].Name, out _)
            ? $"{parts[0].Name}-{parts[^1].Name}"
            : string.Join(", ", parts.ToArray().Select(part => part.Name));

    private static Line[] Dense(Network network, int inputs) =>
    [
        .. network.DenseSteps(inputs).Select(step => new Line(
            $"dense {step.Inputs} → {step.Units} {step.Activation.ToString().ToLowerInvariant()}", Parameters(step.Inputs, step.Units))),
    ];

    private static string Kind(Head head) => head switch
    {
        BinaryHead => "sigmoid",
        MulticlassHead => "softmax",
        _ => "identity",
    };

    private static long Parameters(int inputs, int units) => (inputs + 1L) * units;

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private readonly record struct Line(string Layer, long Parameters);
}
