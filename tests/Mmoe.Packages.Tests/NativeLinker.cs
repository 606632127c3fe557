namespace Mmoe.Packages.Tests;

/// <summary>What an SDK does not bring and a native program needs: Microsoft's prerequisites of native compilation.</summary>
internal static class NativeLinker
{
    // What the SDK does: clang, else gcc. A linker without the C library's or zlib's files for developers links nothing.
    private const string Probe = """
        cc=$(command -v clang || command -v gcc) || { echo 'neither clang nor gcc is on the path'; exit 1; }
        echo 'int main(void) { return 0; }' | "$cc" -x c - -lz -o "$1"
        """;

    /// <summary>Why no native program can be linked here; null if one can, or if only the attempt would tell.</summary>
    /// <param name="path">Where programs are looked for; null for the path of this process.</param>
    public static string? Missing(string? path = null)
    {
        // Visual Studio's linker is on no path: the SDK searches the machine for it.
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("mmoe-linker-").FullName;
        try
        {
            var set = path is null ? "" : $"PATH='{path}'\n";
            var probed = Shell.Run("/bin/sh", folder, "-c", set + Probe, "sh", Path.Combine(folder, "empty"));
            return probed.Code == 0
                ? null
                : $"needs clang or gcc, and zlib's development files (on Debian gcc and zlib1g-dev): {probed.Output.Trim()}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>The test that needs a linker is skipped for want of one only.</summary>
[Trait("Kind", "package")]
public sealed class NativeLinkerTests
{
    [SkippableFact]
    public void Without_a_compiler_the_reason_says_what_to_install()
    {
        Skip.If(OperatingSystem.IsWindows(), "the SDK searches the machine for Visual Studio's linker");
        Assert.Equal(
            "needs clang or gcc, and zlib's development files (on Debian gcc and zlib1g-dev): neither clang nor gcc is on the path",
            NativeLinker.Missing(path: "/nowhere"));
    }
}
