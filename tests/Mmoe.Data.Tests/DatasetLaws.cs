using Mmoe.Data.Datasets;

namespace Mmoe.Data.Tests;

/// <summary>What holds for every dataset that is compiled in: a new schema is covered without a new test.</summary>
public sealed class DatasetLaws() : Testing.DatasetLaws(Registry.All);

/// <summary>What holds for the built-in datasets alone.</summary>
public sealed class BuiltInDatasets
{
    [Fact]
    public void Have_the_features_of_the_reference()
    {
        int Features(string name) => Registry.All.Find(name).Good().Descriptor.NumFeatures;
        Assert.Equal(499, Features("census-income"));
        Assert.Equal(100, Features("adult"));
        Assert.Equal(48, Features("bank-marketing"));
        Assert.Equal(100, Features("synthetic"));
        Assert.Equal(488, Registry.All.Find("census-income").Good().Descriptor.OneHotWidth);
    }
}
