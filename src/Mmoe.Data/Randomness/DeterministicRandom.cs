using System.Numerics;

namespace Mmoe.Data;

/// <summary>
/// Random numbers that are the same on every machine and in every version: a seed and the name of a stream fix them.
/// </summary>
/// <remarks>
/// The generator is xoshiro256** of Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators", 2021), its state filled by
/// SplitMix64. Streams of different names, or seeds, are independent for all practical purposes: give each purpose its own name, and
/// draws for one never shift those of another. An instance holds a state and is not for several threads at once.
/// </remarks>
public sealed class DeterministicRandom
{
    private const double TwoToMinus53 = 1.0 / (1L << 53);

    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;
    private double spare = double.NaN;

    private DeterministicRandom()
    {
    }

    /// <summary>The start of a stream.</summary>
    /// <param name="seed">The seed of the whole run.</param>
    /// <param name="stream">What the numbers are for, such as <c>experts.0.dense.0.weight</c> or <c>shuffle/3</c>.</param>
    public static DeterministicRandom FromSeed(ulong seed, ReadOnlySpan<char> stream)
    {
        var random = new DeterministicRandom();
        random.Restart(seed, stream);
        return random;
    }

    /// <summary>Goes to the start of a stream, as <see cref="FromSeed"/> does, without an object for each.</summary>
    /// <param name="seed"><inheritdoc cref="FromSeed" path="/param[@name='seed']"/></param>
    /// <param name="stream"><inheritdoc cref="FromSeed" path="/param[@name='stream']"/></param>
    public void Restart(ulong seed, ReadOnlySpan<char> stream)
    {
        // FNV-1a over the name's UTF-16, low byte first; then mixed with the mixed seed, so that no simple relation of the two remains.
        var hash = 0xCBF29CE484222325;
        foreach (var c in stream)
        {
            hash = (hash ^ (byte)c) * 0x100000001B3;
            hash = (hash ^ (byte)(c >> 8)) * 0x100000001B3;
        }

        var state = seed;
        state = SplitMix(ref state) ^ hash;
        state = SplitMix(ref state);
        this.s0 = SplitMix(ref state);
        this.s1 = SplitMix(ref state);
        this.s2 = SplitMix(ref state);
        this.s3 = SplitMix(ref state);
        this.spare = double.NaN;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(this.s1 * 5, 7) * 9;
        var shifted = this.s1 << 17;
        this.s2 ^= this.s0;
        this.s3 ^= this.s1;
        this.s1 ^= this.s2;
        this.s0 ^= this.s3;
        this.s2 ^= shifted;
        this.s3 = BitOperations.RotateLeft(this.s3, 45);
        return result;
    }

    /// <summary>A number in [0, 1), uniform over the multiples of 2^-53.</summary>
    public double NextDouble() => (this.NextUInt64() >> 11) * TwoToMinus53;

    /// <summary>An integer in [0, <paramref name="exclusiveMaximum"/>), each with exactly the same probability.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not positive.</exception>
    public int NextInt32(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);

        // Lemire, "Fast Random Integer Generation in an Interval", 2019: the few products that would favour some results are drawn again.
        var range = (uint)exclusiveMaximum;
        var product = (ulong)(uint)(this.NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            var threshold = (0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (ulong)(uint)(this.NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A standard normal number, by Marsaglia's polar method.</summary>
    /// <remarks>The logarithm is computed by IEEE basic operations alone, so that the bits do not depend on the system's library.</remarks>
    public double NextNormal()
    {
        if (!double.IsNaN(this.spare))
        {
            var kept = this.spare;
            this.spare = double.NaN;
            return kept;
        }

        while (true)
        {
            var x = (2 * this.NextDouble()) - 1;
            var y = (2 * this.NextDouble()) - 1;
            var square = (x * x) + (y * y);
            if (square is > 0 and < 1)
            {
                var factor = Math.Sqrt(-2 * PortableMath.Log(square) / square);
                this.spare = y * factor;
                return x * factor;
            }
        }
    }

    /// <summary>Puts items into random order, each order with the same probability (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var chosen = this.NextInt32(last + 1);
            (items[last], items[chosen]) = (items[chosen], items[last]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
