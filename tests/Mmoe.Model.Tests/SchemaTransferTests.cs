using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>Parameters over to a model of a schema that has changed.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class SchemaTransferTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Plain.Tasks;

    [Property]
    public void Columns_and_values_in_another_order_and_values_that_no_row_has_change_no_prediction(ModelCase model)
    {
        var (dataset, rows) = (Shuffled(model.Dataset, model.Seed), Samples.Table(model.Dataset, 20, model.Seed));
        var inputs = Refitted(dataset, model.Inputs);
        var transfer = Transferred(model, model.Spec, dataset, inputs);
        float[] Logits(EncodedTable table, InputLayout layout, float[] parameters) => new ManagedForward(model.Spec, layout).Logits(
            parameters, Samples.Valid(ModelInputs.Of(table, layout, Samples.Targets(table.Descriptor))));

        var before = Logits(rows, model.Inputs, model.Parameters());
        var after = Logits(Translated(rows, dataset), inputs, transfer.Values);

        // The same sums in another order.
        Assert.All(before.Zip(after, (was, now) => (Was: was, Now: now)), pair => Assert.Equal(pair.Was, pair.Now, 1e-3f * Math.Max(1, Math.Abs(pair.Was))));
        Assert.Empty(transfer.GoneInputs);
        Assert.Equal(
            dataset.Categoricals.Select(feature => new InputName(feature.Name, "new")).Order(Comparer<InputName>.Create(Compare)),
            transfer.NewInputs.Order(Comparer<InputName>.Create(Compare)));
        Assert.All(transfer.Parameters, parameter => Assert.False(parameter.IsFresh));
    }

    [Property]
    public void There_and_back_is_where_one_was(ModelCase model)
    {
        var dataset = Shuffled(model.Dataset, model.Seed);
        var inputs = Refitted(dataset, model.Inputs);
        var there = Transferred(model, model.Spec, dataset, inputs);
        var back = ParameterTransfer.Of(
            Checkpoint(dataset, model.Spec, inputs, there.Values), model.Spec, Refitted(model.Dataset, inputs), SchemaSummary.Of(model.Dataset), 3);

        Assert.Equal(model.Parameters(), back.Values);
        Assert.All(back.Parameters, parameter => Assert.True(parameter.IsCarried));
        Assert.Equal(dataset.Categoricals.Count, back.GoneInputs.Count);
    }

    [Property]
    public void What_a_model_keeps_of_its_own_schema_is_what_it_had(ModelCase model) =>
        Assert.Equal(model.Inputs, Refitted(model.Dataset, model.Inputs));

    [Property]
    public void A_column_less_takes_its_rows_along_and_no_others(ModelCase model)
    {
        var columns = model.Dataset.Columns.Where(column => column is CategoricalFeature or NumericFeature).ToArray();
        if (columns.Length < 2)
        {
            return;
        }

        var gone = columns[model.Seed % columns.Length].Name;
        var inputs = Samples.Valid(Samples.Valid(InputPlan.Of(model.Dataset, [gone], null, fitted: model.Inputs)).Fit(Train(model.Dataset)));
        var transfer = Transferred(model, model.Spec, model.Dataset, inputs);
        var layout = ParameterLayout.Of(model.Spec, inputs.Width);

        Assert.All(transfer.Parameters, parameter => Assert.True(parameter.IsCarried));
        Assert.All(transfer.GoneInputs, input => Assert.Equal(gone, input.Column));
        Assert.Equal(model.Inputs.Width - inputs.Width, transfer.GoneInputs.Count);
        int[] left = [.. Enumerable.Range(0, model.Inputs.Width).Where(row => ColumnAt(model.Inputs, row) != gone)];
        foreach (var entry in layout.Entries.Where(entry => entry.Shape.Count == 2 && entry.Strides[0] == layout.FirstLayer.Stride && entry.Offset < layout.FirstLayer.Stride))
        {
            var old = Rows(model.Layout[entry.Name], model.Parameters());
            Assert.Equal(left.SelectMany(row => old[row]), Rows(entry, transfer.Values).SelectMany(row => row));
        }
    }

    [Fact]
    public void A_gate_that_sees_an_expert_more_keeps_its_columns_of_the_others()
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.Cgc([Tasks[0], Tasks[1]], 1, 2, Samples.Relu(4), Samples.Relu(8)), 7);
        Level joining = new(
            [new("more", Samples.Relu(4))], [model.Spec.Levels[0].Mixtures[0] with { Experts = ["more", "shared.1", "t0.0", "shared.0"] }]);
        var changed = Samples.Valid(model.Spec.AddTask(new Tower("t2", Samples.Relu(8), Head.For(Tasks[2]), "t0"), levels: [joining]));
        var transfer = SurgeryTests.Transferred(model, changed);
        var layout = ParameterLayout.Of(changed, model.Inputs.Width);
        var (old, now, fresh) = (
            Rows(model.Layout["gates.t0.weight"], model.Parameters()),
            Rows(layout["gates.t0.weight"], transfer.Values),
            Rows(layout["gates.t0.weight"], Initialiser.Values(layout, model.Seed)));

        Assert.Equal(["t0.0", "shared.0", "shared.1"], model.Spec.Levels[0].Mixtures[0].Experts);
        Assert.All(Enumerable.Range(0, 7), row => Assert.Equal([fresh[row][0], old[row][2], old[row][0], old[row][1]], now[row]));
        Assert.Equal(new TransferredParameter("gates.t0.weight", 21, 28), transfer.Parameters.Single(p => p.Name == "gates.t0.weight"));
    }

    [Fact]
    public void Classes_are_known_by_their_names_and_a_task_of_another_kind_starts_anew()
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 7);
        var label = (CategoricalLabel)Tasks[1].LabelColumn with { Vocabulary = new(["high", "none", "low"]) };
        var (number, yes) = (
            new NumericLabel("l0", "", Tasks[0].LabelColumn.FileIndex, default, 0),
            new CategoricalLabel("l2", "", Tasks[2].LabelColumn.FileIndex, default, 2, new(["no", "yes"])));
        var dataset = Samples.Plain with
        {
            Columns = [.. Samples.Plain.Columns.Select(column => column.Name switch { "l0" => number, "l1" => label, "l2" => yes, _ => column })],
            Tasks = [new RegressionTask("t0", "", 0, number), new MulticlassTask("t1", "", 1, label), new BinaryTask("t2", "", 2, yes, [1])],
        };
        var adapted = Samples.Valid(TaskAdaptation.Of(model.Spec, dataset.Tasks));
        var transfer = Transferred(model, adapted.Spec, dataset, model.Inputs);
        var layout = ParameterLayout.Of(adapted.Spec, model.Inputs.Width);
        var fresh = Initialiser.Values(layout, 1);

        Assert.Equal(["t0", "t2"], adapted.Changed);
        Assert.Equal(
            ["towers.t0.output.bias", "towers.t0.output.weight", "towers.t2.output.bias", "towers.t2.output.weight"],
            transfer.Parameters.Where(parameter => parameter.IsFresh).Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        var (old, now) = (Rows(model.Layout["towers.t1.output.weight"], model.Parameters()), Rows(layout["towers.t1.output.weight"], transfer.Values));
        var start = Rows(layout["towers.t1.output.weight"], fresh);
        Assert.All(Enumerable.Range(0, 8), row => Assert.Equal([old[row][2], start[row][1], old[row][0]], now[row]));
    }

    [Fact]
    public void Intervals_are_the_same_between_the_same_edges()
    {
        var old = Binned("n0", [0, 1, 2], hasMissing: true);
        var now = Binned("n0", [0, 1, 3], hasMissing: true);
        var match = InputMatch.Of(old, Summary, now, Summary);

        Assert.Equal([0, 1, -1, -1, 4], match.Rows);
        Assert.Equal(["1 to below 3", "from 3"], match.New.Select(input => input.Part));
        Assert.Equal(["1 to below 2", "from 2"], match.Gone.Select(input => input.Part));
        Assert.Equal([-1, -1, -1, -1, -1], InputMatch.Of(old, Summary, Binned("n1", [0, 1, 2], hasMissing: true), Summary).Rows);
        Assert.Equal([0, 1, 2, 3], InputMatch.Of(old, Summary, Binned("n0", [0, 1, 2], hasMissing: false), Summary).Rows);
    }

    [Fact]
    public void Components_at_the_ends_are_others_than_those_in_the_middle()
    {
        InputLayout Piecewise(params float[] edges) => new("", [], [new("n0", 0, new PiecewiseLinearEncoder(new(edges), 0), 0)], null);

        Assert.Equal([0, 1, -1], InputMatch.Of(Piecewise(0, 1, 2, 3, 4), Summary, Piecewise(0, 1, 2, 3), Summary).Rows);
        Assert.Equal([0, 1, 2, 3], InputMatch.Of(Piecewise(0, 1, 2, 3, 4), Summary, Piecewise(0, 1, 2, 3, 4), Summary).Rows);
    }

    [Fact]
    public void Encodings_stay_as_they_were_fitted_and_only_new_ones_are_fitted()
    {
        var dataset = Samples.Dataset([3], 3, [0]);
        var old = Samples.WithRoundNumbers(Samples.Layout(dataset, exclude: ["n0"]));
        var fitted = Samples.Layout(dataset);
        var plan = Samples.Valid(InputPlan.Of(dataset, [], null, [new("n2", [NumericEncoding.Standardise, NumericEncoding.MinMax])], old));
        var kept = Samples.Valid(plan.Fit(new TrainSplit(Samples.Table(dataset, 40, 1))));

        NumericEncoder[] Of(InputLayout layout, string column) => [.. layout.Numerics.Where(input => input.Column == column).Select(input => input.Encoder)];
        Assert.Equal(Of(fitted, "n0"), Of(kept, "n0"));
        Assert.Equal(Of(old, "n1"), Of(kept, "n1"));
        Assert.NotEqual(Of(fitted, "n1"), Of(kept, "n1"));
        Assert.Equal(Of(old, "n2")[0], Of(kept, "n2")[0]);
        Assert.Equal(Of(Samples.Layout(dataset, encode: new ColumnEncoding("n2", [NumericEncoding.MinMax])), "n2")[0], Of(kept, "n2")[1]);
        Assert.Equal(plan.MaxWidth, kept.Width);
        Assert.Equal(
            ["there is no new numeric input for which '*' would stand; leave it out of 'encode'"],
            Samples.Faults(InputPlan.Of(dataset, [], null, [new("*", [NumericEncoding.Log1p])], fitted)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_number_that_may_be_missing_by_now_has_an_input_for_that_and_one_that_may_not_has_none(bool hasBins)
    {
        DatasetDescriptor Dataset(MissingNumeric? missing)
        {
            var dataset = Samples.Dataset([3], 2, [0], hasBins ? [[], [0, 1]] : null);
            return dataset with
            {
                Fingerprint = $"{missing}",
                Columns = [.. dataset.Columns.Select(column => column is NumericFeature { Name: "n1" } n ? n with { Missing = missing } : column)],
            };
        }

        var (without, zero) = (Dataset(null), Dataset(new(["NA"], MissingPolicy.Zero)));
        var rows = Train(without);
        var numbers = Enumerable.Range(0, rows.Table.Numerics.Length).Select(i => i + 1f).ToArray();
        TrainSplit Of(DatasetDescriptor dataset) => new(new(
            dataset, rows.Table.Rows, rows.Table.Codes, numbers, rows.Table.Labels, rows.Table.Weights));
        var old = Samples.Valid(Samples.Plan(without).Fit(Of(without)));
        var now = Samples.Valid(Samples.Valid(InputPlan.Of(zero, [], null, fitted: old)).Fit(Of(zero)));
        var back = Samples.Valid(Samples.Valid(InputPlan.Of(without, [], null, fitted: now)).Fit(Of(without)));

        var match = InputMatch.Of(old, SchemaSummary.Of(without), now, SchemaSummary.Of(zero));
        Assert.Equal([new InputName("n1", "missing")], match.New);
        Assert.Equal(old.Width + 1, now.Width);
        var standard = Assert.IsType<StandardEncoder>(now.Numerics.First(input => input.Column == "n1").Encoder);
        Assert.Equal(0, standard.Fill);
        Assert.Equal(old.Numerics.First(input => input.Column == "n1").Encoder, standard with { Fill = ((StandardEncoder)old.Numerics.First(input => input.Column == "n1").Encoder).Fill });
        Assert.Equal([new InputName("n1", "missing")], InputMatch.Of(now, SchemaSummary.Of(zero), back, SchemaSummary.Of(without)).Gone);
    }

    private static SchemaSummary Summary { get; } = SchemaSummary.Of(Samples.Plain);

    private static InputLayout Binned(string column, float[] edges, bool hasMissing) =>
        new("", [new BinnedInput(column, 0, new(edges), hasMissing, 0)], [], null);

    private static TrainSplit Train(DatasetDescriptor dataset) => new(Samples.Table(dataset, 40, 2));

    private static InputLayout Refitted(DatasetDescriptor dataset, InputLayout known) =>
        Samples.Valid(Samples.Valid(InputPlan.Of(dataset, [], null, fitted: known)).Fit(Train(dataset)));

    private static Checkpoint Checkpoint(DatasetDescriptor dataset, ModelSpec spec, InputLayout inputs, float[] parameters) =>
        new(SchemaSummary.Of(dataset), spec, inputs, Samples.Targets(dataset), 1, "{}", new(parameters), null);

    private static ParameterTransfer Transferred(ModelCase model, ModelSpec to, DatasetDescriptor dataset, InputLayout inputs) => ParameterTransfer.Of(
        Checkpoint(model.Dataset, model.Spec, model.Inputs, model.Parameters()), to, inputs, SchemaSummary.Of(dataset), 1);

    private static float[][] Rows(ParameterEntry entry, float[] flat)
    {
        var values = new float[entry.Count];
        entry.CopyFrom(flat, values);
        return [.. values.Chunk(entry.Shape[^1])];
    }

    private static string ColumnAt(InputLayout layout, int row) =>
        layout.Gathered.FirstOrDefault(input => row >= input.Offset && row < input.Offset + input.Size)?.Column
        ?? layout.Numerics.First(input => row >= input.Offset && row < input.Offset + input.Encoder.Width).Column;

    private static int Compare(InputName? one, InputName? other) => string.CompareOrdinal($"{one}", $"{other}");

    // The features in another order, the values of each too, with one more somewhere among them.
    private static DatasetDescriptor Shuffled(DatasetDescriptor dataset, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, "shuffled");
        T[] Order<T>(IEnumerable<T> items)
        {
            T[] all = [.. items];
            random.Shuffle<T>(all);
            return all;
        }

        Column[] features = [.. dataset.Columns.Where(column => column is CategoricalFeature or NumericFeature)];
        var (columns, codes, numbers, offset) = (new List<Column>(), 0, 0, 0);
        foreach (var column in Order(features).Concat(dataset.Columns.Except(features)))
        {
            switch (column)
            {
                case CategoricalFeature feature:
                    var vocabulary = new Vocabulary(Order([.. feature.Vocabulary.Texts, "new"]));
                    columns.Add(feature with { FileIndex = columns.Count, CodeIndex = codes++, Vocabulary = vocabulary, Offset = offset });
                    offset += vocabulary.Count;
                    break;
                case NumericFeature feature:
                    columns.Add(feature with { FileIndex = columns.Count, NumericIndex = numbers++ });
                    break;
                default:
                    columns.Add(column with { FileIndex = columns.Count });
                    break;
            }
        }

        return dataset with { Fingerprint = dataset.Fingerprint + "'", Columns = new(columns) };
    }

    private static EncodedTable Translated(EncodedTable table, DatasetDescriptor dataset)
    {
        var old = table.Descriptor;
        var codes = Enumerable.Range(0, table.Rows).SelectMany(row => dataset.Categoricals.Select(feature =>
        {
            var had = old.Categoricals.First(other => other.Name == feature.Name);
            return System.MemoryExtensions.IndexOf(feature.Vocabulary.Texts, had.Vocabulary[table.Codes.Span[(row * old.Categoricals.Count) + had.CodeIndex]]);
        })).ToArray();
        var numbers = Enumerable.Range(0, table.Rows).SelectMany(row => dataset.Numerics.Select(feature =>
            table.Numerics.Span[(row * old.Numerics.Count) + old.Numerics.First(other => other.Name == feature.Name).NumericIndex])).ToArray();
        return new(dataset, table.Rows, codes, numbers, table.Labels, table.Weights);
    }
}
