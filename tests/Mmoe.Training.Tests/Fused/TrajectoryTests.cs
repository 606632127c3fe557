using Mmoe.Model;
using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

/// <summary>Two hundred steps of both engines end close together, and either goes on where the other stopped.</summary>
/// <remarks>
/// Rounding differs from the first step on, and what it moves across the edge of a ReLU differs for good. So distances are measured against
/// the way that the parameters have gone.
/// </remarks>
[Collection("torch")]
[Trait("Native", "libtorch")]
public sealed class TrajectoryTests
{
    private const int Steps = 200;
    private const int BatchSize = 32;
    private const double Tolerance = 1e-3;

    /// <summary>Optimiser, clipping, batches of a step, rate of dropout.</summary>
    public static TheoryData<string, string, int, double> Runs
    {
        get
        {
            var runs = new TheoryData<string, string, int, double>();
            foreach (var name in NamedOptimizers.Names)
            {
                runs.Add(name, "none", 1, 0);
                runs.Add(name, "global", 3, 0.2);
                runs.Add(name, "tensor", 1, 0.3);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Both_engines_go_the_same_way(string optimizer, string clipping, int accumulate, double dropout)
    {
        var (model, options, work) = Run(optimizer, clipping, accumulate, dropout);
        using var torch = model.Torch(options);
        using var fused = model.Fused(options);
        var (expected, actual) = (Train(torch, model, work), Train(fused, model, work));

        AssertSameWay(model, torch, fused);
        Assert.Equal(expected.LossSum, actual.LossSum, 1e-4 * Math.Abs(expected.LossSum));
        Assert.Equal((Steps, Steps), (expected.Steps, actual.Steps));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Either_takes_over_from_the_other(string optimizer, string clipping, int accumulate, double dropout)
    {
        var (model, options, work) = Run(optimizer, clipping, accumulate, dropout);
        var rows = Steps / 2 * BatchSize * accumulate;
        EpochWork[] halves = [work with { Order = work.Order[..rows] }, work with { Order = work.Order[rows..] }];
        IEngine[] Pair() => [model.Torch(options), model.Fused(options)];
        var (whole, begins, ends) = (Pair(), Pair(), Pair());
        for (var i = 0; i < 2; i++)
        {
            Train(whole[i], model, work);
            Train(begins[i], model, halves[0]);
            ends[1 - i].Load(begins[i].Parameters());
            ends[1 - i].Load(begins[i].Optimizer());
        }

        for (var i = 0; i < 2; i++)
        {
            Train(ends[i], model, halves[1]);
            Assert.Equal(Steps, ends[i].Optimizer().Steps);
        }

        foreach (var one in whole)
        {
            AssertSameWay(model, one, ends[0]);
            AssertSameWay(model, one, ends[1]);
        }

        foreach (var engine in whole.Concat(begins).Concat(ends))
        {
            engine.Dispose();
        }
    }

    private static (TestModel Model, EngineOptions Options, EpochWork Work) Run(
        string optimizer, string clipping, int accumulate, double dropout)
    {
        var model = TestModels.Mmoe(4, rows: 500, last: dropout == 0 ? Network.Identity : new Dropout(dropout));
        var random = new Random(6);
        int[] order = [.. Enumerable.Range(0, Steps * BatchSize * accumulate).Select(_ => random.Next(500))];
        var options = new EngineOptions(Seed: 9)
        {
            Optimizer = NamedOptimizers.Of(optimizer),
            Clipping = clipping switch
            {
                "global" => new GlobalNormClipping(0.2),
                "tensor" => new TensorNormClipping(0.05),
                _ => Clipping.None,
            },
        };
        return (model, options, new(order, BatchSize, accumulate));
    }

    private static TrainedSteps Train(IEngine engine, TestModel model, EpochWork work)
    {
        engine.LoadTrain(model.Rows);
        return engine.TrainEpoch(work, _ => 0.005, _ => { }, CancellationToken.None).AssertSuccess();
    }

    private static void AssertSameWay(TestModel model, IEngine expected, IEngine actual)
    {
        static double Distance(float[] one, float[] other) => Math.Sqrt(one.Zip(other, (a, b) => (a - (double)b) * (a - (double)b)).Sum());
        var (end, other) = (expected.Parameters(), actual.Parameters());
        var (way, apart) = (Distance(model.Parameters, end), Distance(end, other));
        Assert.True(apart <= Tolerance * way, $"{apart} apart after a way of {way}");
        var (moments, others) = (expected.Optimizer().FirstMoment, actual.Optimizer().FirstMoment);
        Assert.True(Distance(moments, others) <= 10 * Tolerance * Distance(moments, new float[moments.Length]), "the moments are apart");
    }
}
