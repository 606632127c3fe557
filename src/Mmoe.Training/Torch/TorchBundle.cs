using Mmoe.Model;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>A bundle of a model: parts that compute as one batch.</summary>
internal sealed class TorchBundle
{
    private readonly int piece;
    private readonly int units;
    private readonly Activation first;
    private readonly Selection source;
    private readonly TorchStep[] steps;

    /// <summary>Prepares a bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="piece">Which piece of the first layer's result is its own; -1 where it does not stand on the input.</param>
    /// <param name="below">The names of the streams of the level before, group by group.</param>
    /// <param name="leaves">Where to make leaves.</param>
    public TorchBundle(Bundle bundle, int piece, string[][] below, LeafSource leaves)
    {
        (this.First, this.Count, this.Width) = (bundle.First, bundle.Parts.Count, bundle.Outputs);
        this.piece = piece;
        this.steps = TorchStep.Of(bundle.OtherSteps, bundle.Parts, leaves);
        if (piece >= 0)
        {
            (this.units, this.first) = (bundle.InputStep.Outputs, bundle.InputStep.Activation);
        }
        else
        {
            var places = below
                .SelectMany((names, group) => names.Select((name, index) => (name, new Place(group, index))))
                .ToDictionary(StringComparer.Ordinal);
            this.source = new Selection([.. bundle.Parts.Select(part => places[part.Reads])], [.. below.Select(names => names.Length)]);
        }
    }

    /// <summary>The position of the first part among those of its kind.</summary>
    public int First { get; }

    /// <summary>The number of parts.</summary>
    public int Count { get; }

    /// <summary>The width of what each part gives.</summary>
    public int Width { get; }

    /// <summary>What the parts give.</summary>
    /// <param name="firstLayer">The pieces of the first layer's result, each [rows, parts · units].</param>
    /// <param name="streams">The streams of the level before, group by group.</param>
    /// <param name="masks">The random numbers of dropout; null where nothing is dropped.</param>
    public Vectors Apply(Tensor[] firstLayer, Vectors[] streams, DropoutMasks? masks)
    {
        var given = this.piece >= 0
            ? new Vectors(TorchStep.Activate(firstLayer[this.piece].view(-1, this.Count, this.units), this.first), AreByRow: true)
            : this.source.Apply(streams);
        if (this.steps.Length == 0)
        {
            return given;
        }

        var x = given.ByPart;
        foreach (var step in this.steps)
        {
            x = step.Apply(x, masks);
        }

        return new(x, AreByRow: false);
    }
}

/// <summary>
/// A vector per part and row, in one of two orders: to go from one to the other is an operation, forward and backward, which is left out
/// where nobody asks for it.
/// </summary>
/// <param name="Tensor">[rows, parts, width] or [parts, rows, width].</param>
/// <param name="AreByRow">Whether it is the first of these.</param>
internal readonly record struct Vectors(Tensor Tensor, bool AreByRow)
{
    /// <summary>The number of parts.</summary>
    public long Parts => this.Tensor.shape[this.AreByRow ? 1 : 0];

    /// <summary>[parts, rows, width].</summary>
    public Tensor ByPart => this.AreByRow ? this.Tensor.transpose(0, 1) : this.Tensor;

    /// <summary>[rows, parts, width].</summary>
    public Tensor ByRow => this.AreByRow ? this.Tensor : this.Tensor.transpose(0, 1);

    /// <summary>Those of neighbouring parts.</summary>
    /// <param name="first">The first part.</param>
    /// <param name="count">The number of parts.</param>
    public Vectors OfParts(int first, int count) => this with { Tensor = this.Tensor.narrow(this.AreByRow ? 1 : 0, first, count) };
}

/// <summary>One of several vectors that lie in groups side by side.</summary>
internal readonly record struct Place(int Group, int Index);

/// <summary>
/// Vectors chosen out of groups, as one batch. What is there already is not copied: a whole group, neighbours within it, or one vector for
/// all.
/// </summary>
internal readonly struct Selection
{
    private readonly (int Group, int First, int Count)[] runs;
    private readonly int[] sizes;
    private readonly int repeated;

    /// <summary>Prepares a choice.</summary>
    /// <param name="places">The vectors, in the order of the batch; of equal width.</param>
    /// <param name="sizes">The number of vectors of each group.</param>
    public Selection(IReadOnlyList<Place> places, int[] sizes)
    {
        this.sizes = sizes;
        var isOne = places.Count > 1 && places.All(place => place == places[0]);
        this.repeated = isOne ? places.Count : 1;
        var found = new List<(int Group, int First, int Count)>();
        foreach (var place in isOne ? places.Take(1) : places)
        {
            if (found.Count > 0 && found[^1] is var last && last.Group == place.Group && last.First + last.Count == place.Index)
            {
                found[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                found.Add((place.Group, place.Index, 1));
            }
        }

        this.runs = [.. found];
    }

    /// <summary>The vectors, as one batch.</summary>
    /// <param name="groups">The groups.</param>
    public Vectors Apply(Vectors[] groups)
    {
        var sizes = this.sizes;
        var pieces = Array.ConvertAll(this.runs, run =>
            run.Count == sizes[run.Group] ? groups[run.Group] : groups[run.Group].OfParts(run.First, run.Count));
        var chosen = pieces.Length == 1
            ? pieces[0]
            : new(TorchSharp.torch.cat(Array.ConvertAll(pieces, piece => piece.ByPart), 0), AreByRow: false);
        return this.repeated == 1 ? chosen : new(chosen.ByPart.expand(this.repeated, -1, -1), AreByRow: false);
    }
}
