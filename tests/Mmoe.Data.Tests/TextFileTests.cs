using System.Text;

namespace Mmoe.Data.Tests;

public sealed class TextFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("plain text\n")]
    [InlineData("x")]
    public void Plain_and_compressed_files_read_the_same_whatever_their_names(string text)
    {
        Assert.Equal(text, ReadAll(this.folder.Write("misnamed.gz", text)));
        Assert.Equal(text, ReadAll(this.folder.Write("plain.csv", TemporaryFolder.Gzip(text))));
    }

    [Fact]
    public void Several_members_are_one_file()
    {
        var large = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n"));
        byte[] members = [.. TemporaryFolder.Gzip("first\n"), .. TemporaryFolder.Gzip(""), .. TemporaryFolder.Gzip(large)];
        Assert.Equal("first\n" + large, ReadAll(this.folder.Write("members.gz", members)));
    }

    [Fact]
    public void Compressed_data_cut_anywhere_are_noticed()
    {
        var text = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"line {i * 7919 % 1000}\n"));
        var whole = TemporaryFolder.Gzip(text);
        Assert.Equal(text, ReadAll(this.folder.Write("whole.gz", whole)));
        var lengths = (int[])
        [
            .. Enumerable.Range(2, 60), whole.Length / 3, whole.Length / 2, .. Enumerable.Range(whole.Length - 60, 60),
        ];
        foreach (var length in lengths)
        {
            var path = this.folder.Write("cut.gz", whole[..length]);
            var e = Assert.Throws<InvalidDataException>(() => ReadAll(path));
            Assert.Equal("ends in the middle of compressed data", e.Message);
        }
    }

    [Fact]
    public void Compressed_data_that_were_stored_as_they_are_and_cut_are_noticed()
    {
        var random = new byte[100_000];
        new Random(1).NextBytes(random);
        using var target = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(target, System.IO.Compression.CompressionLevel.NoCompression))
        {
            gzip.Write(random);
        }

        var whole = target.ToArray();
        foreach (var missing in Enumerable.Range(1, 120))
        {
            var path = this.folder.Write("cut.gz", whole[..^missing]);
            Assert.Throws<InvalidDataException>(() => ReadAll(path));
        }
    }

    [Fact]
    public void Damaged_compressed_data_are_noticed()
    {
        var bytes = TemporaryFolder.Gzip(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i * 7919 % 1000}\n")));
        bytes[bytes.Length / 2] ^= 0x55;
        var path = this.folder.Write("damaged.gz", bytes);
        Assert.Equal("holds damaged compressed data", Assert.Throws<InvalidDataException>(() => ReadAll(path)).Message);
    }

    [Fact]
    public void A_wrong_checksum_is_noticed()
    {
        var bytes = TemporaryFolder.Gzip("some text");
        bytes[^6] ^= 1;
        var path = this.folder.Write("checksum.gz", bytes);
        Assert.Throws<InvalidDataException>(() => ReadAll(path));
    }

    [Fact]
    public void A_missing_file_is_a_fault_that_says_where_it_was_looked_for()
    {
        var path = Path.Combine(this.folder.Path, "none.csv");
        Assert.Equal($"{path}: there is no such file; looked in {this.folder.Path}", TextFile.Open(path).OnlyFault());
    }

    [Fact]
    public void An_empty_file_is_a_fault()
    {
        var path = this.folder.Write("empty.csv", "");
        Assert.Equal($"{path}: the file is empty", TextFile.Open(path).OnlyFault());
        Assert.Equal($"{path}: the file is empty; ask for it", TextFile.Open(path, "ask for it").OnlyFault());
    }

    [Fact]
    public void A_directory_is_a_fault() =>
        Assert.StartsWith($"{this.folder.Path}: the file cannot be opened: ", TextFile.Open(this.folder.Path).OnlyFault());

    public void Dispose() => this.folder.Dispose();

    private static string ReadAll(string path)
    {
        using var reader = new StreamReader(TextFile.Open(path).Good(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
