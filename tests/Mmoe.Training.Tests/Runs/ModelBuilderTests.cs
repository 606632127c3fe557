using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests.Runs;

public sealed class ModelBuilderTests
{
    [Fact]
    public void What_a_task_takes_of_its_own_is_no_question_where_it_is_alone()
    {
        var tasks = Synthetic.Descriptor.Tasks;
        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu) with
        {
            Model = ModelNames.CrossStitch,
            Options = new() { StitchOwn = 0.8 },
        };
        ModelBuilder.Build(tasks, config).AssertSuccess();
        Assert.Equal(
            "stitch_own: a single task has no other to take from; leave it out",
            ModelBuilder.Build([tasks[0]], config).AssertFault().ToString());
        ModelBuilder.Build([tasks[0]], config with { Options = new() }).AssertSuccess();
    }
}
