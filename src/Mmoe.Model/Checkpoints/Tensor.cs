using System.Buffers.Binary;

namespace Mmoe.Model;

/// <summary>The element types that are read and written; the names are those of safetensors.</summary>
public enum TensorType
{
    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>Signed integers of 64 bits.</summary>
    I64,

    /// <summary>Unsigned bytes.</summary>
    U8,
}

/// <summary>A named, contiguous, row-major tensor as a safetensors file holds it: little-endian bytes.</summary>
public sealed class Tensor
{
    /// <summary>Takes bytes; they must not change afterwards.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">Its dimensions; none for a single number.</param>
    /// <param name="bytes">The elements, little-endian.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public Tensor(string name, TensorType type, EquatableArray<long> shape, ReadOnlyMemory<byte> bytes)
    {
        if (SizeOf(type, shape) != bytes.Length)
        {
            throw new ArgumentException($"the tensor '{name}' of shape {shape} cannot have {bytes.Length} bytes", nameof(bytes));
        }

        this.Name = name;
        this.Type = type;
        this.Shape = shape;
        this.Bytes = bytes;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public TensorType Type { get; }

    /// <summary>Its dimensions.</summary>
    public EquatableArray<long> Shape { get; }

    /// <summary>The elements, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A tensor of single precision.</summary>
    public static Tensor Of(string name, EquatableArray<long> shape, ReadOnlySpan<float> values)
    {
        var bytes = new byte[sizeof(float) * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), values[i]);
        }

        return new(name, TensorType.F32, shape, bytes);
    }

    /// <summary>Writes the elements.</summary>
    /// <exception cref="InvalidOperationException">They are not of single precision.</exception>
    public void CopyTo(Span<float> values)
    {
        if (this.Type != TensorType.F32)
        {
            throw new InvalidOperationException($"the tensor '{this.Name}' is {this.Type}, not F32");
        }

        for (var i = 0; i * sizeof(float) < this.Bytes.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(this.Bytes.Span[(sizeof(float) * i)..]);
        }
    }

    /// <summary>Bytes per element.</summary>
    internal static int SizeOf(TensorType type) => type switch { TensorType.F32 => 4, TensorType.I64 => 8, _ => 1 };

    /// <summary>Bytes of a tensor; null if a dimension is negative or 64 bits do not hold the number.</summary>
    internal static long? SizeOf(TensorType type, EquatableArray<long> shape)
    {
        Int128 size = SizeOf(type);
        foreach (var length in shape)
        {
            size *= length;
            if (length < 0 || size > long.MaxValue)
            {
                return null;
            }
        }

        return (long)size;
    }
}

/// <summary>A text that a safetensors file carries beside its tensors.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The text.</param>
public sealed record TensorMetadata(string Key, string Value);

/// <summary>The content of a safetensors file.</summary>
/// <param name="Metadata">Texts.</param>
/// <param name="Tensors">Tensors, in the order of the file.</param>
public sealed record TensorFile(EquatableArray<TensorMetadata> Metadata, EquatableArray<Tensor> Tensors)
{
    /// <summary>The text of a name; null if there is none.</summary>
    public string? Text(string key) => this.Metadata.FirstOrDefault(m => m.Key == key)?.Value;
}
