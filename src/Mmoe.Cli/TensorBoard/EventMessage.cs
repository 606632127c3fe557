using System.Buffers.Binary;
using System.Text;

namespace Mmoe.Cli.TensorBoard;

/// <summary>
/// The part of TensorFlow's <c>Event</c> message that scalars need, in Protocol Buffers' encoding. The fields of <c>Event</c> are 1
/// wall_time, 2 step, 3 file_version and 5 summary; of <c>Summary</c> 1 value, repeated; of a value 1 tag and 2 simple_value.
/// </summary>
internal static class EventMessage
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <summary>The event that a file begins with.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    public static byte[] Version(double wallTime)
    {
        var message = new MemoryStream();
        Write(message, 1, wallTime);
        Write(message, 3, "brain.Event:2"u8);
        return message.ToArray();
    }

    /// <summary>Numbers of one step.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="values">Numbers with their tags.</param>
    public static byte[] Scalars(double wallTime, long step, IEnumerable<(string Tag, double Value)> values)
    {
        var summary = new MemoryStream();
        foreach (var (tag, number) in values)
        {
            var value = new MemoryStream();
            Write(value, 1, Encoding.UTF8.GetBytes(tag));
            Write(value, 2, (float)number);
            Write(summary, 1, value.ToArray());
        }

        var message = new MemoryStream();
        Write(message, 1, wallTime);
        Write(message, (ulong)((2 << 3) | Varint));
        Write(message, (ulong)step);
        Write(message, 5, summary.ToArray());
        return message.ToArray();
    }

    private static void Write(MemoryStream message, int field, double number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        Write(message, (ulong)((field << 3) | Fixed64));
        message.Write(bytes);
    }

    private static void Write(MemoryStream message, int field, float number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, number);
        Write(message, (ulong)((field << 3) | Fixed32));
        message.Write(bytes);
    }

    private static void Write(MemoryStream message, int field, ReadOnlySpan<byte> bytes)
    {
        Write(message, (ulong)((field << 3) | Delimited));
        Write(message, (ulong)bytes.Length);
        message.Write(bytes);
    }

    private static void Write(MemoryStream message, ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            message.WriteByte((byte)(number | 0x80));
        }

        message.WriteByte((byte)number);
    }
}
