using FsCheck;
using FsCheck.Fluent;
using Mmoe.Data;
using Mmoe.Training.Torch;
using TorchSharp;

namespace Mmoe.Training.Tests.Torch;

public sealed class LibTorchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-cache-").FullName;

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Trait("Native", "libtorch")]
    [Fact]
    public void Tensors_compute_once_the_library_is_ensured()
    {
        LibTorch.Ensure().AssertSuccess();

        using var scope = torch.NewDisposeScope();
        Assert.Equal(2f, torch.ones(2).sum().item<float>());
    }

    [Trait("Native", "libtorch")]
    [Fact]
    public void Ensuring_again_from_many_threads_is_harmless() =>
        Parallel.For(0, 32, _ => LibTorch.Ensure().AssertSuccess());

    [Trait("Native", "libtorch")]
    [Fact]
    public void The_package_named_is_the_one_that_TorchSharp_is_built_for()
    {
        LibTorch.Ensure().AssertSuccess();

        Assert.Equal(LibTorch.PackageVersion, torch.NormalizeNuGetVersion(torch.__version__));
    }

    [Trait("Native", "libtorch")]
    [SkippableFact]
    public void In_the_real_library_that_one_version_becomes_weak_and_nothing_else_changes()
    {
        var image = RealLibrary();

        var patched = Assert.IsType<ElfPatch.Patched>(ElfVersionRequirement.Weaken(image, "GLIBCXX_3.4.32"u8)).Image;

        Assert.Empty(ElfVersionRequirementTests.WeakVersions(image));
        Assert.Equal(["GLIBCXX_3.4.32"], ElfVersionRequirementTests.WeakVersions(patched));
        Assert.Equal(1, image.Zip(patched).Count(pair => pair.Item1 != pair.Item2));
    }

    [Trait("Native", "libtorch")]
    [SkippableFact]
    public void The_real_library_with_its_tables_changed_gives_an_answer()
    {
        var image = RealLibrary();
        var sections = (int)BitConverter.ToInt64(image, 0x28);
        var requirements = (int)BitConverter.ToInt64(
            image,
            Enumerable.Range(0, 31).Select(i => sections + (i * 64)).Single(h => BitConverter.ToUInt32(image, h + 4) == 0x6ffffffe) + 0x18);
        var place = Gen.OneOf(Gen.Choose(0, 63), Gen.Choose(sections, image.Length - 1), Gen.Choose(requirements, requirements + 0x20f));
        var edits = (from at in place from value in Gen.Choose(0, 255) select (at, value)).NonEmptyListOf();
        Prop.ForAll(edits.ToArbitrary(), changes =>
        {
            var before = changes.Select(change => (change.at, value: image[change.at])).ToList();
            foreach (var (at, value) in changes)
            {
                image[at] = (byte)value;
            }

            var answer = ElfVersionRequirement.Weaken(image, "GLIBCXX_3.4.32"u8);
            foreach (var (at, value) in Enumerable.Reverse(before))
            {
                image[at] = value;
            }

            return answer is ElfPatch.NothingToDo or ElfPatch.Malformed or ElfPatch.Patched { Image.Length: > 0 };
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_library_with_nothing_to_patch_is_loaded_from_where_it_is() =>
        Assert.Equal(
            "/opt/lib.so", LibTorch.Patched("/opt/lib.so", ElfVersionRequirementTests.Elf(["a.so:B"]), this.folder).AssertSuccess());

    [Fact]
    public void A_damaged_library_is_a_fault_that_names_it()
    {
        var fault = LibTorch.Patched("/opt/lib.so", [1, 2, 3], this.folder).AssertFault();

        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Equal(
            "the native library /opt/lib.so is damaged: it is not an ELF file; restore the TorchSharp package again", fault.ToString());
    }

    [Fact]
    public void A_patched_library_is_written_once_and_found_again()
    {
        var image = ElfVersionRequirementTests.Elf(["libstdc++.so.6:GLIBCXX_3.4.32"]);

        var first = LibTorch.Patched("/opt/lib.so", image, Path.Combine(this.folder, "a", "b")).AssertSuccess();
        var written = File.GetLastWriteTimeUtc(first);
        var second = LibTorch.Patched("/opt/lib.so", image, Path.Combine(this.folder, "a", "b")).AssertSuccess();

        Assert.Equal(first, second);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second));
        Assert.Equal(["GLIBCXX_3.4.32"], ElfVersionRequirementTests.WeakVersions(File.ReadAllBytes(first)));
    }

    [Fact]
    public void Another_content_gets_another_file() =>
        Assert.NotEqual(LibTorch.Cache([1], this.folder).AssertSuccess(), LibTorch.Cache([2], this.folder).AssertSuccess());

    [Fact]
    public void A_cached_copy_that_was_cut_short_is_written_again()
    {
        byte[] image = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        var path = LibTorch.Cache(image, this.folder).AssertSuccess();
        File.WriteAllBytes(path, image[..100]);

        Assert.Equal(path, LibTorch.Cache(image, this.folder).AssertSuccess());
        Assert.Equal(image, File.ReadAllBytes(path));
    }

    [Fact]
    public void Writers_that_race_all_see_a_whole_file_and_leave_no_other()
    {
        var image = new byte[1_000_000];
        new Random(1).NextBytes(image);

        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
            Assert.Equal(image, File.ReadAllBytes(LibTorch.Cache(image, this.folder).AssertSuccess())));

        Assert.Single(Directory.GetFiles(this.folder));
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_made_is_a_fault_that_tells_the_way_out()
    {
        var file = Path.Combine(this.folder, "file");
        File.WriteAllText(file, "");

        var fault = LibTorch.Cache([1], Path.Combine(file, "native")).AssertFault();

        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Contains(file, fault.What);
        Assert.Contains("XDG_CACHE_HOME", fault.Hint);
    }

    [SkippableFact]
    public void A_cache_folder_is_for_the_user_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no mode bits");
        var path = LibTorch.Cache([1], Path.Combine(this.folder, "native")).AssertSuccess();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [SkippableTheory]
    [InlineData("/var/c", "/home/a", "/var/c/mmoe/native")]
    [InlineData("relative", "/home/a", "/home/a/.cache/mmoe/native")]
    [InlineData(null, "/home/a", "/home/a/.cache/mmoe/native")]
    [InlineData(null, "", null)]
    public void The_cache_folder_follows_the_base_directory_specification(string? cache, string home, string? expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "paths of Unix");
        var folder = LibTorch.CacheFolder(cache, home);

        if (expected is null)
        {
            Assert.Contains("XDG_CACHE_HOME", folder.AssertFault().Hint);
        }
        else
        {
            Assert.Equal(expected, folder.AssertSuccess());
        }
    }

    [Theory]
    [InlineData(false, true, "linux-x64", "dotnet add package libtorch-cpu-linux-x64 --version 2.10.0")]
    [InlineData(false, false, "win-x64", "dotnet add package libtorch-cpu-win-x64 --version 2.10.0")]
    [InlineData(false, true, "osx-arm64", "dotnet add package libtorch-cpu-osx-arm64 --version 2.10.0")]
    [InlineData(true, false, "linux-x64", "restore and build again")]
    [InlineData(true, true, "win-x64", "Visual C++ Redistributable")]
    [InlineData(true, true, "linux-arm64", "there is no libtorch package for linux-arm64")]
    public void A_library_that_does_not_load_is_one_line_of_advice(bool hasLibTorch, bool hasTorchSharp, string system, string advice)
    {
        var fault = LibTorch.NotLoaded(hasLibTorch, hasTorchSharp, system);

        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Contains(advice, fault.ToString());
        Assert.DoesNotContain('\n', fault.ToString());
    }

    private static byte[] RealLibrary()
    {
        var path = LibTorch.Find("libLibTorchSharp.so");
        Skip.If(path is null, "TorchSharp's native library for Linux is not among the files of the tests");
        return File.ReadAllBytes(path!);
    }
}
