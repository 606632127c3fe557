using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public sealed class SplitLoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Rows_go_to_the_splits_that_their_index_says()
    {
        var lines = Enumerable.Range(0, 20).Select(i => CensusLine(i) + (i % 4 == 0 ? "\n\n" : "\n"));
        this.folder.Write("census.data", "\n" + string.Concat(lines));
        this.folder.Write("census.test.gz", TemporaryFolder.Gzip(CensusLine(100) + "\n" + CensusLine(101)));
        var splits = SplitLoader.Load(Samples.Census, this.folder.Data).Good();
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i % 6 != 5).Select(i => (float)i), Ages(splits.Train.Table));
        Assert.Equal([5f, 11f, 17f], Ages(splits.Validation.Table));
        Assert.Equal([100f, 101f], Ages(splits.Test.Table));
    }

    [Property(MaxTest = 100)]
    public void Split_rules_over_one_file_partition_its_rows(byte divisor, byte rows, int assignment)
    {
        var modulo = 3 + (divisor % 6);
        var random = new Random(assignment);
        int[] splitOf = [0, 1, 2, .. Enumerable.Range(3, modulo - 3).Select(_ => random.Next(3))];
        SplitRule Rule(int split) => new("all", modulo, new(Enumerable.Range(0, modulo).Where(r => splitOf[r] == split)));
        var descriptor = Samples.Census with
        {
            Source = new FileSource(new([new("all", "all.csv", null, default, null, default)]), Rule(0), Rule(1), Rule(2)),
        };
        using var temporary = new TemporaryFolder();
        var count = modulo + rows;
        temporary.Write("all.csv", string.Join('\n', Enumerable.Range(0, count).Select(CensusLine)));
        var splits = SplitLoader.Load(descriptor, temporary.Data).Good();
        float[][] parts = [Ages(splits.Train.Table), Ages(splits.Validation.Table), Ages(splits.Test.Table)];
        Assert.Equal(Enumerable.Range(0, count).Select(i => (float)i), parts.SelectMany(p => p).Order());
        for (var split = 0; split < 3; split++)
        {
            Assert.All(parts[split], age => Assert.Equal(split, splitOf[(int)age % modulo]));
            Assert.Equal(parts[split].Order(), parts[split]);
            Tables.AssertSame(
                ((EncodedTable[])[splits.Train.Table, splits.Validation.Table, splits.Test.Table])[split],
                SplitLoader.LoadSplit(descriptor, temporary.Data, (SplitName)split).Good());
        }
    }

    [Fact]
    public void One_split_reads_only_its_file()
    {
        this.folder.Write("census.test", CensusLine(1));
        Assert.Equal([1f], Ages(SplitLoader.LoadSplit(Samples.Census, this.folder.Data, SplitName.Test).Good()));
        var path = Path.Combine(this.folder.Path, "census.data");
        Assert.Equal(
            $"{path}: the file census.data of 'census-sample' was not found",
            SplitLoader.LoadSplit(Samples.Census, this.folder.Data, SplitName.Validation).OnlyFault());
    }

    [Fact]
    public void What_a_file_appends_to_labels_is_known_by_the_files_name()
    {
        const string Lines = "|1x3 Cross validator\n1, Private, 1, 1, >50K.\n1, Private, 1, 1, <=50K.\n\n";
        Assert.Equal([1f, 0f], SplitLoader.LoadFile(Samples.Adult, this.folder.Write("a/adult.test", Lines)).Good().Targets());
        var compressed = this.folder.Write("adult.test.gz", TemporaryFolder.Gzip(Lines));
        Assert.Equal([1f, 0f], SplitLoader.LoadFile(Samples.Adult, compressed).Good().Targets());
        Assert.Equal(2, SplitLoader.LoadFile(Samples.Adult, this.folder.Write("other.test", Lines)).Bad().Length);
    }

    [Fact]
    public void A_header_is_checked_and_is_no_row()
    {
        var path = this.folder.Write("bank.csv", "age;job;duration;balance;y\n1;admin.;;5;no\n2;admin.;;5;yes\n");
        Assert.Equal([1f, 2f], SplitLoader.LoadFile(Samples.Bank, path).Good().Numerics.ToArray());
        path = this.folder.Write("bank.csv", "age;work;duration;balance;y\n1;admin.;;5;no\n");
        Assert.Equal(
            $"{path}:1:5: column 2 is named 'work', the schema says 'job'; the header must name the schema's columns in their order",
            SplitLoader.LoadFile(Samples.Bank, path).OnlyFault());
    }

    [Theory]
    [InlineData("\n\n")]
    [InlineData("age;job;duration;balance;y\n")]
    public void A_file_without_data_records_is_a_fault(string text)
    {
        var path = this.folder.Write("bank.csv", text);
        Assert.Equal($"{path}: the file holds no data records", SplitLoader.LoadFile(Samples.Bank, path).OnlyFault());
        Assert.Equal($"{path}: the file holds no data records", SplitLoader.Load(Samples.Bank, this.folder.Data).OnlyFault());
    }

    [Fact]
    public void An_empty_file_a_missing_file_and_a_cut_file_are_faults_that_name_it()
    {
        var path = this.folder.Write("census.data", "");
        Assert.Equal($"{path}: the file is empty", SplitLoader.LoadFile(Samples.Census, path).OnlyFault());
        Assert.Contains("there is no such file", SplitLoader.LoadFile(Samples.Census, path + ".none").OnlyFault());
        var whole = TemporaryFolder.Gzip(string.Concat(Enumerable.Range(0, 5_000).Select(i => CensusLine(i) + "\n")));
        path = this.folder.Write("census.data", whole[..(whole.Length / 2)]);
        Assert.Equal($"{path}: ends in the middle of compressed data", SplitLoader.LoadFile(Samples.Census, path).OnlyFault());
    }

    [Fact]
    public void A_file_that_has_an_address_can_be_downloaded_again()
    {
        const string Again = "download it again from https://example.org/adult.zip (in it: adult.test)";
        var path = this.folder.Write("adult.test", "");
        Assert.Equal($"{path}: the file is empty; {Again}", SplitLoader.LoadFile(Samples.Adult, path).OnlyFault());
        var whole = TemporaryFolder.Gzip("|1x3 Cross validator\n1, Private, 1, 1, >50K.\n");
        this.folder.Write("adult.test", whole[..(whole.Length / 2)]);
        var fault = SplitLoader.LoadSplit(Samples.Adult, this.folder.Data, SplitName.Test).OnlyFault();
        Assert.Equal($"{path}: ends in the middle of compressed data; {Again}", fault);
        File.Delete(path);
        Assert.Equal(
            $"{path}: the file adult.test of 'adult-sample' was not found; "
                + "download it from https://example.org/adult.zip (in it: adult.test)",
            SplitLoader.LoadSplit(Samples.Adult, this.folder.Data, SplitName.Test).OnlyFault());
    }

    [Fact]
    public void A_split_without_rows_is_a_fault_of_its_own()
    {
        var path = this.folder.Write("bank.csv", "age;job;duration;balance;y\n1;admin.;;5;no\n2;admin.;;5;yes\n");
        Assert.Equal(
            [
                $"{path}: the validation split has no rows: no index of the 2 records leaves 2 when divided by 4; is the file whole?",
                $"{path}: the test split has no rows: no index of the 2 records leaves 3 when divided by 4; is the file whole?",
            ],
            SplitLoader.Load(Samples.Bank, this.folder.Data).Bad().Select(f => f.ToString()));
        this.folder.Write("bank.csv", "age;job;duration;balance;y\n1;admin.;;5;no\n");
        Assert.Equal(
            $"{path}: the test split has no rows: no index of the 1 record leaves 3 when divided by 4; is the file whole?",
            SplitLoader.LoadSplit(Samples.Bank, this.folder.Data, SplitName.Test).OnlyFault());
    }

    [Fact]
    public void Wrong_values_are_located_with_the_nearest_value_and_reading_stops_after_ten()
    {
        var wrong = CensusLine(1).Replace("United-States", "United States");
        var path = this.folder.Write("census.data", CensusLine(0) + "\r\n\r\n" + wrong + "\r\n");
        var fault = Assert.Single(SplitLoader.LoadFile(Samples.Census, path).Bad());
        Assert.Equal(
            Fault.Data("'United States' is not a value of column 'country'", new(path, 3, 45), "did you mean 'United-States'?"), fault);

        path = this.folder.Write("census.data", string.Concat(Enumerable.Repeat("x, " + CensusLine(1)[3..] + "\n", 100)));
        var faults = SplitLoader.LoadFile(Samples.Census, path).Bad();
        Assert.Equal(11, faults.Length);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), faults.Take(10).Select(f => f.Where!.Line));
        Assert.Equal($"{path}: reading stopped after 10 errors", faults[10].ToString());
    }

    [Fact]
    public void Cancellation_comes_before_rows_and_faults()
    {
        var cancelled = new CancellationToken(canceled: true);
        var path = this.folder.Write("census.data", CensusLine(1));
        this.folder.Write("census.test", "not a record");
        Assert.Throws<OperationCanceledException>(() => SplitLoader.Load(Samples.Census, this.folder.Data, cancellation: cancelled));
        Assert.Throws<OperationCanceledException>(() => SplitLoader.LoadSplit(Samples.Census, this.folder.Data, SplitName.Test, cancellation: cancelled));
        Assert.Throws<OperationCanceledException>(() => SplitLoader.LoadFile(Samples.Census, path, cancellation: cancelled));
    }

    [Fact]
    public void The_faults_of_all_files_are_reported()
    {
        this.folder.Write("census.data", "x\n");
        this.folder.Write("census.test", "y\n");
        Assert.Equal(
            [Path.Combine(this.folder.Path, "census.data"), Path.Combine(this.folder.Path, "census.test")],
            SplitLoader.Load(Samples.Census, this.folder.Data).Bad().Select(f => f.Where!.File));
    }

    [Fact]
    public void A_rule_that_names_no_file_is_a_fault()
    {
        var source = (FileSource)Samples.Bank.Source;
        this.folder.Write("bank.csv", "age;job;duration;balance;y\n1;admin.;;5;no\n2;admin.;;5;yes\n");
        var descriptor = Samples.Bank with { Source = source with { Validation = new("none", 1, new([0])), Test = source.Train } };
        Assert.Contains("the file 'none', which its source does not name", SplitLoader.Load(descriptor, this.folder.Data).OnlyFault());
    }

    public void Dispose() => this.folder.Dispose();

    private static string CensusLine(int age) =>
        $"{age}, Federal government, {(age % 2 == 0 ? "Married" : "Never married")}, {age}.25, United-States, - 50000.";

    private static float[] Ages(EncodedTable table) =>
        [.. Enumerable.Range(0, table.Rows).Select(i => table.Numerics.Span[i * table.Descriptor.Numerics.Count])];
}
