using System.Buffers;
using System.Globalization;
using System.Text;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>A configuration in a file: YAML, one level of keys with values or lists.</summary>
public static class ConfigFile
{
    /// <summary>The most bytes of a file that are read. All keys take some thousand.</summary>
    internal const int MaxBytes = 1 << 20;

    private const int MaxShown = 400;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What faults call it; null for its path.</param>
    /// <returns>Its entries in their order, see <see cref="Parse"/>; or a fault: it is not there, too large, not UTF-8.</returns>
    public static Validation<Fault, Seq<ConfigEntry>> Read(string path, string? name = null)
    {
        var whole = new FileLocation(name ?? path);
        try
        {
            return Directory.Exists(path) ? Wrong(whole, "this is a folder", "name a file in it")
                : !File.Exists(path) ? Wrong(whole, "there is no such file", "name a YAML file of keys and values")
                : ReadBytes(path) is not { } bytes
                    ? Wrong(whole, string.Create(CultureInfo.InvariantCulture, $"has more than {MaxBytes} bytes"), "this is no configuration")
                : Decode(bytes, whole.File).Bind(text => Parse(text, whole.File));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Wrong(whole, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML: a mapping of keys to scalars, to lists of scalars or, where a key takes names with values, to a mapping.</param>
    /// <param name="name">What faults call the file.</param>
    /// <returns>
    /// The entries in their order, each with a text as <see cref="Setting.Apply"/> reads it or with what is wrong with it, so that values and
    /// all else can be told of at once; see <see cref="ConfigLayers.Effective"/>. Or what keeps the text from being such a mapping at all.
    /// </returns>
    public static Validation<Fault, Seq<ConfigEntry>> Parse(string text, string name)
    {
        var (entries, faults) = ConfigReader.Read(text, name);
        return faults.IsEmpty
            ? Success<Fault, Seq<ConfigEntry>>(entries)
            : Fail<Fault, Seq<ConfigEntry>>((entries.Bind(entry => entry.Text.FailAsEnumerable().ToSeq()) + faults)
                .OrderBy(fault => fault.Where!.Line)
                .ThenBy(fault => fault.Where!.Column)
                .ToSeq()
                .Strict());
    }

    /// <summary>A fault of what stands in a file: in its place, short, and without characters that could steer a terminal.</summary>
    internal static Fault Located(Fault fault, FileLocation at) => fault with
    {
        Where = at,
        What = Shown(fault.What),
        Hint = fault.Hint is null ? null : Shown(fault.Hint),
    };

    private static string Shown(string text)
    {
        // The keys of the configuration are a long list, and the user's text stands before them.
        var cut = text.Length > MaxShown && !text.StartsWith("the keys are ", StringComparison.Ordinal);
        var shown = new StringBuilder(cut ? text[..MaxShown] : text).Append(cut ? "…" : "");
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = char.IsControl(shown[i]) ? '\uFFFD' : shown[i];
        }

        return shown.ToString();
    }

    // A pipe has no length, and what grows has another one than before.
    private static byte[]? ReadBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[MaxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length > MaxBytes ? null : bytes[..length];
    }

    private static Validation<Fault, string> Decode(byte[] bytes, string name)
    {
        var content = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
        var valid = 0;
        while (valid < content.Length && Rune.DecodeFromUtf8(content[valid..], out _, out var length) == OperationStatus.Done)
        {
            valid += length;
        }

        var text = Strict.GetString(content[..valid]);
        return valid == content.Length
            ? Success<Fault, string>(text)
            : Fail<Fault, string>(Fault.Usage("this is not UTF-8", "save the file as UTF-8") with { Where = EndOf(text, name) });
    }

    /// <summary>The place after a text.</summary>
    internal static FileLocation EndOf(ReadOnlySpan<char> text, string name)
    {
        var line = 1 + text.Count('\n');
        return new(name, line, text.Length - text.LastIndexOf('\n'));
    }

    private static Validation<Fault, Seq<ConfigEntry>> Wrong(FileLocation whole, string what, string? hint = null) =>
        Fail<Fault, Seq<ConfigEntry>>(Fault.Usage(what, hint) with { Where = whole });
}
