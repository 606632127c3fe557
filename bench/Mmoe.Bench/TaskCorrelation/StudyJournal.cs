using System.Globalization;
using System.Text.Json;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>Runs that are done, a line of JSON each, so that a study that was ended goes on where it was.</summary>
internal sealed class StudyJournal
{
    private readonly Lock writing = new();
    private readonly string? path;
    private readonly string setting;
    private readonly Dictionary<StudyCase, StudyRun> done = [];

    /// <summary>Opens a journal.</summary>
    /// <param name="options">The study; runs of another number of rows, epochs or rows per step are not taken for this one's.</param>
    public StudyJournal(StudyOptions options)
    {
        this.path = options.Journal;
        this.setting = string.Create(CultureInfo.InvariantCulture, $"{options.TrainRows}/{options.Epochs}/{options.BatchSize}");
        foreach (var line in File.Exists(this.path) ? File.ReadLines(this.path) : [])
        {
            if (JsonSerializer.Deserialize<Entry>(line) is { } entry && entry.Setting == this.setting)
            {
                this.done[entry.Run.Case] = entry.Run;
            }
        }
    }

    /// <summary>The run of a case, done now or before.</summary>
    public StudyRun Of(StudyCase study, Func<StudyCase, StudyRun> run)
    {
        if (this.done.TryGetValue(study, out var before))
        {
            return before;
        }

        var now = run(study);
        if (this.path is not null)
        {
            lock (this.writing)
            {
                File.AppendAllText(this.path, JsonSerializer.Serialize(new Entry(this.setting, now)) + "\n");
            }
        }

        return now;
    }

    private sealed record Entry(string Setting, StudyRun Run);
}
