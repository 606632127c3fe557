using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>
/// Which features a model is to see, and by which encodings, before any row is read; <see cref="Fit"/> makes it an
/// <see cref="InputLayout"/>.
/// </summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Categoricals">The categorical features among the inputs, in order.</param>
/// <param name="Numerics">The numeric features among the inputs with their encodings, in order.</param>
/// <param name="WeightColumn">The column that weighs rows in loss and metrics; null if every row counts the same.</param>
public sealed record InputPlan(
    DatasetDescriptor Dataset,
    EquatableArray<CategoricalFeature> Categoricals,
    EquatableArray<EncodedFeature> Numerics,
    string? WeightColumn)
{
    /// <summary>The most inputs that a model can get; it gets fewer where quantiles fall together.</summary>
    public int MaxWidth => this.Categoricals.Sum(feature => feature.Vocabulary.Count) + this.Numerics.Sum(feature => feature.MaxWidth);

    /// <summary>
    /// Chooses what a model sees of a dataset: all its features, with the intervals of those that have bins, but for those that are
    /// excluded or weigh the rows. Numeric features are encoded as the configuration says, else as the schema says, else standardised.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="exclusions">The names of features to leave out.</param>
    /// <param name="weightBy">
    /// A weight column, or a numeric feature that the schema marks as usable weight and that then leaves the inputs; null for none.
    /// </param>
    /// <param name="encode">The configuration's encodings, each column once.</param>
    /// <param name="fitted">
    /// What a model sees that is to be trained on; null where there is none. Numeric columns that it has keep their encodings as they were
    /// fitted, unless the configuration names them: then those encodings stay that it still asks for and that are not fitted as a whole.
    /// </param>
    /// <returns>The plan, or a fault for each name that cannot be used, and one if no input is left.</returns>
    public static Validation<Fault, InputPlan> Of(
        DatasetDescriptor dataset,
        IEnumerable<string> exclusions,
        string? weightBy,
        EquatableArray<ColumnEncoding> encode = default,
        InputLayout? fitted = null)
    {
        var excluded = exclusions.Distinct(StringComparer.Ordinal).ToArray();
        bool IsInput(Column column) => !excluded.Contains(column.Name, StringComparer.Ordinal) && column.Name != weightBy;
        var categoricals = dataset.Categoricals.Where(IsInput).ToArray();
        EncodedFeature[] numerics = [.. dataset.Numerics.Where(IsInput).Select(feature => Encoded(feature, encode, fitted))];
        var faults = excluded.Select(name => ExclusionFault(dataset, name) is { } fault ? fault with { Key = "exclude" } : null)
            .Append(WeightFault(dataset, weightBy) is { } wrong ? wrong with { Key = "weight_by" } : null)
            .Concat(encode.Select(entry => EncodingFault(dataset, entry.Column, IsInput))
                .Append(OthersFault(numerics, encode))
                .Select(fault => fault is null ? null : fault with { Key = "encode" }))
            .OfType<Fault>()
            .ToSeq();
        if (faults.IsEmpty && categoricals.Length + numerics.Length == 0)
        {
            faults = faults.Add(NothingLeft(dataset) with { Key = "exclude" });
        }

        return faults.IsEmpty
            ? Success<Fault, InputPlan>(new(
                dataset,
                new(categoricals.AsSpan()),
                new(numerics.AsSpan()),
                weightBy))
            : Fail<Fault, InputPlan>(faults);
    }

    /// <summary>Fits the encodings.</summary>
    /// <param name="train">The train split: nothing else is looked at, here or later.</param>
    /// <returns>
    /// The layout, or a fault for each numeric input of which the split holds no value, or one if every input is constant there in an
    /// encoding that gives no component for that.
    /// </returns>
    public Validation<Fault, InputLayout> Fit(TrainSplit train)
    {
        // A feature that the model does not see may well be without values, so that only those it sees are asked for.
        var columns = this.Numerics.Select(feature => FitColumn(feature, train)).ToArray();
        var faults = toSeq(columns).Bind(column => column.Match(_ => Seq<Fault>(), missing => missing));
        if (!faults.IsEmpty)
        {
            return Fail<Fault, InputLayout>(faults);
        }

        var fitted = columns.SelectMany(column => column.SuccessAsEnumerable())
            .Select((column, i) => (this.Numerics[i].Feature, Column: column))
            .ToArray();
        var offset = 0;
        int Place(int width) => (offset += width) - width;
        GatheredInput[] gathered =
        [
            .. this.Categoricals.Select(c => new CategoricalInput(c.Name, c.CodeIndex, c.Vocabulary.Count, Place(c.Vocabulary.Count))),
            .. fitted.SelectMany(f => f.Column.Intervals).Select(input => input with { Offset = Place(input.Size) }),
        ];
        NumericInput[] numerics =
        [
            .. fitted.SelectMany(f => f.Column.Encoders.Select(
                encoder => new NumericInput(f.Feature.Name, f.Feature.NumericIndex, encoder, Place(encoder.Width)))),
        ];
        return offset > 0
            ? Success<Fault, InputLayout>(
                new(this.Dataset.Fingerprint, new(gathered.AsSpan()), new(numerics.AsSpan()), this.WeightColumn))
            : Fail<Fault, InputLayout>(Fault.Data(
                $"every input of '{this.Dataset.Name}' is constant in the train split, and its encoding gives nothing for that",
                hint: "exclude fewer columns, or take another encoding"));
    }

    private static EncodedFeature Encoded(NumericFeature feature, EquatableArray<ColumnEncoding> encode, InputLayout? fitted) =>
        (fitted is null ? null : FittedColumn.Of(fitted, feature.Name)) is not { } known
            ? new EncodedFeature(feature, Encodings(feature, encode))
            : new EncodedFeature(feature, encode.FirstOrDefault(entry => entry.Column == feature.Name)?.Encodings ?? default)
            {
                Fitted = known.For(feature),
            };

    private static Validation<Fault, FittedColumn> FitColumn(EncodedFeature encoded, TrainSplit train) => encoded.Kept is { } kept
        ? Success<Fault, FittedColumn>(kept)
        : TrainColumn.Of(train, encoded.Feature).Map(column => new FittedColumn(
            new(IntervalsOf(encoded, column)),
            new(EncodersOf(encoded, column).Select(encoder => encoded.Fitted?.KnownOr(encoder) ?? encoder))));

    private static EquatableArray<NumericEncoding> Encodings(NumericFeature feature, EquatableArray<ColumnEncoding> encode)
    {
        ColumnEncoding? Stated(string column) => encode.FirstOrDefault(entry => entry.Column == column);
        return (Stated(feature.Name) ?? Stated(ColumnEncoding.Others)) is { } stated ? stated.Encodings
            : feature.Encodings.Count > 0 ? feature.Encodings
            : new([NumericEncoding.Standardise]);
    }

    private static IEnumerable<BinnedInput> IntervalsOf(EncodedFeature encoded, TrainColumn column)
    {
        var (feature, cuts) = (encoded.Feature, encoded.Encodings
            .Where(encoding => encoding.Kind == NumericEncodingKind.Quantile)
            .Select(encoding => column.Cuts(encoding.Count)));

        // Quantiles may fall on the schema's own edges: the same intervals twice would be one input too many.
        return (feature.Bins.Count > 0 ? cuts.Prepend(feature.Bins) : cuts)
            .Distinct()
            .Select(edges => new BinnedInput(feature.Name, feature.NumericIndex, edges, encoded.MayBeMissing, Offset: 0));
    }

    private static IEnumerable<NumericEncoder> EncodersOf(EncodedFeature encoded, TrainColumn column) => encoded.Encodings
        .Where(encoding => encoding.Kind != NumericEncodingKind.Quantile)
        .Select(NumericEncoder (encoding) => encoding.Kind switch
        {
            NumericEncodingKind.Standardise => column.Standardise(NumericTransform.Identity),
            NumericEncodingKind.Log1p => column.Standardise(NumericTransform.Log1p),
            NumericEncodingKind.MinMax => column.MinMax(),
            NumericEncodingKind.PiecewiseLinear => column.PiecewiseLinear(encoding.Count),
            _ => throw new ArgumentException($"there is no way to fit {encoding}", nameof(encoded)),
        })
        .Concat(encoded.HasIndicator ? [new MissingEncoder()] : []);

    private static Fault NothingLeft(DatasetDescriptor dataset) =>
        Fault.Usage($"no feature of '{dataset.Name}' is left as input", "exclude fewer columns");

    private static Fault? EncodingFault(DatasetDescriptor dataset, string name, Func<Column, bool> isInput) =>
        name == ColumnEncoding.Others ? null : dataset.Columns.FirstOrDefault(c => c.Name == name) switch
        {
            NumericFeature feature when isInput(feature) => null,
            NumericFeature => Unencodable(name, "no input of this model"),
            null => Fault.Usage($"'{dataset.Name}' has no column '{name}' to encode", Nearest(name, dataset.Numerics.Where(isInput))),
            var column => Unencodable(name, Role(column)),
        };

    private static Fault? OthersFault(EncodedFeature[] numerics, EquatableArray<ColumnEncoding> encode) =>
        encode.Any(entry => entry.Column == ColumnEncoding.Others)
        && numerics.All(encoded => encoded.Kept is not null || encode.Any(entry => entry.Column == encoded.Feature.Name))
            ? Fault.Usage(
                $"there is no {(numerics.Any(encoded => encoded.Kept is not null) ? "new " : "")}numeric input for which "
                    + $"'{ColumnEncoding.Others}' would stand",
                "leave it out of 'encode'")
            : null;

    private static Fault Unencodable(string column, string what) =>
        Fault.Usage($"the column '{column}' is {what} and takes no encoding", "leave it out of 'encode'");

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
        var nearest = NearestMatch.Of(name, candidates.Select(c => c.Name));
        return nearest is null ? Possible(candidates) : $"did you mean '{nearest}'?";
    }

    private static string Possible(IEnumerable<Column> columns) =>
        columns.Any() ? $"possible: {string.Join(", ", columns.Select(c => c.Name))}" : "the dataset has no such column";
}

/// <summary>A numeric feature among the inputs of a model, with its encodings.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Encodings">
/// How the model sees its number, beside the intervals of the schema's bins; none where it keeps what was fitted before.
/// </param>
public sealed record EncodedFeature(NumericFeature Feature, EquatableArray<NumericEncoding> Encodings)
{
    /// <summary>What was fitted of it before, for the feature as it is now; null where that is nothing.</summary>
    public FittedColumn? Fitted { get; init; }

    /// <summary>The same, if all of it stays and nothing is fitted.</summary>
    public FittedColumn? Kept => this.Encodings.Count == 0 ? this.Fitted : null;

    /// <summary>Whether a number may be missing.</summary>
    public bool MayBeMissing => this.Feature.Missing is not null;

    /// <summary>
    /// Whether an input of its own says that the number is missing. Intervals have a row for that, and one input that says so is enough.
    /// </summary>
    public bool HasIndicator =>
        this.MayBeMissing && this.Feature.Bins.Count == 0 && this.Encodings.All(encoding => encoding.Kind != NumericEncodingKind.Quantile);

    /// <summary>The most inputs that it can get.</summary>
    public int MaxWidth
    {
        get
        {
            if (this.Kept is { } kept)
            {
                return kept.Width;
            }

            var forMissing = this.MayBeMissing ? 1 : 0;
            var bins = this.Feature.Bins.Count > 0 ? this.Feature.Bins.Count + 1 + forMissing : 0;
            return bins + (this.HasIndicator ? 1 : 0) + this.Encodings.Sum(encoding => encoding.Kind switch
            {
                NumericEncodingKind.Quantile => encoding.Count + forMissing,
                NumericEncodingKind.PiecewiseLinear => encoding.Count,
                _ => 1,
            });
        }
    }
}
