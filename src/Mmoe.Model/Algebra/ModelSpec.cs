namespace Mmoe.Model;

/// <summary>What stands between a stream and a task's logits: hidden layers, then a dense layer of the head's width.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Hidden">The hidden layers; may be <see cref="Network.Identity"/>.</param>
/// <param name="Head">What the tower ends in.</param>
/// <param name="Reads">The stream that it stands on: one of the last level's, or <see cref="Streams.Input"/>.</param>
public sealed record Tower(string Task, Network Hidden, Head Head, string Reads);

/// <summary>
/// A model definition: a value without tensors, comparable, printable and serialisable. Interpreters are folds over it.
/// </summary>
/// <param name="Trunk">All that lies between the input and the towers.</param>
/// <param name="Towers">One tower per task, in the order of the dataset's tasks.</param>
public sealed record ModelSpec(Trunk Trunk, EquatableArray<Tower> Towers)
{
    /// <summary>How the losses of tasks are weighed against each other.</summary>
    public TaskWeighting Weighting { get; init; } = TaskWeighting.Equal;

    /// <summary>
    /// Parts that training leaves as they are: names of parameters, or the beginnings of such names up to a dot: <c>experts</c>,
    /// <c>towers.income</c>, <c>levels.1.gates</c>.
    /// </summary>
    public EquatableArray<string> Frozen { get; init; }

    /// <summary>The levels of the trunk.</summary>
    public EquatableArray<Level> Levels => this.Trunk.Levels;

    /// <summary>The number of logits for one row: the widths of all heads, added up.</summary>
    public int LogitWidth
    {
        get
        {
            // Asked for with every row that is predicted, where LINQ would allocate.
            var width = 0;
            foreach (var tower in this.Towers.AsSpan())
            {
                width += tower.Head.Width;
            }

            return width;
        }
    }

    /// <summary>Whether training leaves a parameter as it is.</summary>
    /// <param name="parameter">The parameter's name.</param>
    public bool IsFrozen(string parameter) => this.Frozen.Any(part =>
        parameter.StartsWith(part, StringComparison.Ordinal) && (parameter.Length == part.Length || parameter[part.Length] == '.'));
}
