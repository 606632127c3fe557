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

    private T* pointer;

    /// <summary>Allocates.</summary>
    /// <param name="length">The number of elements.</param>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public AlignedMemory(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var bytes = checked((nuint)length * (nuint)sizeof(T));
        this.Length = length;
        this.pointer = (T*)NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(this.pointer, bytes);
        GC.AddMemoryPressure(Math.Max(1, (long)bytes));
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
            ObjectDisposedException.ThrowIf(this.pointer is null, this);
            return this.pointer;
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
        if (this.pointer is not null)
        {
            NativeMemory.AlignedFree(this.pointer);
            this.pointer = null;
            GC.RemoveMemoryPressure(Math.Max(1, this.Length * sizeof(T)));
        }
    }
}
