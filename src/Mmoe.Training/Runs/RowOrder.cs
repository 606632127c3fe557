using System.Globalization;
using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>The order in which an epoch visits the rows.</summary>
public static class RowOrder
{
    /// <summary>A permutation that depends on the seed and the epoch alone, so that an epoch can be repeated without the ones before it.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <returns>The row numbers 0 to <paramref name="rows"/> - 1, shuffled (Durstenfeld 1964).</returns>
    public static int[] Of(int rows, int seed, int epoch)
    {
        var order = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            order[i] = i;
        }

        DeterministicRandom.FromSeed((ulong)seed, string.Create(CultureInfo.InvariantCulture, $"order/{epoch}")).Shuffle<int>(order);
        return order;
    }
}
