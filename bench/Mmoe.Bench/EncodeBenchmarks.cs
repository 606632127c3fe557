using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Bench;

/// <summary>From the bytes of a CSV to codes and numbers, record by record, as a split's file is read.</summary>
[MemoryDiagnoser]
[Config(typeof(Throughput))]
public class EncodeBenchmarks
{
    private EncodedFile file = null!;
    private byte[] bytes = null!;
    private RecordEncoder encoder = null!;

    /// <summary>What is read: drawn rows of a dataset, and its own where they are at hand.</summary>
    [ParamsSource(nameof(Files))]
    public string File { get; set; } = "";

    public static IEnumerable<string> Files => EncodedFile.All.Select(file => file.Name);

    [GlobalSetup]
    public void Setup()
    {
        this.file = EncodedFile.Of(this.File);
        this.bytes = this.file.Read();
        this.encoder = new RecordEncoder(this.file.Dataset, this.file.Named);
        if (this.Encode() == 0)
        {
            throw new InvalidOperationException("no row is read");
        }
    }

    /// <summary>Fields found, looked up and parsed; nothing is kept.</summary>
    /// <returns>The number of rows.</returns>
    [Benchmark]
    public int Encode()
    {
        using var stream = new MemoryStream(this.bytes);
        using var reader = new CsvReader(stream, this.file.Dataset.Format, this.File);
        var row = EncodedRows.Create(this.file.Dataset);
        var faults = new List<Fault>();
        var step = reader.Read();
        if (this.file.Dataset.Format.Header && this.encoder.CheckHeader(reader.Current, faults))
        {
            step = reader.Read();
        }

        var rows = 0;
        for (; step == CsvStep.Record && this.encoder.Encode(reader.Current, row, faults); step = reader.Read())
        {
            rows++;
        }

        return step == CsvStep.End ? rows : throw new InvalidOperationException(faults.Append(reader.Fault).First()!.ToString());
    }

    private sealed class Throughput : ManualConfig
    {
        public Throughput() => this.AddColumn(
            new MegabytesPerSecond("MB/s", "by the mean", statistics => statistics.Mean),
            new MegabytesPerSecond("Best MB/s", "by the fastest run, which other work on the machine disturbs least", statistics => statistics.Min));
    }

    private sealed class MegabytesPerSecond(string name, string legend, Func<Statistics, double> nanoseconds) : IColumn
    {
        public string Id => name;

        public string ColumnName => name;

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => $"Megabytes of text per second, {legend}";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var bytes = EncodedFile.Of((string)benchmarkCase.Parameters[nameof(File)]).Read().Length;
            return summary[benchmarkCase]?.ResultStatistics is { } statistics
                ? (bytes * 1e3 / nanoseconds(statistics)).ToString("0", summary.GetCultureInfo())
                : "NA";
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => this.GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}

/// <summary>A file to read.</summary>
/// <param name="Name">How results name it.</param>
/// <param name="Dataset">The dataset whose format it has.</param>
/// <param name="Path">Where it is; null for rows that the schema allows, drawn: every run has the same.</param>
internal sealed record EncodedFile(string Name, DatasetDescriptor Dataset, string? Path)
{
    private const int DrawnRows = 50_000;

    /// <summary>Drawn rows of each dataset, and the train files that <see cref="DataDirectory.Variable"/> holds.</summary>
    public static IEnumerable<EncodedFile> All
    {
        get
        {
            DatasetDescriptor[] datasets = [CensusIncome.Descriptor, Adult.Descriptor, BankMarketing.Descriptor];
            var drawn = datasets.Select(dataset => new EncodedFile($"{dataset.Name}, drawn", dataset, null));
            var found = Environment.GetEnvironmentVariable(DataDirectory.Variable) is not { Length: > 0 } ? [] : datasets
                .SelectMany(dataset => DataDirectory.Find(dataset, null, DataSearch.Live()).ToOption().AsEnumerable()
                    .Select(directory => directory.Locate(TrainFile(dataset), System.IO.File.Exists))
                    .OfType<string>()
                    .Select(path => new EncodedFile($"{dataset.Name}, UCI", dataset, path)));
            return drawn.Concat(found);
        }
    }

    /// <summary>What the schema says of the file.</summary>
    public DataFile Named => TrainFile(this.Dataset);

    /// <summary>The file of a name.</summary>
    public static EncodedFile Of(string name) => All.First(file => file.Name == name);

    /// <summary>The text, uncompressed.</summary>
    public byte[] Read()
    {
        using var memory = new MemoryStream();
        if (this.Path is null)
        {
            SynthesizedRows.Of(this.Dataset, this.Named, DrawnRows, seed: 1)
                .Bind(rows => rows.WriteTo(memory))
                .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        }
        else
        {
            using var text = TextFile.Open(this.Path).IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
            text.CopyTo(memory);
        }

        return memory.ToArray();
    }

    private static DataFile TrainFile(DatasetDescriptor dataset)
    {
        var source = (FileSource)dataset.Source;
        return source.Files.First(file => file.Id == source.Train.File);
    }
}
