using FsCheck;
using FsCheck.Fluent;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>A dataset, a spec that fits it, and a seed for everything else that is random.</summary>
public sealed record ModelCase(DatasetDescriptor Dataset, ModelSpec Spec, int Seed)
{
    public InputLayout Inputs { get; } = Samples.Layout(Dataset);

    public ParameterLayout Layout => ParameterLayout.Of(this.Spec, this.Inputs.Width);

    public Arrangement Arrangement => Arrangement.Of(this.Spec, this.Inputs.Width);

    /// <summary>Values for all parameters, biases included; 0 where no parameter lies. They depend on a parameter's name alone.</summary>
    public float[] Parameters() => Samples.Parameters(this.Layout, this.Seed);

    /// <summary>The same dataset and seed with another spec.</summary>
    public ModelCase With(ModelSpec spec) => this with { Spec = spec };

    public ModelInputs Rows(int rows) => Samples.Valid(ModelInputs.Of(
        Samples.Table(this.Dataset, rows, this.Seed), this.Inputs, Samples.Targets(this.Dataset)));

    public override string ToString() => $"seed {this.Seed}, {this.Inputs.Width} inputs, {ModelSpecJson.Write(this.Spec)}";
}

/// <summary>Predictions, labels and weights for one metric; many ties, some labels missing, some weights 0.</summary>
public sealed record ScoredRows(float[] Scores, float[] Labels, float[] Weights);

/// <summary>FsCheck's generators for this project: small cases first.</summary>
public static class Arbitraries
{
    public static Arbitrary<Network> Networks() =>
        (from seed in Gen.Choose(0, int.MaxValue)
         from size in Gen.Sized(Gen.Constant)
         select new SpecDraw(seed, size).Network(3)).ToArbitrary();

    public static Arbitrary<Trunk> Trunks() => CaseGen.Select(model => model.Spec.Trunk).ToArbitrary();

    public static Arbitrary<ModelCase> Cases() => CaseGen.ToArbitrary();

    /// <summary>Cases whose layers have up to so many units.</summary>
    public static Gen<ModelCase> CasesOf(int widest) =>
        from dataset in DatasetGen
        from size in Gen.Sized(Gen.Constant)
        from seed in Gen.Choose(0, int.MaxValue)
        select Samples.Case(dataset, seed, size, widest);

    public static Arbitrary<ScoredRows> Scored() => ScoredGen.ToArbitrary();

    private static Gen<ModelCase> CaseGen => CasesOf(widest: 6);

    private static Gen<DatasetDescriptor> DatasetGen =>
        from sizes in Gen.Choose(0, 4).SelectMany(count => Gen.Choose(1, 5).ArrayOf(count))
        from numerics in Gen.Choose(sizes.Length == 0 ? 1 : 0, 4)
        from tasks in Gen.Choose(1, 3).SelectMany(count => Gen.Choose(0, 2).ArrayOf(count))
        from edges in Gen.Choose(0, 4).ArrayOf(numerics)
        from encodings in EncodingsGen.ArrayOf(numerics)
        select Samples.Dataset(sizes, numerics, tasks, [.. edges.Select(Samples.Edges)], encodings);

    // Of nothing, which means standardised, up to three kinds that do not contradict each other.
    private static Gen<NumericEncoding[]> EncodingsGen =>
        from linear in Gen.Elements<NumericEncoding?>(null, NumericEncoding.Standardise, NumericEncoding.MinMax)
        from log1p in Gen.Elements<NumericEncoding?>(null, NumericEncoding.Log1p)
        from quantile in Gen.Choose(0, 6).Select(n => n < 2 ? null : NumericEncoding.Quantile(n))
        from piecewise in Gen.Choose(0, 6).Select(n => n < 2 ? null : NumericEncoding.PiecewiseLinear(n))
        select (NumericEncoding[])[.. new[] { linear, log1p, quantile, piecewise }.OfType<NumericEncoding>()];

    private static Gen<ScoredRows> ScoredGen =>
        from count in Gen.Choose(0, 30)
        from scores in Gen.Choose(0, 8).ArrayOf(count)
        from labels in Gen.Choose(-1, 4).ArrayOf(count)
        from weights in Gen.Choose(0, 3).ArrayOf(count)
        select new ScoredRows(
            [.. scores.Select(s => s / 8f)],
            [.. labels.Select(l => l < 0 ? float.NaN : l % 2)],
            [.. weights.Select(w => (float)w)]);
}

/// <summary>Datasets and rows to test with.</summary>
public static class Samples
{
    /// <summary>A spec that fits a dataset, drawn from all that the algebra can say.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="seed">The seed of the draw, and of the case.</param>
    /// <param name="size">How large it may be, as FsCheck counts: from 0, with most of everything from 30.</param>
    /// <param name="widest">The most units of a layer.</param>
    public static ModelCase Case(DatasetDescriptor dataset, int seed, int size, int widest = 6)
    {
        var draw = new SpecDraw(seed, size, widest);
        var plain = new ModelCase(dataset, draw.Spec(dataset.Tasks), seed);
        return plain with { Spec = draw.Frozen(plain.Spec, plain.Layout) };
    }

    /// <summary>A dataset with a binary, a multi-class and a regression task.</summary>
    public static DatasetDescriptor Loans { get; } = Dataset([3, 2], 2, [0, 1, 2]);

    /// <summary>The same tasks over 7 inputs, no number of which may be missing.</summary>
    public static DatasetDescriptor Plain { get; } = Dataset([3, 3], 1, [0, 1, 2]);

    public static T Valid<T>(Validation<Fault, T> validation) =>
        validation.Match(value => value, faults => throw new Xunit.Sdk.XunitException(string.Join("\n", faults)));

    public static string[] Faults<T>(Validation<Fault, T> validation) =>
        validation.Match(_ => [], faults => faults.Select(f => f.ToString()).ToArray());

    public static Fault TheFault<T>(Validation<Fault, T> validation) =>
        Assert.Single(validation.Match(_ => [], faults => faults.ToArray()));

    /// <summary>Loans whose numbers have bins: two edges for n0, three for n1, which may be missing.</summary>
    public static DatasetDescriptor BinnedLoans { get; } = Dataset([3, 2], 2, [0, 1, 2], [Edges(2), Edges(3)]);

    /// <summary>So many edges, among the numbers of <see cref="Table"/>.</summary>
    public static float[] Edges(int count) => [.. Enumerable.Range(0, count).Select(i => (0.5f * i) - 0.75f)];

    /// <summary>A dataset with categorical columns c0…, numeric columns n0…, tasks t0…, a weight w and an ignored column.</summary>
    /// <param name="sizes">The sizes of the categorical features.</param>
    /// <param name="numerics">The number of numeric features; the first is usable as weight.</param>
    /// <param name="kinds">Per task 0 for binary, 1 for multi-class, 2 for regression.</param>
    /// <param name="bins">Per numeric feature the edges of its bins; null for none anywhere.</param>
    /// <param name="encodings">Per numeric feature its encodings; null for none anywhere.</param>
    public static DatasetDescriptor Dataset(
        int[] sizes, int numerics, int[] kinds, float[][]? bins = null, NumericEncoding[][]? encodings = null)
    {
        var columns = new List<Column>();
        var offset = 0;
        for (var c = 0; c < sizes.Length; c++)
        {
            var texts = Enumerable.Range(0, sizes[c]).Select(v => $"v{v}").ToArray();
            columns.Add(new CategoricalFeature($"c{c}", "", columns.Count, new Vocabulary(texts), c, offset));
            offset += sizes[c];
        }

        for (var n = 0; n < numerics; n++)
        {
            var missing = n == 0 ? null : new MissingNumeric(new(["NA"]), MissingPolicy.Mean);
            columns.Add(new NumericFeature(
                $"n{n}",
                "",
                columns.Count,
                missing,
                n,
                offset + n,
                UsableAsWeight: n == 0,
                Bins: new(bins?[n] ?? []),
                Encodings: new(encodings?[n] ?? [])));
        }

        var tasks = new List<TaskDescriptor>();
        for (var t = 0; t < kinds.Length; t++)
        {
            EquatableArray<string> marks = new(["?"]);
            var vocabulary = new Vocabulary(kinds[t] == 0 ? ["no", "yes"] : ["low", "middle", "high"]);
            LabelColumn label = kinds[t] == 2
                ? new NumericLabel($"l{t}", "", columns.Count, marks, t)
                : new CategoricalLabel($"l{t}", "", columns.Count, marks, t, vocabulary);
            columns.Add(label);
            tasks.Add(kinds[t] switch
            {
                0 => new BinaryTask($"t{t}", "", t, (CategoricalLabel)label, new([1])),
                1 => new MulticlassTask($"t{t}", "", t, (CategoricalLabel)label),
                _ => new RegressionTask($"t{t}", "", t, (NumericLabel)label),
            });
        }

        columns.Add(new WeightColumn("w", "", columns.Count, 0));
        columns.Add(new IgnoredColumn("ignored", "", columns.Count, "tells the answer"));
        var parameters = new TrainingParameters(8, new([4]), new([8]), 32, 1, 0.001, true, 1, 10, 5, 5);
        return new DatasetDescriptor
        {
            Contract = 1,
            Name = "loans",
            Description = "",
            Fingerprint = $"{string.Join("-", sizes)}/{numerics}/{string.Join("-", kinds)}",
            Format = new FileFormat(',', true, null, null, false),
            Columns = new(columns),
            Tasks = new(tasks),
            Source = new FileSource(default, new("a", 3, new([0])), new("a", 3, new([1])), new("a", 3, new([2]))),
            Training = new TrainingDefaults(parameters, parameters, parameters),
        };
    }

    /// <summary>Random rows: some labels and numbers missing, weights 0 to 3.</summary>
    public static EncodedTable Table(DatasetDescriptor dataset, int rows, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, "rows");
        var codes = new int[rows * dataset.Categoricals.Count];
        var numerics = new float[rows * dataset.Numerics.Count];
        var labels = new float[rows * dataset.Labels.Count];
        var weights = new float[rows * dataset.Weights.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = random.NextInt32(dataset.Categoricals[i % dataset.Categoricals.Count].Vocabulary.Count);
        }

        for (var i = 0; i < numerics.Length; i++)
        {
            var mayMiss = dataset.Numerics[i % dataset.Numerics.Count].Missing is not null;
            numerics[i] = mayMiss && random.NextInt32(5) == 0 ? float.NaN : (float)random.NextNormal();
        }

        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = random.NextInt32(6) == 0 ? float.NaN : dataset.Labels[i % dataset.Labels.Count] switch
            {
                CategoricalLabel categorical => random.NextInt32(categorical.Vocabulary.Count),
                _ => (float)random.NextNormal() * 10,
            };
        }

        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = random.NextInt32(4);
        }

        return new EncodedTable(dataset, rows, codes, numerics, labels, weights);
    }

    /// <summary>The plan of what a model sees of a dataset.</summary>
    public static InputPlan Plan(
        DatasetDescriptor dataset, string[]? exclude = null, string? weightBy = null, params ReadOnlySpan<ColumnEncoding> encode) =>
        Valid(InputPlan.Of(dataset, exclude ?? [], weightBy, new(encode)));

    /// <summary>What a model sees of a dataset, fitted on rows that are always the same.</summary>
    public static InputLayout Layout(
        DatasetDescriptor dataset, string[]? exclude = null, string? weightBy = null, params ReadOnlySpan<ColumnEncoding> encode) =>
        Valid(Plan(dataset, exclude, weightBy, encode).Fit(new TrainSplit(Table(dataset, 40, 1))));

    /// <summary>The layout with numbers of its own for what is standardised: n-th column (x - n/2) / (1 + n), 2 where it is missing.</summary>
    public static InputLayout WithRoundNumbers(InputLayout layout) => layout with
    {
        Numerics = new(layout.Numerics.Select(input => input.Encoder is StandardEncoder standard
            ? input with { Encoder = new StandardEncoder(standard.Transform, 0.5f * input.NumericIndex, 1 + input.NumericIndex, 2) }
            : input)),
    };

    public static TargetScaling Targets(DatasetDescriptor dataset) =>
        new(dataset.Fingerprint, new(dataset.Tasks.Select(t => t is RegressionTask ? new TargetScale(t.Name, 3, 10) : new(t.Name, 0, 1))));

    /// <summary>The values of one model in the places of another's parameters, all of which must be there.</summary>
    /// <param name="from">Where the values lie.</param>
    /// <param name="values">The values.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="source">The name that a parameter of the second has in the first.</param>
    /// <param name="order">What becomes of a parameter's values on the way; by default nothing.</param>
    public static float[] Carried(
        ParameterLayout from,
        float[] values,
        ParameterLayout to,
        Func<string, string> source,
        Func<ParameterEntry, float[], float[]>? order = null)
    {
        var carried = new float[to.Length];
        foreach (var entry in to.Entries)
        {
            var own = new float[entry.Count];
            from[source(entry.Name)].CopyFrom(values, own);
            entry.CopyTo(order is null ? own : order(entry, own), carried);
        }

        return carried;
    }

    /// <summary>A network of ReLU layers of these widths.</summary>
    public static Network Relu(params int[] units) => Network.OfDense(units, Activation.ReLU);

    public static float[] Parameters(ParameterLayout layout, int seed)
    {
        var values = new float[layout.Length];
        foreach (var entry in layout.Entries)
        {
            // By name, so that two specs with a part in common get the same values in it.
            var random = DeterministicRandom.FromSeed((ulong)seed, entry.Name);
            var own = new float[entry.Count];
            own.AsSpan().ForEach(_ => (float)random.NextNormal() / 2);
            entry.CopyTo(own, values);
        }

        return values;
    }

    private static void ForEach(this Span<float> values, Func<float, float> next)
    {
        foreach (ref var value in values)
        {
            value = next(value);
        }
    }
}
