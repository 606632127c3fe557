using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>Datasets by name: a value that an application composes and hands on.</summary>
public sealed class DatasetRegistry
{
    /// <summary>Which files become datasets, for whoever misses one: a schema of another name is passed over without a word.</summary>
    public const string Origin = "schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets)";

    private readonly EquatableArray<IDataset> datasets;

    private DatasetRegistry(EquatableArray<IDataset> datasets) => this.datasets = datasets;

    /// <summary>The registry without datasets.</summary>
    public static DatasetRegistry Empty { get; } = new(default);

    /// <summary>The datasets in order of their names (ordinal).</summary>
    public EquatableArray<IDataset> Datasets => this.datasets;

    /// <summary>The names that there are, and where more would come from: one line for a person.</summary>
    public string Summary => this.datasets.Count == 0
        ? $"no dataset is compiled in; {Origin}"
        : $"the datasets are {string.Join(", ", this.datasets.Select(d => d.Descriptor.Name))}; {Origin}";

    /// <summary>Makes a registry.</summary>
    /// <param name="datasets">The datasets in any order.</param>
    /// <returns>The registry, or a fault for each name that occurs twice.</returns>
    public static Validation<Fault, DatasetRegistry> Of(IEnumerable<IDataset> datasets)
    {
        var ordered = datasets.OrderBy(d => d.Descriptor.Name, StringComparer.Ordinal).ToArray();
        var faults = ordered.GroupBy(d => d.Descriptor.Name, StringComparer.Ordinal)
            .Where(g => g.Count() > 1)
            .Select(g => Fault.Usage($"{g.Count()} datasets are named '{g.Key}'", "rename all but one in their schemas"))
            .ToSeq();
        return faults.IsEmpty ? Success<Fault, DatasetRegistry>(new(new(ordered))) : Fail<Fault, DatasetRegistry>(faults);
    }

    /// <summary>Makes a registry of datasets whose names are known to differ, as the generator knows of those that it emits.</summary>
    /// <remarks>
    /// What emitted code calls, and so what a trimmed or natively compiled application reaches: unlike <see cref="Of"/>, nothing here
    /// leads to the parts of LanguageExt that use reflection.
    /// </remarks>
    /// <param name="datasets">The datasets in any order.</param>
    /// <exception cref="ArgumentException">Two datasets have the same name.</exception>
    public static DatasetRegistry OfDistinct(params ReadOnlySpan<IDataset> datasets)
    {
        var ordered = datasets.ToArray();
        System.Array.Sort(ordered, static (left, right) => string.CompareOrdinal(left.Descriptor.Name, right.Descriptor.Name));
        for (var i = 1; i < ordered.Length; i++)
        {
            if (ordered[i - 1].Descriptor.Name == ordered[i].Descriptor.Name)
            {
                throw new ArgumentException($"Two datasets are named '{ordered[i].Descriptor.Name}'.", nameof(datasets));
            }
        }

        return new(new(ordered));
    }

    /// <summary>Both registries' datasets; a fault for each name that both hold.</summary>
    public Validation<Fault, DatasetRegistry> With(DatasetRegistry other) => Of(this.datasets.Concat(other.datasets));

    /// <summary>The dataset of a name, or a fault that names the nearest and all others.</summary>
    public Validation<Fault, IDataset> Find(string name)
    {
        foreach (var dataset in this.datasets)
        {
            if (string.Equals(dataset.Descriptor.Name, name, StringComparison.Ordinal))
            {
                return Success<Fault, IDataset>(dataset);
            }
        }

        var nearest = NearestMatch.Of(name, this.datasets.Select(d => d.Descriptor.Name));
        return Fail<Fault, IDataset>(
            Fault.Usage($"there is no dataset '{name}'", nearest is null ? this.Summary : $"did you mean '{nearest}'? {this.Summary}"));
    }
}
