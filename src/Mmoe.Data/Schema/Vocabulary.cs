using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace Mmoe.Data;

/// <summary>A closed, ordered set of texts. A text's position is its code.</summary>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>How many bytes of a text the table itself holds.</summary>
    private const int HeadLength = 16;

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
        Span<byte> padded = stackalloc byte[HeadLength];
        for (var code = 0; code < bytes.Length; code++)
        {
            var text = bytes[code];
            padded.Clear();
            text.AsSpan(0, Math.Min(text.Length, HeadLength)).CopyTo(padded);
            var head = Head(in padded[0], text.Length);
            var slot = this.Search(head, text);
            if (this.slots[slot].CodePlusOne != 0)
            {
                throw new ArgumentException($"The text '{this.texts[code]}' occurs twice.", nameof(texts));
            }

            text.CopyTo(this.utf8, start);
            this.slots[slot] = new(head, text.Length, code + 1, start);
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
    public int IndexOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= HeadLength)
        {
            return this.IndexOfPadded(utf8);
        }

        Span<byte> padded = stackalloc byte[HeadLength];
        utf8.CopyTo(padded);
        return this.IndexOfPadded(padded[..utf8.Length]);
    }

    /// <summary><see cref="IndexOf(ReadOnlySpan{byte})"/> for a text after whose start at least sixteen bytes may be read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int IndexOfPadded(ReadOnlySpan<byte> utf8) =>
        this.slots[this.Search(Head(in MemoryMarshal.GetReference(utf8), utf8.Length), utf8)].CodePlusOne - 1;

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

    /// <summary>The first sixteen bytes of a text, zero where the text has ended. Reads sixteen bytes, however long the text is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Head(ref readonly byte start, int length) =>
        (Vector128.LoadUnsafe(in start)
            & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)Math.Min(length, HeadLength)))).AsUInt64();

    /// <summary>Both halves of a full 64 × 64 bit product, folded. Hashes live only in this process.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left ^ 0xD6E8FEB86659FD93, right ^ 0x9E3779B97F4A7C15, out var low);
        return high ^ low;
    }

    /// <summary>The bytes after the head, eight at a time; the last step overlaps the one before.</summary>
    private static ulong HashRest(ulong hash, ReadOnlySpan<byte> text)
    {
        for (var rest = text[HeadLength..]; rest.Length > sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash = Fold(hash, MemoryMarshal.Read<ulong>(rest));
        }

        return Fold(hash, MemoryMarshal.Read<ulong>(text[^sizeof(ulong)..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(Vector128<ulong> head, ReadOnlySpan<byte> text)
    {
        var hash = Fold(head[0] ^ (uint)text.Length, head[1]);
        return (uint)(text.Length > HeadLength ? HashRest(hash, text) : hash);
    }

    /// <summary>The slot that holds the text, or the empty one where it would belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Search(Vector128<ulong> head, ReadOnlySpan<byte> text)
    {
        var slots = this.slots;
        var index = (int)Hash(head, text);
        while (true)
        {
            index &= slots.Length - 1;
            ref readonly var slot = ref slots[index];
            if (slot.CodePlusOne == 0 || (slot.Head == head && slot.Length == text.Length
                && (text.Length <= HeadLength || this.RestEquals(slot, text))))
            {
                return index;
            }

            index++;
        }
    }

    private bool RestEquals(in Slot slot, ReadOnlySpan<byte> text) =>
        this.utf8.AsSpan(slot.Start + HeadLength, text.Length - HeadLength).SequenceEqual(text[HeadLength..]);

    /// <summary>A text's first bytes stand in the table itself: most texts are compared without another look-up.</summary>
    private readonly record struct Slot(Vector128<ulong> Head, int Length, int CodePlusOne, int Start);
}
