using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using LanguageExt;
using Mmoe.Data;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Mmoe.Training.Torch;

/// <summary>
/// Loads TorchSharp's native library, on older Linux too. TorchSharp 0.107.0 is linked for GCC 13's libstdc++ (symbol version
/// GLIBCXX_3.4.32) because of one symbol, <c>_ZSt21ios_base_library_initv</c>, that no relocation uses; Debian 12 and Ubuntu 22.04 have an
/// older libstdc++ and their loader refuses the file. Marking that one requirement weak, in a copy, is all that is needed.
/// </summary>
/// <remarks>
/// Nothing of the kind happens where the ordinary load works. Call <see cref="Ensure"/> before anything of <c>torch</c> is touched: without
/// it, TorchSharp answers a failed load by copying hundreds of megabytes out of the NuGet folder and printing to standard output.
/// </remarks>
public static class LibTorch
{
    /// <summary>The version of libtorch that the TorchSharp package is built for.</summary>
    internal const string PackageVersion = "2.10.0";

    /// <summary>The version of CUDA that TorchSharp's libtorch is built for, as in the names of its packages.</summary>
    internal const string CudaVersion = "12.8";

    /// <summary>The name that TorchSharp's platform invokes ask for.</summary>
    private const string TorchSharpLibrary = "LibTorchSharp";

    private static readonly Lock Gate = new();
    private static volatile bool loaded;
    private static nint patchedLibrary;

    /// <summary>
    /// Makes TorchSharp usable in this process. Idempotent and safe to call from any thread; what failed is tried again by the next call.
    /// Costs the load of libtorch, a few tenths of a second, once.
    /// </summary>
    /// <returns>A <see cref="FaultKind.Run"/> fault: the package to add where libtorch is missing, or what the loader said.</returns>
    public static Validation<Fault, Unit> Ensure()
    {
        if (loaded)
        {
            return Unit.Default;
        }

        lock (Gate)
        {
            if (loaded)
            {
                return Unit.Default;
            }

            var result = LoadsOrdinarily() ? Unit.Default
                : OperatingSystem.IsLinux() ? LoadPatched()
                : Fail<Fault, Unit>(NotLoaded());
            loaded = result.IsSuccess;
            return result;
        }
    }

    /// <summary>The package that brings libtorch for a device type on this system.</summary>
    /// <param name="cuda">Whether for CUDA.</param>
    internal static string PackageName(bool cuda) =>
        cuda ? $"libtorch-cuda-{CudaVersion}-{RuntimeIdentifier}" : $"libtorch-cpu-{RuntimeIdentifier}";

    /// <summary>The runtime identifier as in the names of packages and of the folders below <c>runtimes</c>.</summary>
    private static string RuntimeIdentifier
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    /// <summary>The attempt that TorchSharp itself would make first. Preloading torch_cpu lets files of two folders meet.</summary>
    private static bool LoadsOrdinarily()
    {
        var torchSharp = typeof(torch).Assembly;
        NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _);
        return NativeLibrary.TryLoad(TorchSharpLibrary, torchSharp, null, out _);
    }

    private static Validation<Fault, Unit> LoadPatched()
    {
        if (Find("libtorch.so") is not { } libtorch || Find($"lib{TorchSharpLibrary}.so") is not { } original)
        {
            return Fail<Fault, Unit>(NotLoaded());
        }

        // From its own folder, so that its neighbours are found; the copy then finds all of them by name among the loaded libraries.
        return from libraries in Load(libtorch, null)
               from image in Read(original)
               from folder in CacheFolder(
                   Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))
               from copy in Patched(original, image, folder)
               from handle in Load(copy, "a cache folder that forbids to run files can be replaced: set XDG_CACHE_HOME to another")
               select Provide(handle);
    }

    /// <summary>Gives the loaded copy to TorchSharp, whose own searches for the library fail.</summary>
    private static Unit Provide(nint library)
    {
        patchedLibrary = library;
        var context = AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == TorchSharpLibrary ? patchedLibrary : 0;
        return Unit.Default;
    }

    private static Validation<Fault, nint> Load(string path, string? hint)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return Fail<Fault, nint>(Fault.Run($"the native library {path} cannot be loaded: {exception.Message.Trim()}", hint));
        }
    }

    private static Validation<Fault, byte[]> Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, byte[]>(Fault.Run($"the native library {path} cannot be read: {exception.Message}"));
        }
    }

    /// <summary>The file to load in place of <paramref name="original"/>: a patched copy, or itself if there is nothing to patch.</summary>
    /// <param name="original">The library's path.</param>
    /// <param name="image">Its content.</param>
    /// <param name="cacheFolder">Where copies are kept.</param>
    internal static Validation<Fault, string> Patched(string original, byte[] image, string cacheFolder) =>
        ElfVersionRequirement.Weaken(image, "GLIBCXX_3.4.32"u8) switch
        {
            ElfPatch.Patched patched => Cache(patched.Image, cacheFolder),
            ElfPatch.Malformed malformed => Fail<Fault, string>(
                Fault.Run($"the native library {original} is damaged: {malformed.Reason}", "restore the TorchSharp package again")),
            _ => original,
        };

    /// <summary>Writes a library to the cache, unless it is there. Processes may race: each sees no file or a whole one.</summary>
    /// <param name="image">The library's content.</param>
    /// <param name="folder">The cache folder, made if missing, for the user alone.</param>
    /// <returns>The path, whose name holds the content's hash.</returns>
    internal static Validation<Fault, string> Cache(byte[] image, string folder)
    {
        var path = Path.Combine(folder, $"lib{TorchSharpLibrary}-{Convert.ToHexStringLower(SHA256.HashData(image).AsSpan(0, 8))}.so");
        try
        {
            // Content is compared, since a copy that a crash or a full disk cut short would crash the process when loaded.
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(image))
            {
                return path;
            }

            CreatePrivateFolder(folder);
            var temporary = Path.Combine(folder, $"{Guid.NewGuid():N}.tmp");
            try
            {
                using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    stream.Write(image);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }

            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, string>(
                Fault.Run($"the cache folder {folder} cannot be used: {exception.Message}", "set XDG_CACHE_HOME to a writable folder"));
        }
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The user's cache folder; XDG Base Directory Specification, section 3: a relative path is to be ignored.</summary>
    /// <param name="cache">The value of XDG_CACHE_HOME.</param>
    /// <param name="home">The home folder; empty if the user has none.</param>
    internal static Validation<Fault, string> CacheFolder(string? cache, string home) =>
        Path.IsPathFullyQualified(cache ?? "") ? Path.Combine(cache!, "mmoe", "native")
        : Path.IsPathFullyQualified(home) ? Path.Combine(home, ".cache", "mmoe", "native")
        : Fail<Fault, string>(Fault.Run("there is no home folder to keep a copy of TorchSharp's library in", "set XDG_CACHE_HOME"));

    /// <summary>The first file of that name where the runtime looks for native libraries; null if there is none.</summary>
    /// <param name="fileName">The name with prefix and extension.</param>
    internal static string? Find(string fileName) =>
        SearchFolders().Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> SearchFolders() =>
        new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeIdentifier, "native") }
            .Concat((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Distinct();

    private static Fault NotLoaded()
    {
        var prefix = OperatingSystem.IsWindows() ? "" : "lib";
        var extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        return NotLoaded(
            Find($"{prefix}torch_cpu{extension}") is not null,
            Find($"{prefix}{TorchSharpLibrary}{extension}") is not null,
            RuntimeIdentifier);
    }

    /// <summary>What to tell where the library did not load and there is nothing to patch.</summary>
    /// <param name="hasLibTorch">Whether libtorch is among the application's files.</param>
    /// <param name="hasTorchSharp">Whether TorchSharp's native library is.</param>
    /// <param name="runtimeIdentifier">The system and the processor.</param>
    internal static Fault NotLoaded(bool hasLibTorch, bool hasTorchSharp, string runtimeIdentifier) =>
        runtimeIdentifier is not ("linux-x64" or "win-x64" or "osx-arm64")
            ? Fault.Run($"there is no libtorch package for {runtimeIdentifier}", "the engine `fused` needs none")
            : !hasLibTorch
            ? Fault.Run(
                "libtorch is not among the application's files",
                $"add it to the application's project: dotnet add package libtorch-cpu-{runtimeIdentifier} --version {PackageVersion}")
            : !hasTorchSharp
            ? Fault.Run($"TorchSharp's own library for {runtimeIdentifier} is not among the application's files", "restore and build again")
            : Fault.Run(
                $"the system's loader refuses libtorch for {runtimeIdentifier}",
                runtimeIdentifier == "win-x64" ? "install the Microsoft Visual C++ Redistributable for x64" : "restore the packages again");
}

/// <summary>What came of patching a library's image.</summary>
internal abstract record ElfPatch
{
    private ElfPatch()
    {
    }

    /// <summary>The patched image.</summary>
    internal sealed record Patched(byte[] Image) : ElfPatch;

    /// <summary>The version is not required, or weakly already.</summary>
    internal sealed record NothingToDo : ElfPatch;

    /// <summary>The image is not what it claims to be.</summary>
    internal sealed record Malformed(string Reason) : ElfPatch;
}

/// <summary>Symbol versions that an ELF image requires; Linux Standard Base Core 5.0, sections 10.7.2 to 10.7.5.</summary>
internal static class ElfVersionRequirement
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int EntrySize = 16;
    private const uint StringTable = 3;
    private const uint VersionRequirements = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>
    /// Marks a required symbol version as weak, so that a library that lacks it is accepted. Reads nothing outside the image and ends after
    /// at most one visit per entry that fits into the section, whatever the bytes say.
    /// </summary>
    /// <param name="image">The whole file.</param>
    /// <param name="version">The version's name, as in <c>GLIBCXX_3.4.32</c>.</param>
    internal static ElfPatch Weaken(ReadOnlySpan<byte> image, ReadOnlySpan<byte> version)
    {
        if (image.Length < HeaderSize || !image.StartsWith("\u007fELF"u8))
        {
            return new ElfPatch.Malformed("it is not an ELF file");
        }

        if (image[4] != 2 || image[5] != 1)
        {
            return new ElfPatch.Malformed("it is not a 64-bit little-endian ELF file");
        }

        var count = U16(image, 0x3c);
        if (U16(image, 0x3a) != SectionHeaderSize || !TrySlice(image, U64(image, 0x28), (ulong)count * SectionHeaderSize, out var headers))
        {
            return new ElfPatch.Malformed("its section headers lie outside the file");
        }

        var requirements = -1;
        for (var section = 0; section < count; section++)
        {
            if (U32(headers, (section * SectionHeaderSize) + 4) == VersionRequirements)
            {
                if (requirements >= 0)
                {
                    return new ElfPatch.Malformed("it has two sections of version requirements");
                }

                requirements = section;
            }
        }

        if (requirements < 0)
        {
            return new ElfPatch.NothingToDo();
        }

        var header = headers.Slice(requirements * SectionHeaderSize, SectionHeaderSize);
        var link = U32(header, 0x28);
        if (!TrySlice(image, U64(header, 0x18), U64(header, 0x20), out var entries))
        {
            return new ElfPatch.Malformed("its version requirements lie outside the file");
        }

        if (link >= count)
        {
            return new ElfPatch.Malformed("its version requirements have no string table");
        }

        var strings = headers.Slice((int)link * SectionHeaderSize, SectionHeaderSize);
        if (U32(strings, 4) != StringTable || !TrySlice(image, U64(strings, 0x18), U64(strings, 0x20), out var names))
        {
            return new ElfPatch.Malformed("its string table lies outside the file");
        }

        if (FindStrong(entries, names, version, out var found) is { } reason)
        {
            return new ElfPatch.Malformed(reason);
        }

        if (found.Count == 0)
        {
            return new ElfPatch.NothingToDo();
        }

        var patched = image.ToArray();
        foreach (var entry in found)
        {
            var flags = patched.AsSpan((int)U64(header, 0x18) + entry + 4, 2);
            BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | Weak));
        }

        return new ElfPatch.Patched(patched);
    }

    /// <summary>Walks the libraries (Elfxx_Verneed) and their versions (Elfxx_Vernaux).</summary>
    /// <returns>What is malformed; null if nothing is.</returns>
    private static string? FindStrong(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> names, ReadOnlySpan<byte> version, out List<int> found)
    {
        found = [];
        var budget = entries.Length / EntrySize;
        for (long library = 0, next = entries.Length > 0 ? 1 : 0; next != 0; library += next)
        {
            if (library + EntrySize > entries.Length || budget-- == 0)
            {
                return "a library's version requirements lie outside their section";
            }

            var at = (int)library;
            var versions = U16(entries, at + 2);
            var entry = library + U32(entries, at + 8);
            for (var i = 0; i < versions; i++)
            {
                if (entry + EntrySize > entries.Length || budget-- == 0)
                {
                    return "a required version lies outside its section";
                }

                var name = U32(entries, (int)entry + 8);
                if (name >= names.Length)
                {
                    return "a required version's name lies outside the string table";
                }

                var text = names[(int)name..];
                var isNamed = text.Length > version.Length && text.StartsWith(version) && text[version.Length] == 0;
                if (isNamed && (U16(entries, (int)entry + 4) & Weak) == 0)
                {
                    found.Add((int)entry);
                }

                entry += U32(entries, (int)entry + 12);
            }

            next = U32(entries, at + 12);
        }

        return null;
    }

    private static bool TrySlice(ReadOnlySpan<byte> image, ulong offset, ulong length, out ReadOnlySpan<byte> slice)
    {
        var isInside = offset <= (ulong)image.Length && length <= (ulong)image.Length - offset;
        slice = isInside ? image.Slice((int)offset, (int)length) : default;
        return isInside;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
