using System.Globalization;
using System.Text;

namespace Mmoe.Model;

/// <summary>A spec as a picture.</summary>
public static class ModelMermaid
{
    /// <summary>
    /// The model as a Mermaid flowchart, from the input down to the towers: a box per expert and per tower, a hexagon per gate, a rounded
    /// box per stream; what a gate decides goes along dotted arrows.
    /// </summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="mostSingle">
    /// Experts that are alike, read the same stream and go into the same mixtures are drawn as one box if they are more than these.
    /// </param>
    /// <returns>Lines that end in <c>\n</c>. Whatever parts are called, the text is valid and shows their names.</returns>
    public static string Mermaid(this ModelSpec spec, InputLayout inputs, int mostSingle = 4) =>
        new Drawing(spec, Arrangement.Of(spec, inputs.Width), mostSingle).Draw();

    /// <summary>The same before any row is read, with the most inputs that the model can get.</summary>
    /// <param name="spec"><inheritdoc cref="Mermaid(ModelSpec, InputLayout, int)" path="/param[@name='spec']"/></param>
    /// <param name="inputs">What the model is to see.</param>
    /// <param name="mostSingle"><inheritdoc cref="Mermaid(ModelSpec, InputLayout, int)" path="/param[@name='mostSingle']"/></param>
    public static string Mermaid(this ModelSpec spec, InputPlan inputs, int mostSingle = 4) =>
        new Drawing(spec, Arrangement.Of(spec, inputs.MaxWidth), mostSingle).Draw();

    /// <summary>
    /// A name as part of a quoted label. Mermaid reads labels as Markdown with HTML: what could mean something in either, or end the
    /// label, is written by its code point, which is never interpreted.
    /// </summary>
    private static string Escaped(string name)
    {
        var text = new StringBuilder();
        var runes = name.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            bool IsWord(int at) => at >= 0 && at < runes.Length && Rune.IsLetterOrDigit(runes[at]);

            // An underscore between letters is no emphasis, and common in names.
            var isPlain = IsWord(i) || runes[i].Value is ' ' or '-' || (runes[i].Value == '_' && IsWord(i - 1) && IsWord(i + 1));
            text.Append(isPlain ? runes[i].ToString() : string.Create(CultureInfo.InvariantCulture, $"#{runes[i].Value};"));
        }

        return text.ToString();
    }

    private static string Label(params IEnumerable<string> lines) => $"\"{string.Join("<br/>", lines)}\"";

    private sealed class Drawing(ModelSpec spec, Arrangement arrangement, int mostSingle)
    {
        private const string Input = "input";

        private readonly StringBuilder nodes = new();
        private readonly StringBuilder edges = new();
        private string indent = "    ";

        public string Draw()
        {
            this.Node(Input, string.Create(CultureInfo.InvariantCulture, $"([{Label("input", $"{arrangement.Inputs:N0} features")}])"));
            var streams = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var level = 0; level < arrangement.Levels.Count; level++)
            {
                streams = this.Level(level, streams);
            }

            var position = 0;
            foreach (var (bundle, part) in arrangement.Towers.SelectMany(bundle => bundle.Parts.Select(part => (bundle, part))))
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"t{position}");
                this.Node(id, $"[{Label(Lines($"tower {Name(part)}", bundle.Steps, ModelText.Kind(spec.Towers[position].Head)))}]");
                this.Edge(streams, part.Reads, id);
                position++;
            }

            return $"flowchart TB\n{this.nodes}{this.edges}";
        }

        // The level's parts; which box gives which of its streams.
        private Dictionary<string, string> Level(int number, Dictionary<string, string> below)
        {
            var level = arrangement.Levels[number];
            var isOneOfSeveral = arrangement.Levels.Count > 1;
            if (isOneOfSeveral)
            {
                this.Line($"subgraph l{number}[{Label($"level {number}")}]");
                this.indent += "    ";
            }

            var experts = this.Experts(number, level, below);
            var gates = level.Gates.SelectMany(bundle => bundle.Parts.Select(part => (bundle, part))).ToArray();
            var streams = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var m = 0; m < level.Mixtures.Count; m++)
            {
                var mixture = level.Mixtures[m];
                var (id, gate) = ($"l{number}m{m}", $"l{number}g{m}");
                switch (mixture.Gate)
                {
                    case SoftmaxGate softmax:
                        var (bundle, part) = gates[mixture.GatePart];
                        this.Node(
                            gate, $"{{{{{Label(Lines($"gate {Escaped(mixture.Stream)}", bundle.Steps, ModelText.Kind(softmax)))}}}}}");
                        this.Edge(below, part.Reads, gate);
                        this.edges.Append($"    {gate} -.-> {id}\n");
                        break;
                    case StitchGate:
                        var weights = $"{mixture.Experts.Count} weight{(mixture.Experts.Count == 1 ? "" : "s")}";
                        this.Node(gate, $"{{{{{Label($"stitch {Escaped(mixture.Stream)}", weights)}}}}}");
                        this.edges.Append($"    {gate} -.-> {id}\n");
                        break;
                    case PassGate:
                        break;
                    default:
                        throw new ArgumentException($"there is no picture of {mixture.Gate}");
                }

                this.Node(id, $"([{Label($"stream {Escaped(mixture.Stream)}")}])");
                streams[mixture.Stream] = id;
                foreach (var expert in mixture.Experts.Select(e => experts[e]).Distinct())
                {
                    this.edges.Append($"    {expert} --> {id}\n");
                }
            }

            if (isOneOfSeveral)
            {
                this.indent = this.indent[4..];
                this.Line("end");
            }

            return streams;
        }

        // Per expert the box that it is drawn in.
        private string[] Experts(int number, PlacedLevel level, Dictionary<string, string> below)
        {
            var parts = level.Experts.SelectMany(bundle => bundle.Parts.Select(part => (Bundle: bundle, Part: part))).ToArray();
            string MixedBy(int expert) =>
                string.Join(' ', level.Mixtures.Index().Where(m => m.Item.Experts.Contains(expert)).Select(m => m.Index));
            var boxes = new string[parts.Length];
            var groups = Enumerable.Range(0, parts.Length).GroupBy(e => (parts[e].Bundle.First, parts[e].Part.Reads, MixedBy(e)));
            foreach (var group in groups.SelectMany(group => group.Count() > mostSingle ? [[.. group]] : group.Select(e => new[] { e })))
            {
                var (bundle, first) = parts[group[0]];
                var id = $"l{number}e{group[0]}";
                var names = ModelText.Names([.. group.Select(e => Name(parts[e].Part))]);
                var owner = group.Length == 1 ? $"expert {names}" : $"{group.Length} experts {names}";
                this.Node(id, $"[{Label(Lines(owner, bundle.Steps, null))}]");
                this.Edge(below, first.Reads, id);
                foreach (var expert in group)
                {
                    boxes[expert] = id;
                }
            }

            return boxes;
        }

        private static string Name(Part part) => Escaped(ModelText.Name(part));

        private static IEnumerable<string> Lines(string owner, EquatableArray<Step> steps, string? last) =>
            steps.Select((step, s) => ModelText.Text(step, s == steps.Count - 1 ? last : null)).Prepend(owner);

        private void Edge(Dictionary<string, string> streams, string reads, string to) =>
            this.edges.Append($"    {(reads == Streams.Input ? Input : streams[reads])} --> {to}\n");

        private void Node(string id, string shape) => this.Line(id + shape);

        private void Line(string line) => this.nodes.Append(this.indent).Append(line).Append('\n');
    }
}
