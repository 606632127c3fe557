using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>How a numeric column becomes model input, as fitted on some train split.</summary>
/// <param name="Intervals">Its inputs in intervals. Their places and offsets are those of the layout that they are of.</param>
/// <param name="Encoders">Its other encodings, in order.</param>
public sealed record FittedColumn(EquatableArray<BinnedInput> Intervals, EquatableArray<NumericEncoder> Encoders)
{
    /// <summary>The number of its inputs.</summary>
    public int Width => this.Intervals.Sum(input => input.Size) + this.Encoders.Sum(encoder => encoder.Width);

    private bool MayBeMissing => this.Intervals.Any(input => input.HasMissing) || this.Encoders.Any(encoder => encoder is MissingEncoder);

    /// <summary>What a layout has of a column; null if that is nothing.</summary>
    internal static FittedColumn? Of(InputLayout layout, string column)
    {
        FittedColumn fitted = new(
            new(layout.Gathered.OfType<BinnedInput>().Where(input => input.Column == column)),
            new(layout.Numerics.Where(input => input.Column == column).Select(input => input.Encoder)));
        return fitted.Intervals.Count + fitted.Encoders.Count > 0 ? fitted : null;
    }

    /// <summary>The same for the column as a schema has it now: only whether a number may be missing can be another than before.</summary>
    internal FittedColumn For(NumericFeature feature)
    {
        var mayBeMissing = feature.Missing is not null;

        // Before no number was missing, so that the policy is the only one that there has been.
        var fillsZero = !this.MayBeMissing && feature.Missing?.Policy == MissingPolicy.Zero;
        return new(
            new(this.Intervals.Select(input => input with { NumericIndex = feature.NumericIndex, HasMissing = mayBeMissing })),
            [
                .. this.Encoders.Where(encoder => encoder is not MissingEncoder).Select(encoder => fillsZero ? FilledByZero(encoder) : encoder),
                .. mayBeMissing && this.Intervals.Count == 0 ? new[] { new MissingEncoder() } : [],
            ]);
    }

    /// <summary>This encoder where there was one of its kind whose numbers mean something to the model; else the other.</summary>
    internal NumericEncoder KnownOr(NumericEncoder other) => other switch
    {
        StandardEncoder standard => this.Encoders.OfType<StandardEncoder>().FirstOrDefault(known => known.Transform == standard.Transform) ?? other,
        MinMaxEncoder => this.Encoders.OfType<MinMaxEncoder>().FirstOrDefault() ?? other,
        _ => other,
    };

    private static NumericEncoder FilledByZero(NumericEncoder encoder) => encoder switch
    {
        StandardEncoder standard => standard with { Fill = 0 },
        MinMaxEncoder minMax => minMax with { Fill = 0 },
        PiecewiseLinearEncoder piecewise => piecewise with { Fill = 0 },
        _ => encoder,
    };
}
