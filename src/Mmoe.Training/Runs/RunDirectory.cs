using System.Globalization;

namespace Mmoe.Training;

/// <summary>The folder of one run, and the names in it; <see cref="RunPlace.Claim"/> makes it.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunDirectory(string Path)
{
    /// <summary>The effective configuration.</summary>
    public string Config => System.IO.Path.Combine(this.Path, "config.yaml");

    /// <summary>One line of JSON per epoch.</summary>
    public string Metrics => System.IO.Path.Combine(this.Path, "metrics.jsonl");

    /// <summary>The run's result.</summary>
    public string Summary => System.IO.Path.Combine(this.Path, "summary.json");

    /// <summary>What was carried over of the checkpoint that is trained on, if there is one.</summary>
    public string FineTuning => System.IO.Path.Combine(this.Path, "fine-tune.json");

    /// <summary>Loss and metrics by epoch, as a picture; the command line draws it.</summary>
    public string Curves => System.IO.Path.Combine(this.Path, "curves.png");

    /// <summary>How often what is predicted is the case on the test split, as a picture; the command line draws it.</summary>
    public string Reliability => System.IO.Path.Combine(this.Path, "reliability.png");

    /// <summary>What the process holds that trains in the folder; gone when it has ended, or free if it was killed.</summary>
    public string Lock => System.IO.Path.Combine(this.Path, ".lock");

    /// <summary>Where event files for TensorBoard lie, if the command line was asked for them.</summary>
    public string TensorBoard => System.IO.Path.Combine(this.Path, "tensorboard");

    /// <summary>Where checkpoints lie.</summary>
    public string Checkpoints => System.IO.Path.Combine(this.Path, "checkpoints");

    /// <summary>The newest state, with the optimiser's.</summary>
    public string Last => this.Checkpoint("last");

    /// <summary>What a run begins with that trains a checkpoint on, so that it needs that no more.</summary>
    public string Start => this.Checkpoint("start");

    /// <summary>The epoch with the best score on validation: of a task, or of <see cref="Training.Best.Average"/>.</summary>
    public string Best(string name) => this.Checkpoint($"best-{name}");

    /// <summary>The checkpoint of an epoch, from 1.</summary>
    public string Epoch(int epoch) => this.Checkpoint(string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:0000}"));

    private string Checkpoint(string name) => System.IO.Path.Combine(this.Checkpoints, $"{name}.safetensors");
}
