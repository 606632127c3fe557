using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Mmoe.Testing.Tests.Datasets;

namespace Mmoe.Testing.Tests;

public class DatasetGenTests
{
    private static readonly DatasetDescriptor Descriptor = Parcels.Descriptor;

    private static EncodedSample Simplest { get; } = new(Descriptor, new([0, 0]), new([0f]), new([0f, 0f, 1f]), new([1f]));

    [Property(Arbitrary = [typeof(RowsOf<Parcels, Parcels.Row>)])]
    public void Rows_come_typed_to_a_property(Parcels.Row row)
    {
        var encoded = EncodedRows.Create(Descriptor);
        Parcels.Encode(row, encoded);
        Assert.Equal(row, Parcels.Decode(encoded));
        Assert.InRange(row.Share, float.Epsilon, 1);
    }

    [Fact]
    public void Rows_are_varied()
    {
        var samples = DatasetGen.Encoded(Descriptor).Generator.Sample(200);
        Assert.Equal(3, samples.Select(s => s.Codes[0]).Distinct().Count());
        Assert.Contains(samples, s => float.IsNaN(s.Numerics[0]));
        Assert.InRange(samples.Select(s => s.Labels[2]).Distinct().Count(), 100, 200);
    }

    [Fact]
    public void A_failing_typed_row_is_shrunk_to_what_makes_it_fail()
    {
        var property = Prop.ForAll(DatasetGen.Rows<Parcels, Parcels.Row>(), row => !(row.WeightInKg > 30) || row.Route != Parcels.Route.Air);
        var message = Assert.ThrowsAny<Exception>(() => property.Check(Config.QuickThrowOnFailure.WithMaxTest(10_000))).Message;

        // Rail, road and the smaller weights do not fail; nothing else is left in the row. 31 is the least whole number above 30.
        Assert.Contains(
            "Shrunk:" + Environment.NewLine
                + "Row { Size = Small, WeightInKg = 31, Insured = No, Share = 1, Lost = No, Route = Air, Days = 1 }",
            message);
    }

    [Property(MaxTest = 200)]
    public void Every_simpler_row_is_a_row_of_the_dataset_and_another(ulong seed)
    {
        var sample = EncodedSample.Draw(Descriptor, seed);
        foreach (var simpler in sample.Simpler())
        {
            Assert.NotEqual(sample, simpler);
            Assert.Null(sample.Difference(sample));
            Assert.NotNull(sample.Difference(simpler));
            Parcels.Decode(simpler.ToRow());
            Assert.True(Parcels.Columns.Days.Range!.Contains(simpler.Labels[2]), simpler.ToString());
        }
    }

    [Property(MaxTest = 200)]
    public void Whoever_follows_simpler_rows_comes_to_the_simplest(ulong seed, ulong choices)
    {
        var random = DeterministicRandom.FromSeed(choices, "choices");
        var sample = EncodedSample.Draw(Descriptor, seed);
        for (var steps = 0; sample != Simplest; steps++)
        {
            Assert.InRange(steps, 0, 10_000);
            var simpler = sample.Simpler().Skip(1).DefaultIfEmpty(Simplest).ToArray();
            sample = simpler[random.NextInt32(simpler.Length)];
        }

        Assert.Empty(sample.Simpler());
    }

    [Fact]
    public void A_sample_prints_its_columns() => Assert.Equal(
        "parcels: size='?', weight in kg=missing, insured='yes', share=0.5, lost=missing, route='sea', days=-1.5",
        new EncodedSample(Descriptor, new([2, 1]), new([float.NaN]), new([float.NaN, 3, -1.5f]), new([0.5f])).ToString());
}
