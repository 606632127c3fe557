namespace Mmoe.Model;

/// <summary>The names of a model's parameters: stable, derived from the spec, the same in checkpoints.</summary>
public static class ParameterNames
{
    /// <summary>The owner of an expert's dense layer: <c>experts.{expert}.dense.{dense}</c>, both from 0.</summary>
    public static string Expert(int expert, int dense) => $"experts.{expert}.dense.{dense}";

    /// <summary>The owner of a gate's layer: <c>gates.{task}</c>, or <c>gates.shared</c> where there is one for all tasks.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="gate">The gate's position.</param>
    public static string Gate(ModelSpec spec, int gate) =>
        spec.Gating == Gating.Shared ? "gates.shared" : $"gates.{spec.Towers[gate].Task}";

    /// <summary>The owner of a tower's hidden layer: <c>towers.{task}.dense.{dense}</c>, from 0.</summary>
    public static string Tower(string task, int dense) => $"towers.{task}.dense.{dense}";

    /// <summary>The owner of a tower's last layer: <c>towers.{task}.output</c>.</summary>
    public static string Output(string task) => $"towers.{task}.output";

    /// <summary>The weight, [inputs, units], of a layer.</summary>
    public static string Weight(string owner) => $"{owner}.weight";

    /// <summary>The bias, [units], of a layer.</summary>
    public static string Bias(string owner) => $"{owner}.bias";
}
