using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests.Runs;

/// <summary>A run goes on with another engine than it began with, from the checkpoint that it has.</summary>
[Collection("torch")]
[Trait("Native", "libtorch")]
public sealed class EngineSwitchTests : IDisposable
{
    private const int Epochs = 4;

    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-switch-").FullName;

    [Theory]
    [InlineData(EngineNames.Fused, EngineNames.Torch, "")]
    [InlineData(EngineNames.Torch, EngineNames.Fused, "")]
    [InlineData(EngineNames.Fused, EngineNames.Torch, "optimizer=sgd dropout=0.2 accumulate=2 schedule=cosine")]
    [InlineData(EngineNames.Torch, EngineNames.Fused, "optimizer=adamw weighting=pcgrad clip=global clip_norm=0.1")]
    public void Losses_and_scores_stay_those_of_either_engine_alone(string first, string second, string settings)
    {
        var alone = new[] { first, second }.Select(engine => Finished(this.Run($"{settings} engine={engine}", engine)).Epochs).ToArray();

        // After the first epoch, and within the second, which the other engine then ends.
        foreach (var stop in (int[])[3, 4])
        {
            var name = $"stop-{stop}";
            Assert.IsType<InterruptedRun>(this.Run($"{settings} engine={first}", name, stop));
            var summary = Finished(this.Run($"{settings} engine={second}", name));
            var epochs = summary.Epochs;

            Assert.Equal([first, second, second, second], epochs.Select(epoch => epoch.Engine));
            Assert.Equal([new(first, DeviceNames.Cpu, 1), new(second, DeviceNames.Cpu, 3)], summary.Engines);
            foreach (var expected in alone)
            {
                Assert.Equal(Epochs, expected.Count);
                foreach (var (one, other) in expected.Zip(epochs))
                {
                    Assert.Equal(one.Loss, other.Loss, 1e-4 * one.Loss);
                    Assert.Equal(one.Validation.Average.Value, other.Validation.Average.Value, 1e-4);
                }
            }
        }
    }

    [Fact]
    public void Engines_are_told_in_their_turn()
    {
        static EpochReport Of(int epoch, string engine, string device) =>
            new(epoch, 1, 0.1, 1, 10, new([])) { Engine = engine, Device = device };
        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        var summary = new RunSummary(
            config,
            "a",
            1,
            [Of(1, "a", "cpu"), Of(2, "a", "cpu"), Of(3, "b", "cpu"), Of(4, "b", "cuda"), Of(5, "a", "cpu")],
            1,
            1,
            1,
            new([]),
            new([]),
            new([]));

        Assert.Equal([new("a", "cpu", 2), new("b", "cpu", 1), new("b", "cuda", 1), new("a", "cpu", 1)], summary.Engines);
    }

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    private static RunSummary Finished(RunEnd end) => Assert.IsType<FinishedRun>(end).Summary;

    // Up to the moment of a number: of an epoch's 80 steps an engine tells after 64 and the last, and then the epoch's report comes.
    private RunEnd Run(string settings, string name, int stopAt = 0)
    {
        using var cancellation = new CancellationTokenSource();
        var moment = 0;
        void Moment()
        {
            if (++moment == stopAt)
            {
                cancellation.Cancel();
            }
        }

        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        config = config with { Parameters = config.Parameters with { EpochSize = Epochs, BatchSize = 16 } };
        config = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Aggregate(
            config, (c, pair) => Settings.Set(c, pair[0], pair[1], pair[0]).AssertSuccess());
        var source = (SyntheticSource)Synthetic.Descriptor.Source with
        {
            TrainRows = 80 * 16 * config.Optimization.Accumulate,
            ValidationRows = 200,
            TestRows = 50,
        };
        return Trainer.Run(
            Synthetic.Descriptor with { Source = source },
            config with { Source = source },
            RunPlace.Choose(Path.Combine(this.folder, name), Synthetic.Descriptor.Name, this.folder, resumes: true),
            descriptor => SplitLoader.Load(descriptor, new("")),
            new RunObserver(_ => { }, (_, _, _) => Moment(), _ => Moment(), cancellation.Token)).AssertSuccess();
    }
}
