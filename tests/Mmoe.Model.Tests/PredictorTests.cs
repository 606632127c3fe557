using System.Text;
using FsCheck.Xunit;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Data.Tests;
using Mmoe.Model.Tests.Datasets;
using CensusPredictor = Mmoe.Model.Predictor<
    Mmoe.Data.Datasets.CensusIncome, Mmoe.Data.Datasets.CensusIncome.Row, Mmoe.Data.Datasets.CensusIncome.Prediction>;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class PredictorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-predictor-").FullName;

    /// <summary>The datasets that have rows and predictions of their own types: tasks of every kind.</summary>
    public static TheoryData<string> Typed =>
        [.. Mmoe.Data.Datasets.Registry.All.Datasets.Concat(Datasets.Registry.All.Datasets).Select(dataset => dataset.Descriptor.Name)];

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Property(MaxTest = 200)]
    public void Records_are_predicted_as_the_reference_says_with_labels_and_without(ModelCase model)
    {
        const int Rows = 4;
        var table = Samples.Table(model.Dataset, Rows, model.Seed);
        var expected = Reference(table, CheckpointOf(model)).Chunk(model.Spec.LogitWidth).ToArray();
        var predictor = PredictorOf(CheckpointOf(model), model.Dataset);
        Assert.Equal(model.Spec.LogitWidth, predictor.OutputWidth);

        var formatter = Samples.Valid(RecordFormatter.For(model.Dataset));
        for (var row = 0; row < Rows; row++)
        {
            var line = formatter.Format(table.CopyRow(row));
            var fields = line.Split(',').Where((_, i) => model.Dataset.Columns[i] is not LabelColumn);
            foreach (var text in (string[])[line, string.Join(',', fields)])
            {
                Assert.Equal(expected[row], Predicted(predictor, text));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Typed))]
    public void Typed_rows_one_by_one_and_together_and_as_records_are_predicted_as_the_reference_says(string name) =>
        Find(name).Accept(new AgreesWithReference());

    [Fact]
    public void Threads_may_share_one()
    {
        const int Rows = 200;
        var (predictor, rows, expected) = Census(Rows);
        var wrong = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var together = new CensusIncome.Prediction[Rows];
            for (var i = 0; i < 20; i++)
            {
                predictor.Predict(rows, together);
                var row = (worker + (i * 7)) % Rows;
                var alone = predictor.Predict(rows[row]);
                if (!together.AsSpan().SequenceEqual(expected) || alone != expected[row])
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Nothing_is_allocated_per_row()
    {
        var (predictor, rows, _) = Census(50);
        var predictions = new CensusIncome.Prediction[50];
        var faults = new List<Fault>();
        Assert.Equal(0, Allocations.Least(() => () => predictor.Predict(rows[0])));
        Assert.Equal(0, Allocations.Least(() => () => predictor.TryPredict(rows[0], out _, faults)));
        Assert.Equal(0, Allocations.Least(() => () => predictor.Predict(rows, predictions)));

        var outputs = new float[predictor.Untyped.OutputWidth];
        var line = Samples.Valid(RecordFormatter.For(CensusIncome.Descriptor)).Format(EncodedRowOf(rows[0]));
        using var reader = ReaderOf(CensusIncome.Descriptor, line);
        Assert.Equal(0, Allocations.Least(() => () => predictor.TryPredict(reader.Current, out _, faults)));
        Assert.Equal(0, Allocations.Least(() => () => predictor.Untyped.TryPredict(reader.Current, outputs, faults)));
        Assert.Empty(faults);
    }

    [Fact]
    public void Nothing_is_allocated_per_row_of_a_model_that_the_stack_has_no_room_for()
    {
        // More experts than are sorted at hand, the top of which is chosen, and towers wider than the stack's share.
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 90, Samples.Relu(4), Samples.Relu(5000), new SoftmaxGate(TopK: 3));
        var model = new ModelCase(Samples.Loans, spec, 1);
        var predictor = PredictorOf(CheckpointOf(model), model.Dataset);
        Assert.False(predictor.Workspace.FitsOnStack);
        var (outputs, faults) = (new float[predictor.OutputWidth], new List<Fault>());
        using var reader = ReaderOf(model.Dataset, "v0,v1,0.5,0.5,1,x");

        Assert.Equal(0, Allocations.Least(() => () => predictor.TryPredict(reader.Current, outputs, faults)));
        Assert.Empty(faults);

        var forward = new ManagedForward(model.Spec, model.Inputs);
        var (parameters, inputs, logits) = (model.Parameters(), model.Rows(3), new float[3 * model.Spec.LogitWidth]);
        Assert.Equal(0, Allocations.Least(() => () => forward.Run(parameters, 3, inputs.Indices, inputs.Numerics, logits, default)));
    }

    [Fact]
    public void A_checkpoint_of_another_schema_is_refused_with_the_difference()
    {
        var path = Path.Combine(this.folder, "parcels.safetensors");
        Samples.Valid(CheckpointOf<Parcels, Parcels.Row, Parcels.Prediction>(TableOf(Parcels.Descriptor, 40)).Save(path));
        var faults = new List<Fault>();

        Assert.Null(Predictor<Deliveries, Deliveries.Row, Deliveries.Prediction>.Load(path, faults));

        const string What =
            "was trained for the dataset 'parcels', not 'deliveries'; name a checkpoint of 'deliveries', or use the dataset 'parcels'";
        Assert.Equal($"{path}: {What}", Assert.Single(faults).ToString());
        Assert.Equal(faults, [Samples.TheFault(Predictor<Deliveries, Deliveries.Row, Deliveries.Prediction>.Load(path))]);
        Assert.Equal("parcels", Samples.Valid(Predictor<Parcels, Parcels.Row, Parcels.Prediction>.Load(path)).Untyped.Dataset.Name);
        Assert.Equal("parcels", Samples.Valid(Predictor.Load(path, Parcels.Descriptor)).Dataset.Name);
        var checkpoint = Samples.Valid(Checkpoint.Load(path));
        Assert.Equal($"the checkpoint {What}", Samples.TheFault(Predictor.Of(checkpoint, Deliveries.Descriptor)).ToString());
        Assert.Equal(
            $"the checkpoint {What}",
            Samples.TheFault(Predictor<Deliveries, Deliveries.Row, Deliveries.Prediction>.Of(checkpoint)).ToString());

        faults.Clear();
        var columns = Parcels.Descriptor.Columns.Select(column => column.Name == "size" ? column with { Name = "extent" } : column);
        Assert.Null(Predictor.Load(path, Parcels.Descriptor with { Fingerprint = "now", Columns = new(columns) }, faults));
        Assert.StartsWith(
            $"{path}: was trained for another schema of 'parcels' than 'parcels' has now: the column 'size' is gone, ",
            Assert.Single(faults).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_a_fault_that_says_what_to_name()
    {
        var faults = new List<Fault>();

        Assert.Null(Predictor.Load(this.folder, Samples.Loans, faults));

        Assert.Equal(
            $"{this.folder}: is a folder; name a file in it, such as checkpoints/best-average.safetensors",
            Assert.Single(faults).ToString());
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_checkpoint_with_a_parameter_that_is_not_finite_is_refused(float value, string shown)
    {
        var model = new ModelCase(Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(3)), 1);
        var path = Path.Combine(this.folder, "best.safetensors");
        foreach (var entry in model.Layout.Entries)
        {
            var (parameters, values) = (model.Parameters(), new float[entry.Count]);
            entry.CopyFrom(parameters, values);
            values[^1] = value;
            entry.CopyTo(values, parameters);
            Samples.Valid((CheckpointOf(model) with { Parameters = new(parameters.AsSpan()) }).Save(path));
            var faults = new List<Fault>();

            Assert.Null(Predictor.Load(path, Samples.Loans, faults));

            Assert.Equal(
                $"{path}: the checkpoint cannot be read: the tensor '{entry.Name}' holds {shown} as its element {entry.Count - 1} "
                + "(counted from 0), and parameters are finite",
                Assert.Single(faults).ToString());
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fault()
    {
        var (path, faults) = (Path.Combine(this.folder, "none.safetensors"), new List<Fault>());

        Assert.Null(Predictor.Load(path, Samples.Loans, faults));

        Assert.Equal(path, Assert.Single(faults).Where!.File);
    }

    [Fact]
    public void A_file_with_any_byte_changed_is_a_fault_or_predicts()
    {
        var model = new ModelCase(Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(3)), 1);
        var path = Path.Combine(this.folder, "best.safetensors");
        Samples.Valid(CheckpointOf(model).Save(path));
        var good = File.ReadAllBytes(path);
        var random = DeterministicRandom.FromSeed(1, "bytes");
        var (refused, outputs) = (0, new float[model.Spec.LogitWidth]);
        for (var i = 0; i < 3000; i++)
        {
            // In the header, but for the tensors' bytes, which may be any.
            var bytes = good.ToArray();
            bytes[random.NextInt32(good.Length - (sizeof(float) * model.Layout.ParameterCount))] = (byte)random.NextInt32(256);
            var faults = new List<Fault>();
            var predictor = Checkpoint.Parse(bytes, "x", faults) is { } checkpoint ? Predictor.Of(checkpoint, model.Dataset, faults) : null;
            Assert.Equal(predictor is null, faults.Count > 0);
            refused += predictor is null ? 1 : 0;
            using var reader = ReaderOf(model.Dataset, "v2,v1,0.5,NA,1,x");
            Assert.True(predictor?.TryPredict(reader.Current, outputs, faults) ?? true, string.Join('\n', faults));
        }

        Assert.InRange(refused, 1000, 2999);
    }

    [Fact]
    public void A_model_that_asks_for_too_much_memory_is_a_fault()
    {
        // Few parameters, and wide activations one after the other.
        var wide = (Network)new Dense(1 << 20, Activation.Identity, HasBias: false);
        var network = Enumerable.Repeat<Network>(new Activate(Activation.ReLU), 70).Aggregate(wide, (below, above) => below >> above);
        var spec = ModelFamilies.SharedBottom(Samples.Plain.Tasks, Samples.Relu(1), network >> Samples.Relu(1));
        var model = new ModelCase(Samples.Plain, spec, 1);
        var faults = new List<Fault>();

        Assert.Null(Predictor.Of(CheckpointOf(model) with { Parameters = default }, model.Dataset, faults));

        Assert.Equal(
            "the model needs working memory of 223,346,712 numbers for a row; at most 67,108,864 are given", Assert.Single(faults).What);
    }

    [Fact]
    public void What_is_wrong_with_a_record_is_told_at_its_place_and_no_output_is_written()
    {
        var predictor = PredictorOf(CheckpointOf<Deliveries, Deliveries.Row, Deliveries.Prediction>(TableOf(Deliveries.Descriptor, 40)));
        var (outputs, faults) = (new float[] { 7, 7, 7, 7, 7 }, new List<Fault>());
        using var reader = ReaderOf(Deliveries.Descriptor, "far,25,fog,car,nothing");

        Assert.False(predictor.TryPredict(reader.Current, outputs, faults));
        Assert.Equal(
            [
                "f:1:1: 'far' in column 'distance' is not a number; numbers are written like -12, 0.5 or 1e-3",
                "f:1:5: '25' in column 'hour' is out of range: it must be from 0 to 24; "
                    + "correct it, or widen the column's \"range\" in the schema",
                "f:1:8: 'fog' is not a value of column 'weather'; accepted: 'dry', 'rain', 'snow'",
            ],
            faults.Select(fault => fault.ToString()));
        Assert.All(outputs, output => Assert.Equal(7, output));

        faults.Clear();
        using var header = ReaderOf(Deliveries.Descriptor, "distance,hour,weather,vehicle,meal");
        Assert.False(predictor.CheckHeader(header.Current, faults));
        Assert.StartsWith("f:1:31: column 5 is named 'meal'", Assert.Single(faults).ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => predictor.TryPredict(reader.Current, new float[4], faults));
    }

    [Fact]
    public void Columns_that_the_model_does_not_see_are_of_no_account()
    {
        var table = TableOf(Deliveries.Descriptor, 40);
        var predictor = PredictorOf(CheckpointOf<Deliveries, Deliveries.Row, Deliveries.Prediction>(table, exclude: ["hour", "weather"]));

        Assert.Equal(Predicted(predictor, "1.5,3,dry,car,1"), Predicted(predictor, "1.5,any,thing,car,at all"));
    }

    [Fact]
    public void A_number_that_the_schema_does_not_allow_is_a_fault_of_a_typed_row()
    {
        var predictor = TypedOf<Deliveries, Deliveries.Row, Deliveries.Prediction>(TableOf(Deliveries.Descriptor, 40));
        var good = new Deliveries.Row { Distance = null, Hour = 3, Weather = Deliveries.Weather.Dry, Vehicle = Deliveries.Vehicle.Car };
        Assert.Equal([], Faults(good));
        Assert.Equal([], Faults(good with { Hour = 24 }));
        const string Hint = "; correct it, or widen the column's \"range\" in the schema";
        Assert.Equal([$"'hour' is 24.5, and must be from 0 to 24{Hint}"], Faults(good with { Hour = 24.5f }));
        Assert.Equal(
            ["'hour' is missing; if it may be missing, declare \"missing\" for the column in the schema"],
            Faults(good with { Hour = float.NaN }));
        Assert.Equal(
            ["'distance' is -Infinity, and must be finite", $"'hour' is -1, and must be from 0 to 24{Hint}"],
            Faults(good with { Distance = float.NegativeInfinity, Hour = -1 }));

        var predictions = new Deliveries.Prediction[3];
        var error = Assert.Throws<ArgumentException>(
            "rows", () => predictor.Predict([good, good with { Hour = -1 }, good with { Hour = 25 }], predictions));
        Assert.StartsWith("row 1 (counted from 0): 'hour' is -1, and must be from 0 to 24 (", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>("rows", () => predictor.Predict([good, good, null!], predictions));
        Assert.StartsWith("row 2 (counted from 0) is null", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("predictions", () => predictor.Predict([good], new Deliveries.Prediction[3]));
        Assert.All(predictions, prediction => Assert.Equal(default, prediction));

        error = Assert.Throws<ArgumentException>("row", () => predictor.Predict(good with { Hour = -1 }));
        Assert.StartsWith("'hour' is -1, and must be from 0 to 24 (", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("row", () => predictor.Predict(null!));
        Assert.Throws<ArgumentNullException>("row", () => predictor.TryPredict(null!, out _, []));

        // In a feature that may be missing, NaN is the same as null.
        Assert.Equal(predictor.Predict(good), predictor.Predict(good with { Distance = float.NaN }));
        Assert.NotEqual(predictor.Predict(good), predictor.Predict(good with { Distance = 7 }));

        // Of a feature that the model does not see, any number will do.
        var blind = TypedOf<Deliveries, Deliveries.Row, Deliveries.Prediction>(TableOf(Deliveries.Descriptor, 40), exclude: ["hour"]);
        Assert.Equal(blind.Predict(good), blind.Predict(good with { Hour = float.NaN }));

        string[] Faults(Deliveries.Row row)
        {
            var faults = new List<Fault>();
            Assert.Equal(predictor.TryPredict(row, out var prediction, faults), faults.Count == 0);
            Assert.Equal(faults.Count > 0, prediction == default);
            return [.. faults.Select(fault => fault.ToString())];
        }
    }

    [Fact]
    public void Cancellation_ends_a_batch()
    {
        var (predictor, rows, _) = Census(3);
        Assert.Throws<OperationCanceledException>(
            () => predictor.Predict(rows, new CensusIncome.Prediction[3], new CancellationToken(canceled: true)));
    }

    private static IDataset Find(string name) =>
        Mmoe.Data.Datasets.Registry.All.Datasets.Concat(Datasets.Registry.All.Datasets).First(dataset => dataset.Descriptor.Name == name);

    private static (CensusPredictor Predictor, CensusIncome.Row[] Rows, CensusIncome.Prediction[] Expected) Census(int rows)
    {
        var table = TableOf(CensusIncome.Descriptor, rows);
        var checkpoint = CheckpointOf<CensusIncome, CensusIncome.Row, CensusIncome.Prediction>(table, exclude: ["instance_weight"]);
        return (
            TypedOf<CensusIncome, CensusIncome.Row, CensusIncome.Prediction>(checkpoint),
            [.. Enumerable.Range(0, rows).Select(row => CensusIncome.Decode(table.CopyRow(row)))],
            [.. Reference(table, checkpoint).Chunk(2).Select(outputs => CensusIncome.ToPrediction(outputs))]);
    }

    private static Predictor<TDataset, TRow, TPrediction> TypedOf<TDataset, TRow, TPrediction>(EncodedTable table, params string[] exclude)
        where TDataset : IDataset<TRow, TPrediction>
        where TRow : class, IEquatable<TRow> =>
        TypedOf<TDataset, TRow, TPrediction>(CheckpointOf<TDataset, TRow, TPrediction>(table, exclude));

    private static Predictor<TDataset, TRow, TPrediction> TypedOf<TDataset, TRow, TPrediction>(Checkpoint checkpoint)
        where TDataset : IDataset<TRow, TPrediction>
        where TRow : class, IEquatable<TRow>
    {
        var faults = new List<Fault>();
        var predictor = Predictor<TDataset, TRow, TPrediction>.Of(checkpoint, faults);
        Assert.Empty(faults);
        return predictor!;
    }

    private static Predictor PredictorOf(Checkpoint checkpoint, DatasetDescriptor? dataset = null)
    {
        var faults = new List<Fault>();
        var predictor = Predictor.Of(checkpoint, dataset ?? Find(checkpoint.Schema.Dataset).Descriptor, faults);
        Assert.Empty(faults);
        return predictor!;
    }

    private static float[] Predicted(Predictor predictor, string line)
    {
        var (outputs, faults) = (new float[predictor.OutputWidth], new List<Fault>());
        using var reader = ReaderOf(predictor.Dataset, line);
        Assert.True(predictor.TryPredict(reader.Current, outputs, faults));
        Assert.Empty(faults);
        return outputs;
    }

    /// <summary>A reader that has read a record.</summary>
    private static CsvReader ReaderOf(DatasetDescriptor dataset, string line)
    {
        var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(line)), dataset.Format, "f");
        Assert.Equal(CsvStep.Record, reader.Read());
        return reader;
    }

    /// <summary>Rows that the schema allows.</summary>
    private static EncodedTable TableOf(DatasetDescriptor dataset, int rows)
    {
        var random = DeterministicRandom.FromSeed(7, dataset.Name);
        var (codes, numerics, labels, weights) = (new List<int>(), new List<float>(), new List<float>(), new List<float>());
        for (var i = 0; i < rows; i++)
        {
            var row = EncodedRows.Create(dataset);
            RowSampler.Sample(dataset, random, row);
            codes.AddRange(row.Codes);
            numerics.AddRange(row.Numerics);
            labels.AddRange(row.Labels);
            weights.AddRange(row.Weights);
        }

        return new(dataset, rows, codes.ToArray(), numerics.ToArray(), labels.ToArray(), weights.ToArray());
    }

    private static EncodedRow EncodedRowOf(CensusIncome.Row row)
    {
        var encoded = EncodedRows.Create(CensusIncome.Descriptor);
        CensusIncome.Encode(row, encoded);
        return encoded;
    }

    private static Checkpoint CheckpointOf(ModelCase model) => CheckpointOf(model.Dataset, model.Spec, model.Inputs, model.Parameters());

    private static Checkpoint CheckpointOf<TDataset, TRow, TPrediction>(EncodedTable table, params string[] exclude)
        where TDataset : IDataset<TRow, TPrediction>
        where TRow : class, IEquatable<TRow>
    {
        var dataset = TDataset.Descriptor;
        var inputs = Samples.Valid(Samples.Plan(dataset, exclude).Fit(new TrainSplit(table)));
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 8, Samples.Relu(4), Samples.Relu(8));
        return CheckpointOf(dataset, spec, inputs, Samples.Parameters(ParameterLayout.Of(spec, inputs.Width), 3));
    }

    private static Checkpoint CheckpointOf(DatasetDescriptor dataset, ModelSpec spec, InputLayout inputs, float[] parameters) =>
        new(SchemaSummary.Of(dataset), spec, inputs, Samples.Targets(dataset), 1, "{}", new(parameters.AsSpan()), null);

    /// <summary>All outputs of all rows, by the reference forward pass.</summary>
    private static float[] Reference(EncodedTable table, Checkpoint checkpoint)
    {
        var inputs = Samples.Valid(ModelInputs.Of(table, checkpoint.Inputs, checkpoint.TargetScaling));
        var outputs = new ManagedForward(checkpoint.Spec, checkpoint.Inputs).Logits(checkpoint.Parameters.AsSpan(), inputs);
        Outputs.Write(checkpoint.Spec, checkpoint.TargetScaling, outputs, outputs);
        return outputs;
    }

    private sealed class AgreesWithReference : IDatasetVisitor<bool>
    {
        public bool Visit<TDataset, TRow, TPrediction>()
            where TDataset : IDataset<TRow, TPrediction>
            where TRow : class, IEquatable<TRow>
        {
            const int Rows = 40;
            var dataset = TDataset.Descriptor;
            var table = TableOf(dataset, Rows);
            var checkpoint = CheckpointOf<TDataset, TRow, TPrediction>(table);
            var predictor = TypedOf<TDataset, TRow, TPrediction>(checkpoint);
            TPrediction[] expected = [.. Reference(table, checkpoint)
                .Chunk(predictor.Untyped.OutputWidth)
                .Select(outputs => TDataset.ToPrediction(outputs))];
            Assert.True(expected.Distinct().Count() > Rows / 4);

            TRow[] rows = [.. Enumerable.Range(0, Rows).Select(row => TDataset.Decode(table.CopyRow(row)))];
            var predictions = new TPrediction[Rows];
            predictor.Predict(rows, predictions);
            Assert.Equal(expected, predictions);

            var formatter = Samples.Valid(RecordFormatter.For(dataset));
            for (var row = 0; row < Rows; row++)
            {
                var faults = new List<Fault>();
                Assert.Equal(expected[row], predictor.Predict(rows[row]));
                Assert.True(predictor.TryPredict(rows[row], out var typed, faults));
                using var reader = ReaderOf(dataset, formatter.Format(table.CopyRow(row)));
                Assert.True(predictor.TryPredict(reader.Current, out var raw, faults));
                Assert.Equal((expected[row], expected[row]), (typed, raw));
            }

            return true;
        }
    }
}
