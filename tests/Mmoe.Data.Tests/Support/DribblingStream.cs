namespace Mmoe.Data.Tests;

/// <summary>Gives a few bytes at a time, as networks and decompressors do.</summary>
internal sealed class DribblingStream(byte[] bytes, int seed) : Stream
{
    private readonly Random random = new(seed);
    private int position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var given = Math.Min(Math.Min(count, bytes.Length - this.position), this.random.Next(1, 8));
        bytes.AsSpan(this.position, given).CopyTo(buffer.AsSpan(offset));
        this.position += given;
        return given;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
