using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class InputLayoutJsonTests
{
    [Property]
    public void An_input_layout_survives_json(ModelCase model)
    {
        Assert.Equal(model.Inputs, Samples.Valid(InputLayoutJson.Read(InputLayoutJson.Write(model.Inputs))));
        var weighted = Samples.Layout(model.Dataset, weightBy: "w");
        Assert.Equal(weighted, Samples.Valid(InputLayoutJson.Read(InputLayoutJson.Write(weighted))));
    }

    [Fact]
    public void The_text_of_an_input_layout_is_stable() => Assert.Equal(
        """{"fingerprint":"3-2/2/0-1-2","gathered":[{"kind":"categorical","column":"c0","code_index":0,"size":3,"offset":0},"""
        + """{"kind":"binned","column":"n1","numeric_index":1,"edges":[-0.75,-0.25,0.25],"missing":true,"offset":3}],"numerics":"""
        + """[{"kind":"standardise","column":"n1","numeric_index":1,"mean":0.5,"deviation":2,"fill":2,"offset":8}],"weight_column":"n0"}""",
        InputLayoutJson.Write(Samples.WithRoundNumbers(Samples.Layout(Samples.BinnedLoans, ["c1"], "n0"))));

    [Fact]
    public void The_text_of_each_numeric_input_is_stable() => Assert.Equal(
        """{"fingerprint":"f","gathered":[],"numerics":["""
        + """{"kind":"standardise","column":"x","numeric_index":0,"mean":1,"deviation":2,"fill":3,"offset":0},"""
        + """{"kind":"log1p","column":"x","numeric_index":0,"mean":1.5,"deviation":0.25,"fill":0,"offset":1},"""
        + """{"kind":"min-max","column":"x","numeric_index":0,"min":-1,"max":1,"fill":0,"offset":2},"""
        + """{"kind":"piecewise-linear","column":"x","numeric_index":0,"edges":[0,1,10],"fill":5,"offset":3},"""
        + """{"kind":"missing","column":"x","numeric_index":0,"offset":5}],"weight_column":null}""",
        InputLayoutJson.Write(EveryKind));

    [Fact]
    public void Each_kind_of_numeric_input_survives_json() =>
        Assert.Equal(EveryKind, Samples.Valid(InputLayoutJson.Read(InputLayoutJson.Write(EveryKind))));

    [Theory]
    [InlineData("\"kind\":\"min-max\"", "\"kind\":\"max\"", "there is no kind of numeric input 'max'")]
    [InlineData("\"kind\":\"missing\",", "", "'kind' is missing")]
    [InlineData("\"deviation\":2", "\"deviation\":0", "the deviation of 'x' is 0, not above 0")]
    [InlineData("\"deviation\":2", "\"deviation\":-2", "the deviation of 'x' is -2, not above 0")]
    [InlineData("\"deviation\":0.25", "\"deviation\":1e39", "1e39 is no finite number")]
    [InlineData("\"deviation\":0.25", "\"deviation\":\"NaN\"", "expected Number, found String")]
    [InlineData("\"mean\":1.5", "\"mean\":-1e39", "-1e39 is no finite number")]
    [InlineData("\"min\":-1", "\"min\":2", "the least of 'x', 2, is above its greatest, 1")]
    [InlineData("\"max\":1,", "", "'max' is missing")]
    [InlineData("[0,1,10]", "[0,10,1]", "the edges of 'x' do not increase")]
    [InlineData("[0,1,10]", "[0,0,10]", "the edges of 'x' do not increase")]
    [InlineData("[0,1,10]", "[0,1,1e39]", "1e39 is no finite number")]
    [InlineData("[0,1,10]", "[]", "the bins of 'x' have no edge")]
    [InlineData("[0,1,10]", "[null]", "expected Number, found Null")]
    public void Numbers_that_are_no_encoding_are_a_fault(string old, string replacement, string fault)
    {
        var json = InputLayoutJson.Write(EveryKind);
        Assert.Equal(2, json.Split(old).Length);
        Assert.Contains(
            fault,
            Samples.TheFault(InputLayoutJson.Read(json.Replace(old, replacement, StringComparison.Ordinal))).What,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "'gathered' is missing")]
    [InlineData(""","gathered":[{"column":"c0","code_index":0,"size":3,"offset":0}]""", "'kind' is missing")]
    [InlineData(""","gathered":[{"kind":"hashed"}]""", "there is no kind of input 'hashed'")]
    [InlineData(
        ""","gathered":[{"kind":"binned","column":"x","numeric_index":0,"edges":[1,1],"missing":false,"offset":0}]""",
        "the edges of 'x' do not increase")]
    [InlineData(
        ""","gathered":[{"kind":"binned","column":"x","numeric_index":0,"edges":[1e39],"missing":false,"offset":0}]""",
        "1e39 is no finite number")]
    [InlineData(
        ""","gathered":[{"kind":"binned","column":"x","numeric_index":0,"edges":[1],"missing":0,"offset":0}]""",
        "expected True or False, found Number")]
    public void Json_that_is_no_input_layout_is_a_fault(string gathered, string fault) => Assert.Contains(
        fault,
        Samples.TheFault(InputLayoutJson.Read($$"""{"fingerprint":"","numerics":[]{{gathered}}}""")).What,
        StringComparison.Ordinal);

    private static InputLayout EveryKind { get; } = new(
        "f",
        default,
        new(
        [
            new NumericInput("x", 0, new StandardEncoder(NumericTransform.Identity, 1, 2, 3), 0),
            new NumericInput("x", 0, new StandardEncoder(NumericTransform.Log1p, 1.5f, 0.25f, 0), 1),
            new NumericInput("x", 0, new MinMaxEncoder(-1, 1, 0), 2),
            new NumericInput("x", 0, new PiecewiseLinearEncoder(new([0f, 1, 10]), 5), 3),
            new NumericInput("x", 0, new MissingEncoder(), 5),
        ]),
        null);
}

public class SafetensorsTests
{
    private static readonly TensorFile Example = new(
        new([new TensorMetadata("note", "ä \"quoted\"")]),
        new(
        [
            NamedTensor.Of("a", new([2, 3]), [1, -2, float.NaN, float.PositiveInfinity, -0f, 1e-45f]),
            new NamedTensor("ids", TensorType.I64, new([2]), new byte[16]),
            new NamedTensor("bytes", TensorType.U8, new([3]), new byte[] { 1, 2, 3 }),
            NamedTensor.Of("number", default, [7]),
            NamedTensor.Of("nothing", new([0, 5]), []),
        ]));

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        var file = Samples.Valid(Safetensors.Parse(Bytes(Example), "x"));

        Assert.Equal(Example.Metadata, file.Metadata);
        Assert.Equal("ä \"quoted\"", file.Text("note"));
        Assert.Null(file.Text("other"));
        Assert.Equal(Example.Tensors.Select(t => t.Name).Order(), file.Tensors.Select(t => t.Name).Order());
        foreach (var tensor in Example.Tensors)
        {
            var read = file.Tensors.Single(t => t.Name == tensor.Name);
            Assert.Equal((tensor.Type, tensor.Shape), (read.Type, read.Shape));
            Assert.Equal(tensor.Bytes.ToArray(), read.Bytes.ToArray());
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        var bytes = Bytes(new(new([new TensorMetadata("k", "v")]), new([NamedTensor.Of("x", new([1, 2]), [1f, 2f])])));
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);

        Assert.Equal(
            """{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal(0, length % 8);
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], bytes[(8 + length)..]);
    }

    [Fact]
    public void Every_tensor_lies_at_a_multiple_of_its_elements_size()
    {
        var bytes = Bytes(Example);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));

        Assert.Equal(0, header.RootElement.GetProperty("ids").GetProperty("data_offsets")[0].GetInt32() % 8);
        Assert.Equal(0, header.RootElement.GetProperty("a").GetProperty("data_offsets")[0].GetInt32() % 4);
    }

    [Fact]
    public void The_order_of_the_header_does_not_matter()
    {
        var file = Samples.Valid(Safetensors.Parse(
            Raw("""{"b":{"dtype":"U8","data_offsets":[1,3],"shape":[2]},"a":{"shape":[1],"dtype":"U8","data_offsets":[0,1]}}""", [1, 2, 3]),
            "x"));

        Assert.Equal([2, 3], file.Tensors.Single(t => t.Name == "b").Bytes.ToArray());
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", "1 to 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", "2 to 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "lies at 0 to 4")] // beyond the end
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "1 bytes at the end belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[3,0]}}""", "which is no place")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0]}}""", "which is no place")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[-1,2]}}""", "which is no place")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,9223372036854775807]}}""", "has 9223372036854775807 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,3]}}""", "has 3 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1,-3],"data_offsets":[0,3]}}""", "has 3 bytes")]
    [InlineData("""{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,3]}}""", "'F16'")]
    [InlineData("""{"a":{"shape":[3],"data_offsets":[0,3]}}""", "'dtype' is missing")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "read")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "expected String, found Number")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "'__metadata__' is no JSON object")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "cannot be read")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "cannot be read")]
    [InlineData("""[1]""", "its header is no JSON object")]
    [InlineData("""{"a":""", "cannot be read")]
    [InlineData("", "cannot be read")]
    public void A_hostile_header_is_a_fault(string header, string fault)
    {
        var found = Samples.TheFault(Safetensors.Parse(Raw(header, [1, 2, 3]), "x.safetensors"));

        Assert.Contains(fault, found.What, StringComparison.Ordinal);
        Assert.Equal((FaultKind.Data, "x.safetensors"), (found.Kind, found.Where!.File));
    }

    [Theory]
    [InlineData(new byte[0], "too few")]
    [InlineData(new byte[] { 1, 0, 0 }, "too few")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123, 125 }, "18446744073709551615")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 125 }, "3 bytes; 2 follow")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "cannot be read: it is no safetensors file: its header is empty")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 32, 10 }, "cannot be read: it is no safetensors file: its header is empty")]
    public void A_wrong_length_of_the_header_is_a_fault(byte[] bytes, string fault) =>
        Assert.Contains(fault, Samples.TheFault(Safetensors.Parse(bytes, "x")).What, StringComparison.Ordinal);

    [Fact]
    public void A_deep_header_is_a_fault() =>
        Samples.TheFault(Safetensors.Parse(Raw(new string('[', 1_000_000), []), "x"));

    [Fact]
    public void Two_tensors_of_one_name_are_not_written()
    {
        var twice = new TensorFile(default, new([NamedTensor.Of("a", default, [1]), NamedTensor.Of("a", default, [2])]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(new MemoryStream(), twice));
        var metadata = new TensorFile(default, new([NamedTensor.Of("__metadata__", default, [1])]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(new MemoryStream(), metadata));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fault_that_names_it()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        Assert.Equal(path, Samples.TheFault(Safetensors.Read(path)).Where!.File);
        Samples.TheFault(Safetensors.Read(""));
    }

    internal static byte[] Bytes(TensorFile file)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, file);
        return stream.ToArray();
    }

    private static byte[] Raw(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        return [.. length, .. text, .. data];
    }
}

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-atomic-").FullName;

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Fact]
    public void A_file_is_made_and_replaced_with_its_folder_and_nothing_else_is_left()
    {
        var path = Path.Combine(this.folder, "new", "file");
        Assert.True(AtomicFile.Write(path, stream => stream.Write([1, 2])).IsSuccess);
        Assert.True(AtomicFile.Write(path, stream => stream.Write([3])).IsSuccess);

        Assert.Equal([3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(this.folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void When_writing_fails_the_old_file_stays_and_nothing_else_is_left()
    {
        var path = Path.Combine(this.folder, "file");
        Assert.True(AtomicFile.Write(path, stream => stream.Write([1])).IsSuccess);
        var fault = Samples.TheFault(AtomicFile.Write(path, stream =>
        {
            stream.Write([2, 3]);
            throw new IOException("the disk is full");
        }));

        Assert.Equal((FaultKind.Run, "cannot be written: the disk is full", path), (fault.Kind, fault.What, fault.Where!.File));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(this.folder));
    }

    [Fact]
    public void What_a_killed_writer_left_is_overwritten()
    {
        var path = Path.Combine(this.folder, "file");
        File.WriteAllBytes(path + ".tmp", [9, 9, 9, 9]);
        Assert.True(AtomicFile.Write(path, stream => stream.Write([1])).IsSuccess);

        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(this.folder));
    }

    [Fact]
    public void What_is_made_for_the_user_replaces_nothing_of_theirs()
    {
        var path = Path.Combine(this.folder, "new", "file");
        Validation<Fault, Unit> Make(byte content) => AtomicFile.Create(path, stream =>
        {
            stream.WriteByte(content);
            return Success<Fault, Unit>(unit);
        });
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".tmp", [9]);
        Assert.True(Make(1).IsSuccess);
        Assert.Equal(FaultKind.Run, Samples.TheFault(Make(2)).Kind);

        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal([9], File.ReadAllBytes(path + ".tmp"));
        Assert.Equal([path, path + ".tmp"], Directory.GetFiles(Path.GetDirectoryName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_writer_that_gives_up_leaves_nothing()
    {
        var path = Path.Combine(this.folder, "file");
        var fault = Samples.TheFault(AtomicFile.Create(path, stream =>
        {
            stream.Write([1]);
            return Fail<Fault, Unit>(Fault.Data("no more"));
        }));

        Assert.Equal(Fault.Data("no more"), fault);
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Create(path, _ => throw new OperationCanceledException()));
        Assert.Empty(Directory.GetFiles(this.folder));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_a_fault()
    {
        var file = Path.Combine(this.folder, "file");
        File.WriteAllBytes(file, [1]);

        Samples.TheFault(AtomicFile.Write(Path.Combine(file, "below"), stream => stream.Write([1])));
        Samples.TheFault(AtomicFile.Write(this.folder, stream => stream.Write([1])));
        Assert.Equal([file], Directory.GetFiles(this.folder));
        Assert.False(File.Exists(this.folder + ".tmp"));
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-checkpoint-").FullName;

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Property(MaxTest = 50)]
    public void A_checkpoint_survives_a_file(ModelCase model)
    {
        var path = Path.Combine(this.folder, "last.safetensors");
        foreach (var checkpoint in new[] { Of(model, training: true), Of(model, training: false) })
        {
            Assert.True(checkpoint.Save(path).IsSuccess);
            Assert.Equal(checkpoint, Samples.Valid(Checkpoint.Load(path)));
        }
    }

    [Fact]
    public void Every_parameter_is_a_contiguous_tensor_of_its_own_name()
    {
        var checkpoint = Of(Model(), training: true);
        var file = CheckpointFormat.ToFile(checkpoint);
        var names = checkpoint.Layout().Entries.Select(e => e.Name).ToArray();

        Assert.Equal(
            [.. names, .. names.Select(n => $"optimizer.m.{n}"), .. names.Select(n => $"optimizer.v.{n}")],
            file.Tensors.Select(t => t.Name));
        Assert.Equal([8, 4], file.Tensors.Single(t => t.Name == "experts.1.dense.0.weight").Shape);
    }

    [Fact]
    public void Only_a_vector_of_the_right_length_is_saved()
    {
        var checkpoint = Of(Model(), training: false) with { Parameters = default };
        Assert.Throws<ArgumentException>(() => checkpoint.Save(Path.Combine(this.folder, "x")));
        Assert.Empty(Directory.GetFiles(this.folder));
    }

    [Property(MaxTest = 2000)]
    public void A_file_with_a_changed_byte_never_throws(int position, byte value)
    {
        var bytes = (byte[])Good.Clone();
        bytes[(int)((uint)position % bytes.Length)] = value;
        Assert.All(Samples.Faults(Checkpoint.Parse(bytes, "x")), fault => Assert.NotEmpty(fault));
    }

    [Property(MaxTest = 2000)]
    public void A_header_with_changed_bytes_never_throws(int first, byte one, int second, byte two)
    {
        var bytes = (byte[])Good.Clone();
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        bytes[8 + (int)((uint)first % length)] = one;
        bytes[8 + (int)((uint)second % length)] = (byte)(32 + (two % 95));
        Assert.All(Samples.Faults(Checkpoint.Parse(bytes, "x")), fault => Assert.NotEmpty(fault));
    }

    [Property(MaxTest = 300)]
    public void A_cut_file_is_a_fault(int length) =>
        Assert.NotEmpty(Samples.Faults(Checkpoint.Parse(Good.AsMemory(0, (int)((uint)length % Good.Length)), "x")));

    public static TheoryData<string, string, string, string> Mutations => new()
    {
        { "format", "mmoe-checkpoint", "other", "its format is 'other'" },
        { "version", "2", "3", "its format is 'mmoe-checkpoint', version '3'; read is 'mmoe-checkpoint', version '2'" },
        { "version", "2", "1", "it is of version 1, from before models had levels and inputs encodings; train again to get one of version 2" },
        { "schema", "\"v1\"", "\"v0\",\"v9\"", "does not fit its schema" },
        { "schema", "\"name\":\"c1\"", "\"name\":\"c0\"", "the column 'c0' occurs twice" },
        { "inputs", "\"code_index\":1", "\"code_index\":2", "its input 'c1' does not fit its schema" },
        { "inputs", "\"code_index\":1", "\"code_index\":-1", "its input 'c1' does not fit its schema" },
        { "inputs", "\"offset\":3", "\"offset\":4", "its input 'c1' does not fit its schema" },
        { "inputs", "\"size\":2", "\"size\":2147483647", "its input 'c1' does not fit its schema" },
        { "inputs", "\"numeric_index\":1", "\"numeric_index\":9", "its input 'n1' does not fit its schema" },
        { "inputs", "\"weight_column\":null", "\"weight_column\":\"l0\"", "its weight column 'l0'" },
        { "inputs", "\"fingerprint\":\"", "\"fingerprint\":\"x", "its input layout belongs to another schema" },
        { "inputs", "\"deviation\":2", "\"deviation\":0", "the deviation of 'n1' is 0, not above 0" },
        { "inputs", "\"deviation\":2", "\"deviation\":1e300", "no finite number" },
        {
            "inputs",
            "\"missing\",\"column\":\"n1\",\"numeric_index\":1",
            "\"missing\",\"column\":\"n0\",\"numeric_index\":0",
            "its input 'n0' does not fit its schema"
        },
        { "target_scaling", "\"fingerprint\":\"", "\"fingerprint\":\"x", "its target scaling belongs to another schema" },
        { "target_scaling", "\"task\":\"t1\"", "\"task\":\"t9\"", "its target scaling is not of its tasks" },
        { "model", "\"dense\":4", "\"dense\":5", "its spec asks for F32" },
        { "model", "\"dense\":4", "\"dense\":2000000000", "fit in one vector" },
        { "model", "\"dense\":4", "\"dense\":-4", "needs at least one" },
        { "model", "\"classes\":3", "\"classes\":4", "the task needs a head of 3 classes" },
        { "model", "\"classes\":3", "\"classes\":-1", "ends in a head of -1 classes" },
        { "model", "\"stream\":\"t0\"", "\"stream\":\"t9\"", "the tower of task 't0' reads the stream 't0', and there are 'input', 't9'" },
        { "model", "\"kind\":\"softmax\"", "\"kind\":\"stitch\",\"initial\":[1,0]", "the tensor 'gates.t0.stitch' is missing" },
        { "model", "\"kind\":\"fixed\"", "\"kind\":\"uncertainty\"", "the tensor 'weighting.t0.log_variance' is missing" },
        { "model", "\"levels\":[", "\"levels\":[{\"experts\":[],\"mixtures\":[]},", "level 0 has no expert" },
        { "model", "\"dense\":4", "\"layer_norm\":1", "begins with a layer norm; an expert must begin with a dense layer" },
        { "model", "\"temperature\":1", "\"temperature\":0", "it must be above 0" },
        { "model", "\"frozen\":[]", "\"frozen\":[\"\"]", "there is no part '' to freeze" },
        { "epoch", "7", "\"7\"", "metadata 'epoch'" },
        { "validation_metrics", "{", "[{", "metadata 'validation_metrics'" },
        { "training", "\"step\":123", "\"step\":1.5", "not an integer of 64 bits" },
        { "training", "\"name\":\"average\"", "\"name\":\"t0\"", "the best score 't0' occurs twice" },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Parts_that_do_not_fit_each_other_are_a_fault(string key, string old, string replacement, string fault)
    {
        var file = CheckpointFormat.ToFile(Of(Model(), training: true));
        Assert.Contains(old, file.Text(key)!, StringComparison.Ordinal);
        var metadata = file.Metadata.Select(
            m => m.Key == key ? m with { Value = m.Value.Replace(old, replacement, StringComparison.Ordinal) } : m);

        var found = Samples.TheFault(OfFile(file with { Metadata = new(metadata) }, "x"));

        Assert.Contains(fault, found.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"numeric_index\":1,\"edges\"", "\"numeric_index\":0,\"edges\"", "its input 'n1' does not fit its schema")]
    [InlineData("\"numeric_index\":1,\"edges\"", "\"numeric_index\":-1,\"edges\"", "its input 'n1' does not fit its schema")]
    [InlineData("\"missing\":true", "\"missing\":false", "its input 'n1' does not fit its schema")]
    [InlineData("\"missing\":false", "\"missing\":true", "its input 'n0' does not fit its schema")]
    [InlineData("\"offset\":8", "\"offset\":9", "its input 'n1' does not fit its schema")]
    [InlineData("-0.75,-0.25,0.25", "-0.75,-0.25", "its input 'n0' does not fit its schema")]
    [InlineData("-0.75,-0.25,0.25", "-0.25,-0.75,0.25", "the edges of 'n1' do not increase")]
    [InlineData("\"kind\":\"binned\",\"column\":\"n1\"", "\"kind\":\"binned\",\"column\":\"n0\"", "its input 'n0' does not fit its schema")]
    public void Bins_that_do_not_fit_the_rest_are_a_fault(string old, string replacement, string fault)
    {
        var file = CheckpointFormat.ToFile(Of(BinnedModel(), training: false));
        Assert.Contains(old, file.Text("inputs")!, StringComparison.Ordinal);
        var metadata = file.Metadata.Select(
            m => m.Key == "inputs" ? m with { Value = m.Value.Replace(old, replacement, StringComparison.Ordinal) } : m);

        Assert.Contains(
            fault, Samples.TheFault(OfFile(file with { Metadata = new(metadata) }, "x")).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_dots_are_kept_apart()
    {
        var dataset = Samples.Loans;
        var spec = new Level(
            [new Expert("a", Samples.Relu(4)), new Expert("a.b", Samples.Relu(4)), new Expert("a.b.c", Samples.Relu(4))],
            [new Mixture("s.t", ["a", "a.b", "a.b.c"], new SoftmaxGate()), new Mixture("s", ["a.b.c", "a"], new StitchGate([1, 2]))])
            >> new Level(
            [new Expert("a", Network.Identity, "s"), new Expert("a.b", new LayerNorm() >> Samples.Relu(4), "s.t")],
            [new Mixture("levels.0", ["a", "a.b"], new SoftmaxGate("s.t"))])
            >> ModelFamilies.Towers(dataset.Tasks, Network.Identity, "levels.0");
        var model = new ModelCase(dataset, spec with { Frozen = ["experts.a.b", "levels.1.gates.levels.0"] }, 1);
        Samples.Valid(model.Spec.Check(model.Inputs, dataset.Tasks));
        var checkpoint = Of(model, training: true);
        var bytes = SafetensorsTests.Bytes(CheckpointFormat.ToFile(checkpoint));

        Assert.Equal(checkpoint, Samples.Valid(Checkpoint.Parse(bytes, "x")));
        Assert.Equal(
            [
                "experts.a.b.dense.0.weight", "experts.a.b.dense.0.bias", "experts.a.b.c.dense.0.weight", "experts.a.b.c.dense.0.bias",
                "levels.1.gates.levels.0.weight", "levels.1.gates.levels.0.bias",
            ],
            model.Layout.Entries.Select(e => e.Name).Where(model.Spec.IsFrozen));
    }

    [Theory]
    [InlineData("residuals", "a residual of expert 0 has more than 16 residuals within each other")]
    [InlineData("deep", "cannot be read: metadata 'model'")]
    [InlineData("units", "the model's parameters take 57,982,058,660 numbers; at most")]
    [InlineData("experts", "expert x99 is part of no mixture")]
    [InlineData("streams", "nothing reads the stream 'x99'")]
    [InlineData("weights", "there is a weight for the task 'x', the model has 't0', 't1', 't2'")]
    public void A_hostile_spec_is_a_fault_without_much_memory(string kind, string fault)
    {
        string Residuals(int count) =>
            string.Concat(Enumerable.Repeat("""{"residual":[""", count)) + string.Concat(Enumerable.Repeat("]}", count));
        string Many(string item) =>
            string.Join(",", Enumerable.Range(0, 20_001).Select(i => item.Replace("#", $"{i}", StringComparison.Ordinal)));
        const string Dense = """{"dense":4,"activation":"relu"}""";
        const string Experts = "\"experts\":[{\"name\":\"0\"";
        var (old, replacement) = kind switch
        {
            "residuals" => (Dense, $"{Dense},{Residuals(20)}"),
            "deep" => (Dense, $"{Dense},{Residuals(100_000)}"),
            "units" => (Dense, """{"dense":2147483647,"activation":"relu"}"""),
            "experts" => (Experts, "\"experts\":[" + Many($$"""{"name":"x#","network":[{{Dense}}]}""") + ",{\"name\":\"0\""),
            "streams" => ("\"mixtures\":[", "\"mixtures\":[" + Many("""{"stream":"x#","experts":["0"],"gate":{"kind":"pass"}}""") + ","),
            _ => ("\"weights\":[]", "\"weights\":[" + Many("""{"task":"x","weight":1}""") + "]"),
        };
        var file = CheckpointFormat.ToFile(Of(Model(), training: false));
        Assert.Contains(old, file.Text("model")!, StringComparison.Ordinal);
        var metadata = file.Metadata.Select(
            m => m.Key == "model" ? m with { Value = m.Value.Replace(old, replacement, StringComparison.Ordinal) } : m).ToArray();
        var hostile = file with { Metadata = new(metadata.AsSpan()) };

        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = Samples.TheFault(OfFile(hostile, "x"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        Assert.Contains(fault, found.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_keeps_its_own_bins_whatever_the_schema_says_now()
    {
        var model = BinnedModel();
        var path = Path.Combine(this.folder, "best.safetensors");
        Assert.True((Of(model, training: false) with { Inputs = model.Inputs }).Save(path).IsSuccess);
        var read = Samples.Valid(Checkpoint.Load(path));
        Samples.Valid(read.CheckAgainst(Samples.Loans));

        var table = Samples.Table(Samples.BinnedLoans, 9, 3);
        var now = new EncodedTable(Samples.Loans, 9, table.Codes, table.Numerics, table.Labels, table.Weights);
        var inputs = Samples.Valid(ModelInputs.Of(now, read.Inputs, read.TargetScaling));
        var before = Samples.Valid(ModelInputs.Of(table, model.Inputs, read.TargetScaling));
        Assert.Equal(
            new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters(), before),
            new ManagedForward(read.Spec, read.Inputs).Logits(read.Parameters.AsSpan(), inputs));
    }

    public static TheoryData<string, string, string> EncodedMutations => new()
    {
        // A component or an interval less, and what follows stands elsewhere.
        { "\"edges\":[0,1,2,4],\"fill\"", "\"edges\":[0,1,4],\"fill\"", "its input 'n1' does not fit its schema" },
        { "\"edges\":[1,2],\"missing\"", "\"edges\":[1],\"missing\"", "its input 'n0' does not fit its schema" },
        { "\"edges\":[0,1,2,4],\"fill\"", "\"edges\":[0,1,1,4],\"fill\"", "the edges of 'n1' do not increase" },
        { "\"kind\":\"log1p\",", "\"kind\":\"standardise\",", "its input 'n0' occurs twice" },

        // The last input grows, and no tensor has a row for that.
        { "\"kind\":\"missing\",", "\"kind\":\"piecewise-linear\",\"edges\":[0,1,2],\"fill\":0,", "its spec asks for F32" },
    };

    [Theory]
    [MemberData(nameof(EncodedMutations))]
    public void Encodings_that_do_not_fit_the_rest_are_a_fault(string old, string replacement, string fault)
    {
        StandardEncoder standard = new(NumericTransform.Identity, 1, 2, 3);
        var inputs = new InputLayout(
            Samples.Loans.Fingerprint,
            new([new BinnedInput("n0", 0, new([5f]), false, 0), new BinnedInput("n1", 1, new([1f, 2f]), true, 2)]),
            new(
            [
                new NumericInput("n0", 0, standard, 6),
                new NumericInput("n0", 0, standard with { Transform = NumericTransform.Log1p }, 7),
                new NumericInput("n1", 1, new PiecewiseLinearEncoder(new([0f, 1, 2, 4]), 0), 8),
                new NumericInput("n1", 1, new MissingEncoder(), 11),
            ]),
            null);
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(3));
        var parameters = Samples.Parameters(ParameterLayout.Of(spec, inputs.Width), 1);
        var checkpoint = Of(Model(), training: false) with { Inputs = inputs, Spec = spec, Parameters = new(parameters.AsSpan()) };
        var file = CheckpointFormat.ToFile(checkpoint);
        Assert.Equal(checkpoint, Samples.Valid(OfFile(file, "x")));
        Assert.Equal(2, file.Text("inputs")!.Split(old).Length);
        var metadata = file.Metadata.Select(
            m => m.Key == "inputs" ? m with { Value = m.Value.Replace(old, replacement, StringComparison.Ordinal) } : m);

        Assert.Contains(
            fault, Samples.TheFault(OfFile(file with { Metadata = new(metadata) }, "x")).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_missing_part_is_a_fault()
    {
        var file = CheckpointFormat.ToFile(Of(Model(), training: true));
        foreach (var part in file.Metadata.Where(m => m.Key != "training"))
        {
            Samples.TheFault(OfFile(file with { Metadata = new(file.Metadata.Where(m => m != part)) }, "x"));
        }

        foreach (var tensor in file.Tensors)
        {
            var fault = Samples.TheFault(OfFile(file with { Tensors = new(file.Tensors.Where(t => t != tensor)) }, "x"));
            Assert.Contains($"the tensor '{tensor.Name}' is missing", fault.What, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tensor_of_integers_is_no_parameter()
    {
        var file = CheckpointFormat.ToFile(Of(Model(), training: false));
        var tensors = file.Tensors.Select(
            t => t.Name == "towers.t0.output.bias" ? new NamedTensor(t.Name, TensorType.U8, t.Shape, new byte[1]) : t);

        Assert.Contains(
            "the tensor 'towers.t0.output.bias' is U8 [1], its spec asks for F32 [1]",
            Samples.TheFault(OfFile(file with { Tensors = new(tensors) }, "x")).What,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_fits_its_own_dataset() => Samples.Valid(Of(Model(), training: false).CheckAgainst(Samples.Loans));

    [Fact]
    public void A_schema_that_is_not_what_its_fingerprint_says_is_refused()
    {
        var other = Samples.Dataset([3, 3], 2, [0, 1, 2]) with { Fingerprint = Samples.Loans.Fingerprint };

        Assert.Contains(
            "the column 'c1' has now also value 'v2'",
            Samples.TheFault(Of(Model(), training: false).CheckAgainst(other)).What,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Another_schema_is_refused_with_what_differs()
    {
        var now = Samples.Loans with
        {
            Fingerprint = "now",
            Columns = new(Samples.Loans.Columns.Select(c => c switch
            {
                CategoricalFeature { Name: "c0" } feature =>
                    feature with { Vocabulary = new Vocabulary("v0", "v2", "v3", "v4", "v5", "v6") },
                CategoricalFeature { Name: "c1" } feature => feature with { Vocabulary = new Vocabulary("v1", "v0") },
                NumericFeature { Name: "n1" } feature => feature with { Name = "n2" },
                _ => c,
            })),
            Tasks = new(Samples.Loans.Tasks.Select(t => t is BinaryTask binary ? binary with { PositiveCodes = new([0]) } : t)),
        };
        var fault = Samples.TheFault(Of(Model(), training: false).CheckAgainst(now));

        Assert.Equal(FaultKind.Data, fault.Kind);
        Assert.Equal(
            "the checkpoint was trained for another schema of 'loans' than 'loans' has now: the column 'c0' has no longer value 'v1', "
            + "the column 'c0' has now also values 'v3', 'v4', 'v5' and 1 more, the column 'c1' has its values in another order, "
            + "the column 'n1' is gone, the column 'n2' is new, and 1 more",
            fault.What);
        Assert.Contains(
            "the task 't0' had the positive value 'yes' and has value 'no'",
            SchemaSummary.Of(Samples.Loans).Differences(SchemaSummary.Of(now)));
    }

    [Fact]
    public void A_change_of_role_order_or_missing_marks_is_told()
    {
        var now = Samples.Loans with
        {
            Columns = new(Samples.Loans.Columns.Select(c => c switch
            {
                NumericFeature { Name: "n0" } n => new IgnoredColumn(n.Name, "", n.FileIndex, ""),
                NumericFeature { Name: "n1" } n => n with { Missing = null },
                _ => c,
            }).Reverse()),
        };

        Assert.Equal(
            [
                "the column 'n0' was a numeric feature and is ignored",
                "the column 'n1' treats missing values in another way",
                "the columns stand in another order",
            ],
            SchemaSummary.Of(Samples.Loans).Differences(SchemaSummary.Of(now)));
        Assert.Empty(SchemaSummary.Of(Samples.Loans).Differences(SchemaSummary.Of(Samples.Loans)));
    }

    private static LanguageExt.Validation<Fault, Checkpoint> OfFile(TensorFile file, string path) =>
        Faulty.Validated(faults => CheckpointFormat.OfFile(file, path, faults));

    private static readonly byte[] Good = SafetensorsTests.Bytes(CheckpointFormat.ToFile(Of(Model(), training: true)));

    private static ModelCase Model() => new(Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(3)), 1);

    private static ModelCase BinnedModel() =>
        new(Samples.BinnedLoans, ModelFamilies.Mmoe(Samples.BinnedLoans.Tasks, 2, Samples.Relu(4), Samples.Relu(3)), 1);

    private static Checkpoint Of(ModelCase model, bool training) => new(
        SchemaSummary.Of(model.Dataset),
        model.Spec,
        Samples.WithRoundNumbers(model.Inputs),
        Samples.Targets(model.Dataset),
        7,
        """{"t0":{"auc":0.5}}""",
        new(model.Parameters().AsSpan()),
        training ? Training(model) : null);

    private static TrainingState Training(ModelCase model) => new(
        123,
        model.Seed,
        new(Samples.Parameters(model.Layout, model.Seed + 1).AsSpan()),
        new(Samples.Parameters(model.Layout, model.Seed + 2).AsSpan()),
        new([new BestScore("t0", 3, 0.1 + 0.2), new BestScore("average", 4, 1.0 / 3)]));
}
