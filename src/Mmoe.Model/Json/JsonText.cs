using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mmoe.Model;

/// <summary>JSON as text, without reflection. The rooms above compile this file in, so that it is no part of the package's surface.</summary>
internal static class JsonText
{
    // A line feed on every system; characters of any script as they are, since no HTML is near.
    private static readonly JsonWriterOptions ForReaders =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a function writes, on one line.</summary>
    public static string Of(Action<Utf8JsonWriter> write) => Of(write, default);

    /// <summary>What a function writes, for people to read: indented, without a line feed at the end.</summary>
    public static string Indented(Action<Utf8JsonWriter> write) => Of(write, ForReaders);

    private static string Of(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }
}
