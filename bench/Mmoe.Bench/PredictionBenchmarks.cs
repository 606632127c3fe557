using BenchmarkDotNet.Attributes;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using CensusPredictor = Mmoe.Model.Predictor<
    Mmoe.Data.Datasets.CensusIncome, Mmoe.Data.Datasets.CensusIncome.Row, Mmoe.Data.Datasets.CensusIncome.Prediction>;

namespace Mmoe.Bench;

/// <summary>
/// What a prediction costs: the reference model (8 experts of 4 units, towers of 8) on Census-Income without <c>instance_weight</c>, with the
/// parameters that training starts from and made-up rows, so that nothing is downloaded.
/// </summary>
[MemoryDiagnoser]
public class PredictionBenchmarks
{
    private const int Rows = 1000;

    private readonly CensusIncome.Row[] rows = new CensusIncome.Row[Rows];
    private readonly CensusIncome.Prediction[] predictions = new CensusIncome.Prediction[Rows];
    private readonly List<Fault> faults = [];
    private CensusPredictor predictor = null!;
    private CsvReader reader = null!;
    private int next;

    [GlobalSetup]
    public void Setup()
    {
        var dataset = CensusIncome.Descriptor;
        var table = Sampled(dataset);
        var train = new TrainSplit(table);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 8, new Dense(4, Activation.ReLU), new Dense(8, Activation.ReLU));
        var checkpoint =
            from plan in InputPlan.Of(dataset, ["instance_weight"], null)
            from inputs in plan.Fit(train)
            from targets in TargetScaling.Fit(train)
            let parameters = Initialiser.Values(ParameterLayout.Of(spec, inputs.Width), seed: 5)
            select new Checkpoint(SchemaSummary.Of(dataset), spec, inputs, targets, 0, "{}", new(parameters.AsSpan()), null);
        this.predictor = checkpoint.Bind(CensusPredictor.Of).IfFail(found => throw new InvalidOperationException(string.Join('\n', found)));
        for (var i = 0; i < Rows; i++)
        {
            this.rows[i] = CensusIncome.Decode(table.CopyRow(i));
        }

        var formatter = RecordFormatter.For(dataset).IfFail(found => throw new InvalidOperationException(string.Join('\n', found)));
        this.reader = new(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(formatter.Format(table.CopyRow(0)))), dataset.Format, "row");
        this.reader.Read();
    }

    [GlobalCleanup]
    public void Cleanup() => this.reader.Dispose();

    /// <summary>One typed row to probabilities, another one each time.</summary>
    [Benchmark(Baseline = true)]
    public CensusIncome.Prediction OneTypedRow() => this.predictor.Predict(this.rows[this.next++ % Rows]);

    /// <summary>One record, split into its fields already, to probabilities.</summary>
    [Benchmark]
    public CensusIncome.Prediction OneRecord()
    {
        this.predictor.TryPredict(this.reader.Current, out var prediction, this.faults);
        return prediction;
    }

    /// <summary>A thousand typed rows, per row.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void BatchOfTypedRows() => this.predictor.Predict(this.rows, this.predictions);

    private static EncodedTable Sampled(DatasetDescriptor dataset)
    {
        var random = DeterministicRandom.FromSeed(1, dataset.Name);
        var (codes, numerics, labels, weights) = (new List<int>(), new List<float>(), new List<float>(), new List<float>());
        for (var i = 0; i < Rows; i++)
        {
            var row = EncodedRows.Create(dataset);
            RowSampler.Sample(dataset, random, row);
            codes.AddRange(row.Codes);
            numerics.AddRange(row.Numerics);
            labels.AddRange(row.Labels);
            weights.AddRange(row.Weights);
        }

        return new(dataset, Rows, codes.ToArray(), numerics.ToArray(), labels.ToArray(), weights.ToArray());
    }
}
