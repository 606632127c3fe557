using Mmoe.Data;
using Mmoe.Model;

namespace Mmoe.Cli;

/// <summary>What there is to say of a checkpoint.</summary>
/// <param name="Path">The file, as a person wants to read it.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Gates">What its gates do.</param>
/// <param name="Stitches">The weights of its stitches, level by level.</param>
internal sealed record Inspection(string Path, Checkpoint Checkpoint, GatesOnRows Gates, EquatableArray<StitchWeights> Stitches)
{
    /// <summary>The features of the schema that the model does not see, and that do not weigh its rows.</summary>
    public IEnumerable<string> Excluded
    {
        get
        {
            var inputs = this.Checkpoint.Inputs;
            var used = inputs.Gathered.Select(input => input.Column).Concat(inputs.Numerics.Select(input => input.Column));
            return this.Checkpoint.Schema.Columns
                .Where(column => column.Role == "feature" && column.Name != inputs.WeightColumn)
                .Select(column => column.Name)
                .Except(used, StringComparer.Ordinal);
        }
    }

    /// <summary>The names of a level's experts that gates choose among, in the level's order.</summary>
    public string[] ExpertsOf(int level, IEnumerable<string> named)
    {
        var names = named.ToHashSet(StringComparer.Ordinal);
        return [.. this.Checkpoint.Spec.Levels[level].Experts.Select(expert => expert.Name).Where(names.Contains)];
    }

    /// <summary>A level as a prefix of a title; nothing where there is only one.</summary>
    public string LevelTitle(int level) => this.Checkpoint.Spec.Levels.Count == 1 ? "" : $"level {level}: ";
}

/// <summary>What a model's gates do.</summary>
internal abstract record GatesOnRows;

/// <summary>The model has no gate that looks at rows.</summary>
internal sealed record NoGates : GatesOnRows;

/// <summary>There are no rows to look at.</summary>
/// <param name="Fault">Why.</param>
internal sealed record NoRows(Fault Fault) : GatesOnRows
{
    /// <summary>One line: why, and what to do.</summary>
    public string Advice => $"gate usage needs rows: {this.Fault}";
}

/// <summary>What they do on rows.</summary>
/// <param name="Rows">What the rows are called.</param>
/// <param name="Count">Their number.</param>
/// <param name="Usage">The usage of each gate, level by level.</param>
internal sealed record MeasuredGates(string Rows, int Count, EquatableArray<GateUsage> Usage) : GatesOnRows;
