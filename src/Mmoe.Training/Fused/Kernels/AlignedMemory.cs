using System.Runtime.InteropServices;

namespace Mmoe.Training.Fused;

/// <summary>
/// Memory that begins at a cache line and that the garbage collector neither moves nor sees: what kernels point into. It is zero at first.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
internal sealed unsafe class AlignedMemory<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Bytes of a cache line, and of a vector of 16 floats.</summary>
    private const int Alignment = 64;

    private readonly nuint bytes;
    private readonly T* start;
    private void* allocated;

    /// <summary>Allocates.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="number">
    /// Which of several vectors it is that one loop goes along: they then begin at different places of their pages. A processor takes a load
    /// for one of what was just stored where only their places within a page are the same, and waits.
    /// </param>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public AlignedMemory(long length, int number = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        const int Apart = 17 * Alignment;
        var lead = (nuint)(number * Apart);
        this.Length = length;
        this.bytes = checked(((nuint)length * (nuint)sizeof(T)) + lead + Alignment);
        this.allocated = NativeMemory.AlignedAlloc(this.bytes, Alignment);
        NativeMemory.Clear(this.allocated, this.bytes);
        this.start = (T*)((byte*)this.allocated + lead);
        GC.AddMemoryPressure((long)this.bytes);
    }

    /// <summary>Frees what nobody disposed of.</summary>
    ~AlignedMemory() => this.Free();

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The first element.</summary>
    /// <exception cref="ObjectDisposedException">The memory is freed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(this.allocated is null, this);
            return this.start;
        }
    }

    /// <summary>All elements.</summary>
    /// <exception cref="OverflowException">There are more than a span can hold.</exception>
    public Span<T> Span => new(this.Pointer, checked((int)this.Length));

    /// <inheritdoc/>
    public void Dispose()
    {
        this.Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (this.allocated is not null)
        {
            NativeMemory.AlignedFree(this.allocated);
            this.allocated = null;
            GC.RemoveMemoryPressure((long)this.bytes);
        }
    }
}
