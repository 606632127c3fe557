using System.Globalization;
using System.Runtime.InteropServices;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// A trained model that predicts rows of a dataset which may be known by its descriptor alone. No libtorch, no state between calls: threads
/// may share it. Nothing is allocated per row; and in an application that is trimmed or compiled ahead of time nothing of LanguageExt is
/// reached by the members that take a collection of faults.
/// </summary>
/// <remarks>
/// Outputs are the same everywhere, per task in the dataset's order: the probability of the positive class, one probability per class, or
/// the number in the label's units. A task has <see cref="TaskDescriptor.OutputWidth"/> of them.
/// </remarks>
public sealed class Predictor
{
    // Beyond this no model is of use, and a file may come from anywhere: 256 MiB for each row that is predicted at the same time.
    private const long MostMemory = 1 << 26;

    /// <summary>Bytes that a row of the first layer is aligned to; see <see cref="FirstLayerBlock.Stride"/>.</summary>
    private const int Alignment = 64;

    private readonly ModelSpec spec;
    private readonly TargetScaling targets;
    private readonly InputLayout inputs;
    private readonly ManagedForward forward;
    private readonly float[] pinned;
    private readonly int first;
    private readonly Bound[] bounds;

    private Predictor(Checkpoint checkpoint, DatasetDescriptor dataset)
    {
        this.Dataset = dataset;
        this.spec = checkpoint.Spec;
        this.targets = checkpoint.TargetScaling;
        this.inputs = checkpoint.Inputs;
        this.forward = new(checkpoint.Spec, checkpoint.Inputs);
        this.OutputWidth = this.forward.LogitWidth;

        var seen = this.inputs.Gathered.Select(input => input.Column).Concat(this.inputs.Numerics.Select(input => input.Column))
            .ToHashSet(StringComparer.Ordinal);
        this.bounds = [.. dataset.Numerics.Where(feature => seen.Contains(feature.Name)).Select(feature => new Bound(feature))];
        this.Records = RecordEncoder.OfFeatures(dataset, column => seen.Contains(column.Name));
        this.Workspace = new(dataset, this.inputs, this.forward);

        // A gathered row that straddles cache lines costs twice. What is pinned stays where it is.
        var parameters = checkpoint.Parameters.AsSpan();
        this.pinned = GC.AllocateUninitializedArray<float>(parameters.Length + (Alignment / sizeof(float)), pinned: true);
        this.first = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(this.pinned, 0) & (Alignment - 1)) / sizeof(float);
        parameters.CopyTo(this.pinned.AsSpan(this.first));
    }

    /// <summary>What is predicted, and of what.</summary>
    public DatasetDescriptor Dataset { get; }

    /// <summary>The number of outputs for one row: those of all tasks, added up.</summary>
    public int OutputWidth { get; }

    /// <summary>Reads records.</summary>
    internal RecordEncoder Records { get; }

    /// <summary>What a row takes of working memory.</summary>
    internal WorkspaceSizes Workspace { get; }

    /// <summary>Reads a checkpoint to predict with.</summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <param name="dataset">The dataset, as it is now.</param>
    /// <returns>The predictor, or what is wrong with the file, or how its schema differs from the dataset's.</returns>
    public static Validation<Fault, Predictor> Load(string path, DatasetDescriptor dataset) =>
        Faulty.Validated(faults => Load(path, dataset, faults));

    /// <summary>Reads a checkpoint to predict with.</summary>
    /// <param name="path">The file; may come from anywhere.</param>
    /// <param name="dataset">The dataset, as it is now.</param>
    /// <param name="faults">Where to add what is wrong with the file, or how its schema differs from the dataset's.</param>
    /// <returns>The predictor; null after a fault.</returns>
    public static Predictor? Load(string path, DatasetDescriptor dataset, ICollection<Fault> faults) =>
        Checkpoint.Load(path, faults) is { } checkpoint ? Of(checkpoint, dataset, faults, path) : null;

    /// <summary>Makes a predictor of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="dataset">The dataset, as it is now.</param>
    /// <returns>The predictor, or how the checkpoint's schema differs from the dataset's.</returns>
    public static Validation<Fault, Predictor> Of(Checkpoint checkpoint, DatasetDescriptor dataset) =>
        Faulty.Validated(faults => Of(checkpoint, dataset, faults));

    /// <summary>Makes a predictor of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="dataset">The dataset, as it is now.</param>
    /// <param name="faults">Where to add how the checkpoint's schema differs from the dataset's.</param>
    /// <returns>The predictor; null after a fault.</returns>
    public static Predictor? Of(Checkpoint checkpoint, DatasetDescriptor dataset, ICollection<Fault> faults) =>
        Of(checkpoint, dataset, faults, null);

    private static Predictor? Of(Checkpoint checkpoint, DatasetDescriptor dataset, ICollection<Fault> faults, string? path)
    {
        if (!checkpoint.CheckAgainst(dataset, faults, path))
        {
            return null;
        }

        var memory = ForwardProgram.MemoryOf(Arrangement.Of(checkpoint.Spec, checkpoint.Inputs.Width), checkpoint.Layout());
        if (memory > MostMemory)
        {
            faults.Add(Fault.Data(string.Create(
                CultureInfo.InvariantCulture,
                $"the model needs working memory of {memory:N0} numbers for a row; at most {MostMemory:N0} are given"),
                path is null ? null : new FileLocation(path)));
            return null;
        }

        return new(checkpoint, dataset);
    }

    /// <summary>Compares a header's names with the schema's; see <see cref="TryPredict"/> for which columns a record has.</summary>
    /// <param name="header">The first record of a file with a header.</param>
    /// <param name="faults">Where to add what differs.</param>
    /// <returns>Whether nothing does.</returns>
    public bool CheckHeader(CsvRecord header, ICollection<Fault> faults) => this.Records.CheckHeader(header, faults);

    /// <summary>Predicts a record of a file.</summary>
    /// <param name="record">
    /// All columns of the schema in its order, or all but the labels. Only features that the model sees are read: what stands in labels,
    /// weights and other columns is of no account.
    /// </param>
    /// <param name="outputs">Where to write: <see cref="OutputWidth"/> numbers.</param>
    /// <param name="faults">Where to add what is wrong with the record, each field's fault at its place.</param>
    /// <returns>Whether nothing is wrong; if something is, <paramref name="outputs"/> is not written.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputs"/> has another length.</exception>
    public bool TryPredict(CsvRecord record, Span<float> outputs, ICollection<Fault> faults)
    {
        var rows = new RecordRow(this.Records, record, outputs, faults);
        this.RequireLength(outputs.Length, 1);
        this.Run(1, ref rows);
        return rows.IsGood;
    }

    /// <summary>Predicts rows one after the other, in working memory of this call.</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="rows">Where they come from and where their outputs go.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    internal void Run<TRows>(int count, scoped ref TRows rows, CancellationToken cancellation = default)
        where TRows : struct, IPredictedRows, allows ref struct
    {
        var sizes = this.Workspace;
        using var rented = sizes.FitsOnStack ? default : new RentedWorkspace(sizes);
        var workspace = sizes.FitsOnStack
            ? new Workspace(sizes, stackalloc int[sizes.Integers], stackalloc float[sizes.Numbers])
            : new Workspace(sizes, rented.Integers, rented.Numbers);
        for (var row = 0; row < count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (rows.Encode(row, workspace.Row))
            {
                this.Run(workspace);
                rows.Take(row, workspace.Outputs);
            }
        }
    }

    /// <summary>Whether the numbers of a row are such that the schema allows; only those are looked at that the model sees.</summary>
    /// <param name="numbers">One per numeric feature of the schema.</param>
    internal bool Allows(ReadOnlySpan<float> numbers)
    {
        foreach (ref readonly var bound in this.bounds.AsSpan())
        {
            if (!bound.Allows(numbers[bound.Index]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What is wrong with numbers that the schema does not allow.</summary>
    /// <param name="numbers">One per numeric feature of the schema.</param>
    internal IEnumerable<Fault> Refused(float[] numbers) =>
        this.bounds.Where(bound => !bound.Allows(numbers[bound.Index])).Select(bound => bound.Refuse(numbers[bound.Index]));

    /// <summary>Refuses memory of another length than rows of outputs have.</summary>
    internal void RequireLength(int outputs, int rows)
    {
        if (outputs != rows * this.OutputWidth)
        {
            throw new ArgumentException(
                $"there is room for {outputs} outputs, and {Counted.Of(rows, "row")} of {this.OutputWidth} are predicted", nameof(outputs));
        }
    }

    private void Run(in Workspace workspace)
    {
        this.inputs.Encode(workspace.Row.Codes, workspace.Row.Numerics, workspace.Indices, workspace.Inputs);
        var parameters = this.pinned.AsSpan(this.first, this.forward.Layout.Length);
        this.forward.Run(parameters, workspace.Indices, workspace.Inputs, workspace.Memory, workspace.Outputs);
        Outputs.Write(this.spec, this.targets, workspace.Outputs, workspace.Outputs);
    }

    /// <summary>The numbers that a feature may hold.</summary>
    private readonly struct Bound(NumericFeature feature)
    {
        private readonly NumericFeature feature = feature;
        private readonly float least = feature.Range?.Min ?? float.MinValue;
        private readonly float most = feature.Range?.Max ?? float.MaxValue;
        private readonly bool mayBeMissing = feature.Missing is not null;

        public int Index { get; } = feature.NumericIndex;

        public bool Allows(float number) => (number >= this.least && number <= this.most) || (this.mayBeMissing && float.IsNaN(number));

        public Fault Refuse(float number) => Fault.Data(
            float.IsNaN(number) ? $"'{this.feature.Name}' is missing"
                : FormattableString.Invariant($"'{this.feature.Name}' is {number}, and must be {this.feature.Range?.ToString() ?? "finite"}"),
            hint: float.IsNaN(number)
                ? "if it may be missing, declare \"missing\" for the column in the schema"
                : this.feature.Range is null ? null : "correct it, or widen the column's \"range\" in the schema");
    }

    private ref struct RecordRow(RecordEncoder encoder, CsvRecord record, Span<float> outputs, ICollection<Fault> faults) : IPredictedRows
    {
        private readonly CsvRecord record = record;
        private readonly Span<float> outputs = outputs;

        public bool IsGood { get; private set; }

        public bool Encode(int row, scoped EncodedRow into) => this.IsGood = encoder.Encode(this.record, into, faults);

        public readonly void Take(int row, scoped ReadOnlySpan<float> outputs) => outputs.CopyTo(this.outputs);
    }
}
