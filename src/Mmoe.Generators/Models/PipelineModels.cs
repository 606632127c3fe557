using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Samples;

namespace Mmoe.Generators.Models;

/// <summary>What the generator reads from the project.</summary>
/// <param name="Namespace">The namespace of emitted code.</param>
/// <param name="IsRuntime">Whether it is Mmoe.Data itself, which has no reference to what emitted code leans on.</param>
internal sealed record ProjectOptions(string Namespace, bool IsRuntime);

/// <summary>What one file gives.</summary>
/// <param name="Path">The file.</param>
/// <param name="Dataset">The model, or null if not even its name can be told.</param>
/// <param name="Diagnostics">The file's own problems.</param>
/// <param name="Name">Where the dataset is named.</param>
/// <param name="Identifier">Where its type is named.</param>
/// <param name="Sample">The sample that it names; null if it names none.</param>
internal sealed record SchemaFileModel(
    string Path,
    DatasetModel? Dataset,
    EquatableArray<DiagnosticInfo> Diagnostics,
    LocationInfo? Name,
    LocationInfo? Identifier,
    SampleModel? Sample = null);

/// <summary>The problems of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Diagnostics">The problems that the file itself shows, in its order.</param>
internal sealed record FileProblems(string Path, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>The problems of this file, those that others show among its own, in the order of the file.</summary>
    /// <param name="between">What is wrong between files, whichever they are.</param>
    public EquatableArray<DiagnosticInfo> With(EquatableArray<DiagnosticInfo> between) => new(this.Diagnostics
        .Concat(between.Where(d => d.Location.Path == this.Path))
        .OrderBy(d => d.Location.Start)
        .ThenBy(d => d.Id, StringComparer.Ordinal));
}

/// <summary>A model and the file that it comes from, without positions.</summary>
internal sealed record LocatedDataset(string Path, DatasetModel Dataset);

/// <summary>The names that a file claims in the assembly.</summary>
/// <param name="Path">The file.</param>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Types">The types in the namespace of datasets, the dataset's own first.</param>
internal sealed record ClaimedNames(string Path, string Dataset, EquatableArray<string> Types)
{
    /// <summary>What a file claims.</summary>
    public static ClaimedNames Of(LocatedDataset located) => new(
        located.Path, located.Dataset.Name, new([located.Dataset.TypeName, .. located.Dataset.CompanionTypes()]));
}

/// <summary>A file that claims a name which a file before it has.</summary>
/// <param name="Path">The file.</param>
/// <param name="Taken">The file that has the name.</param>
/// <param name="TakenDataset">The dataset of that file.</param>
/// <param name="Type">The C# type that both claim; null if it is the dataset's name.</param>
internal sealed record ClaimClash(string Path, string Taken, string TakenDataset, string? Type);

/// <summary>Who gets which names: of files in order of their names, then of their paths, each that clashes with none before it.</summary>
/// <remarks>
/// A file's name is its own, while its path begins with where a project lies: of files linked from elsewhere, the path alone would choose
/// differently from one checkout to the next.
/// </remarks>
/// <param name="Admitted">The files that are emitted.</param>
/// <param name="Refused">The files that are not.</param>
internal sealed record NameDirectory(EquatableArray<ClaimedNames> Admitted, EquatableArray<ClaimClash> Refused)
{
    /// <summary>Decides over all claims, whatever order they come in.</summary>
    public static NameDirectory Of(IEnumerable<ClaimedNames> claims)
    {
        var admitted = new List<ClaimedNames>();
        var refused = new List<ClaimClash>();
        var byDataset = new Dictionary<string, ClaimedNames>(StringComparer.Ordinal);

        // Hint names, and file systems that a user may write them to, do not tell letter case apart.
        var byType = new Dictionary<string, ClaimedNames>(StringComparer.OrdinalIgnoreCase);
        var inOrder = claims
            .OrderBy(claim => SamplePath.NameOf(claim.Path), StringComparer.Ordinal)
            .ThenBy(claim => claim.Path, StringComparer.Ordinal);
        foreach (var claim in inOrder)
        {
            var type = claim.Types.FirstOrDefault(byType.ContainsKey);
            if (byDataset.TryGetValue(claim.Dataset, out var first))
            {
                refused.Add(new(claim.Path, first.Path, first.Dataset, null));
            }
            else if (type is not null)
            {
                refused.Add(new(claim.Path, byType[type].Path, byType[type].Dataset, type));
            }
            else
            {
                admitted.Add(claim);
                byDataset.Add(claim.Dataset, claim);
                foreach (var own in claim.Types)
                {
                    byType[own] = claim;
                }
            }
        }

        return new(new(admitted), new(refused));
    }
}

/// <summary>Where a file names its dataset and its type; null where it does not.</summary>
internal sealed record NamePlaces(string Path, LocationInfo? Name, LocationInfo? Identifier)
{
    /// <summary>The places of names that are refused to another file, in the order of the files.</summary>
    public static EquatableArray<NamePlaces> Taken(IEnumerable<NamePlaces> places, NameDirectory names)
    {
        var taken = new HashSet<string>(names.Refused.Select(clash => clash.Taken), StringComparer.Ordinal);
        return new(places.Where(place => taken.Contains(place.Path)));
    }
}

/// <summary>All that the registry says.</summary>
/// <param name="Namespace">The namespace of emitted code.</param>
/// <param name="Types">The datasets' types, sorted.</param>
internal sealed record RegistryModel(string Namespace, EquatableArray<string> Types);

/// <summary>All that one dataset's source says.</summary>
/// <param name="Namespace">The namespace of emitted code.</param>
/// <param name="Dataset">The dataset.</param>
internal sealed record EmittedDataset(string Namespace, DatasetModel Dataset);
