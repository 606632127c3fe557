using System.Text;
using System.Text.Json;

namespace Mmoe.Model;

/// <summary>JSON as text, without reflection.</summary>
internal static class JsonText
{
    /// <summary>What a function writes, on one line.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
