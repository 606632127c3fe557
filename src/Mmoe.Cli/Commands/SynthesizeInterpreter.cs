using System.IO.Compression;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe data synthesize NAME --out F</c>: a file of made-up rows, whole or not at all, never in place of another.</summary>
internal static class SynthesizeInterpreter
{
    /// <summary>The name that stands for standard output.</summary>
    private const string StandardOutput = "-";

    public static Validation<Fault, int> Run(SynthesizeCommand command, DatasetRegistry datasets, MmoeHost host) =>
        from asked in (datasets.Find(command.Dataset), Free(command.Out, host)).Apply((dataset, path) => (dataset.Descriptor, Path: path))
        // The reader knows a file by its name, and takes off what that one appends to values; so does what is written for it.
        let file = (asked.Descriptor.Source as FileSource)?.Named(command.Out)
        from rows in SynthesizedRows.Of(asked.Descriptor, file, command.Rows, command.Seed)
        from written in asked.Path.Match(Some: path => Write(rows, path, host), None: () => Write(rows, host))
        select Show(command, host);

    /// <summary>The file's path, at which there is nothing yet; none for standard output.</summary>
    private static Validation<Fault, Option<string>> Free(string name, MmoeHost host) => name == StandardOutput
        ? Success<Fault, Option<string>>(None)
        : NewFile.Free("--out", name, host).Map(Some);

    private static Validation<Fault, Unit> Write(SynthesizedRows rows, string path, MmoeHost host) => AtomicFile.Create(path, stream =>
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return rows.WriteTo(stream, host.Interrupted);
        }

        using var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        return rows.WriteTo(gzip, host.Interrupted);
    });

    private static Validation<Fault, Unit> Write(SynthesizedRows rows, MmoeHost host)
    {
        try
        {
            using var stream = host.OpenOut();
            return rows.WriteTo(stream, host.Interrupted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableException(e);
        }
    }

    private static int Show(SynthesizeCommand command, MmoeHost host)
    {
        if (command.Out != StandardOutput)
        {
            host.Out.WriteLine($"{command.Out}: {Counted.Of(command.Rows, "made-up row")} of '{command.Dataset}'");
        }

        return 0;
    }
}
