using System.Numerics;
using System.Text;

namespace Mmoe.Testing;

/// <summary>Laws of files and splits.</summary>
internal static class SplitLaws
{
    public static IEnumerable<string> Disjoint(DatasetDescriptor descriptor)
    {
        if (descriptor.Source is not FileSource source)
        {
            yield break;
        }

        var rules = Rules(source);
        foreach (var (name, rule) in rules)
        {
            if (source.Files.Count(f => f.Id == rule.File) != 1)
            {
                yield return $"the {name} split takes rows of '{rule.File}', which does not name one file";
            }

            if (rule.Remainders.Count == 0 || rule.Remainders.Any(r => r < 0 || r >= rule.Modulo))
            {
                yield return $"the {name} split's remainders {rule.Remainders} are not of a division by {rule.Modulo}";
            }
        }

        for (var i = 0; i < rules.Length; i++)
        {
            for (var j = i + 1; j < rules.Length; j++)
            {
                if (rules[i].Rule.File == rules[j].Rule.File && Shared(rules[i].Rule, rules[j].Rule) is { } pair)
                {
                    yield return $"rows belong to the splits {rules[i].Name} and {rules[j].Name}: remainder {pair.Left} of "
                        + $"{rules[i].Rule.Modulo} and {pair.Right} of {rules[j].Rule.Modulo} meet";
                }
            }
        }
    }

    public static IEnumerable<string> Loaded(DatasetDescriptor descriptor) => descriptor.Source switch
    {
        FileSource source => Read(descriptor, source),
        SyntheticSource source => Drawn(descriptor, source),
        _ => [],
    };

    private static (string Name, SplitRule Rule)[] Rules(FileSource source) =>
        [("train", source.Train), ("validation", source.Validation), ("test", source.Test)];

    /// <summary>Remainders that one index can leave both: those that agree modulo the divisors' greatest common one.</summary>
    private static (int Left, int Right)? Shared(SplitRule left, SplitRule right)
    {
        var divisor = (int)BigInteger.GreatestCommonDivisor(left.Modulo, right.Modulo);
        var byRest = left.Remainders.GroupBy(l => l % divisor).ToDictionary(group => group.Key, group => group.First());
        return right.Remainders
            .Where(r => byRest.ContainsKey(r % divisor))
            .Select(r => ((int, int)?)(byRest[r % divisor], r))
            .FirstOrDefault();
    }

    private static IEnumerable<string> Drawn(DatasetDescriptor descriptor, SyntheticSource source)
    {
        var expected = (source.TrainRows, source.ValidationRows, source.TestRows);
        return SplitLoader.Load(descriptor, new DataDirectory(".")).Match(
            Succ: splits => (splits.Train.Table.Rows, splits.Validation.Table.Rows, splits.Test.Table.Rows) is var rows && rows == expected
                ? Enumerable.Empty<string>()
                : [$"{rows} rows are drawn, expected {expected}"],
            Fail: faults => faults.Select(f => f.ToString()));
    }

    private static IEnumerable<string> Read(DatasetDescriptor descriptor, FileSource source)
    {
        var folder = Directory.CreateTempSubdirectory("mmoe-laws-");
        try
        {
            // Each split's rule is met at least once, and the ordinary ones more than a period long.
            var rules = Rules(source);
            var rows = rules.Max(r => Math.Max(r.Rule.Remainders.DefaultIfEmpty().Min() + 1, Math.Min(2 * r.Rule.Modulo, 256)));
            var written = source.Files.ToDictionary(f => f.Id, f => Samples(descriptor, f, rows));
            foreach (var file in source.Files)
            {
                if (Write(descriptor, file, written[file.Id], folder.FullName) is { } problem)
                {
                    return [problem];
                }
            }

            return SplitLoader.Load(descriptor, new DataDirectory(folder.FullName)).Match(
                Succ: splits => rules
                    .Zip(
                        [splits.Train.Table, splits.Validation.Table, splits.Test.Table],
                        (split, table) => Compare(split.Name, table, written[split.Rule.File], split.Rule))
                    .OfType<string>()
                    .ToArray(),
                Fail: faults => faults.Select(f => f.ToString()).ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static EncodedSample[] Samples(DatasetDescriptor descriptor, DataFile file, int rows)
    {
        var seeds = DeterministicRandom.FromSeed(0, file.Id);
        return [.. Enumerable.Range(0, rows).Select(_ => EncodedSample.Draw(descriptor, seeds.NextUInt64()))];
    }

    private static string? Write(DatasetDescriptor descriptor, DataFile file, EncodedSample[] samples, string folder) =>
        RecordFormatter.For(descriptor, file).Problem(formatter =>
        {
            var text = new StringBuilder(descriptor.Format.Header ? formatter.Header() + '\n' : "");
            foreach (var sample in samples)
            {
                formatter.Append(sample.ToRow(), text);
                text.Append('\n');
            }

            var path = Path.Combine(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text.ToString());
            return null;
        });

    private static string? Compare(string split, EncodedTable table, EncodedSample[] written, SplitRule rule)
    {
        var expected = written.Where((_, index) => rule.Remainders.Contains(index % rule.Modulo)).ToArray();
        if (table.Rows != expected.Length)
        {
            return $"the {split} split has {table.Rows} rows, expected {expected.Length} of {written.Length}";
        }

        return expected
            .Select((sample, row) => (Row: row, Difference: sample.Difference(EncodedSample.Of(table.Descriptor, table.CopyRow(row)))))
            .Where(found => found.Difference is not null)
            .Select(found => $"row {found.Row} of the {split} split, {found.Difference}")
            .FirstOrDefault();
    }
}
