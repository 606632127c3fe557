using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>What an expert gets of a gate over some rows.</summary>
/// <param name="Expert">The expert's name on its level.</param>
/// <param name="MeanWeight">The mean of the gate's weight for it, from 0 to 1; the rows' weights weigh it.</param>
/// <param name="TopShare">
/// The share of rows in which no expert has a greater weight, from 0 to 1; the rows' weights weigh it, and experts that are equal in a row
/// share it.
/// </param>
public sealed record ExpertUsage(string Expert, double MeanWeight, double TopShare);

/// <summary>How a softmax gate spreads rows over its experts.</summary>
/// <param name="Level">The gate's level, from 0.</param>
/// <param name="Stream">The stream that it mixes; a task's name where every task has its own.</param>
/// <param name="Experts">What each of its experts gets; the mean weights sum to 1, and so do the shares.</param>
public sealed record GateUsage(int Level, string Stream, EquatableArray<ExpertUsage> Experts)
{
    /// <summary>Rows whose gate weights are held at a time.</summary>
    private const int BlockRows = 1_024;

    /// <summary>
    /// The entropy of the mean weights over its greatest possible value, ln n for n experts: 1 where all experts get the same, 0 where one
    /// gets all. A gate with one expert has 1.
    /// </summary>
    public double Evenness
    {
        get
        {
            var entropy = this.Experts.Sum(e => e.MeanWeight > 0 ? -e.MeanWeight * Math.Log(e.MeanWeight) : 0);

            // Weights are sums in float32: a mean may be above 1 by its last digit.
            return this.Experts.Count == 1 ? 1 : Math.Clamp(entropy / Math.Log(this.Experts.Count), 0, 1);
        }
    }

    /// <summary>The usage of every softmax gate.</summary>
    /// <param name="forward">The model.</param>
    /// <param name="parameters">Its flat vector.</param>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <returns>
    /// The gates in the order of <see cref="ManagedForward.Gates"/>; or a fault where no row has a weight above 0, and for each gate whose
    /// weights are not finite: such a model is broken.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public static Validation<Fault, EquatableArray<GateUsage>> Of(
        ManagedForward forward, ReadOnlySpan<float> parameters, ModelInputs inputs, CancellationToken cancellation = default)
    {
        var total = inputs.Weights.Sum(weight => (double)weight);
        if (total == 0)
        {
            return Fail<Fault, EquatableArray<GateUsage>>(Fault.Data(
                "no row has a weight above 0; there is no mean over them", hint: "give rows that count"));
        }

        var width = forward.GateWidth;
        var (sums, tops) = (new double[width], new double[width]);
        var (indices, numerics) = (inputs.Indices.Length / inputs.Rows, inputs.Numerics.Length / inputs.Rows);
        var block = new float[Math.Min(BlockRows, inputs.Rows) * width];
        var logits = new float[Math.Min(BlockRows, inputs.Rows) * forward.LogitWidth];
        for (var first = 0; first < inputs.Rows; first += BlockRows)
        {
            var rows = Math.Min(BlockRows, inputs.Rows - first);
            forward.Run(
                parameters,
                rows,
                inputs.Indices.AsSpan(first * indices, rows * indices),
                inputs.Numerics.AsSpan(first * numerics, rows * numerics),
                logits.AsSpan(0, rows * forward.LogitWidth),
                block.AsSpan(0, rows * width),
                cancellation);
            for (var row = 0; row < rows; row++)
            {
                foreach (var gate in forward.Gates.AsSpan())
                {
                    var count = gate.Experts.Count;
                    Add(
                        block.AsSpan((row * width) + gate.First, count),
                        inputs.Weights[first + row],
                        sums.AsSpan(gate.First, count),
                        tops.AsSpan(gate.First, count));
                }
            }
        }

        var faults = forward.Gates
            .Where(gate => !sums.AsSpan(gate.First, gate.Experts.Count).ToArray().All(double.IsFinite))
            .Select(gate => Fault.Run(
                string.Create(
                    CultureInfo.InvariantCulture, $"a weight that the gate '{gate.Stream}' of level {gate.Level} gives is not finite"),
                "its parameters have overflowed; go back to an earlier checkpoint, or train with a lower learning rate"))
            .ToSeq();
        return faults.IsEmpty
            ? Success<Fault, EquatableArray<GateUsage>>(new(forward.Gates.Select(gate => new GateUsage(
                gate.Level, gate.Stream, new(gate.Experts.Select((name, e) => Usage(name, gate.First + e)))))))
            : Fail<Fault, EquatableArray<GateUsage>>(faults);

        ExpertUsage Usage(string name, int column) => new(name, sums[column] / total, tops[column] / total);
    }

    private static void Add(ReadOnlySpan<float> weights, double rowWeight, Span<double> sums, Span<double> tops)
    {
        var greatest = float.NegativeInfinity;
        var equals = 0;
        foreach (var weight in weights)
        {
            equals = weight > greatest ? 1 : weight == greatest ? equals + 1 : equals;
            greatest = MathF.Max(weight, greatest);
        }

        for (var e = 0; e < weights.Length; e++)
        {
            sums[e] += rowWeight * weights[e];
            tops[e] += weights[e] == greatest ? rowWeight / equals : 0;
        }
    }
}

/// <summary>The weights that a stitch has learned; they are the same for every row.</summary>
/// <param name="Level">The stitch's level, from 0.</param>
/// <param name="Stream">The stream that it mixes.</param>
/// <param name="Experts">The names of its experts.</param>
/// <param name="Weights">The weight of each.</param>
public sealed record StitchWeights(int Level, string Stream, EquatableArray<string> Experts, EquatableArray<float> Weights)
{
    /// <summary>The weights of every stitch, level by level.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="layout">Where its parameters lie.</param>
    /// <param name="parameters">Its flat vector.</param>
    public static EquatableArray<StitchWeights> Of(ModelSpec spec, ParameterLayout layout, ReadOnlySpan<float> parameters)
    {
        var stitches = new List<StitchWeights>();
        foreach (var (level, placed) in spec.Levels.Index())
        {
            foreach (var mixture in placed.Mixtures.Where(mixture => mixture.Gate is StitchGate))
            {
                var weights = new float[mixture.Experts.Count];
                layout[ParameterNames.Stitch(ParameterNames.Gate(level, mixture.Stream))].CopyFrom(parameters, weights);
                stitches.Add(new(level, mixture.Stream, mixture.Experts, new(weights.AsSpan())));
            }
        }

        return new(stitches);
    }
}
