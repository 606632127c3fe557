using FsCheck;
using FsCheck.Fluent;

namespace Mmoe.Testing;

/// <summary>FsCheck's generators of rows that a schema allows, with shrinking towards simple rows.</summary>
public static class DatasetGen
{
    /// <summary>Typed rows, for the properties of code that takes a row.</summary>
    /// <typeparam name="TDataset">The generated dataset.</typeparam>
    /// <typeparam name="TRow">Its row.</typeparam>
    public static Arbitrary<TRow> Rows<TDataset, TRow>()
        where TDataset : IDataset<TRow>
        where TRow : class, IEquatable<TRow>
    {
        return Arb.From(
            DatasetGen.Encoded(TDataset.Descriptor).Generator.Select(sample => TDataset.Decode(sample.ToRow())),
            row => Encoded(row).Simpler().Select(simpler => TDataset.Decode(simpler.ToRow())));

        static EncodedSample Encoded(TRow row)
        {
            var encoded = EncodedRows.Create(TDataset.Descriptor);
            TDataset.Encode(row, encoded);
            return EncodedSample.Of(TDataset.Descriptor, encoded);
        }
    }

    /// <summary>Encoded rows, for a dataset that is known only by its descriptor.</summary>
    /// <param name="dataset">The dataset.</param>
    public static Arbitrary<EncodedSample> Encoded(DatasetDescriptor dataset) =>
        Arb.From(Seeds.Select(seed => EncodedSample.Draw(dataset, seed)), sample => sample.Simpler());

    /// <summary>Every seed with the same probability.</summary>
    private static Gen<ulong> Seeds =>
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((ulong)(uint)high << 32) | (uint)low;
}

/// <summary>
/// <see cref="DatasetGen.Rows{TDataset, TRow}"/> for an attribute:
/// <c>[Property(Arbitrary = [typeof(RowsOf&lt;Loans, Loans.Row&gt;)])]</c> gives a property its rows.
/// </summary>
/// <typeparam name="TDataset">The generated dataset.</typeparam>
/// <typeparam name="TRow">Its row.</typeparam>
public static class RowsOf<TDataset, TRow>
    where TDataset : IDataset<TRow>
    where TRow : class, IEquatable<TRow>
{
    /// <summary>What FsCheck asks for.</summary>
    public static Arbitrary<TRow> Rows() => DatasetGen.Rows<TDataset, TRow>();
}
