using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public sealed class NearestMatchTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("same", "same", 0)]
    public void Distance_counts_edits(string left, string right, int expected) => Assert.Equal(expected, NearestMatch.Distance(left, right));

    [Property]
    public void Distance_is_a_metric(string? a, string? b, string? c)
    {
        var (x, y, z) = (a ?? "", b ?? "", c ?? "");
        Assert.Equal(NearestMatch.Distance(x, y), NearestMatch.Distance(y, x));
        Assert.Equal(x == y, NearestMatch.Distance(x, y) == 0);
        Assert.True(NearestMatch.Distance(x, z) <= NearestMatch.Distance(x, y) + NearestMatch.Distance(y, z));
    }

    [Theory]
    [InlineData("Bachelor", "Bachelors")]
    [InlineData("PRESCHOOL", "Preschool")]
    [InlineData("Dctorate", "Doctorate")]
    [InlineData("zebra", null)]
    public void The_nearest_is_found_if_one_is_near(string text, string? expected) =>
        Assert.Equal(expected, NearestMatch.Of(text, ["Preschool", "Bachelors", "Masters", "Doctorate"]));
}
