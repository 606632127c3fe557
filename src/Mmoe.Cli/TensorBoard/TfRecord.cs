using System.Buffers.Binary;
using System.Numerics;

namespace Mmoe.Cli.TensorBoard;

/// <summary>
/// The framing of TensorFlow's record files: the length in 8 bytes, its checksum in 4, the data, their checksum in 4; all little-endian.
/// </summary>
internal static class TfRecord
{
    /// <summary>Writes a record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, (ulong)data.Length);
        stream.Write(number);
        WriteChecksum(stream, number);
        stream.Write(data);
        WriteChecksum(stream, data);
    }

    /// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4).</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    // A checksum of data that hold checksums themselves would be weak: the format masks it.
    private static void WriteChecksum(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(number, unchecked(BitOperations.RotateRight(Crc32C(data), 15) + 0xa282ead8));
        stream.Write(number);
    }
}
