using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Training.Fused;

/// <summary>
/// Marks of the first layer's rows that have a gradient: a byte for each vector of the matrix, 1 where it is the first of such a row.
/// </summary>
/// <remarks>
/// Each share of a batch's work has marks of its own. Were they common, two processors would write to the same few lines of the cache for
/// every row of the batch, and wait a tenth of a microsecond each time.
/// </remarks>
internal sealed unsafe class TouchedRows : IDisposable
{
    // Two lines of the cache: processors fetch them in pairs.
    private const int Apart = 128;

    private readonly AlignedMemory<byte> marks;
    private readonly int shares;
    private readonly nint size;
    private volatile bool isShared;

    /// <summary>Nothing is marked.</summary>
    /// <param name="places">The vectors of the matrix.</param>
    /// <param name="shares">How many mark at the same time, at most.</param>
    public TouchedRows(int places, int shares)
    {
        (this.shares, this.size) = (shares, ((nint)places + Apart + Apart - 1) / Apart * Apart);
        this.marks = new(this.size * shares);
    }

    /// <summary>The marks of a share, to be set to 1.</summary>
    public byte* Of(int share)
    {
        // All shares come here at once, and a share that wrote back what it had read would undo what another wrote meanwhile.
        if (share > 0)
        {
            this.isShared = true;
        }

        return this.At(share);
    }

    /// <summary>Marks the row that begins at a place.</summary>
    public void Mark(int share, int place) => this.Of(share)[place] = 1;

    /// <summary>Adds the marks of all shares, for some places, to those of the first, which are returned; the others' are cleared.</summary>
    /// <param name="from">The first place.</param>
    /// <param name="to">The end of them.</param>
    [MethodImpl(Compiled.AtOnce)]
    public byte* Merge(nint from, nint to)
    {
        var merged = this.At(0);
        for (var share = 1; this.isShared && share < this.shares; share++)
        {
            var own = this.At(share);
            var at = from;
            for (; at + Vector256<byte>.Count <= to; at += Vector256<byte>.Count)
            {
                (Vector256.Load(merged + at) | Vector256.Load(own + at)).Store(merged + at);
                Vector256<byte>.Zero.Store(own + at);
            }

            for (; at < to; at++)
            {
                merged[at] |= own[at];
                own[at] = 0;
            }
        }

        return merged + from;
    }

    /// <summary>All places were merged.</summary>
    public void EndMerge() => this.isShared = false;

    /// <summary>Clears all marks.</summary>
    public void Clear() => this.marks.Span.Clear();

    /// <inheritdoc/>
    public void Dispose() => this.marks.Dispose();

    private byte* At(int share) => this.marks.Pointer + (share * this.size);
}
