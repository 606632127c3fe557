using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>Finds and reads data in the host's world.</summary>
internal static class DataAccess
{
    /// <summary>The folder that holds a split's file: <c>--data</c>, else MMOE_DATA, else <c>./data</c>.</summary>
    public static Validation<Fault, DataDirectory> FindData(
        this MmoeHost host, DatasetDescriptor dataset, string? data, SplitName split = SplitName.Train) =>
        DataDirectory.Find(dataset, Explicit(host, data), Search(host), split);

    /// <summary>Refuses a file where <c>--data</c> names a folder for datasets of any kind.</summary>
    public static Validation<Fault, Unit> CheckDataFolder(this MmoeHost host, string? data) =>
        DataDirectory.Misnamed(Explicit(host, data), Search(host), "the data") is { } fault
            ? Fail<Fault, Unit>(fault)
            : Success<Fault, Unit>(unit);

    /// <summary>What there is of a dataset's files, in the same places.</summary>
    public static DataSurvey SurveyData(this MmoeHost host, DatasetDescriptor dataset, FileSource source, string? data)
    {
        host.Interrupted.ThrowIfCancellationRequested();
        return DataDirectory.Survey(dataset, source, Explicit(host, data), Search(host));
    }

    /// <summary>All splits of a dataset, to be weighed by a column if one is named.</summary>
    public static Validation<Fault, DatasetSplits> LoadSplits(this MmoeHost host, DatasetDescriptor dataset, string? data, string? weightBy) =>
        host.FindData(dataset, data).Bind(directory => SplitLoader.Load(dataset, directory, weightBy, host.Interrupted));

    private static string? Explicit(MmoeHost host, string? data) => data is null ? null : Path.GetFullPath(data, host.CurrentDirectory);

    private static DataSearch Search(MmoeHost host) => new(host.Environment, File.Exists, host.CurrentDirectory);
}
