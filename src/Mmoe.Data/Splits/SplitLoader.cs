using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>Reads, or draws, the rows of a dataset.</summary>
/// <remarks>
/// Reading stops with the first errors of a file: at most <see cref="MaxFaults"/> are reported, each at its place. Every record of a
/// split that is asked for is checked; records of other splits are only counted.
/// </remarks>
public static class SplitLoader
{
    /// <summary>The number of faults of one file after which it is not read on.</summary>
    public const int MaxFaults = 10;

    /// <summary>All splits. A file that several splits share is read once.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="directory">Where its files are; not used for a dataset that is drawn.</param>
    /// <param name="weightBy">The column that rows are to be weighed by, which may then be neither negative nor missing; null for none.</param>
    /// <param name="cancellation">Ends reading after the part of a file, or drawing after the row, under way.</param>
    /// <returns>The splits, or the faults of all files; a split without rows is a fault.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public static Validation<Fault, DatasetSplits> Load(
        DatasetDescriptor descriptor, DataDirectory directory, string? weightBy = null, CancellationToken cancellation = default) =>
        LoadSplits(descriptor, directory, [SplitName.Train, SplitName.Validation, SplitName.Test], weightBy, cancellation)
            .Map(tables => new DatasetSplits(new(tables[0]), new(tables[1]), new(tables[2])));

    /// <summary>The rows of one split; only its file is read.</summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="directory">Where its files are; not used for a dataset that is drawn.</param>
    /// <param name="split">The split.</param>
    /// <param name="weightBy">The column that rows are to be weighed by, which may then be neither negative nor missing; null for none.</param>
    /// <param name="cancellation">Ends reading after the part of a file, or drawing after the row, under way.</param>
    /// <returns>The rows, or the faults of its file; no rows are a fault.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public static Validation<Fault, EncodedTable> LoadSplit(
        DatasetDescriptor descriptor,
        DataDirectory directory,
        SplitName split,
        string? weightBy = null,
        CancellationToken cancellation = default) =>
        LoadSplits(descriptor, directory, [split], weightBy, cancellation).Map(tables => tables[0]);

    /// <summary>All rows of a file, whatever splits they belong to.</summary>
    /// <param name="descriptor">The dataset whose format and columns the file has.</param>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="weightBy">The column that rows are to be weighed by, which may then be neither negative nor missing; null for none.</param>
    /// <param name="cancellation">Ends reading after the part of the file under way.</param>
    /// <returns>
    /// The rows, or the file's faults; no rows are a fault. If the file has the name of one of the dataset's files, with or without
    /// <c>.gz</c>, the texts which that one appends to values are taken off; they are not under any other name.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public static Validation<Fault, EncodedTable> LoadFile(
        DatasetDescriptor descriptor, string path, string? weightBy = null, CancellationToken cancellation = default)
    {
        var faults = new List<Fault>();
        var rows = new EncodedTableBuilder(descriptor);
        var file = new NamedFile(path, (descriptor.Source as FileSource)?.Named(path), weightBy);
        var count = ReadFile(descriptor, file, [new(null, null, rows)], faults, cancellation);
        if (faults.Count == 0 && count == 0)
        {
            faults.Add(NoRecords(path));
        }

        return faults.Count == 0 ? Success<Fault, EncodedTable>(rows.Build()) : Fail<Fault, EncodedTable>(faults.ToSeq());
    }

    private static Validation<Fault, EncodedTable[]> LoadSplits(
        DatasetDescriptor descriptor, DataDirectory directory, SplitName[] splits, string? weightBy, CancellationToken cancellation) =>
        descriptor.Source switch
        {
            SyntheticSource source => DrawAll(descriptor, source, splits, cancellation),
            FileSource source => ReadFiles(descriptor, source, directory, splits, weightBy, cancellation),
            var other => throw new NotSupportedException($"There is no loader for {other.GetType().Name}."),
        };

    private static Validation<Fault, EncodedTable[]> DrawAll(
        DatasetDescriptor descriptor, SyntheticSource source, SplitName[] splits, CancellationToken cancellation)
    {
        var tables = new List<EncodedTable>();
        var faults = new List<Fault>();
        foreach (var split in splits)
        {
            SyntheticBenchmark.Generate(descriptor, source, split, cancellation).Match(Succ: tables.Add, Fail: f => faults.AddRange(f));
        }

        // What is wrong with the tasks is wrong in every split, and said once.
        return faults.Count == 0
            ? Success<Fault, EncodedTable[]>([.. tables])
            : Fail<Fault, EncodedTable[]>(faults.Distinct().ToSeq());
    }

    private static Validation<Fault, EncodedTable[]> ReadFiles(
        DatasetDescriptor descriptor,
        FileSource source,
        DataDirectory directory,
        SplitName[] splits,
        string? weightBy,
        CancellationToken cancellation)
    {
        var faults = new List<Fault>();
        var targets = splits.Select(s => new Target(s, source.Rule(s), new(descriptor))).ToArray();
        foreach (var group in targets.GroupBy(t => t.Rule!.File, StringComparer.Ordinal))
        {
            if (source.Files.FirstOrDefault(f => f.Id == group.Key) is not { } file)
            {
                faults.Add(SplitRules.UnknownFile(descriptor, group.First().Rule!));
                continue;
            }

            var path = directory.Locate(file, File.Exists);
            if (path is null)
            {
                var origin = file.Origin is null ? null : $"download it from {file.Origin}";
                var searched = Path.Combine(directory.Path, file.Path);
                faults.Add(Fault.Data($"the file {file.Path} of '{descriptor.Name}' was not found", new(searched), origin));
                continue;
            }

            var before = faults.Count;
            var count = ReadFile(descriptor, new(path, file, weightBy), [.. group], faults, cancellation);
            if (faults.Count > before)
            {
                continue;
            }

            if (count == 0)
            {
                faults.Add(NoRecords(path));
                continue;
            }

            faults.AddRange(group
                .Where(t => t.Rows.Rows == 0)
                .Select(t => Fault.Data(
                    $"the {t.Split!.Value.Text()} split has no rows: no index of the {Counted.Of(count, "record")} leaves "
                        + $"{string.Join(" or ", t.Rule!.Remainders)} when divided by {t.Rule.Modulo}",
                    new(path),
                    "is the file whole?")));
        }

        return faults.Count == 0
            ? Success<Fault, EncodedTable[]>([.. targets.Select(t => t.Rows.Build())])
            : Fail<Fault, EncodedTable[]>(faults.ToSeq());
    }

    private static string? Again(DataFile? file) => file?.Origin is { } origin ? $"download it again from {origin}" : null;

    private static Fault NoRecords(string path) => Fault.Data("the file holds no data records", new(path));

    /// <summary>Reads a file and hands each record's row to the targets whose rule it falls under; the number of data records.</summary>
    private static long ReadFile(
        DatasetDescriptor descriptor, NamedFile file, Target[] targets, List<Fault> faults, CancellationToken cancellation)
    {
        // Only the opening is a Validation; the loop below deals in spans.
        using var stream = TextFile.Open(file.Path, Again(file.Of)).Match(
            Succ: s => s,
            Fail: f =>
            {
                faults.AddRange(f);
                return Stream.Null;
            });
        return stream == Stream.Null ? 0 : ReadRecords(descriptor, stream, file, targets, faults, cancellation);
    }

    private static long ReadRecords(
        DatasetDescriptor descriptor, Stream stream, NamedFile file, Target[] targets, List<Fault> faults, CancellationToken cancellation)
    {
        var path = file.Path;
        using var reader = new CsvReader(stream, descriptor.Format, path, cancellation: cancellation, again: Again(file.Of));
        var encoder = new RecordEncoder(descriptor, file.Of, file.WeightBy);
        var found = new List<Fault>();
        var step = reader.Read();
        var headers = descriptor.Format.Header ? 1 : 0;
        if (headers == 1 && step == CsvStep.Record)
        {
            step = encoder.CheckHeader(reader.Current, found) ? reader.Read() : CsvStep.End;
        }

        long index = 0;
        for (; step == CsvStep.Record && found.Count < MaxFaults; step = reader.Read())
        {
            foreach (var target in targets)
            {
                if (target.Rule is { } rule && !rule.Contains(index))
                {
                    continue;
                }

                if (target.Rows.Rows == target.Rows.MaxRows)
                {
                    faults.Add(Fault.Data($"the file has more than the {target.Rows.MaxRows} rows that one table can hold", new(path)));
                    return index;
                }

                if (encoder.Encode(reader.Current, target.Rows.Next(), found))
                {
                    target.Rows.Commit();
                }
            }

            index++;
        }

        faults.AddRange(found.Take(MaxFaults));
        if (reader.Fault is { } fault)
        {
            faults.Add(fault);
        }
        else if (found.Count >= MaxFaults)
        {
            faults.Add(Fault.Data($"reading stopped after {MaxFaults} errors", new(path)));
        }

        return index;
    }

    /// <summary>A file to read.</summary>
    /// <param name="Path">Where it is.</param>
    /// <param name="Of">What the schema says of it; null for any other file.</param>
    /// <param name="WeightBy">The column that rows are to be weighed by; null for none.</param>
    private sealed record NamedFile(string Path, DataFile? Of, string? WeightBy);

    /// <summary>Rows to collect.</summary>
    /// <param name="Split">The split that they are; null for a whole file.</param>
    /// <param name="Rule">Which rows; null for all.</param>
    /// <param name="Rows">Where to.</param>
    private sealed record Target(SplitName? Split, SplitRule? Rule, EncodedTableBuilder Rows);
}
