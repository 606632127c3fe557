using System.Diagnostics;

namespace Mmoe.Cli.Tests;

/// <summary>A log or results on a full disk: <c>/dev/full</c> is one.</summary>
public sealed class UnwritableStreams
{
    [SkippableTheory]
    [InlineData("train synthetic --epochs 1 --set train_rows=200 --out run 2>/dev/full", 0)]
    [InlineData("train synthetic --epochs 1 --set train_rows=200 --out run 2>&-", 0)]
    [InlineData("train nowhere 2>/dev/full", 2)]
    public void A_log_that_cannot_be_written_ends_nothing(string command, int code)
    {
        using var bench = new Workbench();

        var outcome = Shell(bench, command);

        Assert.Equal(code, outcome.Code);
        Assert.Equal(code == 0, File.Exists(bench.Path("run", "summary.json")));
        Assert.Equal(code == 0, outcome.Out.Contains("run: run", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("datasets >/dev/full")]
    [InlineData("--help >/dev/full")]
    [InlineData("data synthesize adult --rows 1000 --out - >/dev/full")]
    [InlineData("train synthetic --epochs 1 --set train_rows=200 --out run --json >/dev/full")]
    public void Results_that_cannot_be_written_are_a_failure_of_one_line(string command)
    {
        using var bench = new Workbench();

        var outcome = Shell(bench, command);

        Assert.Equal(3, outcome.Code);
        Assert.StartsWith("standard output cannot be written: No space left on device", outcome.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(command.StartsWith("train", StringComparison.Ordinal), File.Exists(bench.Path("run", "curves.png")));
    }

    private static Outcome Shell(Workbench bench, string command)
    {
        Skip.IfNot(File.Exists("/dev/full"), "the system has no /dev/full");
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"'{AppProcess.Dotnet}' '{AppProcess.App}' {command}"])
        {
            WorkingDirectory = bench.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return new(process.ExitCode, output.Result, error.Result);
    }
}
