namespace Mmoe.Generators.Parsing;

/// <summary>The properties that each object of a schema may hold, in the order in which documentation lists them.</summary>
internal static class SchemaProperties
{
    /// <summary>The top level.</summary>
    public static readonly string[] Dataset =
    [
        "$schema", "name", "identifier", "description", "homepage", "license", "num_features", "format", "source", "sample", "columns",
        "tasks", "training",
    ];

    /// <summary><c>format</c>.</summary>
    public static readonly string[] Format = ["delimiter", "header", "quote", "comment", "trim", "missing"];

    /// <summary><c>source</c>.</summary>
    public static readonly string[] Source = ["files", "splits", "generator", "parameters"];

    /// <summary>A value of <c>source.files</c>.</summary>
    public static readonly string[] File = ["path", "url", "member", "sha256", "trimEnd"];

    /// <summary><c>source.splits</c>.</summary>
    public static readonly string[] Splits = ["train", "validation", "test"];

    /// <summary>A value of <c>source.splits</c>.</summary>
    public static readonly string[] Split = ["file", "modulo", "remainders"];

    /// <summary><c>source.parameters</c>.</summary>
    public static readonly string[] Parameters =
    [
        "dimension", "correlation", "scale", "terms", "noise_variance", "train_rows", "validation_rows", "test_rows", "seed",
    ];

    /// <summary>An item of <c>columns</c>.</summary>
    public static readonly string[] Column =
        ["name", "role", "kind", "description", "identifier", "vocabulary", "weight", "missing", "range", "bins", "encoding", "reason"];

    /// <summary>An item of <c>vocabulary</c> that is an object.</summary>
    public static readonly string[] Value = ["value", "identifier", "description"];

    /// <summary>A column's <c>missing</c>.</summary>
    public static readonly string[] Missing = ["marks", "policy"];

    /// <summary>A column's <c>range</c>.</summary>
    public static readonly string[] Range = ["min", "max"];

    /// <summary>An item of <c>tasks</c>.</summary>
    public static readonly string[] Task = ["name", "kind", "column", "positive", "description", "identifier"];

    /// <summary><c>training.cpu</c> and <c>training.gpu</c>.</summary>
    public static readonly string[] DeviceTraining =
    [
        "num_experts", "units", "tower_units", "batch_size", "epoch_size", "learning_rate", "save_checkpoint", "save_checkpoint_epochs",
        "keep_checkpoint_max", "warmup_epochs", "seed",
    ];

    /// <summary><c>training</c>.</summary>
    public static readonly string[] Training = [.. DeviceTraining, "cpu", "gpu"];
}
