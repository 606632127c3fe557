namespace Mmoe.Data.Tests;

public class EncodedTableTests
{
    [Fact]
    public void Targets_come_through_the_tasks()
    {
        var census = new EncodedTable(Samples.Census, 2, new int[4], new float[4], new float[] { 2, 1, float.NaN, 0 }, default);
        Assert.Equal([1f, 2f, 0f, float.NaN], census.Targets());
        var bank = new EncodedTable(
            Samples.Bank, 3, new int[3], new float[3], new float[] { -7.5f, 1, 3, float.NaN, float.NaN, 0 }, default);
        Assert.Equal([-7.5f, 1f, 3f, float.NaN, float.NaN, 0f], bank.Targets());
    }

    [Fact]
    public void Lengths_and_codes_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new EncodedTable(Samples.Census, 2, new int[3], new float[4], new float[4], default));
        Assert.Throws<ArgumentException>(() => new EncodedTable(Samples.Census, 2, new int[4], new float[4], new float[4], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EncodedTable(Samples.Census, -1, default, default, default, default));
        var e = Assert.Throws<ArgumentException>(
            () => new EncodedTable(Samples.Census, 1, new[] { 0, 4 }, new float[2], new float[2], default));
        Assert.Contains("Code 4 is outside the vocabulary of 'country'", e.Message);
        Assert.Throws<ArgumentException>(() => new EncodedTable(Samples.Census, 1, new[] { -1, 0 }, new float[2], new float[2], default));
    }

    [Fact]
    public void A_row_is_a_copy()
    {
        var table = new EncodedTable(
            Samples.Adult, 2, new[] { 1, 2 }, new float[] { 1, 2, 3, 4 }, new float[] { 0, 1 }, new float[] { 5, 6 });
        var row = table.CopyRow(1);
        Assert.Equal([2], row.Codes.ToArray());
        Assert.Equal([3f, 4f], row.Numerics.ToArray());
        Assert.Equal([1f], row.Labels.ToArray());
        Assert.Equal([6f], row.Weights.ToArray());
        row.Codes[0] = 0;
        row.Numerics[0] = 9;
        Assert.Equal(2, table.Codes.Span[1]);
        Assert.Equal(3, table.Numerics.Span[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.CopyRow(2).Codes.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.CopyRow(-1).Codes.Length);
    }

    [Fact]
    public void A_builder_keeps_rows_across_blocks_and_drops_those_not_committed()
    {
        const int Rows = 200_000;
        var builder = new EncodedTableBuilder(Samples.Adult);
        for (var i = 0; i < Rows; i++)
        {
            foreach (var value in (int[])[-1, i])
            {
                // The first is written and not committed, as a rejected record is.
                var row = builder.Next();
                row.Codes[0] = value < 0 ? 2 : value % 2;
                row.Numerics[0] = value;
                row.Numerics[1] = -value;
                row.Labels[0] = value % 3;
                row.Weights[0] = value + 0.5f;
            }

            builder.Commit();
        }

        var table = builder.Build();
        Assert.Equal(Rows, table.Rows);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => i % 2), table.Codes.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).SelectMany(i => (float[])[i, -i]), table.Numerics.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (float)(i % 3)), table.Labels.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => i + 0.5f), table.Weights.ToArray());
    }
}
