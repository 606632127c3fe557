using Mmoe.Data.Datasets;
using Mmoe.Training;

/// <summary>The two programs of docs/models.md as methods; a test compares them with the page.</summary>
internal static class OwnFamilyPrograms
{
    public static int WithCommandLine(string[] args)
    {
        return Mmoe.Cli.MmoeApp.Run(args, Mmoe.Data.Datasets.Registry.All, OwnFamilies.Depths);
    }

    public static void WithoutCommandLine()
    {
        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu).With(OwnFamilies.Depths);
        var run = Trainer.Train(Synthetic.Descriptor, config, "runs/depths");
        Console.WriteLine(run.Match(
            Succ: summary => $"R² {summary.Test.Average.Value:0.00} with {summary.Parameters} parameters",
            Fail: faults => string.Join('\n', faults)));
    }
}
