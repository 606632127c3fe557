using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Mmoe.Packages.Tests;

/// <summary>All packages, packed once per run into a folder that NuGet takes for a source.</summary>
/// <remarks>The version is new in every run, so that no cache can answer with the packages of another.</remarks>
public sealed class Feed : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-packages-").FullName;

    /// <summary>
    /// Packs the solution as its clone is, by the command of docs/packages.md; what is built for it lies apart from the clone's own
    /// outputs.
    /// </summary>
    public Feed()
    {
        this.Version = $"0.1.0-test.{Guid.NewGuid():N}";
        this.Packages = Path.Combine(this.folder, "feed");
        try
        {
            Shell.Dotnet(
                Root,
                "pack",
                "Mmoe.Generated.sln",
                "--configuration",
                "Release",
                "--output",
                this.Packages,
                "--artifacts-path",
                Path.Combine(this.folder, "artifacts"),
                "-p:ContinuousIntegrationBuild=true",
                $"-p:Version={this.Version}",
                "-p:CreateHardLinksForCopyLocalIfPossible=true",
                "-p:CreateHardLinksForPublishFilesIfPossible=true").Good();
            Directory.Delete(Path.Combine(this.folder, "artifacts"), recursive: true);
        }
        catch
        {
            this.Dispose();
            throw;
        }
    }

    /// <summary>The clone.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The packages' version.</summary>
    public string Version { get; }

    /// <summary>The folder with the packages.</summary>
    public string Packages { get; }

    /// <summary>The ids of what was packed, in order.</summary>
    public string[] Ids(string extension) =>
        [.. Directory.GetFiles(this.Packages, $"*.{extension}")
            .Select(f => Path.GetFileName(f)[..^(this.Version.Length + extension.Length + 2)])
            .Order(StringComparer.Ordinal)];

    /// <summary>The names of a package's files, in order, less those of the archive's own format.</summary>
    public string[] Files(string id, string extension = "nupkg")
    {
        using var archive = this.Open(id, extension);
        return [.. archive.Entries.Select(e => e.FullName).Where(IsOfThePackage).Order(StringComparer.Ordinal)];
    }

    /// <summary>What a package says of itself.</summary>
    public XElement Metadata(string id)
    {
        using var archive = this.Open(id, "nupkg");
        using var stream = archive.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    /// <summary>A file of a package, as text.</summary>
    public string Text(string id, string file)
    {
        using var archive = this.Open(id, "nupkg");
        using var reader = new StreamReader(archive.GetEntry(file)!.Open());
        return reader.ReadToEnd();
    }

    /// <summary>A file of a package.</summary>
    public byte[] Bytes(string id, string file)
    {
        using var archive = this.Open(id, "nupkg");
        return Bytes(archive.GetEntry(file)!);
    }

    /// <summary>The symbols of a package's assemblies, by their place in its symbol package.</summary>
    public IEnumerable<(string File, byte[] Pdb)> Symbols(string id)
    {
        using var archive = this.Open(id, "snupkg");
        foreach (var entry in archive.Entries.Where(e => e.FullName.EndsWith(".pdb", StringComparison.Ordinal)))
        {
            yield return (entry.FullName, Bytes(entry));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static bool IsOfThePackage(string name) =>
        !name.StartsWith("_rels/", StringComparison.Ordinal)
        && !name.StartsWith("package/", StringComparison.Ordinal)
        && name != "[Content_Types].xml";

    private static string FindRoot([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(path, "..", "..", ".."));

    private ZipArchive Open(string id, string extension) =>
        ZipFile.OpenRead(Path.Combine(this.Packages, $"{id}.{this.Version}.{extension}"));
}

/// <summary>One feed for all tests here, which run one after the other: each of them builds.</summary>
[CollectionDefinition(nameof(PackedOnce))]
public sealed class PackedOnce : ICollectionFixture<Feed>;
