namespace Mmoe.Model;

/// <summary>The names of a model's parameters: stable, derived from the spec, the same in checkpoints.</summary>
/// <remarks>Names of the level next to the input begin with its parts; those of a level n above it with <c>levels.n.</c>.</remarks>
public static class ParameterNames
{
    /// <summary>An expert: <c>experts.{name}</c>.</summary>
    /// <param name="level">The level, from 0.</param>
    /// <param name="name">The expert's name on its level.</param>
    public static string Expert(int level, string name) => $"{Experts(level)}.{name}";

    /// <summary>What the names of all experts of a level begin with: <c>experts</c>.</summary>
    /// <param name="level">The level, from 0.</param>
    public static string Experts(int level) => $"{Level(level)}experts";

    /// <summary>The gate of a mixture: <c>gates.{stream}</c>.</summary>
    /// <param name="level">The level, from 0.</param>
    /// <param name="stream">The stream that the mixture gives.</param>
    public static string Gate(int level, string stream) => $"{Gates(level)}.{stream}";

    /// <summary>What the names of all gates of a level begin with: <c>gates</c>.</summary>
    /// <param name="level">The level, from 0.</param>
    public static string Gates(int level) => $"{Level(level)}gates";

    /// <summary>A tower: <c>towers.{task}</c>.</summary>
    public static string Tower(string task) => $"towers.{task}";

    /// <summary>The last layer of a tower: <c>towers.{task}.output</c>.</summary>
    public static string Output(string task) => $"{Tower(task)}.output";

    /// <summary>The weight, [inputs, units], of a layer.</summary>
    public static string Weight(string owner) => $"{owner}.weight";

    /// <summary>The bias, [units], of a layer.</summary>
    public static string Bias(string owner) => $"{owner}.bias";

    /// <summary>The scale, [width], of a norm.</summary>
    public static string Scale(string owner) => $"{owner}.scale";

    /// <summary>The shift, [width], of a norm.</summary>
    public static string Shift(string owner) => $"{owner}.shift";

    /// <summary>The weights, [experts], of a stitch.</summary>
    public static string Stitch(string gate) => $"{gate}.stitch";

    /// <summary>s = log σ², [1], of a task whose weight is learned.</summary>
    public static string LogVariance(string task) => $"weighting.{task}.log_variance";

    private static string Level(int level) => level == 0 ? "" : $"levels.{level}.";
}
