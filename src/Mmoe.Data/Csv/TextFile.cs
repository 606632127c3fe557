using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>Opens a file of text, plain or gzip; which of them, its first two bytes tell.</summary>
public static class TextFile
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="again">How to get the file again, for one that is empty; null if that is not known.</param>
    /// <returns>
    /// The uncompressed bytes. Reading them throws <see cref="InvalidDataException"/> where compressed data are damaged or end early, which
    /// <see cref="CsvReader"/> turns into a fault. Or a fault: the file is missing, empty, a directory, or may not be read.
    /// </returns>
    public static Validation<Fault, Stream> Open(string path, string? again = null)
    {
        FileStream? file = null;
        try
        {
            // The readers have buffers of their own.
            file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            Span<byte> start = stackalloc byte[2];
            var count = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
            if (count == 0)
            {
                file.Dispose();
                return Fail<Fault, Stream>(Fault.Data("the file is empty", new(path), again));
            }

            file.Position = 0;
            return Success<Fault, Stream>(count == 2 && start is [0x1F, 0x8B] ? new GzipText(file) : file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            return Fail<Fault, Stream>(Fault.Data("there is no such file", new(path), $"looked in {folder}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            file?.Dispose();
            return Fail<Fault, Stream>(Fault.Data($"the file cannot be opened: {e.Message}", new(path)));
        }
    }
}
