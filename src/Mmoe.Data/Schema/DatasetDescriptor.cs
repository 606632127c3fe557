namespace Mmoe.Data;

/// <summary>Everything a schema says about a dataset, as a value. Emitted by the generator.</summary>
public sealed record DatasetDescriptor
{
    /// <summary>The version of <see cref="GeneratedContract"/> that the emitting generator wrote for.</summary>
    public required int Contract { get; init; }

    /// <summary>The dataset's name, as on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What the dataset is, in a sentence or two.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// SHA-256, in lower-case hexadecimal, over the canonical columns (name, role, kind, ordered vocabulary, missing) and tasks:
    /// what an encoded row means.
    /// </summary>
    public required string Fingerprint { get; init; }

    /// <summary>How the files are written.</summary>
    public required FileFormat Format { get; init; }

    /// <summary>All columns in file order.</summary>
    public required EquatableArray<Column> Columns { get; init; }

    /// <summary>What is predicted, in order.</summary>
    public required EquatableArray<TaskDescriptor> Tasks { get; init; }

    /// <summary>Where the rows come from.</summary>
    public required DataSource Source { get; init; }

    /// <summary>The training parameters to start from.</summary>
    public required TrainingDefaults Training { get; init; }

    /// <summary>The categorical inputs, in code order.</summary>
    public EquatableArray<CategoricalFeature> Categoricals => new(this.Columns.OfType<CategoricalFeature>());

    /// <summary>The numeric inputs, in order.</summary>
    public EquatableArray<NumericFeature> Numerics => new(this.Columns.OfType<NumericFeature>());

    /// <summary>The label columns, in order.</summary>
    public EquatableArray<LabelColumn> Labels => new(this.Columns.OfType<LabelColumn>());

    /// <summary>The columns that can only be weights, in order.</summary>
    public EquatableArray<WeightColumn> Weights => new(this.Columns.OfType<WeightColumn>());

    /// <summary>The number of one-hot features: the sizes of all vocabularies of categorical inputs, added up.</summary>
    public int OneHotWidth => this.Columns.OfType<CategoricalFeature>().Sum(c => c.Vocabulary.Count);

    /// <summary>One-hot features plus numeric features: a fact of the schema. A model's input may be narrower or wider.</summary>
    public int NumFeatures => this.OneHotWidth + this.Columns.OfType<NumericFeature>().Count();
}
