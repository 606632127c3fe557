using Mmoe.Data;
using Mmoe.Training.Tests.Contract;
using Mmoe.Training.Torch;
using TorchSharp;
using static Mmoe.Training.Tests.Contract.Checks;

namespace Mmoe.Training.Tests.Torch;

// The number of threads is a setting of the process: tests that train must not run side by side.
[Collection("torch")]
[Trait("Native", "libtorch")]
public class TorchEngineTests : EngineContract
{
    private protected override IEngine Engine(TestModel model, EngineOptions options) => model.Torch(options);

    /// <summary>
    /// A number on its way into native code belongs to an object that the garbage collector may take as soon as its address has been read;
    /// a collection at the wrong moment then made a step fail, or be another step.
    /// </summary>
    [Fact]
    public async Task Collections_of_garbage_do_not_touch_a_step()
    {
        LibTorch.Ensure().AssertSuccess();

        // Of the smallest model, since what counts is how often it is tried.
        const int Steps = 200_000;
        using var scope = torch.NewDisposeScope();
        using var adam = new TorchAdam(1, new Adam(), torch.CPU);
        var (parameters, gradient) = (torch.zeros(1), torch.ones(1));
        using var done = new CancellationTokenSource();
        var collector = Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                using var each = torch.NewDisposeScope();
                adam.Update(parameters, gradient, 1e-6);
            }
        }
        finally
        {
            await done.CancelAsync();
            await collector;
        }

        // With a constant gradient each step of Adam is the rate, up to rounding.
        Assert.Equal(-1e-6 * Steps, parameters.item<float>(), 1e-3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_leave_no_tensor_alive(bool hasGaps)
    {
        var model = TestModels.Random(21, rows: 100, hasGaps);
        using var engine = model.LoadedEngine();
        Train(engine, model.InOrder(), 1);
        engine.Logits(model.Rows);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        Train(engine, model.InOrder(), 1);
        engine.Logits(model.Rows);
        engine.Gradient(model.Rows);
        engine.Load(engine.Parameters());
        engine.Load(engine.Optimizer());
        engine.LoadTrain(model.Rows);

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_disposed_engine_leaves_no_tensor_alive()
    {
        var model = TestModels.Random(22);
        model.LoadedEngine().Dispose();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        var engine = model.LoadedEngine();
        Train(engine, model.InOrder(), 4);
        var whileAlive = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        engine.Dispose();

        Assert.True(whileAlive > before);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void An_engine_outlives_the_scope_that_it_was_made_in()
    {
        var model = TestModels.Mmoe(12, rows: 10);
        TorchEngine engine;
        using (torch.NewDisposeScope())
        {
            engine = model.LoadedEngine();
        }

        using (engine)
        {
            Assert.True(double.IsFinite(Train(engine, model.InOrder(), 4)));
        }
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("CPU")]
    public void A_device_that_is_none_is_a_fault_of_usage(string device)
    {
        var fault = Create(device).AssertFault();

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains($"'{device}'", fault.What);
    }

    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("cuda:1")]
    public void CUDA_where_there_is_none_is_a_fault_that_names_what_to_install(string device)
    {
        LibTorch.Ensure().AssertSuccess();
        Skip.If(torch.cuda.is_available(), "this machine has a CUDA device");

        var fault = Create(device).AssertFault();

        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Contains(device, fault.What);
        Assert.Contains("libtorch-cuda-12.8-", fault.Hint);
    }

    [SkippableFact]
    public void CUDA_trains_as_the_CPU_does()
    {
        LibTorch.Ensure().AssertSuccess();
        Skip.IfNot(torch.cuda.is_available(), "this machine has no CUDA device");
        var model = TestModels.Mmoe(17, rows: 200);
        using var cpu = model.LoadedEngine();
        using var cuda = model.LoadedEngine(new TorchOptions("cuda"));

        Assert.Equal(Train(cpu, model.InOrder(), 32), Train(cuda, model.InOrder(), 32), 1e-4);
        AssertClose(cpu.Parameters(), cuda.Parameters(), 1e-3);
        AssertClose(cpu.Logits(model.Rows), cuda.Logits(model.Rows), 1e-3);
        Assert.Equal("cuda:0", cuda.Device);
    }

    private static LanguageExt.Validation<Fault, TorchEngine> Create(string device)
    {
        var model = TestModels.Mmoe(1, rows: 1);
        return TorchEngine.Create(model.Spec, model.Inputs, model.Layout, model.Parameters, new TorchOptions(device));
    }
}
