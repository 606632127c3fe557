namespace Mmoe.Model;

/// <summary>
/// The area under the ROC curve as the Mann-Whitney statistic: the probability that a positive row scores above a negative one, ties
/// counting half; Hanley and McNeil 1982. Rows count by their weights. One sort, O(n log n).
/// </summary>
internal sealed class RankAuc(int capacity)
{
    private readonly double[] scores = new double[capacity];

    // The row's weight, with the sign of its class: the sort carries one number per row.
    private readonly double[] signedWeights = new double[capacity];
    private int count;

    /// <summary>Takes a row; one without weight is nothing.</summary>
    public void Add(double score, bool positive, double weight)
    {
        if (weight != 0)
        {
            this.scores[this.count] = score;
            this.signedWeights[this.count] = positive ? weight : -weight;
            this.count++;
        }
    }

    /// <summary>The area; NaN if a class has no row, or a score is NaN.</summary>
    public double Value()
    {
        var scores = this.scores.AsSpan(0, this.count);
        var weights = this.signedWeights.AsSpan(0, this.count);
        scores.Sort(weights);
        if (this.count > 0 && double.IsNaN(scores[0]))
        {
            return double.NaN; // NaN sorts first
        }

        var (positive, negative, above) = (0.0, 0.0, 0.0);
        for (var start = 0; start < scores.Length;)
        {
            var (tiedPositive, tiedNegative) = (0.0, 0.0);
            var end = start;
            for (; end < scores.Length && scores[end] == scores[start]; end++)
            {
                if (weights[end] > 0)
                {
                    tiedPositive += weights[end];
                }
                else
                {
                    tiedNegative -= weights[end];
                }
            }

            above += tiedPositive * (negative + (tiedNegative / 2));
            positive += tiedPositive;
            negative += tiedNegative;
            start = end;
        }

        return positive > 0 && negative > 0 ? above / positive / negative : double.NaN;
    }
}
