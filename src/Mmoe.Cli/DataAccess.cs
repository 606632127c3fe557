using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Cli;

/// <summary>Finds and reads data in the host's world.</summary>
internal static class DataAccess
{
    /// <summary>The folder that holds a split's file: <c>--data</c>, else MMOE_DATA, else <c>./data</c>.</summary>
    public static Validation<Fault, DataDirectory> FindData(this MmoeHost host, DatasetDescriptor dataset, string? data, SplitName split = SplitName.Train) =>
        DataDirectory.Find(
            dataset,
            data is null ? null : Path.GetFullPath(data, host.CurrentDirectory),
            new DataSearch(host.Environment, File.Exists, host.CurrentDirectory),
            split);

    /// <summary>All splits of a dataset.</summary>
    public static Validation<Fault, DatasetSplits> LoadSplits(this MmoeHost host, DatasetDescriptor dataset, string? data) =>
        host.FindData(dataset, data).Bind(directory => SplitLoader.Load(dataset, directory));
}
