using LanguageExt;
using Mmoe.Data;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>The program of docs/fine-tuning.md.</summary>
internal static class FineTuningPrograms
{
    public static Validation<Fault, RunSummary> Run(DatasetDescriptor dataset, string checkpoint, string folder)
    {
        var config =
            from layer in ConfigLayers.OfCheckpoint(dataset, checkpoint, source: checkpoint)
            from whole in ConfigLayers.Effective(dataset, ModelFamilyRegistry.BuiltIn, layer)
            select whole with { Options = whole.Options with { Freeze = ["experts"] } };
        var summary = config.Bind(whole => Trainer.Train(dataset, whole, folder));
        return summary;
    }
}
