using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Mmoe.Testing;

/// <summary>
/// What holds for every dataset of a registry. A test project gets these tests in one line, and a new schema is covered without another:
/// <c>public sealed class Laws() : DatasetLaws(Registry.All);</c>
/// </summary>
/// <remarks>
/// A failure names the dataset, the column and the value. One of a property of rows shows the row that was drawn, the simplest row that
/// FsCheck found to fail alike, and the two numbers that replay it: hand them to the constructor.
/// </remarks>
public abstract class DatasetLaws
{
    /// <summary>The number of problems of one law after which a report ends.</summary>
    private const int MaxProblems = 20;

    private readonly DatasetRegistry datasets;
    private readonly Config config;

    /// <summary>The laws over a registry.</summary>
    /// <param name="datasets">The datasets.</param>
    /// <param name="rows">How many rows of each dataset a property of rows is tried on.</param>
    /// <param name="replay">The two numbers that a failure printed, to try the same rows again; null for new rows in every run.</param>
    protected DatasetLaws(DatasetRegistry datasets, int rows = 50, (ulong Seed, ulong Gamma)? replay = null)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        this.datasets = datasets;
        var fresh = Config.QuickThrowOnFailure.WithMaxTest(rows);
        this.config = replay is { } numbers ? fresh.WithReplay(numbers.Seed, numbers.Gamma) : fresh;
    }

    /// <summary>A registry without datasets would keep every law.</summary>
    [Fact]
    public void The_registry_holds_a_dataset() => Assert.True(
        this.datasets.Datasets.Count > 0,
        $"the registry holds no dataset; {DatasetRegistry.Origin}; does it reference Mmoe.Generators?");

    /// <summary>A name finds its dataset, and a slip of the pen in it finds the name.</summary>
    [Fact]
    public void A_dataset_is_found_by_its_name() => this.Hold(dataset => RegistryLaws.Lookup(this.datasets, dataset));

    /// <summary>Datasets that share a fingerprint share columns and tasks: a checkpoint of one fits the other.</summary>
    [Fact]
    public void A_fingerprint_says_what_a_row_means() => this.Hold(dataset => RegistryLaws.Fingerprints(this.datasets, dataset));

    /// <summary>Positions, offsets and counts are those of the columns in their order.</summary>
    [Fact]
    public void Features_follow_each_other_without_a_gap_and_are_counted() => this.Hold(d => DescriptorLaws.Positions(d.Descriptor));

    /// <summary>Columns and tasks have names of their own, and every label is predicted.</summary>
    [Fact]
    public void Columns_and_tasks_are_told_apart() => this.Hold(d => DescriptorLaws.Names(d.Descriptor));

    /// <summary>A value's position is its code, whichever encoding its text comes in.</summary>
    [Fact]
    public void Every_value_has_its_position_as_code() => this.Hold(d => VocabularyLaws.Codes(d.Descriptor));

    /// <summary>What is nearly a value is none.</summary>
    [Fact]
    public void A_text_that_is_no_value_has_no_code() => this.Hold(d => VocabularyLaws.Strangers(d.Descriptor));

    /// <summary>No row can be trained on and tested with.</summary>
    [Fact]
    public void Splits_do_not_overlap() => this.Hold(d => SplitLaws.Disjoint(d.Descriptor));

    /// <summary>The files that a schema describes can be written and read, and each row is in its split; all is drawn.</summary>
    [Fact]
    public void Every_row_comes_to_its_split() => this.Hold(d => SplitLaws.Loaded(d.Descriptor));

    /// <summary>A task's target is what its kind allows, and is missing where the label is.</summary>
    [Fact]
    public void Targets_are_those_of_the_task() => this.HoldOfRows((_, sample) => RowLaws.Targets(sample));

    /// <summary>A model's outputs come to the tasks in order, and a multi-class prediction names the likeliest class.</summary>
    [Fact]
    public void A_prediction_holds_the_outputs_in_place() => this.Hold(d => PredictionLaws.InPlace(d));

    /// <summary>Scaling that is fitted on rows gives finite numbers, for missing values too.</summary>
    [Fact]
    public void Scaling_is_finite() => this.Hold(d => ScalingLaws.Finite(d.Descriptor));

    /// <summary>Decoding and encoding lose nothing, in either order.</summary>
    [Fact]
    public void A_typed_row_holds_all_that_an_encoded_row_does() => this.HoldOfRows(RowLaws.TypedRoundTrip);

    /// <summary>A code that no value has makes no row.</summary>
    [Fact]
    public void A_code_outside_its_vocabulary_is_refused() => this.HoldOfRows(RowLaws.ForeignCodes);

    /// <summary>A row that is written as a record of any of the dataset's files reads back as the same row.</summary>
    [Fact]
    public void What_is_written_as_text_reads_back_as_the_same_row() => this.HoldOfRows((_, sample) => RowLaws.TextRoundTrip(sample));

    /// <summary>A record with a text that is no value is refused, and the fault names column, text and place.</summary>
    [Fact]
    public void A_record_with_a_foreign_value_is_refused_at_its_place() => this.HoldOfRows((_, sample) => RowLaws.ForeignTexts(sample));

    /// <summary>A law of each dataset; what is wrong with any of them is reported together.</summary>
    private void Hold(Func<IDataset, IEnumerable<string>> law) => Report(
        [.. this.datasets.Datasets.SelectMany(d => law(d).Select(problem => $"{d.Descriptor.Name}: {problem}")).Take(MaxProblems + 1)]);

    /// <summary>A law of each row of each dataset: null where it holds, else what is wrong.</summary>
    private void HoldOfRows(Func<IDataset, EncodedSample, string?> law) =>
        this.Hold(dataset =>
        {
            var property = Prop.ForAll(
                DatasetGen.Encoded(dataset.Descriptor),
                sample => law(dataset, sample) is { } problem ? false.Label(problem) : true.ToProperty());
            try
            {
                Check.One(this.config, property);
                return [];
            }
            catch (Exception falsified)
            {
                // FsCheck's runner knows no other way to tell.
                return [falsified.Message];
            }
        });

    private static void Report(string[] problems)
    {
        if (problems.Length > 0)
        {
            var more = problems.Length > MaxProblems ? "\nand more" : "";
            Assert.Fail(string.Join('\n', problems.Take(MaxProblems)) + more);
        }
    }
}
