using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe evaluate RUN|CHECKPOINT</c>: needs no libtorch.</summary>
internal static class EvaluateInterpreter
{
    public static Validation<Fault, int> Run(EvaluateCommand command, DatasetRegistry datasets, MmoeHost host) =>
        from split in ReadSplit(command, host)
        from path in Locate(command.Target, host)
        from checkpoint in Checkpoint.Load(path)
        from dataset in datasets.Find(checkpoint.Dataset)
        from matching in checkpoint.CheckAgainst(dataset.Descriptor)
        from rows in Rows(command, split, dataset.Descriptor, host)
        from report in checkpoint.Evaluate(dataset.Descriptor, rows)
        select Show(command, split, report, host);
}
