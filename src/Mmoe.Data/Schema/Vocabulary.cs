using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Mmoe.Data;

/// <summary>A closed, ordered set of texts. A text's position is its code.</summary>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string[] texts;
    private readonly byte[] utf8;
    private readonly Slot[] slots;
    private readonly int longest;

    /// <summary>Takes the texts in code order.</summary>
    /// <param name="texts">The texts, all different.</param>
    /// <exception cref="ArgumentException">A text occurs twice, is null or no Unicode text, or there is none.</exception>
    public Vocabulary(params ReadOnlySpan<string> texts)
    {
        if (texts.IsEmpty)
        {
            throw new ArgumentException("A vocabulary holds at least one text.", nameof(texts));
        }

        this.texts = texts.ToArray();
        var bytes = new byte[this.texts.Length][];
        for (var code = 0; code < bytes.Length; code++)
        {
            bytes[code] = ToUtf8(this.texts[code], code);
        }

        // Half empty at most: a search then looks at one or two slots.
        this.slots = new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes.Length * 2)];
        this.utf8 = new byte[bytes.Sum(b => b.Length)];
        var start = 0;
        for (var code = 0; code < bytes.Length; code++)
        {
            var text = bytes[code];
            var hash = Hash(text);
            var slot = this.Search(hash, text);
            if (this.slots[slot].CodePlusOne != 0)
            {
                throw new ArgumentException($"The text '{this.texts[code]}' occurs twice.", nameof(texts));
            }

            text.CopyTo(this.utf8, start);
            this.slots[slot] = new(hash, code + 1, start, text.Length);
            start += text.Length;
            this.longest = Math.Max(this.longest, text.Length);
        }
    }

    /// <summary>The number of texts.</summary>
    public int Count => this.texts.Length;

    /// <summary>The text of a code.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such code.</exception>
    public string this[int code] => this.texts[code];

    /// <summary>The texts in code order.</summary>
    public ReadOnlySpan<string> Texts => this.texts;

    /// <summary>The code of a text, or -1. Compares exactly; allocates nothing.</summary>
    public int IndexOf(ReadOnlySpan<char> text)
    {
        // A UTF-16 character takes at least one byte of UTF-8, so that a longer text cannot be here.
        if (text.Length > this.longest)
        {
            return -1;
        }

        const int OnStack = 256;
        var size = text.Length * 3;
        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var buffer = rented ?? stackalloc byte[OnStack];
        var status = Utf8.FromUtf16(text, buffer, out _, out var written, replaceInvalidSequences: false);
        var code = status == OperationStatus.Done ? this.IndexOf(buffer[..written]) : -1;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }

    /// <summary>The code of a text in UTF-8, or -1. Compares exactly; allocates nothing.</summary>
    public int IndexOf(ReadOnlySpan<byte> utf8) => this.slots[this.Search(Hash(utf8), utf8)].CodePlusOne - 1;

    /// <summary>The text nearest to one that is not in the vocabulary, by edit distance; null if none is near.</summary>
    /// <remarks>Near is at most a third of the longer text's characters, and less than all of them. Of equals, the first.</remarks>
    public string? Nearest(ReadOnlySpan<char> text) => EditDistance.Nearest(text, this.texts);

    /// <inheritdoc/>
    public bool Equals(Vocabulary? other) => other is not null && this.Texts.SequenceEqual(other.Texts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => this.Equals(obj as Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(this.texts.Length, this.texts[0], this.texts[^1]);

    /// <summary>The number of texts and the first few.</summary>
    public override string ToString() =>
        $"{this.Count} values: {string.Join(", ", this.texts.Take(3))}{(this.Count > 3 ? ", ..." : "")}";

    private static byte[] ToUtf8(string text, int code)
    {
        try
        {
            return text is null ? throw new ArgumentException($"The text of code {code} is null.", nameof(texts)) : Strict.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"The text of code {code} holds half of a surrogate pair.", nameof(texts), e);
        }
    }

    /// <summary>
    /// Eight bytes at a time, each folded in by a full 64 × 64 bit multiplication; the last step overlaps. Values only live in this process.
    /// </summary>
    private static uint Hash(ReadOnlySpan<byte> text)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        var hash = (ulong)text.Length * Odd;
        ulong last;
        if (text.Length >= sizeof(ulong))
        {
            for (var rest = text; rest.Length > sizeof(ulong); rest = rest[sizeof(ulong)..])
            {
                hash = Fold(hash ^ MemoryMarshal.Read<ulong>(rest));
            }

            last = MemoryMarshal.Read<ulong>(text[^sizeof(ulong)..]);
        }
        else if (text.Length >= sizeof(uint))
        {
            last = MemoryMarshal.Read<uint>(text) | ((ulong)MemoryMarshal.Read<uint>(text[^sizeof(uint)..]) << 32);
        }
        else
        {
            last = text.IsEmpty ? 0ul : text[0] | ((uint)text[text.Length >> 1] << 8) | ((uint)text[^1] << 16);
        }

        return (uint)Fold(hash ^ last);

        static ulong Fold(ulong value)
        {
            var high = Math.BigMul(value ^ 0xD6E8FEB86659FD93, Odd, out var low);
            return high ^ low;
        }
    }

    /// <summary>The slot that holds the text, or the empty one where it would belong.</summary>
    private int Search(uint hash, ReadOnlySpan<byte> text)
    {
        var slots = this.slots;
        var mask = slots.Length - 1;
        var index = (int)hash & mask;
        while (true)
        {
            ref readonly var slot = ref slots[index];
            if (slot.CodePlusOne == 0
                || (slot.Hash == hash && slot.Length == text.Length && this.utf8.AsSpan(slot.Start, slot.Length).SequenceEqual(text)))
            {
                return index;
            }

            index = (index + 1) & mask;
        }
    }

    private readonly record struct Slot(uint Hash, int CodePlusOne, int Start, int Length);
}
