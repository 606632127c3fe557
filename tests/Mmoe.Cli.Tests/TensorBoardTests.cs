using System.Buffers.Binary;
using System.Text.Json;
using Mmoe.Cli.TensorBoard;
using Tensorboard;

namespace Mmoe.Cli.Tests;

/// <summary>
/// Event files, read again: records by a reader that shares nothing with the writer, events by the classes that Google's compiler made of
/// TensorFlow's own definitions, which TorchSharp carries.
/// </summary>
public sealed class TensorBoardTests
{
    // RFC 3720, appendix B.4; and the check value that catalogues of checksums give.
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("313233343536373839", 0xE3069283u)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    [InlineData("1F1E1D1C1B1A191817161514131211100F0E0D0C0B0A09080706050403020100", 0x113FDB5Cu)]
    public void The_checksum_gives_the_published_values(string hex, uint expected)
    {
        Assert.Equal(expected, TfRecord.Crc32C(Convert.FromHexString(hex)));
        Assert.Equal(expected, BitByBit(Convert.FromHexString(hex)));
    }

    [Fact]
    public void An_event_has_the_bytes_of_the_encoding()
    {
        // Worked out by hand: 1 fixed64 2.0; 2 varint 300; 5 { 1 { 1 "a", 2 fixed32 -1.5 } }.
        Assert.Equal(
            "09" + "0000000000000040" + "10" + "AC02" + "2A" + "0A" + "0A" + "08" + "0A" + "01" + "61" + "15" + "0000C0BF",
            Convert.ToHexString(EventMessage.Scalars(2.0, 300, [("a", -1.5)])));
        Assert.Equal(
            "09" + "0000000000000040" + "1A" + "0D" + Convert.ToHexString("brain.Event:2"u8), Convert.ToHexString(EventMessage.Version(2.0)));
    }

    [Fact]
    public void A_long_tag_and_a_zero_are_read_back()
    {
        var tag = new string('ä', 200);
        var read = Event.Parser.ParseFrom(EventMessage.Scalars(1.5, long.MaxValue, [(tag, 0), ("b", 1e-3)]));
        Assert.Equal((1.5, long.MaxValue), (read.WallTime, read.Step));
        Assert.Equal([(tag, 0f), ("b", 1e-3f)], Values(read));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Native", "libtorch")]
    public void A_run_writes_every_epoch_with_the_numbers_of_its_other_files_and_the_time_of_the_host(bool hasTrain)
    {
        var now = new DateTimeOffset(2024, 2, 29, 12, 0, 0, 250, TimeSpan.Zero);
        using var bench = new Workbench { Clock = new Stopped(now) };
        bench.WriteAdult();
        var outcome = bench.Run(
            "train", "adult", "--epochs", "3", "--tensorboard", "--out", "run", "--json", "--set", $"train_metrics={(hasTrain ? "true" : "false")}");
        Assert.True(outcome.Code == 0, outcome.Error);
        var file = Assert.Single(Directory.GetFiles(bench.Path("run", "tensorboard")));
        Assert.StartsWith($"events.out.tfevents.{now.ToUnixTimeSeconds()}.", Path.GetFileName(file), StringComparison.Ordinal);
        var events = Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom).ToArray();

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Null(events[0].Summary);
        Assert.All(events, e => Assert.Equal(now.ToUnixTimeMilliseconds() / 1000.0, e.WallTime));
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        var best = summary.RootElement.GetProperty("bestEpoch").GetInt64();
        Assert.Equal([0, 1, 2, 3, best], events.Select(e => e.Step));

        var lines = File.ReadLines(bench.Path("run", "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        foreach (var (line, read) in lines.Zip(events[1..4]))
        {
            Assert.Equal(hasTrain, line.TryGetProperty("train", out var train));
            Assert.Equal(
                (hasTrain ? Expected("train", train) : [])
                    .Concat(Expected("validation", line.GetProperty("validation")))
                    .Prepend(("learning_rate", (float)line.GetProperty("learningRate").GetDouble()))
                    .Prepend(("loss", (float)line.GetProperty("loss").GetDouble())),
                Values(read));
        }

        var metrics = summary.RootElement.GetProperty("metrics");
        Assert.Equal(
            (hasTrain ? [] : Expected("train", metrics.GetProperty("train"))).Concat(Expected("test", metrics.GetProperty("test"))), Values(events[4]));
        Assert.Equal(
            Expected("train", metrics.GetProperty("train")),
            Values(events[hasTrain ? (int)best : 4]).Where(value => value.Tag.StartsWith("train/", StringComparison.Ordinal)));
        Assert.Contains(Values(events[4]), value => value.Tag == "test/income/ece");
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void What_is_not_defined_has_no_point()
    {
        using var bench = new Workbench();

        // Nobody in the test file earns more: its area is not defined.
        bench.WriteAdult();
        var path = bench.Path("data", "adult", "adult.test");
        File.WriteAllText(path, File.ReadAllText(path).Replace(">50K", "<=50K", StringComparison.Ordinal));
        var outcome = bench.Run("train", "adult", "--epochs", "1", "--tensorboard", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        var file = Assert.Single(Directory.GetFiles(bench.Path("run", "tensorboard")));
        var events = Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom).ToArray();
        var tags = events[^1].Summary.Value.Select(value => value.Tag).ToArray();
        Assert.DoesNotContain("test/income/auc", tags);
        Assert.Contains("test/income/log_loss", tags);
        Assert.Contains("train/income/auc", events[1].Summary.Value.Select(value => value.Tag));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_run_that_goes_on_writes_the_epochs_before_too()
    {
        using var bench = new Workbench();
        string[] command = ["train", "synthetic", "--set", "train_rows=200", "--out", "run", "--resume"];
        Assert.Equal(0, bench.Run([.. command, "--epochs", "2"]).Code);
        Assert.Equal(0, bench.Run([.. command, "--epochs", "3", "--tensorboard"]).Code);
        var file = Assert.Single(Directory.GetFiles(bench.Path("run", "tensorboard")));
        var events = Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom).ToArray();
        Assert.Equal([0, 1, 2, 3], events[..4].Select(e => e.Step));
        var losses = File.ReadLines(bench.Path("run", "metrics.jsonl"))
            .Select(line => (float)JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble());
        Assert.Equal(losses, events[1..4].Select(e => Values(e).Single(value => value.Tag == "loss").Value));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void Nobody_gets_event_files_unasked()
    {
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run("train", "synthetic", "--epochs", "1", "--set", "train_rows=50", "--out", "run").Code);
        Assert.False(Directory.Exists(bench.Path("run", "tensorboard")));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_file_that_cannot_be_written_is_a_fault_at_the_end_of_a_whole_run()
    {
        // The time is first asked for when the run's folder is there and the event file is not.
        using var elsewhere = new Workbench();
        var run = elsewhere.Path("run");
        using var bench = new Workbench { Clock = new Calling(() => File.WriteAllText(Path.Combine(run, "tensorboard"), "")) };
        var outcome = bench.Run("train", "synthetic", "--epochs", "2", "--set", "train_rows=50", "--tensorboard", "--out", run);
        Assert.Equal(3, outcome.Code);
        Assert.StartsWith(Path.Combine(run, "tensorboard"), outcome.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains("synthetic: mmoe", outcome.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "summary.json")));
    }

    private static IEnumerable<(string Tag, float Value)> Values(Event read)
    {
        Assert.All(read.Summary.Value, value => Assert.Equal(Summary.Types.Value.ValueOneofCase.SimpleValue, value.ValueCase));
        return read.Summary.Value.Select(value => (value.Tag, value.SimpleValue));
    }

    private static IEnumerable<(string Tag, float Value)> Expected(string split, JsonElement report) => report.EnumerateObject()
        .SelectMany(task => task.Value.ValueKind == JsonValueKind.Object
            ? task.Value.EnumerateObject().Select(metric => ($"{split}/{task.Name}/{metric.Name}", metric.Value))
            : [($"{split}/{task.Name}", task.Value)])
        .Where(value => value.Item2.ValueKind == JsonValueKind.Number)
        .Select(value => (value.Item1, (float)value.Item2.GetDouble()));

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            AssertChecksum(file.AsSpan(at, 8), file.AsSpan(at + 8, 4));
            AssertChecksum(file.AsSpan(at + 12, length), file.AsSpan(at + 12 + length, 4));
            yield return file[(at + 12)..(at + 12 + length)];
            at += 16 + length;
        }
    }

    private static void AssertChecksum(ReadOnlySpan<byte> data, ReadOnlySpan<byte> stored)
    {
        // As TensorFlow takes the mask off again.
        var unmasked = BinaryPrimitives.ReadUInt32LittleEndian(stored) - 0xa282ead8u;
        Assert.Equal(BitByBit(data), (unmasked >> 17) | (unmasked << 15));
    }

    private static uint BitByBit(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
            }
        }

        return crc ^ 0xFFFFFFFFu;
    }

    private sealed class Stopped(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class Calling(Action called) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            called();
            return DateTimeOffset.UnixEpoch;
        }
    }
}
