using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mmoe.Cli.Tests;

/// <summary>The built application in a process of its own; it is killed at the end if a test leaves it running.</summary>
internal sealed class AppProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    /// <summary>Starts it in a workbench's folder.</summary>
    public AppProcess(Workbench bench, params string[] args)
        : this(bench, [], args)
    {
    }

    /// <summary>Starts it in a workbench's folder, with variables of its environment.</summary>
    public AppProcess(Workbench bench, (string Name, string Value)[] environment, string[] args)
    {
        var start = new ProcessStartInfo(Dotnet, [App, .. args])
        {
            WorkingDirectory = bench.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("MMOE_DATA");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        this.process = Process.Start(start)!;
        this.output = this.process.StandardOutput.ReadToEndAsync();
        this.error = this.process.StandardError.ReadToEndAsync();
    }

    /// <summary>The host that runs this test, which runs the application too, wherever it is installed.</summary>
    public static string Dotnet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>The application.</summary>
    public static string App => Path.Combine(AppContext.BaseDirectory, "Mmoe.Cli.dll");

    /// <summary>Waits until a file is there.</summary>
    public void WaitFor(string path)
    {
        SpinWait.SpinUntil(() => File.Exists(path) || this.process.HasExited, Patience);
        Assert.True(File.Exists(path), $"{path} did not appear");
    }

    /// <summary>Sends a signal.</summary>
    public void Send(PosixSignal signal) => Assert.Equal(0, Kill(this.process.Id, signal == PosixSignal.SIGINT ? 2 : 15));

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => this.process.HasExited;

    /// <summary>Ends it at once, in the midst of whatever it does: SIGKILL.</summary>
    public void Kill()
    {
        this.process.Kill();
        this.process.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Outcome> End()
    {
        using var patience = new CancellationTokenSource(Patience);
        await this.process.WaitForExitAsync(patience.Token);
        return new(this.process.ExitCode, await this.output, await this.error);
    }

    public void Dispose()
    {
        if (!this.process.HasExited)
        {
            this.process.Kill();
        }

        this.process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
