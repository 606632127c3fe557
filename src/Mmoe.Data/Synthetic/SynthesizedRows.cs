using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>Made-up rows as a file in a dataset's own format, to try the way from a file to a model before data is at hand.</summary>
/// <remarks>
/// For a dataset of files, <see cref="RowSampler"/> draws what the schema allows; the labels have nothing to do with the features. For one
/// that is drawn on the spot, its generator draws train rows: with the schema's seed they are those that a run trains on. More rows begin
/// with the same rows.
/// </remarks>
public sealed class SynthesizedRows
{
    private readonly DatasetDescriptor descriptor;
    private readonly RecordFormatter formatter;
    private readonly int rows;
    private readonly Func<Fill> start;

    private SynthesizedRows(DatasetDescriptor descriptor, RecordFormatter formatter, int rows, Func<Fill> start)
    {
        this.descriptor = descriptor;
        this.formatter = formatter;
        this.rows = rows;
        this.start = start;
    }

    private delegate void Fill(int row, EncodedRow into);

    /// <summary>Describes the rows; none is written yet.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="file">The file that is written, for the texts it appends to values; null if it appends none.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="seed">Fixes the rows; none for the schema's: the generator's, or that of training.</param>
    /// <returns>The rows, or a fault for all that the file format cannot express, or that the generator cannot draw.</returns>
    public static Validation<Fault, SynthesizedRows> Of(DatasetDescriptor descriptor, DataFile? file, int rows, Option<int> seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return (RecordFormatter.For(descriptor, file), Source(descriptor, rows, seed))
            .Apply((formatter, start) => new SynthesizedRows(descriptor, formatter, rows, start));
    }

    /// <summary>Writes all rows, below a header if the format has one: the same bytes each time.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    /// <param name="cancellation">Ends the writing between two rows.</param>
    /// <returns>Nothing, or a fault at the first row that the file format cannot express.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for; what is written is not whole.</exception>
    public Validation<Fault, Unit> WriteTo(Stream stream, CancellationToken cancellation = default)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var line = new StringBuilder();
        if (this.descriptor.Format.Header)
        {
            writer.Write(line.Append(this.formatter.Header()).Append('\n'));
        }

        var fill = this.start();
        var row = EncodedRows.Create(this.descriptor);
        for (var i = 0; i < this.rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            fill(i, row);
            try
            {
                this.formatter.Append(row, line.Clear());
            }
            catch (ArgumentException e)
            {
                // The formatter's word for a row that no text of this format says: a minus sign, say, where it starts a comment.
                return Fail<Fault, Unit>(Fault.Data(
                    $"row {i + 1} cannot be written in the file format of '{this.descriptor.Name}': {e.Message.TrimEnd('.')}",
                    hint: "name a \"quote\" in the schema's format"));
            }

            writer.Write(line.Append('\n'));
        }

        return Success<Fault, Unit>(unit);
    }

    private static Validation<Fault, Func<Fill>> Source(DatasetDescriptor descriptor, int rows, Option<int> seed) => descriptor.Source switch
    {
        FileSource => Success<Fault, Func<Fill>>(() =>
        {
            var random = DeterministicRandom.FromSeed(unchecked((ulong)seed.IfNone(descriptor.Training.Any.Seed)), $"synthesize/{descriptor.Name}");
            return (_, row) => RowSampler.Sample(descriptor, random, row);
        }),
        SyntheticSource source => SyntheticBenchmark
            .Generate(descriptor, source with { TrainRows = rows, Seed = seed.IfNone(source.Seed) }, SplitName.Train)
            .Map<Func<Fill>>(table => () => table.CopyRow),
        var other => throw new NotSupportedException($"There are no rows of {other.GetType().Name}."),
    };
}
