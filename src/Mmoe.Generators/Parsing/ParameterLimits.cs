using System.Globalization;

namespace Mmoe;

/// <summary>The numbers that a parameter may be.</summary>
/// <param name="Min">The least, or what it must be above.</param>
/// <param name="Max">The greatest.</param>
/// <param name="AboveMin">Whether <paramref name="Min"/> itself is excluded.</param>
internal readonly record struct NumberLimits(double Min, double Max, bool AboveMin = false)
{
    /// <summary>Whether a number is one of them.</summary>
    public bool Contains(double value) => (this.AboveMin ? value > this.Min : value >= this.Min) && value <= this.Max;

    /// <summary>The range in words: <c>from 1 to 4096</c>.</summary>
    public override string ToString() =>
        this.AboveMin ? $"above {Text(this.Min)} and at most {Text(this.Max)}" : $"from {Text(this.Min)} to {Text(this.Max)}";

    // A decimal is written alike by every host of the compiler; a double is not.
    private static string Text(double value) => ((decimal)value).ToString(CultureInfo.InvariantCulture);
}

/// <summary>The limits of every number that a schema states to train or draw with, by its name.</summary>
/// <remarks>
/// This one file is compiled into the generator and into Mmoe.Training: a schema cannot state what a configuration may not.
/// </remarks>
internal static class ParameterLimits
{
    private static readonly NumberLimits Rows = new(1, 10_000_000);
    private static readonly NumberLimits AnySeed = new(int.MinValue, int.MaxValue);
    private static readonly NumberLimits Widths = new(1, 65_536);

    /// <summary>The limits of <c>training</c>; those of a list hold for each of its numbers.</summary>
    public static IReadOnlyDictionary<string, NumberLimits> Training { get; } = new Dictionary<string, NumberLimits>(StringComparer.Ordinal)
    {
        ["num_experts"] = new(1, 4_096),
        ["units"] = Widths,
        ["tower_units"] = Widths,
        ["batch_size"] = new(1, 1 << 24),
        ["epoch_size"] = new(1, 1_000_000),
        ["learning_rate"] = new(0, 100, AboveMin: true),
        ["save_checkpoint_epochs"] = new(1, 1_000_000),
        ["keep_checkpoint_max"] = new(1, 1_000_000),
        ["warmup_epochs"] = new(0, 1_000_000),
        ["seed"] = AnySeed,
    };

    /// <summary>The limits of <c>source.parameters</c>.</summary>
    public static IReadOnlyDictionary<string, NumberLimits> Drawn { get; } = new Dictionary<string, NumberLimits>(StringComparer.Ordinal)
    {
        ["dimension"] = new(2, int.MaxValue),
        ["correlation"] = new(-1, 1),
        ["scale"] = new(0, 1_000_000, AboveMin: true),
        ["terms"] = new(0, 10_000),
        ["noise_variance"] = new(0, 1_000_000),
        ["train_rows"] = Rows,
        ["validation_rows"] = Rows,
        ["test_rows"] = Rows,
        ["seed"] = AnySeed,
    };
}
