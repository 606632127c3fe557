namespace Mmoe.Data.Tests;

public class DatasetRegistryTests
{
    private const string Origin = "schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets)";

    private static readonly DatasetRegistry Registry = DatasetRegistry.Of([new Named("census-income"), new Named("adult")]).Good();

    [Fact]
    public void A_dataset_is_found_by_its_exact_name() => Assert.Equal("adult", Registry.Find("adult").Good().Descriptor.Name);

    [Fact]
    public void An_unknown_name_is_wrong_usage_and_answered_with_the_nearest_and_all_names()
    {
        var fault = Assert.Single(Registry.Find("census-incom").Bad());
        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Equal(
            $"there is no dataset 'census-incom'; did you mean 'census-income'? the datasets are adult, census-income; {Origin}",
            fault.ToString());
    }

    [Fact]
    public void A_name_far_from_all_gets_no_guess() =>
        Assert.Equal($"there is no dataset 'Xyz'; the datasets are adult, census-income; {Origin}", Registry.Find("Xyz").OnlyFault());

    [Fact]
    public void An_empty_registry_says_that_it_is_and_where_schemas_are_looked_for() => Assert.Equal(
        $"there is no dataset 'adult'; no dataset is compiled in; {Origin}", DatasetRegistry.Empty.Find("adult").OnlyFault());

    [Fact]
    public void A_name_twice_is_a_fault() =>
        Assert.Contains("2 datasets are named 'adult'", Registry.With(DatasetRegistry.Of([new Named("adult")]).Good()).OnlyFault());

    private sealed class Named(string name) : IDataset
    {
        public DatasetDescriptor Descriptor { get; } = Samples.Bank with { Name = name };

        public TResult Accept<TResult>(IDatasetVisitor<TResult> visitor) =>
            throw new NotSupportedException("The registry asks for names only.");
    }
}
