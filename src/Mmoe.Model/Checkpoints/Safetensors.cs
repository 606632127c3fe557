using System.Buffers.Binary;
using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// The safetensors format: 8 bytes of header length (little-endian), a JSON header with type, shape and place of every tensor, then the
/// tensors' bytes without gaps. Reading trusts nothing; the rules are those of the format's own implementation
/// (https://github.com/huggingface/safetensors, "Format").
/// </summary>
public static class Safetensors
{
    /// <summary>The longest header that is read, as in the format's own implementation.</summary>
    internal const int MaxHeaderLength = 100_000_000;

    private const int LengthBytes = sizeof(ulong);

    private const string MetadataName = "__metadata__";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its content, or a fault: it is not there, or is no safetensors file.</returns>
    public static Validation<Fault, TensorFile> Read(string path) => Faulty.Validated(faults => Read(path, faults));

    /// <summary>Reads a file's bytes. The tensors share their memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for faults.</param>
    public static Validation<Fault, TensorFile> Parse(ReadOnlyMemory<byte> bytes, string name) =>
        Faulty.Validated(faults => Parse(bytes, name, faults));

    /// <summary><see cref="Read(string)"/> for what is compiled ahead of time.</summary>
    internal static TensorFile? Read(string path, ICollection<Fault> faults)
    {
        if (Directory.Exists(path))
        {
            faults.Add(Fault.Data(
                "is a folder", new FileLocation(path), "name a file in it, such as checkpoints/best-average.safetensors"));
            return null;
        }

        try
        {
            var length = new FileInfo(path).Length;
            var most = System.Array.MaxLength;
            if (length <= most)
            {
                return Parse(File.ReadAllBytes(path), path, faults);
            }

            faults.Add(Fault.Data($"has {length} bytes; at most {most} are read", new FileLocation(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(Fault.Data($"cannot be read: {e.Message}", new FileLocation(path)));
        }

        return null;
    }

    /// <summary><see cref="Parse(ReadOnlyMemory{byte}, string)"/> for what is compiled ahead of time.</summary>
    internal static TensorFile? Parse(ReadOnlyMemory<byte> bytes, string name, ICollection<Fault> faults) =>
        Malformed.Guard("the safetensors file", new FileLocation(name), faults, () => Parse(bytes));

    /// <summary>Writes a file whole or not at all: to a temporary file in the same folder, flushed to the disk, then renamed.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="content">What to write; the tensors' names are all different.</param>
    /// <returns>Nothing, or a fault; nothing is left behind then, and a former file is untouched.</returns>
    public static Validation<Fault, Unit> Save(string path, TensorFile content) => AtomicFile.Write(path, stream => Write(stream, content));

    /// <summary>Writes the bytes of a file.</summary>
    /// <remarks>Wider elements come first, so that every tensor lies at a multiple of its element's size.</remarks>
    /// <exception cref="ArgumentException">Two tensors have the same name, or one has the name of the metadata.</exception>
    public static void Write(Stream stream, TensorFile content)
    {
        var tensors = content.Tensors.OrderByDescending(t => NamedTensor.SizeOf(t.Type)).ToArray();
        var names = new System.Collections.Generic.HashSet<string>([MetadataName], StringComparer.Ordinal);
        if (tensors.FirstOrDefault(t => !names.Add(t.Name)) is { } second)
        {
            throw new ArgumentException($"the name '{second.Name}' occurs twice", nameof(content));
        }

        var header = Header(content.Metadata, tensors);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in tensors)
        {
            stream.Write(tensor.Bytes.Span);
        }
    }

    private static byte[] Header(EquatableArray<TensorMetadata> metadata, NamedTensor[] tensors)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
            {
                writer.WriteStartObject(MetadataName);
                foreach (var (key, value) in metadata)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            var begin = 0L;
            foreach (var tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.Type.ToString());
                writer.WriteStartArray("shape");
                foreach (var dimension in tensor.Shape)
                {
                    writer.WriteNumberValue(dimension);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(begin);
                writer.WriteNumberValue(begin += tensor.Bytes.Length);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        // The data then begins at a multiple of 8, the widest element.
        while (memory.Length % LengthBytes != 0)
        {
            memory.WriteByte((byte)' ');
        }

        return memory.ToArray();
    }

    private static TensorFile Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < LengthBytes)
        {
            throw new MalformedException($"it has {bytes.Length} bytes, too few for the length of a header");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        var rest = bytes[LengthBytes..];
        if (length > MaxHeaderLength || length > (ulong)rest.Length)
        {
            throw new MalformedException(
                $"it is no safetensors file, or cut off: it says that its header has {length} bytes; {rest.Length} follow, and a header has at most {MaxHeaderLength}");
        }

        // JSON's own message would not say which part of the file it is about.
        if (rest.Span[..(int)length].IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw new MalformedException("it is no safetensors file: its header is empty");
        }

        using var header = Malformed.Parse(rest[..(int)length]);
        var data = rest[(int)length..];
        var places = new List<Place>();
        var metadata = new List<TensorMetadata>();
        if (header.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new MalformedException("its header is no JSON object");
        }

        foreach (var member in header.RootElement.EnumerateObject())
        {
            if (member.Name == MetadataName)
            {
                metadata.AddRange(Metadata(member.Value));
            }
            else
            {
                places.Add(PlaceOf(member));
            }
        }

        places.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var next = 0L;
        foreach (var place in places)
        {
            if (place.Begin != next || place.End > data.Length)
            {
                throw new MalformedException(
                    $"the tensor '{place.Name}' lies at {place.Begin} to {place.End}, expected from {next} to at most {data.Length}");
            }

            next = place.End;
        }

        return next == data.Length
            ? new(new(metadata), new(places.Select(p => new NamedTensor(p.Name, p.Type, p.Shape, data[(int)p.Begin..(int)p.End]))))
            : throw new MalformedException($"{data.Length - next} bytes at the end belong to no tensor");
    }

    private static IEnumerable<TensorMetadata> Metadata(JsonElement json) => json.ValueKind == JsonValueKind.Object
        ? json.EnumerateObject().Select(member => new TensorMetadata(member.Name, member.Value.Text()))
        : throw new MalformedException($"'{MetadataName}' is no JSON object");

    private static Place PlaceOf(JsonProperty member)
    {
        var type = member.Value.Member("dtype").Named(
            "dtype (read are F32, I64 and U8)", ("F32", TensorType.F32), ("I64", TensorType.I64), ("U8", TensorType.U8));
        var shape = member.Value.Member("shape").Items(Malformed.LongInteger);
        var offsets = member.Value.Member("data_offsets").Items(Malformed.LongInteger);
        if (offsets is not [var begin, var end] || begin < 0 || end < begin)
        {
            throw new MalformedException($"the tensor '{member.Name}' lies at {offsets}, which is no place");
        }

        return NamedTensor.SizeOf(type, shape) == end - begin
            ? new(member.Name, type, shape, begin, end)
            : throw new MalformedException($"the tensor '{member.Name}' of shape {shape} and dtype {type} has {end - begin} bytes");
    }

    private readonly record struct Place(string Name, TensorType Type, EquatableArray<long> Shape, long Begin, long End);
}
