using System.Text;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record Outcome(int Code, string Out, string Error)
{
    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => this.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A folder of its own, in which commands run against a world of the test's making.</summary>
internal sealed class Workbench : IDisposable
{
    /// <summary>The folder, which is the commands' current directory.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("mmoe-").FullName;

    /// <summary>The value of MMOE_DATA that commands see; null by default, whatever the machine has.</summary>
    public string? MmoeData { get; init; }

    /// <summary>The datasets that commands know.</summary>
    public DatasetRegistry Datasets { get; init; } = Registry.All;

    /// <summary>Model families that commands know beside those of the literature.</summary>
    public ModelFamily[] Families { get; init; } = [];

    /// <summary>Whether commands take standard error for a terminal.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The time of day that commands see.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called whenever a command asks for an environment variable: the moment at which it looks for data.</summary>
    public Action Asked { get; init; } = () => { };

    /// <summary>Runs a command in this process.</summary>
    public Outcome Run(params string[] args) => this.Run(CancellationToken.None, args);

    /// <summary>Runs a command in this process, with an interrupt that the test controls.</summary>
    public Outcome Run(CancellationToken interrupted, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var bytes = new MemoryStream();
        var host = new MmoeHost(
            output, error, this.Folder, this.Environment, this.IsTerminal, () => bytes, interrupted)
        {
            Clock = this.Clock,
        };
        var code = MmoeApp.Run(args, this.Datasets, host, this.Families);
        return new(code, output.ToString() + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    /// <summary>The path of a name in the folder.</summary>
    public string Path(params string[] parts) => System.IO.Path.Combine([this.Folder, .. parts]);

    /// <summary>Writes a text file, with the folders above it.</summary>
    public string Write(string name, string text)
    {
        var path = this.Path(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>
    /// Writes Adult's two files with so many rows each, in Adult's own format; the lines of the train file may be changed, and the folder
    /// may be that of another dataset of the same form.
    /// </summary>
    public void WriteAdult(int rows = 60, Func<int, string, string>? change = null, string dataset = "adult")
    {
        string Line(int i) => string.Join(
            ", ",
            20 + (i % 50),
            i % 3 == 0 ? "Private" : "State-gov",
            77_000 + i,
            i % 2 == 0 ? "Bachelors" : "HS-grad",
            i % 2 == 0 ? 13 : 9,
            i % 4 == 0 ? "Never-married" : "Divorced",
            "Sales",
            "Husband",
            "White",
            i % 2 == 0 ? "Male" : "Female",
            i % 7 == 0 ? 2174 : 0,
            0,
            40,
            "United-States",
            i % 5 == 0 ? ">50K" : "<=50K");
        var lines = Enumerable.Range(0, rows).Select(Line).ToArray();
        this.Write($"data/{dataset}/adult.data", string.Concat(lines.Select((line, i) => (change is null ? line : change(i, line)) + "\n")));
        this.Write($"data/{dataset}/adult.test", "|1x3 Cross validator\n" + string.Concat(lines.Select(line => line + ".\n")));
    }

    public void Dispose() => Directory.Delete(this.Folder, recursive: true);

    private string? Environment(string name)
    {
        this.Asked();
        return name == "MMOE_DATA" ? this.MmoeData : null;
    }
}
