using System.Globalization;
using Mmoe.Training;

namespace Mmoe.Cli;

/// <summary>How fast a run goes, and how long it will take if it goes on like this.</summary>
/// <param name="Epoch">The epoch under way.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Done">The steps done in the epoch, at least 1; those of an earlier process count.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Before">What an earlier process did of the run.</param>
/// <param name="TrainRows">The rows of an epoch.</param>
/// <param name="InEpoch">The time since the epoch began, or this process did.</param>
/// <param name="SinceStart">The time since this process began with the run: evaluation and checkpoints count too.</param>
internal sealed record Pace(
    int Epoch, int Epochs, int Done, int Steps, RunProgress Before, int TrainRows, TimeSpan InEpoch, TimeSpan SinceStart)
{
    /// <summary>Microseconds for a step of this epoch.</summary>
    public double MicrosecondsPerStep => this.InEpoch.TotalMicroseconds / this.DoneHere;

    /// <summary>Rows per second in this epoch.</summary>
    public double RowsPerSecond => this.TrainRows * ((double)this.DoneHere / this.Steps) / this.InEpoch.TotalSeconds;

    /// <summary>The time left: the steps left at the mean time that a step took so far.</summary>
    public TimeSpan Left
    {
        get
        {
            var before = ((long)this.Before.Epochs * this.Steps) + this.Before.Steps;
            var done = ((long)(this.Epoch - 1) * this.Steps) + this.Done;
            return this.SinceStart / Math.Max(1, done - before) * (((long)this.Epochs * this.Steps) - done);
        }
    }

    private int DoneHere => Math.Max(1, this.Epoch == this.Before.Epochs + 1 ? this.Done - this.Before.Steps : this.Done);

    /// <summary>Hours, minutes and seconds: <c>1:02:03</c>, <c>0:09</c>.</summary>
    public static string Text(TimeSpan time)
    {
        var seconds = (long)Math.Ceiling(time.TotalSeconds - 1e-9);
        return seconds < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
    }
}
