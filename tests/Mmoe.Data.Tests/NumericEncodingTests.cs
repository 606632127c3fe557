namespace Mmoe.Data.Tests;

/// <summary>The names of encodings, as schemas and configurations write them.</summary>
public sealed class NumericEncodingTests
{
    [Theory]
    [InlineData("standardise")]
    [InlineData("log1p")]
    [InlineData("min-max")]
    [InlineData("quantile:2")]
    [InlineData("piecewise-linear:1024")]
    [InlineData("standardise+quantile:16")]
    [InlineData("piecewise-linear:8+log1p+standardise+quantile:3")]
    public void What_is_read_is_written_alike(string text)
    {
        var encodings = NumericEncoding.Parse([text], out var problems);
        Assert.Empty(problems);
        Assert.Equal(text, NumericEncoding.Join(encodings));
        Assert.Equal(encodings, NumericEncoding.Parse(text.Split('+'), out _));
    }

    [Fact]
    public void Names_are_those_encodings() => Assert.Equal(
        [
            NumericEncoding.Standardise, NumericEncoding.Log1p, NumericEncoding.Quantile(1024), NumericEncoding.PiecewiseLinear(2),
        ],
        NumericEncoding.Parse(["standardise", "log1p+quantile:1024", "piecewise-linear:2"], out _));

    [Theory]
    [InlineData("quantil:16", "'quantil:16' is no encoding; did you mean 'quantile:16'? ")]
    [InlineData("quantil:1", "'quantil:1' is no encoding; did you mean 'quantile:N'? ")]
    [InlineData("Standardize", "'Standardize' is no encoding; did you mean 'standardise'? ")]
    [InlineData("minmax", "'minmax' is no encoding; did you mean 'min-max'? ")]
    [InlineData("log1p ", "'log1p ' is no encoding; did you mean 'log1p'? ")]
    [InlineData("one-hot", "'one-hot' is no encoding; ")]
    [InlineData("", "'' is no encoding; ")]
    public void An_unknown_name_is_told_with_the_nearest(string text, string expected) => Assert.Equal(
        $"{expected}accepted: 'standardise', 'log1p', 'min-max', 'quantile:N', 'piecewise-linear:N'", Told(text));

    [Theory]
    [InlineData("quantile", "'quantile' says no number of intervals")]
    [InlineData("quantile:", "'quantile:' has no number of intervals after the colon")]
    [InlineData("quantile:1", "'quantile:1' has no number of intervals after the colon")]
    [InlineData("quantile:1025", "'quantile:1025' has no number of intervals after the colon")]
    [InlineData("quantile:-8", "'quantile:-8' has no number of intervals after the colon")]
    [InlineData("quantile:08", "'quantile:08' has no number of intervals after the colon")]
    [InlineData("quantile:8:8", "'quantile:8:8' has no number of intervals after the colon")]
    public void N_goes_from_2_to_1024(string text, string what) =>
        Assert.Equal($"{what}; write 'quantile:N', N a whole number from 2 to 1024", Told(text));

    [Fact]
    public void What_has_no_number_takes_none() => Assert.Equal("'log1p' takes no number; write 'log1p'", Told("log1p:4"));

    [Theory]
    [InlineData("log1p+log1p", "'log1p' stands twice")]
    [InlineData("quantile:8+log1p+quantile:8", "'quantile:8' stands twice")]
    [InlineData("quantile:8+quantile:16", "'quantile:8' and 'quantile:16' are one encoding twice")]
    [InlineData("standardise+min-max", "'standardise' and 'min-max' are one number on two linear scales")]
    [InlineData("min-max+log1p+standardise", "'min-max' and 'standardise' are one number on two linear scales")]
    public void Encodings_that_contradict_each_other(string text, string what) => Assert.Equal($"{what}; keep one of them", Told(text));

    [Fact]
    public void All_problems_are_told_with_their_texts()
    {
        Assert.Equal([NumericEncoding.Log1p], NumericEncoding.Parse(["log1p", "logp+quantile:0", "log1p"], out var problems));
        Assert.Equal([(1, null), (1, null), (2, 0)], problems.Select(p => (p.Text, p.Other)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1025)]
    public void No_encoding_has_another_number(int count)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NumericEncoding.Quantile(count));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumericEncoding.PiecewiseLinear(count));
    }

    private static string Told(string text)
    {
        NumericEncoding.Parse([text], out var problems);
        return string.Join(" | ", problems.Select(p => $"{p.What}; {p.Advice}"));
    }
}
