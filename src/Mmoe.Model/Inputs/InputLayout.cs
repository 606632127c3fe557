using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>A numeric feature as model input: its scaled value times one row.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="NumericIndex">The position among the schema's numeric features.</param>
/// <param name="Offset">The row in the model's input.</param>
public sealed record NumericInput(string Column, int NumericIndex, int Offset);

/// <summary>
/// Which features a model sees, and where. Saved with the model: it may leave out features of the schema.
/// </summary>
/// <param name="Fingerprint">The fingerprint of the schema that it was made for.</param>
/// <param name="Gathered">The inputs that take one of several rows: categorical ones, then binned ones. Their rows come first.</param>
/// <param name="Numerics">The numeric inputs; their rows follow.</param>
/// <param name="WeightColumn">The column that weighs rows in loss and metrics; null if every row counts the same.</param>
public sealed record InputLayout(
    string Fingerprint, EquatableArray<GatheredInput> Gathered, EquatableArray<NumericInput> Numerics, string? WeightColumn)
{
    /// <summary>The number of input features: those of the schema that are left, and the intervals of binned columns.</summary>
    public int Width => this.Gathered.Sum(input => input.Size) + this.Numerics.Count;

    /// <summary>
    /// Chooses what a model sees of a dataset: all its features, with the intervals of those that have bins, but for those that are
    /// excluded or weigh the rows.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="exclusions">The names of features to leave out.</param>
    /// <param name="weightBy">
    /// A weight column, or a numeric feature that the schema marks as usable weight and that then leaves the inputs; null for none.
    /// </param>
    /// <returns>The layout, or a fault for each name that cannot be used, and one if no input is left.</returns>
    public static Validation<Fault, InputLayout> Of(DatasetDescriptor dataset, IEnumerable<string> exclusions, string? weightBy)
    {
        var excluded = exclusions.Distinct(StringComparer.Ordinal).ToArray();
        var faults = excluded.Select(name => ExclusionFault(dataset, name)).Append(WeightFault(dataset, weightBy)).OfType<Fault>().ToList();

        bool IsInput(Column column) => !excluded.Contains(column.Name, StringComparer.Ordinal) && column.Name != weightBy;
        var offset = 0;
        var gathered = new List<GatheredInput>();
        void Gather(GatheredInput input)
        {
            gathered.Add(input);
            offset += input.Size;
        }

        foreach (var feature in dataset.Categoricals.Where(IsInput))
        {
            Gather(new CategoricalInput(feature.Name, feature.CodeIndex, feature.Vocabulary.Count, offset));
        }

        foreach (var feature in dataset.Numerics.Where(IsInput).Where(feature => feature.Bins.Count > 0))
        {
            Gather(new BinnedInput(feature.Name, feature.NumericIndex, feature.Bins, feature.Missing is not null, offset));
        }

        var numerics = dataset.Numerics
            .Where(IsInput)
            .Select((feature, i) => new NumericInput(feature.Name, feature.NumericIndex, offset + i))
            .ToArray();
        if (faults.Count == 0 && gathered.Count + numerics.Length == 0)
        {
            faults.Add(Fault.Usage($"no feature of '{dataset.Name}' is left as input", "exclude fewer columns"));
        }

        return faults.Count == 0
            ? Success<Fault, InputLayout>(new(dataset.Fingerprint, new(gathered), new EquatableArray<NumericInput>(numerics), weightBy))
            : Fail<Fault, InputLayout>(faults.ToSeq());
    }

    private static Fault? ExclusionFault(DatasetDescriptor dataset, string name)
    {
        var features = dataset.Columns.Where(c => c is CategoricalFeature or NumericFeature);
        return dataset.Columns.FirstOrDefault(c => c.Name == name) switch
        {
            CategoricalFeature or NumericFeature => null,
            null => Fault.Usage($"'{dataset.Name}' has no column '{name}' to exclude", Nearest(name, features)),
            var column => Fault.Usage($"the column '{name}' is {Role(column)}, no feature", "leave it out of the exclusions"),
        };
    }

    private static Fault? WeightFault(DatasetDescriptor dataset, string? name)
    {
        if (name is null)
        {
            return null;
        }

        var usable = dataset.Columns.Where(c => c is Mmoe.Data.WeightColumn or NumericFeature { UsableAsWeight: true }).ToArray();
        return dataset.Columns.FirstOrDefault(c => c.Name == name) switch
        {
            Mmoe.Data.WeightColumn or NumericFeature { UsableAsWeight: true } => null,
            null => Fault.Usage($"'{dataset.Name}' has no column '{name}' to weigh rows by", Nearest(name, usable)),
            NumericFeature => Fault.Usage($"the feature '{name}' cannot weigh rows", "mark it with \"weight\": true in the schema"),
            var column => Fault.Usage($"the column '{name}' is {Role(column)} and cannot weigh rows", Possible(usable)),
        };
    }

    private static string Role(Column column) => column switch
    {
        CategoricalFeature => "a categorical feature",
        NumericFeature => "a numeric feature",
        LabelColumn => "a label",
        Mmoe.Data.WeightColumn => "a weight",
        _ => "ignored",
    };

    private static string Nearest(string name, IEnumerable<Column> candidates)
    {
        var names = candidates.Select(c => c.Name).ToArray();
        var nearest = names.Length == 0 ? null : new Vocabulary(names).Nearest(name);
        return nearest is null ? Possible(candidates) : $"did you mean '{nearest}'?";
    }

    private static string Possible(IEnumerable<Column> columns) =>
        columns.Any() ? $"possible: {string.Join(", ", columns.Select(c => c.Name))}" : "the dataset has no such column";
}
