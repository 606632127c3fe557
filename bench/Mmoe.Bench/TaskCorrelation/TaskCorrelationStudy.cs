using System.Collections.Concurrent;
using System.Globalization;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>
/// Whether the finding of Ma et al. 2018, section 5.1, holds here: the less two tasks have in common, the more a gate for each is worth.
/// </summary>
internal static class TaskCorrelationStudy
{
    // Far from every seed that is reported.
    private const int FirstTuningSeed = 1_000_000;

    /// <summary>Runs the study; results go to files and to standard output, progress to standard error.</summary>
    public static int Run(string[] args)
    {
        StudyOptions options;
        try
        {
            options = StudyOptions.Parse(args);
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"task-correlation: {e.Message}");
            return 2;
        }

        var journal = new StudyJournal(options);
        var rates = Tune(options, journal);
        var cases =
            from correlation in options.Correlations
            from seed in Enumerable.Range(1, options.Seeds)
            from family in StudyRun.Families
            select new StudyCase(family, correlation, rates[family], seed);
        var runs = RunAll(options, journal, [.. cases]);
        var markdown = StudyReport.Markdown(
            options, $"dotnet run -c Release --project bench/Mmoe.Bench -- {string.Join(' ', Command(args))}", runs);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Results))!);
        File.WriteAllText($"{options.Results}.csv", StudyReport.Csv(runs));
        File.WriteAllText($"{options.Results}.md", markdown);
        if (options.Plot is not null)
        {
            StudyPlot.Save(options.Plot, options, runs);
        }

        Console.Out.Write(markdown);
        return 0;
    }

    /// <summary>The rate of each family with the least mean validation loss, on data that are not reported.</summary>
    private static Dictionary<string, double> Tune(StudyOptions options, StudyJournal journal)
    {
        if (options.LearningRates is [var only])
        {
            return StudyRun.Families.ToDictionary(family => family, _ => only);
        }

        var cases =
            from family in StudyRun.Families
            from rate in options.LearningRates
            from correlation in new[] { options.Correlations.Min(), options.Correlations.Max() }
            from seed in Enumerable.Range(FirstTuningSeed, options.TuningSeeds)
            select new StudyCase(family, correlation, rate, seed);
        return RunAll(options, journal, [.. cases])
            .GroupBy(run => run.Case.Family)
            .ToDictionary(
                family => family.Key,
                family => family.GroupBy(run => run.Case.LearningRate).MinBy(rate => rate.Average(run => run.ValidationLoss))!.Key);
    }

    // Where runs were kept meanwhile changes no number.
    private static IEnumerable<string> Command(string[] args) =>
        args.Chunk(2).Where(pair => pair[0] is not ("--journal" or "--workers")).SelectMany(pair => pair).Prepend("task-correlation");

    private static StudyRun[] RunAll(StudyOptions options, StudyJournal journal, IReadOnlyList<StudyCase> cases)
    {
        var runs = new StudyRun[cases.Count];
        var done = 0;
        var work = Partitioner.Create(Enumerable.Range(0, cases.Count), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(work, new ParallelOptions { MaxDegreeOfParallelism = options.Workers }, i =>
        {
            runs[i] = journal.Of(cases[i], study => StudyRun.Of(study, options));
            var (study, run) = (cases[i], runs[i]);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Interlocked.Increment(ref done)}/{cases.Count} {study}: train {run.TrainLoss:0.0000}, test {run.TestLoss:0.0000}"));
        });
        return runs;
    }
}
