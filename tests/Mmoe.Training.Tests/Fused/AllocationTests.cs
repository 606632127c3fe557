using Mmoe.Data.Tests;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

public sealed class AllocationTests
{
    /// <summary>With several threads: nothing on the caller's, which works as the others do.</summary>
    [Theory]
    [InlineData("adam", "none", false, 4)]
    [InlineData("adamw", "global", false, 4)]
    [InlineData("sgd with decay", "tensor", false, 4)]
    [InlineData("adam", "none", true, 4)]
    [InlineData("adam", "none", false, 300)]
    [InlineData("adam", "global", true, 4, 3, 400)]
    [InlineData("adamw", "none", false, 40, 2, 400)]
    public void A_step_allocates_nothing(
        string optimizer, string clipping, bool isElaborate, int experts, int threads = 1, int batch = 10)
    {
        var dataset = Samples.Dataset([5, 9, 2], 3, [0, 1, 2]);
        var hidden = isElaborate ? Samples.Relu(20) >> new LayerNorm() >> new Dropout(0.2) : Samples.Relu(4);
        var gate = experts > 4 ? new SoftmaxGate(TopK: 3) : new SoftmaxGate();
        var spec = ModelFamilies.Mmoe(dataset.Tasks, experts, hidden, hidden, gate);
        spec = isElaborate ? spec.Freeze("gates.t0") with { Weighting = new PcGradWeighting() } : spec;
        var model = TestModels.Of(new ModelCase(dataset, spec, 1), rows: 800, hasGaps: isElaborate);
        using var engine = model.Fused(new EngineOptions(threads)
        {
            Optimizer = NamedOptimizers.Of(optimizer),
            Clipping = clipping switch { "global" => new GlobalNormClipping(1), "tensor" => new TensorNormClipping(1), _ => Clipping.None },
        });
        engine.LoadTrain(model.Rows);
        long OfSteps(int count)
        {
            var order = Enumerable.Range(0, count * 2 * batch).Select(i => i % model.Rows.Rows);
            var work = new EpochWork([.. order], batch, Accumulate: 2);
            return Allocations.Least(() => () => engine.TrainEpoch(work, _ => 1e-3, _ => { }, CancellationToken.None));
        }

        Assert.Equal(OfSteps(20), OfSteps(40));
    }
}
