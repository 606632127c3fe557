using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// A trained model that maps a dataset's typed rows to its typed predictions. See <see cref="Predictor"/>: threads may share it, and nothing
/// is allocated per row but what a prediction itself holds, which is an array of probabilities for a multi-class task and nothing else.
/// </summary>
/// <typeparam name="TDataset">The generated dataset.</typeparam>
/// <typeparam name="TRow">Its row. Labels and weights of a row are of no account.</typeparam>
/// <typeparam name="TPrediction">Its prediction.</typeparam>
public sealed class Predictor<TDataset, TRow, TPrediction>
    where TDataset : IDataset<TRow, TPrediction>
    where TRow : class, IEquatable<TRow>
{
    private Predictor(Predictor untyped) => this.Untyped = untyped;

    /// <summary>The same model without the dataset's types.</summary>
    public Predictor Untyped { get; }

    /// <summary>Reads a checkpoint to predict with.</summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <returns>The predictor, or what is wrong with the file, or how its schema differs from the dataset's.</returns>
    public static Validation<Fault, Predictor<TDataset, TRow, TPrediction>> Load(string path) =>
        Faulty.Validated(faults => Load(path, faults));

    /// <summary>Reads a checkpoint to predict with.</summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <param name="faults">Where to add what is wrong with the file, or how its schema differs from the dataset's.</param>
    /// <returns>The predictor; null after a fault.</returns>
    public static Predictor<TDataset, TRow, TPrediction>? Load(string path, ICollection<Fault> faults) =>
        Predictor.Load(path, TDataset.Descriptor, faults) is { } untyped ? new(untyped) : null;

    /// <summary>Makes a predictor of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <returns>The predictor, or how the checkpoint's schema differs from the dataset's.</returns>
    public static Validation<Fault, Predictor<TDataset, TRow, TPrediction>> Of(Checkpoint checkpoint) =>
        Faulty.Validated(faults => Of(checkpoint, faults));

    /// <summary>Makes a predictor of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="faults">Where to add how the checkpoint's schema differs from the dataset's.</param>
    /// <returns>The predictor; null after a fault.</returns>
    public static Predictor<TDataset, TRow, TPrediction>? Of(Checkpoint checkpoint, ICollection<Fault> faults) =>
        Predictor.Of(checkpoint, TDataset.Descriptor, faults) is { } untyped ? new(untyped) : null;

    /// <summary>Predicts a row.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="ArgumentException">
    /// There is no row; or a number that the model sees is such that the schema does not allow;
    /// see <see cref="TryPredict(TRow, out TPrediction, ICollection{Fault})"/>.
    /// </exception>
    public TPrediction Predict(TRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var typed = new TypedRow(this.Untyped, row, null);
        this.Untyped.Run(1, ref typed);
        return typed.Prediction;
    }

    /// <summary>Predicts rows, after all of them have been looked at.</summary>
    /// <param name="rows">The rows; not to be replaced during the call.</param>
    /// <param name="predictions">Where to write: as long as the rows, one for each.</param>
    /// <param name="cancellation">Ends the call after the row under way; predictions of the rows before it are then written.</param>
    /// <exception cref="ArgumentException">
    /// Lengths differ, a row is null, or a number that the model sees is such that the schema does not allow. The message names the first
    /// such row, and nothing is written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public void Predict(ReadOnlySpan<TRow> rows, Span<TPrediction> predictions, CancellationToken cancellation = default)
    {
        if (rows.Length != predictions.Length)
        {
            throw new ArgumentException($"there is room for {predictions.Length} predictions of {rows.Length} rows", nameof(predictions));
        }

        var examined = new ExaminedRows(this.Untyped, rows);
        this.Untyped.Run(rows.Length, ref examined, cancellation);
        var typed = new TypedRows(rows, predictions);
        this.Untyped.Run(rows.Length, ref typed, cancellation);
    }

    /// <summary>Predicts a row whose numbers may be wrong.</summary>
    /// <param name="row">The row.</param>
    /// <param name="prediction">What the model says of it; not to be used if something is wrong.</param>
    /// <param name="faults">
    /// Where to add what is wrong: of each number that the model sees, that it is missing where the schema declares no missing marks, not
    /// finite, or out of the column's range.
    /// </param>
    /// <returns>Whether nothing is wrong.</returns>
    /// <exception cref="ArgumentNullException">There is no row.</exception>
    public bool TryPredict(TRow row, out TPrediction prediction, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(row);
        var typed = new TypedRow(this.Untyped, row, faults);
        this.Untyped.Run(1, ref typed);
        prediction = typed.Prediction;
        return typed.IsGood;
    }

    /// <summary>Predicts a record of a file; see <see cref="Predictor.TryPredict"/>.</summary>
    /// <param name="record">All columns of the schema in its order, or all but the labels.</param>
    /// <param name="prediction">What the model says of it; not to be used if something is wrong.</param>
    /// <param name="faults">Where to add what is wrong with the record, each field's fault at its place.</param>
    /// <returns>Whether nothing is wrong.</returns>
    public bool TryPredict(CsvRecord record, out TPrediction prediction, ICollection<Fault> faults)
    {
        var row = new TypedRecord(this.Untyped.Records, record, faults);
        this.Untyped.Run(1, ref row);
        prediction = row.Prediction;
        return row.IsGood;
    }

    // What is wrong with numbers, in one line.
    private static string Wrong(Predictor predictor, ReadOnlySpan<float> numbers) =>
        string.Join(", ", predictor.Refused(numbers.ToArray()).Select(fault => fault.What));

    /// <summary>A row alone: without a place for faults, it throws.</summary>
    private ref struct TypedRow(Predictor predictor, TRow row, ICollection<Fault>? faults) : IPredictedRows
    {
        public TPrediction Prediction { get; private set; } = default!;

        public bool IsGood { get; private set; }

        public bool Encode(int place, scoped EncodedRow into)
        {
            TDataset.Encode(row, into);
            return this.IsGood = predictor.Allows(into.Numerics) || this.Refuse(into.Numerics);
        }

        public void Take(int place, scoped ReadOnlySpan<float> outputs) => this.Prediction = TDataset.ToPrediction(outputs);

        // Always false, which is how a row says that it is not to be predicted.
        private readonly bool Refuse(scoped ReadOnlySpan<float> numbers)
        {
            if (faults is null)
            {
                throw new ArgumentException(Wrong(predictor, numbers), nameof(row));
            }

            foreach (var fault in predictor.Refused(numbers.ToArray()))
            {
                faults.Add(fault);
            }

            return false;
        }
    }

    /// <summary>Rows that are looked at and not predicted, so that a wrong one is found before anything is written.</summary>
    private readonly ref struct ExaminedRows(Predictor predictor, ReadOnlySpan<TRow> rows) : IPredictedRows
    {
        private readonly ReadOnlySpan<TRow> rows = rows;

        public bool Encode(int row, scoped EncodedRow into)
        {
            if (this.rows[row] is not { } given)
            {
                throw new ArgumentException($"row {row} (counted from 0) is null", nameof(rows));
            }

            TDataset.Encode(given, into);
            return predictor.Allows(into.Numerics)
                ? false
                : throw new ArgumentException($"row {row} (counted from 0): {Wrong(predictor, into.Numerics)}", nameof(rows));
        }

        public void Take(int row, scoped ReadOnlySpan<float> outputs)
        {
        }
    }

    /// <summary>Rows that have been looked at.</summary>
    private readonly ref struct TypedRows(ReadOnlySpan<TRow> rows, Span<TPrediction> predictions) : IPredictedRows
    {
        private readonly ReadOnlySpan<TRow> rows = rows;
        private readonly Span<TPrediction> predictions = predictions;

        public bool Encode(int row, scoped EncodedRow into)
        {
            TDataset.Encode(this.rows[row], into);
            return true;
        }

        public void Take(int row, scoped ReadOnlySpan<float> outputs) => this.predictions[row] = TDataset.ToPrediction(outputs);
    }

    private ref struct TypedRecord(RecordEncoder encoder, CsvRecord record, ICollection<Fault> faults) : IPredictedRows
    {
        private readonly CsvRecord record = record;

        public TPrediction Prediction { get; private set; } = default!;

        public bool IsGood { get; private set; }

        public bool Encode(int row, scoped EncodedRow into) => this.IsGood = encoder.Encode(this.record, into, faults);

        public void Take(int row, scoped ReadOnlySpan<float> outputs) => this.Prediction = TDataset.ToPrediction(outputs);
    }
}
