using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// The models of Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD 2018. All hidden
/// layers are dense with ReLU; every task has a tower whose head fits its kind.
/// </summary>
public static class ModelFamilies
{
    /// <summary>MMoE, section 4.2: the tasks share the experts, and each mixes them by its own gate.</summary>
    /// <param name="tasks">What is predicted, in the dataset's order.</param>
    /// <param name="experts">The number of experts.</param>
    /// <param name="units">The widths of an expert's dense layers.</param>
    /// <param name="towerUnits">The widths of a tower's hidden layers.</param>
    /// <remarks>With 8 experts of 4 units and towers of 8 it is the reference model.</remarks>
    public static ModelSpec Mmoe(
        EquatableArray<TaskDescriptor> tasks, int experts, EquatableArray<int> units, EquatableArray<int> towerUnits) =>
        new(Experts(experts, units), Gating.PerTask, Towers(tasks, towerUnits));

    /// <summary>OMoE, section 4.1: the tasks share the experts and one gate.</summary>
    /// <param name="tasks"><inheritdoc cref="Mmoe" path="/param[@name='tasks']"/></param>
    /// <param name="experts"><inheritdoc cref="Mmoe" path="/param[@name='experts']"/></param>
    /// <param name="units"><inheritdoc cref="Mmoe" path="/param[@name='units']"/></param>
    /// <param name="towerUnits"><inheritdoc cref="Mmoe" path="/param[@name='towerUnits']"/></param>
    public static ModelSpec OneGate(
        EquatableArray<TaskDescriptor> tasks, int experts, EquatableArray<int> units, EquatableArray<int> towerUnits) =>
        new(Experts(experts, units), Gating.Shared, Towers(tasks, towerUnits));

    /// <summary>Shared bottom, section 3.1: the tasks share one network below their towers.</summary>
    /// <param name="tasks"><inheritdoc cref="Mmoe" path="/param[@name='tasks']"/></param>
    /// <param name="units">The widths of the bottom's dense layers; as wide as all experts together, it has their capacity.</param>
    /// <param name="towerUnits"><inheritdoc cref="Mmoe" path="/param[@name='towerUnits']"/></param>
    public static ModelSpec SharedBottom(EquatableArray<TaskDescriptor> tasks, EquatableArray<int> units, EquatableArray<int> towerUnits) =>
        new(Experts(1, units), Gating.None, Towers(tasks, towerUnits));

    private static EquatableArray<Network> Experts(int count, EquatableArray<int> units) =>
        new(Enumerable.Repeat(Network.OfDense(units, Activation.ReLU), count));

    private static EquatableArray<Tower> Towers(EquatableArray<TaskDescriptor> tasks, EquatableArray<int> units) =>
        new(tasks.Select(task => new Tower(task.Name, Network.OfDense(units, Activation.ReLU), Head.For(task))));
}
