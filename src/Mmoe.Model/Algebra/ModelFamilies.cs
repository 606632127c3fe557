using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// The families of the literature, each a few lines of the algebra. Every task gets a tower whose head fits its kind.
/// </summary>
public static class ModelFamilies
{
    /// <summary>Single-task: a network for each task alone; what the others are compared with.</summary>
    /// <param name="tasks">What is predicted, in the dataset's order.</param>
    /// <param name="bottom">What each task has below its tower.</param>
    /// <param name="tower">The hidden layers of a tower.</param>
    public static ModelSpec SingleTask(EquatableArray<TaskDescriptor> tasks, Network bottom, Network tower) =>
        new Level(
            new(tasks.Select(task => new Expert(task.Name, bottom))),
            new(tasks.Select(task => new Mixture(task.Name, [task.Name], new PassGate()))))
        >> Towers(tasks, tower);

    /// <summary>Shared bottom: the tasks share one network below their towers; Ma et al. 2018, section 3.1, equation 1 (Caruana 1993, 1997).</summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="bottom">The shared network; as wide as all experts together, it has their capacity.</param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    public static ModelSpec SharedBottom(EquatableArray<TaskDescriptor> tasks, Network bottom, Network tower) =>
        new Level([new Expert("0", bottom)], [new Mixture(Streams.Shared, ["0"], new PassGate())])
        >> Towers(tasks, tower, Streams.Shared);

    /// <summary>
    /// OMoE: the tasks share the experts and one gate; the mixture of Ma et al. 2018, section 4.1, equation 5, in the place of a shared bottom.
    /// </summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="experts">The number of experts.</param>
    /// <param name="expert">What each expert computes.</param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    /// <param name="gate">The gate; by default a plain softmax over the input.</param>
    public static ModelSpec OneGate(
        EquatableArray<TaskDescriptor> tasks, int experts, Network expert, Network tower, SoftmaxGate? gate = null) =>
        new Level(Experts(experts, expert), [new Mixture(Streams.Shared, Numbers(experts), gate ?? new SoftmaxGate())])
        >> Towers(tasks, tower, Streams.Shared);

    /// <summary>MMoE: the tasks share the experts, and each mixes them by its own gate; Ma et al. 2018, section 4.2, equations 6 to 8.</summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="experts"><inheritdoc cref="OneGate" path="/param[@name='experts']"/></param>
    /// <param name="expert"><inheritdoc cref="OneGate" path="/param[@name='expert']"/></param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    /// <param name="gate"><inheritdoc cref="OneGate" path="/param[@name='gate']"/></param>
    /// <remarks>With 8 experts of 4 units and towers of 8 it is the reference model.</remarks>
    public static ModelSpec Mmoe(
        EquatableArray<TaskDescriptor> tasks, int experts, Network expert, Network tower, SoftmaxGate? gate = null) =>
        new Level(
            Experts(experts, expert),
            new(tasks.Select(task => new Mixture(task.Name, Numbers(experts), gate ?? new SoftmaxGate()))))
        >> Towers(tasks, tower);

    /// <summary>
    /// CGC, customized gate control: experts of each task's own beside shared ones; a task mixes its own and the shared ones. Tang et al. 2020,
    /// section 4.1, equations 1 to 4.
    /// </summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="taskExperts">The number of experts that each task has to itself.</param>
    /// <param name="sharedExperts">The number of experts that all tasks share.</param>
    /// <param name="expert"><inheritdoc cref="OneGate" path="/param[@name='expert']"/></param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    /// <param name="gate"><inheritdoc cref="OneGate" path="/param[@name='gate']"/></param>
    public static ModelSpec Cgc(
        EquatableArray<TaskDescriptor> tasks, int taskExperts, int sharedExperts, Network expert, Network tower, SoftmaxGate? gate = null) =>
        Ple(tasks, 1, taskExperts, sharedExperts, expert, tower, gate);

    /// <summary>
    /// PLE, progressive layered extraction: levels of CGC one on the other, below the last of which a gate over all experts feeds the shared
    /// ones of the next. Tang et al. 2020, section 4.2, equations 5 and 6.
    /// </summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="levels">The number of levels, at least 1; one is CGC.</param>
    /// <param name="taskExperts"><inheritdoc cref="Cgc" path="/param[@name='taskExperts']"/></param>
    /// <param name="sharedExperts"><inheritdoc cref="Cgc" path="/param[@name='sharedExperts']"/></param>
    /// <param name="expert"><inheritdoc cref="OneGate" path="/param[@name='expert']"/></param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    /// <param name="gate"><inheritdoc cref="OneGate" path="/param[@name='gate']"/></param>
    public static ModelSpec Ple(
        EquatableArray<TaskDescriptor> tasks,
        int levels,
        int taskExperts,
        int sharedExperts,
        Network expert,
        Network tower,
        SoftmaxGate? gate = null)
    {
        EquatableArray<string> Own(string owner, int count) => new(Enumerable.Range(0, count).Select(i => $"{owner}.{i}"));
        var shared = Own(Streams.Shared, sharedExperts);
        Level Extraction(int level)
        {
            string Below(string stream) => level == 0 ? Streams.Input : stream;
            IEnumerable<Expert> Of(string owner, int count) => Own(owner, count).Select(name => new Expert(name, expert, Below(owner)));
            Mixture Mixed(string stream, IEnumerable<string> experts) =>
                new(stream, new(experts), (gate ?? new SoftmaxGate()) with { Reads = Below(stream) });

            var experts = tasks.SelectMany(task => Of(task.Name, taskExperts)).Concat(Of(Streams.Shared, sharedExperts)).ToArray();
            var perTask = tasks.Select(task => Mixed(task.Name, Own(task.Name, taskExperts).Concat(shared)));
            var forShared = level == levels - 1 || sharedExperts == 0
                ? []
                : new[] { Mixed(Streams.Shared, experts.Select(e => e.Name)) };
            return new(new(experts.AsEnumerable()), new(perTask.Concat(forShared)));
        }

        return Enumerable.Range(0, levels).Aggregate(Trunk.Identity, (trunk, level) => trunk >> Extraction(level)) >> Towers(tasks, tower);
    }

    /// <summary>
    /// Cross-stitch: a network for each task, and after each of its layers a learned mixture with those of the other tasks. Misra et al. 2016,
    /// section 3, equation 1.
    /// </summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="layers">The parts after each of which the tasks are stitched together, first applied first.</param>
    /// <param name="tower"><inheritdoc cref="SingleTask" path="/param[@name='tower']"/></param>
    /// <param name="own">What a task starts to take of its own; of each other it takes an equal share of the rest to 1.</param>
    public static ModelSpec CrossStitch(EquatableArray<TaskDescriptor> tasks, EquatableArray<Network> layers, Network tower, float own = 0.9f)
    {
        EquatableArray<string> names = new(tasks.Select(task => task.Name));
        Level Stitched(Network layer, int level) => new(
            new(names.Select(name => new Expert(name, layer, level == 0 ? Streams.Input : name))),
            new(names.Select((name, task) => new Mixture(name, names, StitchGate.Sharing(names.Count, task, own)))));

        return layers.Select(Stitched).Aggregate(Trunk.Identity, (trunk, level) => trunk >> level) >> Towers(tasks, tower);
    }

    /// <summary>A tower for each task, on the stream of the task's own name or on one for all.</summary>
    /// <param name="tasks"><inheritdoc cref="SingleTask" path="/param[@name='tasks']"/></param>
    /// <param name="hidden">The hidden layers of a tower.</param>
    /// <param name="reads">The stream that all towers stand on; null where each stands on the stream that is called as its task.</param>
    public static EquatableArray<Tower> Towers(EquatableArray<TaskDescriptor> tasks, Network hidden, string? reads = null) =>
        new(tasks.Select(task => new Tower(task.Name, hidden, Head.For(task), reads ?? task.Name)));

    /// <summary>Experts named <c>0</c>, <c>1</c>… that compute the same over the input.</summary>
    public static EquatableArray<Expert> Experts(int count, Network expert) =>
        new(Numbers(count).Select(name => new Expert(name, expert)));

    private static EquatableArray<string> Numbers(int count) => new(Enumerable.Range(0, count).Select(i => $"{i}"));
}
