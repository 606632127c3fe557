namespace Mmoe.Model;

/// <summary>What became of a parameter in a transfer.</summary>
/// <param name="Name">The parameter of the new model.</param>
/// <param name="Carried">How many of its elements come from the old model; the others are those that a new model starts with.</param>
/// <param name="Count">The number of its elements.</param>
public sealed record TransferredParameter(string Name, int Carried, int Count)
{
    /// <summary>Whether all of it comes from the old model.</summary>
    public bool IsCarried => this.Carried == this.Count;

    /// <summary>Whether all of it is as in a new model.</summary>
    public bool IsFresh => this.Carried == 0;
}

/// <summary>Parameters of one model, carried over to another that has parts in common with it.</summary>
/// <param name="Values">The flat vector of the new model.</param>
/// <param name="Parameters">What became of each parameter, in the order of the new layout.</param>
public sealed record ParameterTransfer(float[] Values, EquatableArray<TransferredParameter> Parameters)
{
    /// <summary>The parameters of the old model of which nothing was carried over, in the order of its layout.</summary>
    public EquatableArray<string> Gone { get; init; }

    /// <summary>The inputs that the old model has not; none between two models over the same inputs.</summary>
    public EquatableArray<InputName> NewInputs { get; init; }

    /// <summary>The inputs that only the old model has.</summary>
    public EquatableArray<InputName> GoneInputs { get; init; }

    /// <summary>
    /// Carries over what has the same name and shape; and of gates and stitches over other experts than before the columns of those that
    /// they have in common. What is left starts as in a new model: among the experts that a softmax gate knew before, its weights keep
    /// their proportions, and a new expert takes a share of all of them.
    /// </summary>
    /// <param name="from">The old model.</param>
    /// <param name="values">Its flat vector.</param>
    /// <param name="to">The new model, over the same inputs.</param>
    /// <param name="inputs">The number of input features of both.</param>
    /// <param name="seed">What parameters start from that are not carried over; see <see cref="Initialiser"/>.</param>
    /// <exception cref="ArgumentException">The vector is not that of the old model.</exception>
    public static ParameterTransfer Of(ModelSpec from, ReadOnlySpan<float> values, ModelSpec to, int inputs, int seed) =>
        Of(new(from, inputs, null), values, new(to, inputs, null), [.. Enumerable.Range(0, inputs)], seed);

    /// <summary>
    /// Carries a checkpoint's parameters over to a model that may be of another schema. Of what stands on the input, those rows are carried
    /// whose input is the same, as <see cref="NewInputs"/> names them: a categorical column's value by its text, an interval, an encoding
    /// of a numeric column. Of a multi-class task's output it is the columns of the classes that are called the same; one of a task that
    /// has become of another kind starts anew.
    /// </summary>
    /// <param name="from">The checkpoint.</param>
    /// <param name="to">The new model.</param>
    /// <param name="inputs">What it sees; see <see cref="InputPlan.Of"/> for one that keeps what was fitted for the checkpoint.</param>
    /// <param name="schema">The schema that it is of.</param>
    /// <param name="seed">What parameters start from that are not carried over.</param>
    public static ParameterTransfer Of(Checkpoint from, ModelSpec to, InputLayout inputs, SchemaSummary schema, int seed)
    {
        var match = InputMatch.Of(from.Inputs, from.Schema, inputs, schema);
        return Of(
            new(from.Spec, from.Inputs.Width, from.Schema), from.Parameters.AsSpan(), new(to, inputs.Width, schema), match.Rows, seed) with
        {
            NewInputs = match.New,
            GoneInputs = match.Gone,
        };
    }

    private static ParameterTransfer Of(Side from, ReadOnlySpan<float> values, Side to, int[] rows, int seed)
    {
        var layout = to.Layout;
        if (values.Length != from.Layout.Length)
        {
            throw new ArgumentException($"the vector holds {values.Length} elements, the model needs {from.Layout.Length}", nameof(values));
        }

        var known = from.Layout.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        var flat = Initialiser.Values(layout, seed);
        var transferred = new List<TransferredParameter>();
        foreach (var entry in layout.Entries)
        {
            var carried = known.TryGetValue(entry.Name, out var source)
                && Rows(entry, from, source, to, rows) is { } of
                && Columns(entry, from, source, to) is { } columns
                    ? Copy(source, values, of, columns, entry, flat)
                    : 0;
            transferred.Add(new(entry.Name, carried, entry.Count));
        }

        var kept = transferred.Where(parameter => !parameter.IsFresh).Select(parameter => parameter.Name);
        return new(flat, new(transferred)) { Gone = new(known.Keys.Except(kept, StringComparer.Ordinal)) };
    }

    // Which row of the old parameter each row of the new one takes, -1 for none; null if they have nothing to do with each other.
    private static int[]? Rows(ParameterEntry entry, Side from, ParameterEntry source, Side to, int[] inputs) =>
        entry.Shape.Count != source.Shape.Count || to.ReadsInput(entry) != from.ReadsInput(source) ? null
        : entry.Shape.Count == 1 ? [0]
        : to.ReadsInput(entry) ? inputs
        : entry.Shape[0] == source.Shape[0] ? [.. Enumerable.Range(0, entry.Shape[0])]
        : null;

    // The same for columns, which may have names.
    private static int[]? Columns(ParameterEntry entry, Side from, ParameterEntry source, Side to) =>
        to.ColumnsOf(entry) is { } now && from.ColumnsOf(source) is { } old ? [.. now.Select(name => old.ToList().IndexOf(name))]
        : entry.Shape[^1] == source.Shape[^1] ? [.. Enumerable.Range(0, entry.Shape[^1])]
        : null;

    // How many elements were carried.
    private static int Copy(ParameterEntry source, ReadOnlySpan<float> values, int[] rows, int[] columns, ParameterEntry entry, float[] flat)
    {
        var (old, now) = (new float[source.Count], new float[entry.Count]);
        source.CopyFrom(values, old);
        entry.CopyFrom(flat, now);
        for (var i = 0; i < now.Length; i++)
        {
            var (row, column) = (rows[i / columns.Length], columns[i % columns.Length]);
            now[i] = row < 0 || column < 0 ? now[i] : old[(row * source.Shape[^1]) + column];
        }

        entry.CopyTo(now, flat);
        return rows.Count(row => row >= 0) * columns.Count(column => column >= 0);
    }

    /// <summary>One of the two models, with what its rows and columns stand for.</summary>
    private sealed class Side
    {
        private readonly System.Collections.Generic.HashSet<string> onInput;
        private readonly Dictionary<string, EquatableArray<string>> columns = new(StringComparer.Ordinal);

        public Side(ModelSpec spec, int inputs, SchemaSummary? schema)
        {
            this.Layout = ParameterLayout.Of(spec, inputs);
            this.onInput = Arrangement.Of(spec, inputs).Bundles
                .Where(bundle => bundle.ReadsInput)
                .SelectMany(bundle => bundle.Parts.Select(part => ParameterNames.Weight(bundle.InputStep.Owner(part.Owner))))
                .ToHashSet(StringComparer.Ordinal);
            for (var level = 0; level < spec.Levels.Count; level++)
            {
                foreach (var mixture in spec.Levels[level].Mixtures)
                {
                    this.Name(ParameterNames.Gate(level, mixture.Stream), mixture.Experts);
                }
            }

            foreach (var tower in schema is null ? [] : spec.Towers)
            {
                this.Name(ParameterNames.Output(tower.Task), Logits(tower, schema!));
            }
        }

        public ParameterLayout Layout { get; }

        public bool ReadsInput(ParameterEntry entry) => this.onInput.Contains(entry.Name);

        public EquatableArray<string>? ColumnsOf(ParameterEntry entry) => this.columns.TryGetValue(entry.Name, out var names) ? names : null;

        // What has a column per name: the last layer of a gate or a tower, or a stitch.
        private void Name(string owner, EquatableArray<string> names)
        {
            this.columns[ParameterNames.Weight(owner)] = names;
            this.columns[ParameterNames.Bias(owner)] = names;
            this.columns[ParameterNames.Stitch(owner)] = names;
        }

        private static EquatableArray<string> Logits(Tower tower, SchemaSummary schema) => tower.Head switch
        {
            BinaryHead => ["positive"],
            RegressionHead => ["number"],
            _ => new(schema.Columns
                .First(column => column.Name == schema.Tasks.First(task => task.Name == tower.Task).Column)
                .Vocabulary
                .Select(value => $"class {value}")),
        };
    }
}
