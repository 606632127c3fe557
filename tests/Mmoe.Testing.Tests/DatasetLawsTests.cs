using Mmoe.Testing.Tests.Datasets;
using Xunit.Sdk;

namespace Mmoe.Testing.Tests;

/// <summary>The generated dataset keeps every law: what the tests below break is whole without them.</summary>
public sealed class ParcelsLaws() : DatasetLaws(Registry.All);

/// <summary>Every law breaks by a mistake, and says where it is.</summary>
public class DatasetLawsTests
{
    [Fact]
    public void Every_law_is_broken_below()
    {
        var laws = typeof(DatasetLaws).GetMethods().Where(m => m.IsDefined(typeof(FactAttribute), true)).Select(m => m.Name);
        var broken = typeof(DatasetLawsTests).GetMethods().Select(m => m.Name);
        Assert.Equal([], laws.Where(law => !broken.Contains($"Broken__{law}")));
    }

    [Fact]
    public void Broken__The_registry_holds_a_dataset() => Assert.Equal(
        "the registry holds no dataset; schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets); "
            + "does it reference Mmoe.Generators?",
        Assert.Throws<TrueException>(new Subject(DatasetRegistry.Empty).The_registry_holds_a_dataset).Message);

    [Fact]
    public void Broken__A_dataset_is_found_by_its_name() => Assert.Equal(
        [
            "its name does not find it in the registry",
            "who asks for 'parcels~' is not told of it: there is no dataset 'parcels~'; no dataset is compiled in; "
                + "schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets)",
        ],
        RegistryLaws.Lookup(DatasetRegistry.Empty, Parcels.Face));

    [Fact]
    public void Broken__A_fingerprint_says_what_a_row_means()
    {
        AssertFails<BadFingerprint>(
            "parcels: the fingerprint 'ABC' is not 64 lower-case hexadecimal digits", laws => laws.A_fingerprint_says_what_a_row_means());
        Assert.Equal(
            "other: it has the fingerprint of parcels, and other columns or tasks\n"
                + "parcels: it has the fingerprint of other, and other columns or tasks",
            Fails(new(Registry.All.Datasets[0], Face<StolenFingerprint>()), laws => laws.A_fingerprint_says_what_a_row_means()));
    }

    [Fact]
    public void Broken__Features_follow_each_other_without_a_gap_and_are_counted() => AssertFails<WrongOffset>(
        "parcels: column 'insured' has (index, offset) (1, 4), expected (1, 3)",
        laws => laws.Features_follow_each_other_without_a_gap_and_are_counted());

    [Fact]
    public void Broken__Columns_and_tasks_are_told_apart() => AssertFails<ForgottenTask>(
        "parcels: no task has the label 'days'", laws => laws.Columns_and_tasks_are_told_apart());

    [Fact]
    public void Broken__Every_value_has_its_position_as_code()
    {
        // The vocabulary itself cannot be made wrong from outside; what is checked of it is.
        var law = VocabularyLaws.Codes("size", ["small", "large"], _ => 0, _ => 1);
        Assert.Equal(
            [
                "column 'size': 'small' is value 0, found at 0 by UTF-16 and at 1 by UTF-8",
                "column 'size': 'large' is value 1, found at 0 by UTF-16 and at 1 by UTF-8",
            ],
            law);
    }

    [Fact]
    public void Broken__A_text_that_is_no_value_has_no_code()
    {
        var law = VocabularyLaws.Strangers(
            "size", ["small"], text => text.SequenceEqual("SMALL") ? 0 : -1, utf8 => utf8.IsEmpty ? 0 : -1);
        Assert.Equal(
            [
                "column 'size': 'SMALL' is no value, found at 0 by UTF-16 and at -1 by UTF-8",
                "column 'size': '' is no value, found at -1 by UTF-16 and at 0 by UTF-8",
            ],
            law);
    }

    [Fact]
    public void Broken__Splits_do_not_overlap() => AssertFails<OverlappingSplits>(
        "parcels: rows belong to the splits train and validation: remainder 1 of 4 and 3 of 6 meet", laws => laws.Splits_do_not_overlap());

    [Fact]
    public void Broken__Every_row_comes_to_its_split()
    {
        // The one file overwrites the other, whose labels end with a dot.
        var message = Fails<OnePath>(laws => laws.Every_row_comes_to_its_split());
        Assert.Matches(@"^parcels: .*parcels\.csv:[0-9]+:[0-9]+: '(no|yes)\.' is not a value of column 'lost'; did you mean '(no|yes)'\?", message);
    }

    [Fact]
    public void Broken__Targets_are_those_of_the_task() => Assert.Contains(
        "task 'lost': the positive codes [0, 1] are not a part of its label's 2",
        Fails<AllPositive>(laws => laws.Targets_are_those_of_the_task()));

    [Fact]
    public void Broken__A_prediction_holds_the_outputs_in_place() => AssertFails<SwappedOutputs>(
        "parcels: task 'lost': the outputs [0.14285715] become BinaryPrediction { Probability = 0.85714287 }\n"
            + "parcels: task 'days': the outputs [0.85714287] become RegressionPrediction { Value = 0.14285715 }",
        laws => laws.A_prediction_holds_the_outputs_in_place());

    [Fact]
    public void Broken__Scaling_is_finite()
    {
        var law = ScalingLaws.Problems("column 'share'", 0, value => value / 0, [0, 1]);
        Assert.Equal(["column 'share' has the deviation 0", "column 'share': 0 is scaled to NaN"], law);
    }

    [Fact]
    public void Broken__A_typed_row_holds_all_that_an_encoded_row_does()
    {
        var message = Fails<LostNumber>(laws => laws.A_typed_row_holds_all_that_an_encoded_row_does());
        Assert.StartsWith("parcels: Falsifiable, after ", message);

        // The simplest row for which days are lost: one day, and nothing else in the row.
        Assert.Contains("column 'days': 1 became 0", message);
        Assert.Contains(
            "Shrunk:\nparcels: size='small', weight in kg=0, insured='no', share=1, lost='no', route='road', days=1\n", message);
    }

    [Fact]
    public void A_failure_is_replayed_by_its_numbers()
    {
        var first = Fails<LostNumber>(laws => laws.A_typed_row_holds_all_that_an_encoded_row_does());
        var numbers = System.Text.RegularExpressions.Regex.Match(first, @"\(([0-9]+),([0-9]+)\)");
        var replay = (ulong.Parse(numbers.Groups[1].Value, null), ulong.Parse(numbers.Groups[2].Value, null));
        var again = Fails(
            new(Face<LostNumber>()) { Replay = replay }, laws => laws.A_typed_row_holds_all_that_an_encoded_row_does());
        Assert.Equal(Original(first), Original(again));

        static string Original(string message) => message[message.IndexOf("Original:", StringComparison.Ordinal)..];
    }

    [Fact]
    public void Broken__A_code_outside_its_vocabulary_is_refused() => Assert.Contains(
        "column 'size': the code 3 of no value makes a row",
        Fails<ClampedCode>(laws => laws.A_code_outside_its_vocabulary_is_refused()));

    [Fact]
    public void Broken__What_is_written_as_text_reads_back_as_the_same_row() => Assert.Contains(
        "the value 'large; with \"care\"' of column 'size' cannot be written in the file format of 'parcels'; name a \"quote\" in the schema's format",
        Fails<NoQuote>(laws => laws.What_is_written_as_text_reads_back_as_the_same_row()));

    [Fact]
    public void Broken__A_record_with_a_foreign_value_is_refused_at_its_place() => Assert.Contains(
        "column 'lost': 'no\u0001' is no value, and ",
        Fails<EverythingIsMissing>(laws => laws.A_record_with_a_foreign_value_is_refused_at_its_place()));

    private static IDataset Face<TFlaw>()
        where TFlaw : IFlaw => new DatasetFace<Flawed<TFlaw>, Parcels.Row, Parcels.Prediction>();

    private static void AssertFails<TFlaw>(string expected, Action<DatasetLaws> law)
        where TFlaw : IFlaw => Assert.Equal(expected, Fails<TFlaw>(law));

    /// <summary>What a law says of <see cref="Parcels"/> with a flaw.</summary>
    private static string Fails<TFlaw>(Action<DatasetLaws> law)
        where TFlaw : IFlaw => Fails(new(Face<TFlaw>()), law);

    private static string Fails(Case broken, Action<DatasetLaws> law)
    {
        var laws = new Subject(DatasetRegistry.OfDistinct(broken.Datasets), broken.Replay);
        return Assert.Throws<FailException>(() => law(laws)).Message.ReplaceLineEndings("\n");
    }

    private sealed record Case(params IDataset[] Datasets)
    {
        public (ulong Seed, ulong Gamma)? Replay { get; init; }
    }

    private sealed class Subject(DatasetRegistry datasets, (ulong Seed, ulong Gamma)? replay = null) : DatasetLaws(datasets, replay: replay);

    private sealed class BadFingerprint : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with { Fingerprint = "ABC" };
    }

    private sealed class StolenFingerprint : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) =>
            parcels with { Name = "other", Tasks = new(parcels.Tasks.Take(2)) };
    }

    private sealed class WrongOffset : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with
        {
            Columns = new(parcels.Columns.Select(c => c.Name == "insured" ? (CategoricalFeature)c with { Offset = 4 } : c)),
        };
    }

    private sealed class ForgottenTask : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with { Tasks = new(parcels.Tasks.Take(2)) };
    }

    private sealed class OverlappingSplits : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) =>
            parcels with { Source = (FileSource)parcels.Source with { Validation = new("sent", 6, new([3])) } };
    }

    private sealed class OnePath : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels)
        {
            var source = (FileSource)parcels.Source;
            return parcels with { Source = source with { Files = new(source.Files.Select(f => f with { Path = "parcels.csv" })) } };
        }
    }

    private sealed class AllPositive : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with
        {
            Tasks = new(parcels.Tasks.Select(t => t is BinaryTask binary ? binary with { PositiveCodes = new([0, 1]) } : t)),
        };
    }

    private sealed class SwappedOutputs : IFlaw
    {
        public static float[] Outputs(ReadOnlySpan<float> outputs) => [outputs[^1], .. outputs[1..^1], outputs[0]];
    }

    private sealed class LostNumber : IFlaw
    {
        public static void Encode(EncodedRow row) => row.Labels[Parcels.Columns.Days.LabelIndex] = 0;
    }

    private sealed class ClampedCode : IFlaw
    {
        public static void Decode(EncodedRow row) => row.Codes[0] = Math.Clamp(row.Codes[0], 0, 2);
    }

    private sealed class NoQuote : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with { Format = parcels.Format with { Quote = null } };
    }

    private sealed class EverythingIsMissing : IFlaw
    {
        public static DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels with
        {
            Columns = new(parcels.Columns.Select(c => c.Name == "lost" ? (CategoricalLabel)c with { MissingMarks = new(["-", "no\u0001"]) } : c)),
        };
    }
}
