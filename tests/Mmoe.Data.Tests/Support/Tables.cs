namespace Mmoe.Data.Tests;

internal static class Tables
{
    /// <summary>The same rows, bit for bit.</summary>
    public static void AssertSame(EncodedTable expected, EncodedTable actual)
    {
        Assert.Equal(expected.Rows, actual.Rows);
        Assert.Equal(expected.Codes.ToArray(), actual.Codes.ToArray());
        Assert.Equal(Bits(expected.Numerics), Bits(actual.Numerics));
        Assert.Equal(Bits(expected.Labels), Bits(actual.Labels));
        Assert.Equal(Bits(expected.Weights), Bits(actual.Weights));
    }

    private static int[] Bits(ReadOnlyMemory<float> numbers) => [.. numbers.ToArray().Select(BitConverter.SingleToInt32Bits)];
}
