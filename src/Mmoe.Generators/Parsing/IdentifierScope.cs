namespace Mmoe.Generators.Parsing;

/// <summary>What is to be named: a text, and the identifier that a schema states for it, if any.</summary>
internal readonly record struct Nameable(string Text, string? Stated);

/// <summary>A stated identifier that cannot be had.</summary>
/// <param name="Index">The position of the one that states it.</param>
/// <param name="Taken">The position of the one that has the name already; -1 if emitted code needs the name itself.</param>
internal readonly record struct NameClash(int Index, int Taken);

/// <summary>A place in emitted code where names must differ from each other and from the names that emitted code needs.</summary>
/// <remarks>
/// <para>
/// No name depends on the order of the texts. A derived name that emitted code needs itself gets the scope's suffix. Where several
/// texts give one name, each of them gets a hash of its text. A stated identifier is taken as it is; if it is not free, that is an
/// error, and its text is named as if nothing were stated.
/// </para>
/// <para>The names that emitted code needs are the lists of this type; adding one can rename a member of a user's dataset.</para>
/// </remarks>
/// <param name="suffix">What is appended to a derived name that is reserved.</param>
/// <param name="reserved">The names that emitted code needs.</param>
/// <param name="comparer">Whether letter case tells names apart; ordinal if not given.</param>
internal sealed class IdentifierScope(string suffix, IEnumerable<string> reserved, StringComparer? comparer = null)
{
    private static readonly string[] ObjectMembers =
    [
        "Clone", "Deconstruct", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "PrintMembers",
        "ReferenceEquals", "ToString",
    ];

    private static readonly string[] DatasetMembers =
    [
        "CategoricalCount", "Columns", "Decode", "Defaults", "Descriptor", "Encode", "Face", "Fingerprint", "IndexOfMax", "LabelCode",
        "LabelCount", "Name", "NumFeatures", "NumericCount", "Offsets", "OneHotWidth", "Prediction", "Row", "Sizes", "TaskCount",
        "TaskNames", "Tasks", "ToPrediction", "WeightCount",
    ];

    private static readonly string[] VocabularyMembers =
        ["All", "Code", "FromCode", "Match", "Parse", "Text", "TryParseText", "Vocabulary"];

    // A large vocabulary is a struct and has its data in itself; beside an enum they stand in another type, where no value meets them.
    private static readonly string[] StructMembers = ["CreateMembers", "Members", "Values"];

    private readonly HashSet<string> reserved = new(reserved, comparer ?? StringComparer.Ordinal);

    /// <summary>The namespace of datasets: it holds the registry, and a type is not named as one of its members.</summary>
    /// <remarks>A type gives a file its name, and file names do not tell letter case apart.</remarks>
    public static IdentifierScope Datasets { get; } =
        new("Dataset", [.. DatasetMembers, .. ObjectMembers, "Registry"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The columns of a dataset; a column's name is that of a vocabulary type, a property and constants.</summary>
    public static IdentifierScope Columns(string datasetType) =>
        new("Column", [.. DatasetMembers, .. VocabularyMembers, .. StructMembers, .. ObjectMembers, datasetType]);

    /// <summary>The tasks of a dataset.</summary>
    public static IdentifierScope Tasks { get; } = new("Task", ["Prediction", "TaskNames", "Tasks", .. ObjectMembers]);

    /// <summary>The values of a vocabulary.</summary>
    public static IdentifierScope Values(string vocabularyType) =>
        new("Value", [.. VocabularyMembers, .. ObjectMembers, vocabularyType]);

    /// <summary>The names that emitted code needs itself.</summary>
    public IReadOnlyCollection<string> Reserved => this.reserved;

    /// <summary>The names of all texts, in their order.</summary>
    /// <param name="entries">The texts, all different, with what is stated for them: valid identifiers.</param>
    /// <param name="derive">The identifier of a text by itself.</param>
    /// <param name="clashes">Where stated identifiers that are not free are added.</param>
    public string[] Assign(IReadOnlyList<Nameable> entries, Func<string, string> derive, List<NameClash> clashes)
    {
        var derived = new string[entries.Count];
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        var accepted = new bool[entries.Count];
        for (var i = 0; i < entries.Count; i++)
        {
            derived[i] = derive(entries[i].Text);
            derived[i] += this.reserved.Contains(derived[i]) ? suffix : "";
            if (entries[i].Stated is null)
            {
                owners[derived[i]] = owners.TryGetValue(derived[i], out var first) ? first : i;
            }
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Stated is not { } stated)
            {
                continue;
            }

            if (this.reserved.Contains(stated))
            {
                clashes.Add(new(i, -1));
            }
            else if (owners.TryGetValue(stated, out var taken))
            {
                clashes.Add(new(i, taken));
            }
            else
            {
                owners.Add(stated, i);
                accepted[i] = true;
            }
        }

        return Settle(entries, derived, accepted);
    }

    private static string[] Settle(IReadOnlyList<Nameable> entries, string[] derived, bool[] accepted)
    {
        var names = entries.Select((e, i) => accepted[i] ? e.Stated! : derived[i]).ToArray();
        foreach (var digits in new[] { 8, 64 })
        {
            // The second round settles what is next to impossible: two texts whose short hashes are equal too.
            foreach (var group in Enumerable.Range(0, names.Length).GroupBy(i => names[i], StringComparer.Ordinal).ToArray())
            {
                var members = group.ToArray();
                foreach (var i in members.Length > 1 ? members.Where(i => !accepted[i]) : [])
                {
                    names[i] = $"{derived[i]}_{Identifiers.Hash(entries[i].Text, digits)}";
                }
            }
        }

        return names;
    }
}
