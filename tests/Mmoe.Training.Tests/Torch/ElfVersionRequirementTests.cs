using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Mmoe.Training.Torch;

namespace Mmoe.Training.Tests.Torch;

public class ElfVersionRequirementTests
{
    private static readonly byte[] Version = "GLIBCXX_3.4.32"u8.ToArray();

    [Fact]
    public void A_required_version_becomes_weak_and_nothing_else_changes()
    {
        var image = Elf(["libm.so.6:GLIBC_2.2.5", "libstdc++.so.6:GLIBCXX_3.4.3,GLIBCXX_3.4.32,GLIBCXX_3.4.320"]);

        var patched = Assert.IsType<ElfPatch.Patched>(ElfVersionRequirement.Weaken(image, Version)).Image;

        Assert.Equal(["GLIBCXX_3.4.32"], WeakVersions(patched));
        Assert.Single(Enumerable.Range(0, image.Length), i => image[i] != patched[i]);
    }

    [Fact]
    public void Every_library_that_requires_the_version_is_patched()
    {
        var image = Elf(["a.so:GLIBCXX_3.4.32,B", "b.so:B,GLIBCXX_3.4.32"]);

        var patched = Assert.IsType<ElfPatch.Patched>(ElfVersionRequirement.Weaken(image, Version)).Image;

        Assert.Equal(["GLIBCXX_3.4.32", "GLIBCXX_3.4.32"], WeakVersions(patched));
    }

    [Fact]
    public void The_image_given_stays_as_it_is()
    {
        var image = Elf(["libstdc++.so.6:GLIBCXX_3.4.32"]);
        var before = image.ToArray();

        ElfVersionRequirement.Weaken(image, Version);

        Assert.Equal(before, image);
    }

    [Fact]
    public void A_patched_image_needs_no_patch()
    {
        var patched = (ElfPatch.Patched)ElfVersionRequirement.Weaken(Elf(["libstdc++.so.6:GLIBCXX_3.4.32"]), Version);

        Assert.IsType<ElfPatch.NothingToDo>(ElfVersionRequirement.Weaken(patched.Image, Version));
    }

    [Fact]
    public void An_image_that_does_not_require_the_version_needs_no_patch() =>
        Assert.IsType<ElfPatch.NothingToDo>(ElfVersionRequirement.Weaken(Elf(["libstdc++.so.6:GLIBCXX_3.4.30,GLIBCXX_3.4.3"]), Version));

    [Fact]
    public void An_image_without_version_requirements_needs_no_patch()
    {
        var image = Elf(["libstdc++.so.6:GLIBCXX_3.4.32"]);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(SectionHeader(image, 1) + 4), 1);

        Assert.IsType<ElfPatch.NothingToDo>(ElfVersionRequirement.Weaken(image, Version));
    }

    [Theory]
    [InlineData("empty", "not an ELF file")]
    [InlineData("text", "not an ELF file")]
    [InlineData("32-bit", "64-bit little-endian")]
    [InlineData("big-endian", "64-bit little-endian")]
    [InlineData("headers far away", "section headers lie outside")]
    [InlineData("requirements too long", "version requirements lie outside the file")]
    [InlineData("requirements at the end of the world", "version requirements lie outside the file")]
    [InlineData("no string table", "have no string table")]
    [InlineData("string table is code", "string table lies outside")]
    [InlineData("name outside", "name lies outside the string table")]
    [InlineData("version outside", "a required version lies outside its section")]
    [InlineData("library outside", "library's version requirements lie outside their section")]
    [InlineData("two sections", "two sections of version requirements")]
    public void A_malformed_image_is_refused_with_the_reason(string what, string reason)
    {
        var image = Elf(["libm.so.6:GLIBC_2.2.5", "libstdc++.so.6:GLIBCXX_3.4.32"]);
        var section = SectionHeader(image, 1);
        var requirements = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(section + 0x18));
        switch (what)
        {
            case "empty":
                image = [];
                break;
            case "text":
                image = Encoding.UTF8.GetBytes(new string('x', 4096));
                break;
            case "32-bit":
                image[4] = 1;
                break;
            case "big-endian":
                image[5] = 2;
                break;
            case "headers far away":
                BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x28), ulong.MaxValue - 8);
                break;
            case "requirements too long":
                BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(section + 0x20), (ulong)image.Length);
                break;
            case "requirements at the end of the world":
                BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(section + 0x18), ulong.MaxValue);
                break;
            case "no string table":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(section + 0x28), 77);
                break;
            case "string table is code":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(SectionHeader(image, 2) + 4), 1);
                break;
            case "name outside":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(requirements + 16 + 8), uint.MaxValue);
                break;
            case "version outside":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(requirements + 8), uint.MaxValue);
                break;
            case "library outside":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(requirements + 12), uint.MaxValue);
                break;
            case "two sections":
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(SectionHeader(image, 2) + 4), 0x6ffffffe);
                break;
        }

        Assert.Contains(reason, Assert.IsType<ElfPatch.Malformed>(ElfVersionRequirement.Weaken(image, Version)).Reason);
    }

    [Fact]
    public void Requirements_that_point_at_each_other_end()
    {
        var image = Elf(["libm.so.6:GLIBC_2.2.5", "libstdc++.so.6:GLIBCXX_3.4.32"]);
        var requirements = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(SectionHeader(image, 1) + 0x18));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(requirements + 2), ushort.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(requirements + 16 + 12), 0);

        Assert.IsType<ElfPatch.Malformed>(ElfVersionRequirement.Weaken(image, Version));
    }

    [Property(MaxTest = 2000)]
    public Property Any_change_of_any_bytes_gives_an_answer()
    {
        var image = Elf(["libm.so.6:GLIBC_2.2.5", "libstdc++.so.6:GLIBCXX_3.4.3,GLIBCXX_3.4.32"]);
        var edit = from at in Gen.Choose(0, image.Length - 1)
                   from value in Gen.Elements<byte>(0, 1, 2, 7, 16, 127, 128, 254, 255)
                   select (at, value);
        var length = Gen.Frequency((9, Gen.Constant(image.Length)), (1, Gen.Choose(0, image.Length)));
        return Prop.ForAll(
            (from edits in edit.NonEmptyListOf() from end in length select (edits, end)).ToArbitrary(),
            t =>
            {
                var changed = image.ToArray();
                foreach (var (at, value) in t.edits)
                {
                    changed[at] = value;
                }

                changed = changed[..t.end];
                var answer = ElfVersionRequirement.Weaken(changed, Version);
                return answer is not ElfPatch.Patched patched || patched.Image.Length == changed.Length;
            });
    }

    /// <summary>A shared library of three sections: none, the version requirements, their strings.</summary>
    /// <param name="libraries">Each <c>library:version,version</c>.</param>
    internal static byte[] Elf(string[] libraries)
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        int Name(string text)
        {
            var at = (int)strings.Position;
            strings.Write(Encoding.ASCII.GetBytes(text + "\0"));
            return at;
        }

        var entries = new List<byte>();
        void U16(int value) => entries.AddRange([(byte)value, (byte)(value >> 8)]);
        void U32(int value)
        {
            U16(value & 0xffff);
            U16(value >>> 16);
        }

        for (var i = 0; i < libraries.Length; i++)
        {
            var versions = libraries[i].Split(':')[1].Split(',');
            U16(1);
            U16(versions.Length);
            U32(Name(libraries[i].Split(':')[0]));
            U32(16);
            U32(i == libraries.Length - 1 ? 0 : 16 + (16 * versions.Length));
            for (var j = 0; j < versions.Length; j++)
            {
                U32(0x1234567);
                U16(0);
                U16(j + 2);
                U32(Name(versions[j]));
                U32(j == versions.Length - 1 ? 0 : 16);
            }
        }

        var names = strings.ToArray();
        var image = new byte[64 + entries.Count + names.Length + (3 * 64)];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);
        entries.CopyTo(image, 64);
        names.CopyTo(image, 64 + entries.Count);
        var headers = 64 + entries.Count + names.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x28), (ulong)headers);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3a), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3c), 3);
        void Section(int index, uint type, int offset, int size, uint link)
        {
            var header = image.AsSpan(headers + (index * 64));
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], type);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x18..], (ulong)offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x20..], (ulong)size);
            BinaryPrimitives.WriteUInt32LittleEndian(header[0x28..], link);
        }

        Section(1, 0x6ffffffe, 64, entries.Count, 2);
        Section(2, 3, 64 + entries.Count, names.Length, 0);
        return image;
    }

    /// <summary>The names of weak versions, read straight along the entries of <see cref="Elf"/> and of real libraries alike.</summary>
    internal static string[] WeakVersions(byte[] image) => [.. Versions(image).Where(v => v.Flags == 2).Select(v => v.Name)];

    internal static IEnumerable<(string Name, int Flags)> Versions(byte[] image)
    {
        var headers = (int)BitConverter.ToInt64(image, 0x28);
        var section = Enumerable.Range(0, BitConverter.ToUInt16(image, 0x3c)).Select(i => headers + (i * 64))
            .Single(h => BitConverter.ToUInt32(image, h + 4) == 0x6ffffffe);
        var names = (int)BitConverter.ToInt64(image, headers + (BitConverter.ToInt32(image, section + 0x28) * 64) + 0x18);
        var library = (int)BitConverter.ToInt64(image, section + 0x18);
        for (var isLast = false; !isLast; library += BitConverter.ToInt32(image, library + 12))
        {
            isLast = BitConverter.ToInt32(image, library + 12) == 0;
            var entry = library + BitConverter.ToInt32(image, library + 8);
            for (var i = 0; i < BitConverter.ToUInt16(image, library + 2); i++, entry += BitConverter.ToInt32(image, entry + 12))
            {
                var name = names + BitConverter.ToInt32(image, entry + 8);
                var text = Encoding.ASCII.GetString(image, name, Array.IndexOf(image, (byte)0, name) - name);
                yield return (text, BitConverter.ToUInt16(image, entry + 4));
            }
        }
    }

    private static int SectionHeader(byte[] image, int index) => (int)BitConverter.ToInt64(image, 0x28) + (index * 64);
}
