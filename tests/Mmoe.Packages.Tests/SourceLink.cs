using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;

namespace Mmoe.Packages.Tests;

/// <summary>Whoever steps into a package from a debugger is shown its source.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed class SourceLink(Feed feed)
{
    /// <summary>What the compiler calls the root of the clone in a build for others.</summary>
    private const string Root = "/_/";

    // The kinds of custom debug information are those of the portable PDB format.
    private static readonly Guid Links = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>What else were mapped, such as NuGet's packages folder, would be looked for in this repository, in vain.</summary>
    [Theory]
    [MemberData(nameof(PackageContents.WithCode), MemberType = typeof(PackageContents))]
    public void The_root_of_the_repository_is_mapped_to_the_packed_commit_and_nothing_else_is_mapped(string id)
    {
        var commit = (string)feed.Metadata(id).Elements().Single(e => e.Name.LocalName == "repository").Attribute("commit")!;
        var raw = PackageContents.Repository.Replace("//github.com/", "//raw.githubusercontent.com/", StringComparison.Ordinal);
        EachOf(id, pdb =>
        {
            var links = Assert.Single(Information(pdb, EntityHandle.ModuleDefinition, Links));
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(links));
            Assert.Equal(
                [($"{Root}*", $"{raw}/{commit}/*")],
                json.RootElement.GetProperty("documents").EnumerateObject().Select(d => (d.Name, d.Value.GetString()!)));
        });
    }

    [Theory]
    [MemberData(nameof(PackageContents.WithCode), MemberType = typeof(PackageContents))]
    public void A_source_lies_below_that_root_or_in_the_symbols(string id) => EachOf(id, pdb => Assert.All(pdb.Documents, document =>
    {
        var name = pdb.GetString(pdb.GetDocument(document).Name);
        Assert.True(
            Information(pdb, document, EmbeddedSource).Any()
            || (name.StartsWith(Root, StringComparison.Ordinal) && File.Exists(Path.Combine(Feed.Root, name[Root.Length..]))),
            $"{name} can't be shown");
    }));

    private static IEnumerable<byte[]> Information(MetadataReader pdb, EntityHandle of, Guid kind) =>
        pdb.GetCustomDebugInformation(of)
            .Select(pdb.GetCustomDebugInformation)
            .Where(information => pdb.GetGuid(information.Kind) == kind)
            .Select(information => pdb.GetBlobBytes(information.Value));

    private void EachOf(string id, Action<MetadataReader> check)
    {
        var symbols = feed.Symbols(id).ToArray();
        Assert.NotEmpty(symbols);
        Assert.All(symbols, s =>
        {
            using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(s.Pdb));
            check(provider.GetMetadataReader());
        });
    }
}
