using System.IO.Compression;

namespace Mmoe.Data;

/// <summary>The uncompressed bytes of a gzip file, of one member or several; a file that was cut off is noticed.</summary>
/// <remarks>
/// <see cref="GZipStream"/> takes the end of its input for the end of the data, wherever that is, so that half a file would read as a short
/// one. Here a member of known content is fed in after the file's end: unless it comes out at the end, the file ended inside a member.
/// </remarks>
internal sealed class GzipText : Stream
{
    private const string CutOff = "ends in the middle of compressed data";

    private readonly MarkedInput input;
    private readonly GZipStream gzip;
    private readonly byte[] buffer = new byte[1 << 16];
    private int position;
    private int end;

    public GzipText(Stream compressed)
    {
        this.input = new(compressed);
        this.gzip = new(this.input, CompressionMode.Decompress, leaveOpen: false);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => this.Read(buffer.AsSpan(offset, count));

    /// <exception cref="InvalidDataException">The file is damaged or not whole.</exception>
    public override int Read(Span<byte> into)
    {
        // The last bytes are held back: they may be the mark.
        while (this.end - this.position <= Mark.Text.Length)
        {
            this.buffer.AsSpan(this.position..this.end).CopyTo(this.buffer);
            (this.position, this.end) = (0, this.end - this.position);
            var count = this.Inflate();
            if (count == 0)
            {
                return this.buffer.AsSpan(0, this.end).SequenceEqual(Mark.Text) ? 0 : throw new InvalidDataException(CutOff);
            }

            this.end += count;
        }

        var given = Math.Min(into.Length, this.end - this.position - Mark.Text.Length);
        this.buffer.AsSpan(this.position, given).CopyTo(into);
        this.position += given;
        return given;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            this.gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Inflate()
    {
        try
        {
            return this.gzip.Read(this.buffer.AsSpan(this.end));
        }
        catch (InvalidDataException e)
        {
            // Where the mark was read as compressed data, the data before it were not complete.
            throw new InvalidDataException(this.input.MarkWasRead ? CutOff : "holds damaged compressed data", e);
        }
    }

    private static class Mark
    {
        /// <summary>Letters, which compression never leaves as they are: cut-off data that swallow the mark don't end with it.</summary>
        public static readonly byte[] Text = "the end of the compressed file"u8.ToArray();

        public static readonly byte[] Member = Compress();

        private static byte[] Compress()
        {
            using var target = new MemoryStream();
            using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
            {
                gzip.Write(Text);
            }

            return target.ToArray();
        }
    }

    /// <summary>The file followed by the mark.</summary>
    private sealed class MarkedInput(Stream file) : Stream
    {
        private int marked = -1;

        public bool MarkWasRead => this.marked >= 0;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => this.Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> into)
        {
            if (this.marked < 0)
            {
                var count = file.Read(into);
                if (count > 0 || into.IsEmpty)
                {
                    return count;
                }

                this.marked = 0;
            }

            var given = Math.Min(into.Length, Mark.Member.Length - this.marked);
            Mark.Member.AsSpan(this.marked, given).CopyTo(into);
            this.marked += given;
            return given;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
