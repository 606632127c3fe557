using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mmoe.Cli;

/// <summary>JSON as text.</summary>
internal static class JsonText
{
    /// <summary>Indented JSON, with the characters of any script as they are.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
