namespace Mmoe.Model;

/// <summary>
/// The area under the ROC curve as the Mann-Whitney statistic: the probability that a positive row scores above a negative one, ties
/// counting half; Hanley and McNeil 1982. Rows count by their weights. One sort by digits, O(n): evaluation after every epoch is mostly that.
/// </summary>
/// <param name="capacity">The most rows.</param>
internal sealed class RankAuc(int capacity)
{
    private const int Digits = 3;
    private const int BitsPerDigit = 11;
    private const int Values = 1 << BitsPerDigit;

    // Numbers in the order of the scores, and the row's weight with the sign of its class.
    private uint[] keys = new uint[capacity];
    private double[] signedWeights = new double[capacity];
    private int count;
    private bool isSorted;
    private bool hasNaN;

    /// <summary>Takes a row; one without weight is nothing. None can be taken once an area was asked for.</summary>
    public void Add(float score, bool positive, double weight)
    {
        if (weight != 0)
        {
            this.hasNaN |= float.IsNaN(score);
            this.keys[this.count] = KeyOf(score);
            this.signedWeights[this.count] = positive ? weight : -weight;
            this.count++;
            this.isSorted = false;
        }
    }

    /// <summary>The area; NaN if a class has no row, or a score is NaN.</summary>
    public double Value()
    {
        if (this.hasNaN)
        {
            return double.NaN;
        }

        this.Sort();
        var area = default(Area);
        for (var start = 0; start < this.count;)
        {
            start = this.Take(start, step: 1, ref area);
            area.EndTie();
        }

        return area.Value;
    }

    /// <summary>The area over each row twice: with its score s and its class, and with 1 - s and the other class.</summary>
    /// <returns>The area; NaN if a class has no row, or a score is NaN.</returns>
    public double ValueWithComplements()
    {
        if (this.hasNaN)
        {
            return double.NaN;
        }

        // The complements are in order from the end on, so that the two lists need only be merged.
        this.Sort();
        var area = default(Area);
        for (var (own, other) = (0, this.count - 1); own < this.count || other >= 0;)
        {
            var score = own < this.count ? this.ScoreAt(own) : double.PositiveInfinity;
            var complement = other >= 0 ? 1 - this.ScoreAt(other) : double.PositiveInfinity;
            own = score <= complement ? this.Take(own, step: 1, ref area) : own;
            other = complement <= score ? this.Take(other, step: -1, ref area) : other;
            area.EndTie();
        }

        return area.Value;
    }

    private static uint KeyOf(float score)
    {
        // 0 and -0 are one score; of negative numbers the greater has the lesser bits.
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) == 0 ? bits | 0x8000_0000 : ~bits;
    }

    private double ScoreAt(int position)
    {
        var key = this.keys[position];
        return BitConverter.UInt32BitsToSingle((key & 0x8000_0000) == 0 ? ~key : key & 0x7FFF_FFFF);
    }

    // Rows of one score, to one side of the tie where they are taken as they are, and to the other as complements; returns where they end.
    private int Take(int start, int step, ref Area area)
    {
        var end = start;
        for (; (uint)end < (uint)this.count && this.keys[end] == this.keys[start]; end += step)
        {
            area.Add(step * this.signedWeights[end]);
        }

        return end;
    }

    // From the last digit to the first; rows of equal digits stay in order.
    private void Sort()
    {
        if (this.isSorted)
        {
            return;
        }

        Span<int> counts = stackalloc int[Digits * Values];
        counts.Clear();
        foreach (var key in this.keys.AsSpan(0, this.count))
        {
            for (var digit = 0; digit < Digits; digit++)
            {
                counts[(digit * Values) + DigitOf(key, digit)]++;
            }
        }

        var (keys, weights) = (new uint[this.count], new double[this.count]);
        for (var digit = 0; digit < Digits; digit++)
        {
            var next = counts.Slice(digit * Values, Values);
            var before = 0;
            foreach (ref var own in next)
            {
                (own, before) = (before, before + own);
            }

            for (var i = 0; i < this.count; i++)
            {
                var to = next[DigitOf(this.keys[i], digit)]++;
                keys[to] = this.keys[i];
                weights[to] = this.signedWeights[i];
            }

            (this.keys, keys) = (keys, this.keys);
            (this.signedWeights, weights) = (weights, this.signedWeights);
        }

        this.isSorted = true;
    }

    private static int DigitOf(uint key, int digit) => (int)(key >> (digit * BitsPerDigit)) & (Values - 1);

    /// <summary>The area as it grows, one score after the other.</summary>
    private struct Area
    {
        private double positive;
        private double negative;
        private double above;
        private double tiedPositive;
        private double tiedNegative;

        /// <summary>The area; NaN if a class has no row.</summary>
        public readonly double Value =>
            this.positive > 0 && this.negative > 0 ? this.above / this.positive / this.negative : double.NaN;

        /// <summary>A row of the score at hand.</summary>
        public void Add(double signedWeight)
        {
            this.tiedPositive += Math.Max(signedWeight, 0);
            this.tiedNegative += Math.Max(-signedWeight, 0);
        }

        /// <summary>There is no more row of that score.</summary>
        public void EndTie()
        {
            this.above += this.tiedPositive * (this.negative + (this.tiedNegative / 2));
            this.positive += this.tiedPositive;
            this.negative += this.tiedNegative;
            (this.tiedPositive, this.tiedNegative) = (0, 0);
        }
    }
}
