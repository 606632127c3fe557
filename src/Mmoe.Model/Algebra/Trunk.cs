namespace Mmoe.Model;

/// <summary>The names of what flows through a model.</summary>
public static class Streams
{
    /// <summary>The model's input: every part of a model may read it, on any level.</summary>
    public const string Input = "input";

    /// <summary>The usual name of what all tasks share.</summary>
    public const string Shared = "shared";
}

/// <summary>A network among others on its level.</summary>
/// <param name="Name">Its name, unlike that of any other expert of the level; part of the names of its parameters.</param>
/// <param name="Network">What it computes.</param>
/// <param name="Reads">The stream that it gets.</param>
public sealed record Expert(string Name, Network Network, string Reads = Streams.Input);

/// <summary>Results of experts, mixed to one stream.</summary>
/// <param name="Stream">The name of the stream.</param>
/// <param name="Experts">The names of the experts of the same level that take part; their results are equally wide.</param>
/// <param name="Gate">How they are mixed.</param>
public sealed record Mixture(string Stream, EquatableArray<string> Experts, Gate Gate);

/// <summary>Experts side by side and what is made of them: from the streams of the level before to streams of its own.</summary>
/// <param name="Experts">The experts. Each reads <see cref="Streams.Input"/> or a stream of the level before.</param>
/// <param name="Mixtures">The streams that the level gives. They are all that is seen of it.</param>
public sealed record Level(EquatableArray<Expert> Experts, EquatableArray<Mixture> Mixtures)
{
    /// <summary>A level is a trunk of one, so that two levels compose as they are.</summary>
    public static Trunk operator >>(Level first, Trunk second) => (Trunk)first >> second;

    /// <summary>A model of one level with towers on it.</summary>
    public static ModelSpec operator >>(Level level, EquatableArray<Tower> towers) => (Trunk)level >> towers;
}

/// <summary>
/// Levels one after the other: all that lies between the input and the towers. Composition with <c>&gt;&gt;</c> is associative and has
/// <see cref="Identity"/> as its neutral element.
/// </summary>
/// <param name="Levels">The levels, the one next to the input first.</param>
public sealed record Trunk(EquatableArray<Level> Levels)
{
    /// <summary>The trunk without levels: towers stand on the input itself.</summary>
    public static Trunk Identity { get; } = new(EquatableArray<Level>.Empty);

    /// <summary>A trunk of one level.</summary>
    public static implicit operator Trunk(Level level) => new(new EquatableArray<Level>([level]));

    /// <summary>First <paramref name="first"/>, then <paramref name="second"/>.</summary>
    public static Trunk operator >>(Trunk first, Trunk second) => new(new EquatableArray<Level>(first.Levels.Concat(second.Levels)));

    /// <summary>A model: towers on the last level.</summary>
    public static ModelSpec operator >>(Trunk trunk, EquatableArray<Tower> towers) => new(trunk, towers);
}
