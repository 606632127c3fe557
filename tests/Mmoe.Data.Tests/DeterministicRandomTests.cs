namespace Mmoe.Data.Tests;

public class DeterministicRandomTests
{
    [Fact]
    public void The_numbers_of_a_seed_and_stream_never_change()
    {
        var random = DeterministicRandom.FromSeed(5, "a stream");
        Assert.Equal(Fixed.Words, Enumerable.Range(0, 3).Select(_ => random.NextUInt64()));
        Assert.Equal(Fixed.Normals, Enumerable.Range(0, 4).Select(_ => BitConverter.DoubleToInt64Bits(random.NextNormal())));
    }

    [Fact]
    public void An_object_that_was_used_starts_again_as_a_new_one()
    {
        var random = DeterministicRandom.FromSeed(7, "another");
        random.NextNormal(); // and one more is kept for the next call
        random.Restart(5, "a stream");
        Assert.Equal(Fixed.Words, Enumerable.Range(0, 3).Select(_ => random.NextUInt64()));
        random.NextNormal();
        random.Restart(5, "a stream");
        var fresh = DeterministicRandom.FromSeed(5, "a stream");
        Assert.Equal(Enumerable.Range(0, 4).Select(_ => fresh.NextNormal()), Enumerable.Range(0, 4).Select(_ => random.NextNormal()));
    }

    /// <summary>Against xoshiro256** and SplitMix64 as their authors publish them, written once more.</summary>
    [Fact]
    public void The_generator_is_xoshiro_over_splitmix()
    {
        ulong hash = 14695981039346656037;
        foreach (var b in System.Text.Encoding.Unicode.GetBytes("näme"))
        {
            hash = unchecked((hash ^ b) * 1099511628211);
        }

        var seeding = new SplitMix { X = 42 };
        var mixed = new SplitMix { X = seeding.Next() ^ hash };
        var filling = new SplitMix { X = mixed.Next() };
        ulong[] s = [filling.Next(), filling.Next(), filling.Next(), filling.Next()];
        var random = DeterministicRandom.FromSeed(42, "näme");
        for (var i = 0; i < 100; i++)
        {
            var result = unchecked(ulong.RotateLeft(s[1] * 5, 7) * 9);
            var t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = ulong.RotateLeft(s[3], 45);
            Assert.Equal(result, random.NextUInt64());
        }
    }

    [Fact]
    public void Streams_of_other_names_and_seeds_differ()
    {
        var firsts = from seed in Enumerable.Range(0, 50)
                     from stream in (string[])["", "a", "b", "ab", "ba", "train", "test", "experts.0", "experts.1"]
                     select DeterministicRandom.FromSeed((ulong)seed, stream).NextUInt64();
        Assert.Equal(450, firsts.Distinct().Count());
    }

    [Fact]
    public void Doubles_are_uniform_in_the_unit_interval()
    {
        var random = DeterministicRandom.FromSeed(1, "uniform");
        var draws = Enumerable.Range(0, 200_000).Select(_ => random.NextDouble()).ToArray();
        Assert.All(draws, d => Assert.InRange(d, 0, 0.9999999999999999));
        Assert.Equal(0.5, draws.Average(), 0.005);
        Assert.Equal(1.0 / 12, draws.Select(d => (d - 0.5) * (d - 0.5)).Average(), 0.002);

        // 19 degrees of freedom: 43.8 is exceeded once in a thousand times.
        Assert.True(ChiSquare(draws.Select(d => (int)(d * 20)), 20) < 45);
    }

    [Fact]
    public void Normals_have_the_moments_and_tails_of_the_normal_distribution()
    {
        var random = DeterministicRandom.FromSeed(2, "normal");
        var draws = Enumerable.Range(0, 200_000).Select(_ => random.NextNormal()).ToArray();
        Assert.Equal(0, draws.Average(), 0.01);
        Assert.Equal(1, draws.Select(d => d * d).Average(), 0.015);
        Assert.Equal(0, draws.Select(d => d * d * d).Average(), 0.04);
        Assert.Equal(3, draws.Select(d => d * d * d * d).Average(), 0.1);
        Assert.Equal(0.6827, draws.Count(d => Math.Abs(d) < 1) / 200_000.0, 0.005);
        Assert.Equal(0.0455, draws.Count(d => Math.Abs(d) > 2) / 200_000.0, 0.003);
        Assert.Equal(0, draws.Zip(draws.Skip(1), (a, b) => a * b).Average(), 0.01);
    }

    [Fact]
    public void Integers_are_uniform_and_below_the_maximum()
    {
        var random = DeterministicRandom.FromSeed(3, "integers");
        foreach (var maximum in (int[])[1, 2, 7, 1_000])
        {
            var draws = Enumerable.Range(0, 50_000).Select(_ => random.NextInt32(maximum)).ToArray();
            Assert.All(draws, d => Assert.InRange(d, 0, maximum - 1));
            Assert.True(maximum == 1 || ChiSquare(draws, maximum) < maximum + (5 * Math.Sqrt(2 * maximum)));
        }

        // A range that divides 2^32 badly: without drawing again, the lower half would come up twice as often as the upper third.
        var large = Enumerable.Range(0, 30_000).Select(_ => random.NextInt32(int.MaxValue - (int.MaxValue / 3))).ToArray();
        Assert.Equal((int.MaxValue - (int.MaxValue / 3)) / 2.0, large.Average(), 1e7);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt32(0));
    }

    [Fact]
    public void Every_order_of_a_shuffle_is_as_likely()
    {
        var random = DeterministicRandom.FromSeed(4, "shuffle");
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            var letters = "abcd".ToCharArray();
            random.Shuffle<char>(letters);
            var order = new string(letters);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, counts.Count);

        // 23 degrees of freedom: 49.7 is exceeded once in a thousand times.
        Assert.True(counts.Values.Sum(c => (c - 1_000) * (c - 1_000) / 1_000.0) < 55);
    }

    [Fact]
    public void Portable_functions_agree_with_the_librarys()
    {
        var random = DeterministicRandom.FromSeed(5, "functions");
        for (var i = 0; i < 100_000; i++)
        {
            var x = random.NextDouble();
            Assert.Equal(Math.Log(x), PortableMath.Log(x), 2e-15 * Math.Max(1, Math.Abs(Math.Log(x))));
            var angle = (x - 0.5) * (i % 2 == 0 ? 20 : 20_000);
            Assert.Equal(Math.Sin(angle), PortableMath.Sin(angle), 1e-15 + (Math.Abs(angle) * 1e-16));
        }

        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(Math.Log(double.Epsilon * Math.Pow(2, 60)), PortableMath.Log(double.Epsilon * Math.Pow(2, 60)), 1e-12);
        Assert.Equal(0, PortableMath.Sin(0));
    }

    private static double ChiSquare(IEnumerable<int> draws, int bins)
    {
        var counts = new int[bins];
        var total = 0;
        foreach (var draw in draws)
        {
            counts[draw]++;
            total++;
        }

        var expected = (double)total / bins;
        return counts.Sum(c => (c - expected) * (c - expected) / expected);
    }

    /// <summary>What this version drew first; a difference would break every saved seed.</summary>
    private static class Fixed
    {
        public static readonly ulong[] Words = [0xD5CBDC4CAB8E6F83, 0xF4B3E34E0CA49E46, 0xEB23EE0E383C024B];

        public static readonly long[] Normals =
        [
            0x3FF5B73B989F14DC, 0x3FF7F83F3290CC7C, 0x3FF17D485188278E, unchecked((long)0xBFE91595E77793D2),
        ];
    }

    private sealed class SplitMix
    {
        public ulong X { get; set; }

        public ulong Next()
        {
            unchecked
            {
                var z = this.X += 0x9e3779b97f4a7c15;
                z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
                z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
                return z ^ (z >> 31);
            }
        }
    }
}
