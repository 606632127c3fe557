using System.Diagnostics;
using System.Text;

namespace Mmoe.Packages.Tests;

/// <summary>How a process ended, and all that it printed.</summary>
internal sealed record Finished(string Command, int Code, string Output)
{
    /// <summary>The output, of a process that ended well.</summary>
    public string Good()
    {
        Assert.True(this.Code == 0, $"{this.Command}\nended with {this.Code}:\n{this.Output}");
        return this.Output;
    }

    /// <summary>The output, of a process that ended with a failure.</summary>
    public string Bad()
    {
        Assert.True(this.Code != 0, $"{this.Command}\nshould fail:\n{this.Output}");
        return this.Output;
    }
}

/// <summary>Runs processes as a user would at a prompt.</summary>
internal static class Shell
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static Finished Dotnet(string folder, params string[] arguments) => Run("dotnet", folder, arguments);

    public static Finished Run(string file, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What `dotnet test` tells its own build and test host is nothing to the processes of a stranger.
        foreach (var name in start.Environment.Keys.Where(IsOfTheTestRun).ToArray())
        {
            start.Environment.Remove(name);
        }

        // Servers that outlive the command would hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";

        var output = new StringBuilder();
        void Append(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
            {
                lock (output)
                {
                    output.Append(line.Data).Append('\n');
                }
            }
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var command = $"{file} {string.Join(' ', arguments)}";
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{command}\nhas not ended in {Limit.TotalMinutes} minutes:\n{output}");
        }

        process.WaitForExit();
        return new(command, process.ExitCode, output.ToString());
    }

    private static bool IsOfTheTestRun(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_HOST_PATH" or "Platform" or "MMOE_DATA";
}
