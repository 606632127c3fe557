namespace Mmoe.Testing;

/// <summary>Laws of datasets beside each other.</summary>
internal static class RegistryLaws
{
    private const int FingerprintLength = 64;

    public static IEnumerable<string> Lookup(DatasetRegistry datasets, IDataset dataset)
    {
        var name = dataset.Descriptor.Name;
        if (!datasets.Find(name).Match(Succ: found => ReferenceEquals(found, dataset), Fail: _ => false))
        {
            yield return "its name does not find it in the registry";
        }

        var slip = $"{name}~";
        var answer = datasets.Find(slip).Match(Succ: d => $"'{d.Descriptor.Name}'", Fail: faults => string.Join("; ", faults));
        if (!answer.Contains($"'{name}'", StringComparison.Ordinal))
        {
            yield return $"who asks for '{slip}' is not told of it: {answer}";
        }
    }

    public static IEnumerable<string> Fingerprints(DatasetRegistry datasets, IDataset dataset)
    {
        var own = dataset.Descriptor;
        if (own.Fingerprint.Length != FingerprintLength || !own.Fingerprint.All(char.IsAsciiHexDigitLower))
        {
            yield return $"the fingerprint '{own.Fingerprint}' is not {FingerprintLength} lower-case hexadecimal digits";
        }

        foreach (var other in datasets.Datasets.Select(d => d.Descriptor).Where(d => d.Fingerprint == own.Fingerprint))
        {
            if (!Meaning(own).SequenceEqual(Meaning(other)))
            {
                yield return $"it has the fingerprint of {other.Name}, and other columns or tasks";
            }
        }
    }

    private static IEnumerable<string> Meaning(DatasetDescriptor descriptor) => descriptor.Columns
        .Select(c => $"{c.GetType().Name} {c.Name} {string.Join('\0', c.VocabularyOrNull()?.Texts.ToArray() ?? [])}")
        .Concat(descriptor.Tasks.Select(t => $"{t.GetType().Name} {t.Name} of {t.LabelColumn.Name}"));
}
