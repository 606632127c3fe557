using System.IO.Compression;
using System.Text;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Cli.Tests;

/// <summary><c>mmoe data synthesize</c>: a whole file or none, never in place of another.</summary>
public sealed class DataSynthesizeTests
{
    [Fact]
    public void A_file_of_the_datasets_format_is_written_with_so_many_rows()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("data", "synthesize", "bank-marketing", "--rows", "30", "--seed", "3", "--out", "new/folder/bank.csv");
        Assert.Equal((0, "", "new/folder/bank.csv: 30 made-up rows of 'bank-marketing'\n"), (outcome.Code, outcome.Error, outcome.Out));
        Assert.Equal(["bank.csv"], Directory.GetFiles(bench.Path("new", "folder")).Select(Path.GetFileName));
        Assert.StartsWith("age;job;marital;", File.ReadAllText(bench.Path("new", "folder", "bank.csv")), StringComparison.Ordinal);
        Assert.Equal(30, Rows(BankMarketing.Descriptor, bench.Path("new", "folder", "bank.csv")));
        Assert.Equal(
            "one.csv: 1 made-up row of 'bank-marketing'\n",
            bench.Run("data", "synthesize", "bank-marketing", "--rows", "1", "--out", "one.csv").Out);
    }

    [Fact]
    public void Plain_gzip_and_standard_output_hold_the_same_bytes_each_time()
    {
        using var bench = new Workbench();
        string[] command = ["data", "synthesize", "census-income", "--rows", "25", "--seed", "-4", "--out"];
        Assert.Equal(0, bench.Run([.. command, "a.csv"]).Code);
        Assert.Equal(0, bench.Run([.. command, "b.csv"]).Code);
        Assert.Equal(0, bench.Run([.. command, "c.csv.gz"]).Code);
        var printed = bench.Run([.. command, "-"]);
        Assert.Equal((0, ""), (printed.Code, printed.Error));
        Assert.False(File.Exists(bench.Path("-")));

        var bytes = File.ReadAllBytes(bench.Path("a.csv"));
        Assert.Equal(25, bytes.Count(b => b == '\n'));
        Assert.Equal(bytes, File.ReadAllBytes(bench.Path("b.csv")));
        Assert.Equal(Encoding.UTF8.GetString(bytes), printed.Out);
        using var packed = new GZipStream(File.OpenRead(bench.Path("c.csv.gz")), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        packed.CopyTo(unpacked);
        Assert.Equal(bytes, unpacked.ToArray());
    }

    [Fact]
    public void A_thousand_rows_of_the_schemas_seed_are_the_default()
    {
        using var bench = new Workbench();
        var printed = bench.Run("data", "synthesize", "adult", "--out", "-").Out;
        Assert.Equal(1_000, printed.Count(c => c == '\n'));
        string Seeded(int seed) => bench.Run("data", "synthesize", "adult", "--out", "-", "--seed", $"{seed}").Out;
        Assert.Equal(Seeded(Adult.Descriptor.Training.Any.Seed), printed);
        Assert.NotEqual(Seeded(6), printed);
    }

    [Theory]
    [InlineData("adult.test", true)]
    [InlineData("adult.test.gz", true)]
    [InlineData("adult.data", false)]
    [InlineData("mine.csv", false)]
    public void A_file_that_has_the_name_of_one_of_the_datasets_ends_its_values_as_that_one_does(string name, bool dots)
    {
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run("data", "synthesize", "adult", "--rows", "50", "--out", name).Code);
        using var stream = TextFile.Open(bench.Path(name)).IfFail(faults => throw new InvalidOperationException(faults.ToString()));
        var lines = new StreamReader(stream).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Equal(dots, line.EndsWith('.')));
        Assert.Equal(50, Rows(Adult.Descriptor, bench.Path(name)));
    }

    [Fact]
    public void Every_split_of_a_dataset_is_read_from_files_made_for_it()
    {
        using var bench = new Workbench();
        foreach (var descriptor in Registry.All.Datasets.Select(d => d.Descriptor).Where(d => d.Source is FileSource))
        {
            foreach (var file in ((FileSource)descriptor.Source).Files)
            {
                var path = $"data/{descriptor.Name}/{file.Path}";
                var outcome = bench.Run("data", "synthesize", descriptor.Name, "--rows", "60", "--out", path);
                Assert.True(outcome.Code == 0, outcome.Error);
            }

            Assert.True(SplitLoader.Load(descriptor, new DataDirectory(bench.Path("data", descriptor.Name))).IsSuccess, descriptor.Name);
        }
    }

    [Fact]
    public void A_file_that_is_there_is_left_alone()
    {
        using var bench = new Workbench();
        var path = bench.Write("mine.csv", "mine");
        var outcome = bench.Run("data", "synthesize", "adult", "--out", "mine.csv");
        Refuses(outcome, "mine.csv: it is there already");
        Refuses(bench.Run("data", "synthesize", "adult", "--out", "."), "it is there already");
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void An_interrupt_leaves_nothing()
    {
        using var bench = new Workbench();
        var outcome = bench.Run(new CancellationToken(canceled: true), "data", "synthesize", "adult", "--out", "adult.csv.gz");
        Assert.Equal(MmoeApp.Interrupted, outcome.Code);
        Assert.Equal("interrupted; nothing was written", Assert.Single(outcome.ErrorLines));
        Assert.Empty(Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        using var bench = new Workbench();
        var file = bench.Write("file", "");
        var outcome = bench.Run("data", "synthesize", "adult", "--out", "file/below.csv");
        Assert.Equal((3, ""), (outcome.Code, outcome.Out));
        Assert.Contains("below.csv", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void Every_wrong_part_of_the_line_is_reported_at_once()
    {
        using var bench = new Workbench();
        Refuses(
            bench.Run("data", "synthesize", "adult", "--row", "3", "--rows", "0", "--seed", "x", "--out", ""),
            "'--row'; did you mean '--rows'?",
            "--out: the value is empty",
            "--rows: '0'",
            "--seed: 'x'");
        Refuses(bench.Run("data", "synthesize"), "'--out' is required", "'NAME' missing");
        Refuses(bench.Run("data", "synthesize", "adlut", "--out", "-"), "did you mean 'adult'?");
        Refuses(bench.Run("data", "synthesise", "adult", "--rows", "3"), "unknown command 'synthesise'; did you mean 'synthesize'?");
        Refuses(bench.Run("data"), "see 'mmoe data --help'");
        Assert.Empty(Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void Help_says_what_is_there()
    {
        using var bench = new Workbench();
        string Help(params string[] command) => bench.Run([.. command, "--help"]).Out;
        string Line(string help, string start) =>
            Assert.Single(help.Split('\n'), l => l.TrimStart().StartsWith(start + " ", StringComparison.Ordinal));
        Assert.Contains("download and check files (not available yet)", Line(Help(), "data"), StringComparison.Ordinal);
        Assert.DoesNotContain("not available", Line(Help("data"), "synthesize"), StringComparison.Ordinal);
        Assert.EndsWith("(not available yet)", Line(Help("data"), "fetch"), StringComparison.Ordinal);
        Assert.EndsWith("(not available yet)", Line(Help("data"), "verify"), StringComparison.Ordinal);
        Assert.All(["--rows", "--seed", "--out"], option => Line(Help("data", "synthesize"), option));
    }

    private static void Refuses(Outcome outcome, params string[] says)
    {
        Assert.Equal((2, ""), (outcome.Code, outcome.Out));
        Assert.Equal(says.Length, outcome.ErrorLines.Length);
        foreach (var (line, text) in Enumerable.Zip(outcome.ErrorLines, says))
        {
            Assert.Contains(text, line, StringComparison.Ordinal);
        }
    }

    private static int Rows(DatasetDescriptor descriptor, string path) =>
        SplitLoader.LoadFile(descriptor, path).IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults))).Rows;
}
