using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>The files of configs/: the reference system's parameters.</summary>
public sealed class DefaultConfigs
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "configs");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)!)];

    [Fact]
    public void There_are_as_many_as_in_the_reference_system() => Assert.Equal(
        ["default.yaml", "default_cpu.yaml", "default_gpu.yaml"],
        Directory.GetFileSystemEntries(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_for_every_dataset_and_gives_a_model(string file)
    {
        foreach (var dataset in Registry.All.Datasets)
        {
            var plan = ModelPlan.Of(dataset.Descriptor, Effective(dataset.Descriptor, file));
            Assert.True(plan.IsSuccess, $"{dataset.Descriptor.Name}: {plan}");
        }
    }

    [Theory]
    [InlineData("default.yaml", "cpu", 32, 100, 0.001)]
    [InlineData("default_cpu.yaml", "cpu", 32, 10, 0.0001)]
    [InlineData("default_gpu.yaml", "cuda", 128, 100, 0.0005)]
    public void The_values_are_the_reference_systems(string file, string device, int batchSize, int epochs, double learningRate)
    {
        foreach (var dataset in Registry.All.Datasets)
        {
            var config = Effective(dataset.Descriptor, file);
            Assert.Equal(device, config.Device);
            Assert.Equal(
                new TrainingParameters(
                    NumExperts: 8,
                    Units: new([4]),
                    TowerUnits: new([8]),
                    batchSize,
                    epochs,
                    learningRate,
                    SaveCheckpoint: true,
                    SaveCheckpointEpochs: 1,
                    KeepCheckpointMax: 10,
                    WarmupEpochs: 5,
                    Seed: 5),
                config.Parameters);
            Assert.Equal(new Adam(Epsilon: 1e-7), Optimizers.Of(config.Optimization));
            Assert.Equal(new TensorNormClipping(5), Optimizers.ClippingOf(config.Optimization));
            Assert.Equal(new ConstantSchedule(), Schedules.Of(config).IfFail(faults => throw new InvalidOperationException(faults.ToString())));
        }
    }

    private static TrainingConfig Effective(DatasetDescriptor dataset, string file) => ConfigFile.Read(Path.Combine(Folder, file))
        .Bind(entries => ConfigLayers.Effective(dataset, ModelFamilyRegistry.BuiltIn, entries))
        .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
}
