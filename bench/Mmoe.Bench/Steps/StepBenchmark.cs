using System.Diagnostics;
using System.Globalization;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using Mmoe.Training;
using Mmoe.Training.Torch;

namespace Mmoe.Bench.Steps;

/// <summary>What one contestant needed in a case.</summary>
/// <param name="Name">The contestant.</param>
/// <param name="Microseconds">Per round, the time of a step.</param>
/// <param name="Loss">The mean loss of the last round: a sign that all did the same work.</param>
internal sealed record StepTimes(string Name, double[] Microseconds, double Loss);

/// <summary>
/// How long a training step takes: in each engine, and in a program as a user of TorchSharp would write it. All contestants take turns in
/// one process, an epoch each, so that what else the machine does falls on all.
/// </summary>
internal static class StepBenchmark
{
    private const double LearningRate = 1e-3;

    // The engines of this project, as the command line names them.
    private static readonly string[] Engines = [.. EngineNames.Available.Where(name => name != EngineNames.Auto)];

    /// <summary>Measures; the result goes to standard output and to a file if one is named, progress to standard error.</summary>
    public static int Run(string[] args)
    {
        StepOptions options;
        try
        {
            options = StepOptions.Parse(args);
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"steps: {e.Message}");
            return 2;
        }

        LibTorch.Ensure().IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        TorchSharp.torch.set_num_threads(1);
        var data = StepData.Find();
        var results = options.Cases
            .Select(name => StepCase.All.First(each => each.Name == name))
            .Select(study => (study, Measure(study, options.Rounds ?? study.Rounds, data)))
            .ToArray();
        var markdown = StepReport.Markdown(args, data, results);
        Console.Out.Write(markdown);
        if (options.Out is not { } path)
        {
            return 0;
        }

        try
        {
            File.WriteAllText(path, markdown);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"steps: {path}: cannot be written: {e.Message}");
            return 1;
        }
    }

    private static StepTimes[] Measure(StepCase study, int rounds, StepData data)
    {
        var contestants = Contestants(study, data.Train);
        try
        {
            var times = contestants.Select(_ => new double[rounds]).ToArray();
            var losses = new double[contestants.Length];
            var rows = data.Train.Table.Rows;
            var steps = (rows + study.BatchSize - 1) / study.BatchSize;

            // The first round compiles and fills caches, and is not counted. Who is first changes from round to round.
            for (var round = -1; round < rounds; round++)
            {
                var order = RowOrder.Of(rows, seed: 1, epoch: round + 2);
                for (var turn = 0; turn < contestants.Length; turn++)
                {
                    var who = (turn + round + 1) % contestants.Length;
                    var watch = Stopwatch.StartNew();
                    losses[who] = contestants[who].Train(order, study.BatchSize);
                    if (round >= 0)
                    {
                        times[who][round] = watch.Elapsed.TotalMicroseconds / steps;
                    }
                }

                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{study.Name}: round {round + 1} of {rounds}"));
            }

            return [.. contestants.Select((contestant, i) => new StepTimes(contestant.Name, times[i], losses[i]))];
        }
        finally
        {
            foreach (var contestant in contestants)
            {
                contestant.Dispose();
            }
        }
    }

    // The naive program first: the others are compared with it.
    private static IContestant[] Contestants(StepCase study, TrainSplit train)
    {
        var defaults = TrainingConfig.DefaultsOf(CensusIncome.Descriptor, DeviceNames.Cpu);
        var config = defaults with
        {
            Threads = 1,
            Exclude = ["instance_weight"],
            Parameters = defaults.Parameters with
            {
                NumExperts = study.Sizes.Experts,
                Units = [study.Sizes.Units],
                TowerUnits = [study.Sizes.TowerUnits],
                BatchSize = study.BatchSize,
                LearningRate = LearningRate,
                Seed = 1,
            },
        };
        var made = from plan in ModelPlan.Of(CensusIncome.Descriptor, config)
                   from fitted in FittedModel.Of(plan, train)
                   from seen in fitted.Rows(train.Table)
                   select (Model: fitted, Rows: seen.Inputs);
        var (model, rows) = made.IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        TorchSharp.torch.random.manual_seed(1);
        var (width, tasks) = (model.Inputs.Width, model.Plan.Dataset.Tasks.Count);
        return
        [
            new NaiveTorch("naive", new NaiveMmoe(width, tasks, study.Sizes), rows, width, tasks, LearningRate),
            new NaiveTorch("one layer", new OneLayerMmoe(width, tasks, study.Sizes), rows, width, tasks, LearningRate),
            .. Engines.Select(name => Engine(model, config with { Engine = name }, rows)),
            .. study.Threads.Where(threads => threads <= Environment.ProcessorCount).Select(threads => Engine(model, config with { Engine = EngineNames.Fused, Threads = threads }, rows)),
        ];
    }

    private static EngineContestant Engine(FittedModel model, TrainingConfig config, ModelInputs rows)
    {
        var engine = Training.Engines.Create(model, config)
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        engine.LoadTrain(rows);
        return new(config.Threads == 1 ? engine.Name : $"{engine.Name}, {config.Threads} threads", engine, LearningRate);
    }
}
