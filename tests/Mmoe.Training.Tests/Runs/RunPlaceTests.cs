using Mmoe.Data;

namespace Mmoe.Training.Tests.Runs;

/// <summary>Two runs never share a folder, however close together they start.</summary>
public sealed class RunPlaceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-place-").FullName;
    private readonly List<ClaimedRun> claimed = [];

    [Fact]
    public void Choosing_creates_nothing_and_claiming_makes_what_every_run_has()
    {
        var next = this.Choose(null);
        var named = this.Choose(Path.Combine("some", "run"));
        Assert.Empty(Directory.GetFileSystemEntries(this.folder));

        Assert.Equal(this.In("runs", "adult-1"), this.Claimed(next, "seed: 5\n").Path);
        var directory = this.Claimed(named, "seed: 6\n");
        Assert.Equal(this.In("some", "run"), directory.Path);
        Assert.Equal("seed: 6\n", File.ReadAllText(directory.Config));
        Assert.Equal(
            [directory.Lock, directory.Checkpoints, directory.Config], Directory.GetFileSystemEntries(directory.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Runs_that_chose_before_either_claimed_get_a_folder_each()
    {
        RunPlace[] places = [this.Choose(null), this.Choose(null), this.Choose(null)];
        Assert.Equal(
            [this.In("runs", "adult-1"), this.In("runs", "adult-2"), this.In("runs", "adult-3")],
            places.Select(p => this.Claimed(p).Path));
    }

    [Fact]
    public void A_folder_that_the_user_named_goes_to_the_first_who_claims_it()
    {
        var (first, second) = (this.Choose("run"), this.Choose("run"));
        this.Claimed(first, "first");
        var fault = second.Claim("second").AssertFault();
        Assert.Equal(Fault.Usage("--out run: another run has taken the folder meanwhile", "name another folder"), fault);
        Assert.Equal("first", File.ReadAllText(this.In("run", "config.yaml")));
    }

    [Fact]
    public void A_folder_that_was_filled_in_the_meantime_is_left_alone()
    {
        var place = this.Choose("run");
        Directory.CreateDirectory(this.In("run"));
        File.WriteAllText(this.In("run", "note.txt"), "mine");
        Assert.Equal(FaultKind.Usage, place.Claim("").AssertFault().Kind);
        Assert.Equal([this.In("run", "note.txt")], Directory.GetFileSystemEntries(this.In("run")));
    }

    [Fact]
    public void An_empty_folder_can_be_named_and_a_number_in_use_is_passed_over_even_if_empty()
    {
        Directory.CreateDirectory(this.In("run"));
        Directory.CreateDirectory(this.In("runs", "adult-1"));
        Assert.Equal(this.In("run"), this.Claimed(this.Choose("run" + Path.DirectorySeparatorChar)).Path);
        Assert.Equal(this.In("runs", "adult-2"), this.Claimed(this.Choose(null)).Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("run")]
    public async Task Of_many_that_claim_at_once_every_folder_goes_to_one(string? path)
    {
        // More threads than the pool would start at once: they all wait for the last and then run for the same folders.
        const int Runs = 16;
        for (var round = 0; round < 20; round++)
        {
            var dataset = $"round{round}";
            using var start = new Barrier(Runs);
            var claims = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => Task.Factory.StartNew(
                () =>
                {
                    var place = RunPlace.Choose(path is null ? null : $"{path}{round}", dataset, this.folder).AssertSuccess();
                    start.SignalAndWait();
                    return place.Claim($"{i}").Map(run => (Run: i, run.Directory));
                },
                TaskCreationOptions.LongRunning)));
            var taken = claims.Where(c => c.IsSuccess).Select(c => c.AssertSuccess()).ToArray();
            Assert.Equal(path is null ? Runs : 1, taken.Length);
            Assert.Equal(taken.Length, taken.Select(t => t.Directory.Path).Distinct().Count());
            Assert.All(taken, t => Assert.Equal($"{t.Run}", File.ReadAllText(t.Directory.Config)));
            Assert.All(claims.Where(c => c.IsFail), c => Assert.Equal(FaultKind.Usage, c.AssertFault().Kind));
        }
    }

    [SkippableFact]
    public void What_was_made_for_a_claim_that_fails_is_gone_again()
    {
        // The folders fit into a path of Linux (4,095 bytes), the file in them does not.
        Skip.IfNot(OperatingSystem.IsLinux(), "paths are limited differently here");
        var path = "deep";
        while (this.In(path).Length < 4_090)
        {
            var rest = 4_090 - this.In(path).Length - 1;
            path = Path.Combine(path, new string('x', rest > 202 ? 200 : rest));
        }

        Assert.Equal(FaultKind.Run, this.Choose(path).Claim("").AssertFault().Kind);
        Assert.Empty(Directory.GetFileSystemEntries(this.folder));
    }

    [Fact]
    public void A_run_that_is_to_go_on_needs_a_name_and_a_run_there()
    {
        string Refused(string? path) => RunPlace.Choose(path, "adult", this.folder, resumes: true).AssertFault().ToString();
        Assert.Equal("--resume: no folder says which run is to go on; name its folder with --out", Refused(null));
        Directory.CreateDirectory(this.In("other"));
        File.WriteAllText(this.In("other", "note.txt"), "mine");
        Assert.Equal("--out other: the folder holds something else than a run; name a run's folder", Refused("other"));
        Assert.IsType<NamedRunPlace>(RunPlace.Choose("new", "adult", this.folder, resumes: true).AssertSuccess());
        this.Claimed(this.Choose("run"), "first").ToString();
        Assert.Equal(
            "--out run: the folder is not empty; go on with the run in it with --resume, or name another folder",
            RunPlace.Choose("run", "adult", this.folder).AssertFault().ToString());
    }

    [Fact]
    public void A_run_goes_on_in_one_process_at_a_time_and_its_configuration_is_left_alone()
    {
        var again = () => RunPlace.Choose("run", "adult", this.folder, resumes: true).AssertSuccess();
        using (var first = this.Choose("run").Claim("first").AssertSuccess())
        {
            Assert.Equal(
                "--out run: another process is training in this folder; wait for it, or name another folder",
                again().Claim("second").AssertFault().ToString());
            Assert.Equal("first", File.ReadAllText(first.Directory.Config));
        }

        Assert.False(File.Exists(this.In("run", ".lock")));
        using (var second = again().Claim("second").AssertSuccess())
        {
            Assert.Equal("first", File.ReadAllText(second.Directory.Config));
        }
    }

    [Fact]
    public void What_a_process_left_that_was_killed_while_it_claimed_is_a_run_that_can_go_on()
    {
        Directory.CreateDirectory(this.In("run"));
        File.WriteAllText(this.In("run", ".lock"), "");
        using var run = RunPlace.Choose("run", "adult", this.folder, resumes: true).AssertSuccess().Claim("again").AssertSuccess();
        Assert.Equal("again", File.ReadAllText(run.Directory.Config));
        Assert.True(Directory.Exists(run.Directory.Checkpoints));
    }

    public void Dispose()
    {
        this.claimed.ForEach(run => run.Dispose());
        Directory.Delete(this.folder, recursive: true);
    }

    private RunDirectory Claimed(RunPlace place, string config = "")
    {
        this.claimed.Add(place.Claim(config).AssertSuccess());
        return this.claimed[^1].Directory;
    }

    private RunPlace Choose(string? path) => RunPlace.Choose(path, "adult", this.folder).AssertSuccess();

    private string In(params string[] parts) => Path.Combine([this.folder, .. parts]);
}
