using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes <c>path.tmp</c>, flushes it to the disk and renames it: whoever reads <paramref name="path"/>, also after a crash, finds the
    /// old file or the new one. What a killed process left behind is overwritten by the next writer.
    /// </summary>
    /// <param name="path">The file to make or replace; its folder is made if it is not there.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>Nothing, or a fault; on a fault and on any exception the temporary file is gone and the old file untouched.</returns>
    public static Validation<Fault, Unit> Write(string path, Action<Stream> write) => Write(
        path,
        path + ".tmp",
        FileMode.Create,
        stream =>
        {
            write(stream);
            return Success<Fault, Unit>(unit);
        },
        overwrite: true);

    /// <summary>
    /// As <see cref="Write(string, Action{Stream})"/>, for a file that the user names: nothing of theirs is replaced, neither a file at
    /// <paramref name="path"/>, which is a fault, nor one that has the temporary file's name.
    /// </summary>
    /// <param name="path">The file to make; its folder is made if it is not there.</param>
    /// <param name="write">Writes the content, or says why it cannot.</param>
    /// <returns>Nothing, or a fault; on a fault, also the writer's own, and on any exception the temporary file is gone.</returns>
    public static Validation<Fault, Unit> Create(string path, Func<Stream, Validation<Fault, Unit>> write) =>
        Write(path, $"{path}.{Path.GetRandomFileName()}", FileMode.CreateNew, write, overwrite: false);

    private static Validation<Fault, Unit> Write(
        string path, string temporary, FileMode mode, Func<Stream, Validation<Fault, Unit>> write, bool overwrite)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var stream = new FileStream(temporary, mode, FileAccess.Write, FileShare.None);
            var moved = false;
            try
            {
                Validation<Fault, Unit> written;
                using (stream)
                {
                    written = write(stream);
                    stream.Flush(flushToDisk: true);
                }

                if (written.IsSuccess)
                {
                    File.Move(temporary, path, overwrite);
                    moved = true;
                }

                return written;
            }
            finally
            {
                if (!moved)
                {
                    File.Delete(temporary);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, Unit>(new Fault(FaultKind.Run, $"cannot be written: {e.Message}", new FileLocation(path)));
        }
    }
}
