using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>The pictures in a run's folder.</summary>
internal static class RunPictures
{
    /// <summary>Draws a run that went through; one that did not has no pictures.</summary>
    /// <returns>Nothing, or a fault for each picture that cannot be written.</returns>
    public static Validation<Fault, Unit> Draw(RunEnd end) => end is FinishedRun run
        ? (Draw(run.Directory.Curves, new CurvesPicture(run.Summary).Png), DrawReliability(run)).Apply((_, _) => unit)
        : Success<Fault, Unit>(unit);

    private static Validation<Fault, Unit> DrawReliability(FinishedRun run)
    {
        var panels = ReliabilityPicture.PanelsOf(run.Summary.Test).ToArray();
        var title = string.Create(
            CultureInfo.InvariantCulture, $"{run.Summary.Config.Dataset}, {run.Summary.Config.Model}: test, epoch {run.Summary.BestEpoch}");
        return panels.Length == 0 ? Success<Fault, Unit>(unit) : Draw(run.Directory.Reliability, new ReliabilityPicture(title, panels).Png);
    }

    private static Validation<Fault, Unit> Draw(string path, Func<byte[]> png)
    {
        var content = png();
        return AtomicFile.Write(path, stream => stream.Write(content));
    }
}
