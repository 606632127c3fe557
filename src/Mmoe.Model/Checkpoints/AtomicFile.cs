using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>Files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes <c>path.tmp</c>, flushes it to the disk and renames it: whoever reads <paramref name="path"/>, also after a crash, finds the
    /// old file or the new one. What a killed process left behind is overwritten by the next writer.
    /// </summary>
    /// <param name="path">The file to make or replace; its folder is made if it is not there.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>Nothing, or a fault; on a fault and on any exception the temporary file is gone and the old file untouched.</returns>
    public static Validation<Fault, Unit> Write(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None);
            try
            {
                using (stream)
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }

            return Success<Fault, Unit>(unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, Unit>(new Fault(FaultKind.Run, $"cannot be written: {e.Message}", new FileLocation(path)));
        }
    }
}
