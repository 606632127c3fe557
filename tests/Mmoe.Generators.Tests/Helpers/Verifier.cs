using System.Runtime.CompilerServices;
using System.Text;
using DiffEngine;

namespace VerifyXunit;

/// <summary>
/// Compares a text with the reviewed one beside the test: <c>Class.Method.verified.extension</c>.
/// </summary>
/// <remarks>
/// Name, files and call follow the conventions of Verify (https://github.com/VerifyTests/Verify): a text that differs is written as
/// <c>Class.Method.received.extension</c> and the test fails; to accept it, make it the verified file. A diff tool opens on a developer's
/// machine only.
/// </remarks>
internal static class Verifier
{
    /// <summary>Compares a text with the verified file.</summary>
    public static async Task Verify(
        string target, string extension, [CallerFilePath] string sourceFile = "", [CallerMemberName] string method = "")
    {
        var name = $"{Path.GetFileNameWithoutExtension(sourceFile)}.{method}";
        var folder = Path.GetDirectoryName(sourceFile)!;
        var verified = Path.Combine(folder, $"{name}.verified.{extension}");
        var received = Path.Combine(folder, $"{name}.received.{extension}");
        await Reviewed.Compare(target, verified, received);
    }
}

/// <summary>A text that a person has reviewed, beside the one that the tests receive.</summary>
internal static class Reviewed
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Compares a text with the reviewed file; a text that differs is written as the received file, and the test fails.</summary>
    public static async Task Compare(string target, string verified, string received)
    {
        var expected = File.Exists(verified) ? (await File.ReadAllTextAsync(verified, Utf8)).ReplaceLineEndings("\n") : null;
        if (expected == target)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, target, Utf8);
        if (!BuildServerDetector.Detected && !DiffRunner.Disabled)
        {
            await DiffRunner.LaunchAsync(received, verified);
        }

        var difference = expected is null ? "there is no reviewed file yet" : FirstDifference(expected, target);
        Assert.Fail($"{Path.GetFileName(received)} differs from {Path.GetFileName(verified)}: {difference}");
    }

    private static string FirstDifference(string expected, string actual)
    {
        var left = expected.Split('\n');
        var right = actual.Split('\n');
        var line = Enumerable.Range(0, Math.Max(left.Length, right.Length))
            .First(i => i >= left.Length || i >= right.Length || left[i] != right[i]);
        return $"line {line + 1}\n  reviewed: {left.ElementAtOrDefault(line)}\n  received: {right.ElementAtOrDefault(line)}";
    }
}
