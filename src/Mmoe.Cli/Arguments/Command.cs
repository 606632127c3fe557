using System.CommandLine;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Training;

namespace Mmoe.Cli;

/// <summary>What the user asked for: arguments as a value, which one interpreter runs.</summary>
internal abstract record Command;

/// <summary>List the datasets, or show one.</summary>
/// <param name="Name">The dataset; null for all.</param>
/// <param name="Data">The data directory; null to search.</param>
/// <param name="Json">Whether to write JSON instead of a table.</param>
internal sealed record DatasetsCommand(string? Name, string? Data, bool Json) : Command;

/// <summary>Show help or the version.</summary>
/// <param name="Parsed">The line that asked for it.</param>
/// <param name="IsOfTraining">Whether it is the help of <c>train</c>, which names models.</param>
internal sealed record PrintCommand(ParseResult Parsed, bool IsOfTraining) : Command;

/// <summary>Train a model, a new one or a checkpoint's.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Data">The data directory; null to search.</param>
/// <param name="Out">The run's directory; null for the next free one.</param>
/// <param name="Config">The configuration file; null for none.</param>
/// <param name="Overrides">Configuration keys from the command line, in order.</param>
/// <param name="Resume">Whether the run in the directory is to go on.</param>
/// <param name="Json">Whether to write the summary as JSON to standard output.</param>
/// <param name="TensorBoard">Whether to write event files for TensorBoard into the run's directory.</param>
internal sealed record TrainCommand(
    string Dataset, string? Data, string? Out, string? Config, Seq<Override> Overrides, bool Resume, bool Json, bool TensorBoard) : Command
{
    /// <summary>The run's directory or the checkpoint file to train on from; null for a new model, or what the configuration says.</summary>
    public string? Checkpoint { get; init; }
}

/// <summary>Evaluate a run's best checkpoint, or a checkpoint.</summary>
/// <param name="Target">A run's directory or a checkpoint file.</param>
/// <param name="Data">A data directory or one file; null to search.</param>
/// <param name="Split">The split; null for test, or for every row of a file.</param>
/// <param name="Json">Whether to write JSON instead of a table.</param>
internal sealed record EvaluateCommand(string Target, string? Data, string? Split, bool Json) : Command;

/// <summary>Show what a run's best checkpoint, or a checkpoint, holds, and what its gates do.</summary>
/// <param name="Target">A run's directory or a checkpoint file.</param>
/// <param name="Data">A data directory or one file, for the usage of gates; null to search.</param>
/// <param name="Split">The split; null for validation, or for every row of a file.</param>
/// <param name="Png">The picture to make; null for none.</param>
/// <param name="Format">What to write to standard output.</param>
internal sealed record InspectCommand(string Target, string? Data, string? Split, string? Png, InspectFormat Format) : Command;

/// <summary>What <c>mmoe inspect</c> writes to standard output.</summary>
internal enum InspectFormat
{
    /// <summary>Tables.</summary>
    Text,

    /// <summary>The same as JSON.</summary>
    Json,

    /// <summary>The model's parts as a Mermaid flowchart.</summary>
    Mermaid,
}

/// <summary>Write made-up rows.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Seed">What fixes the rows; none for the schema's seed.</param>
/// <param name="Out">The file to make; <c>-</c> for standard output.</param>
internal sealed record SynthesizeCommand(string Dataset, int Rows, LanguageExt.Option<int> Seed, string Out) : Command;

/// <summary>A configuration key set by the user.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">Its value as text.</param>
/// <param name="Source">What the user wrote, for faults.</param>
internal sealed record Override(string Key, string Text, string Source)
{
    /// <summary>The same as an entry of the configuration's last layer.</summary>
    public ConfigEntry Entry => new(this.Key, Prelude.Success<Fault, string>(this.Text), this.Source);
}
