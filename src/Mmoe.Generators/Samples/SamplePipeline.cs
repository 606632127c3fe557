using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Samples;

/// <summary>The generator's steps that read samples. They report, and feed no source.</summary>
internal static class SamplePipeline
{
    private const int UTF8 = 65001;

    /// <summary>What the schemas' samples have wrong.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="others">The project's other additional files: of those that no schema names, only paths are looked at.</param>
    /// <returns>Per schema whose sample is missing, and per schema whose sample is there, what to report.</returns>
    public static (IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> Missing,
        IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> Found) Of(
        IncrementalValuesProvider<SchemaFileModel> schemas, IncrementalValuesProvider<AdditionalText> others)
    {
        var samples = schemas
            .Where(static schema => schema.Sample is not null)
            .Select(static (schema, _) => schema.Sample!)
            .WithTrackingName(TrackingNames.Sample);
        var named = samples
            .Select(static (sample, _) => sample.File)
            .WithTrackingName(TrackingNames.SampleName)
            .Collect()
            .Select(static (files, _) => new EquatableArray<string>(files.Distinct().OrderBy(f => f, StringComparer.Ordinal)))
            .WithTrackingName(TrackingNames.SampleNames);
        var texts = others
            .Combine(named)
            .Where(static pair => pair.Right.Contains(SamplePath.Normalize(pair.Left.Path)))
            .Select(static (pair, cancellation) => Read(pair.Left, cancellation))
            .WithTrackingName(TrackingNames.SampleText);

        // All texts meet all samples here, but each sample goes on with its own alone: an edit of another one ends at this step.
        var inputs = samples
            .Combine(texts.Collect())
            .Select(static (pair, _) => new SampleInputModel(pair.Left, pair.Right.FirstOrDefault(t => t.File == pair.Left.File)))
            .WithTrackingName(TrackingNames.SampleInput);
        var found = inputs
            .Where(static input => input.Text is not null)
            .Select(static (input, cancellation) => SampleChecker.Check(input, cancellation))
            .WithTrackingName(TrackingNames.SampleProblems);

        // The other files' names are for a suggestion only, so that a new file makes no sample be read again.
        var paths = others
            .Select(static (file, _) => SamplePath.Normalize(file.Path))
            .WithTrackingName(TrackingNames.OtherFile)
            .Collect()
            .Select(static (files, _) => new EquatableArray<string>(files.OrderBy(f => f, StringComparer.Ordinal)))
            .WithTrackingName(TrackingNames.OtherFiles);
        var missing = inputs
            .Where(static input => input.Text is null)
            .Combine(paths)
            .Select(static (pair, _) => new EquatableArray<DiagnosticInfo>([Missing(pair.Left.Sample, pair.Right)]))
            .WithTrackingName(TrackingNames.SampleMissing);
        return (missing, found);
    }

    /// <summary>The sample that a schema names, with the schema's positions as lines and characters.</summary>
    public static SampleModel Locate(ParsedSample sample, string schema, SourceText text) => new(
        sample.Path,
        SamplePath.FolderOf(SamplePath.Normalize(schema)) + sample.Path,
        LocationInfo.Of(schema, text, sample.PathSpan),
        sample.Format is null
            ? null
            : new(sample.Format, new(sample.Columns.Select(c => new SampleColumnModel(
                c.Column, c.Suffix, c.Column is null ? null : LocationInfo.Of(schema, text, c.NameSpan))))));

    private static SampleTextModel Read(AdditionalText file, CancellationToken cancellation)
    {
        var name = SamplePath.Normalize(file.Path);
        if (file.GetText(cancellation) is not { } text)
        {
            return new(name, file.Path, "", "the file cannot be read");
        }

        if (text.Length > SampleChecker.MaxCharacters)
        {
            return new(
                name,
                file.Path,
                "",
                $"it has {SchemaReport.Number(text.Length)} characters, and at most {SchemaReport.Number(SampleChecker.MaxCharacters)} "
                + "are read; some rows of every kind are enough");
        }

        // The compiler takes bytes that are not UTF-8 for another encoding, and the values for others than the run will meet.
        return text.Encoding is { CodePage: not UTF8 }
            ? new(name, file.Path, "", "the file is not UTF-8; convert it")
            : new(name, file.Path, text.ToString(), null);
    }

    private static DiagnosticInfo Missing(SampleModel sample, EquatableArray<string> others)
    {
        var folder = sample.File.Substring(0, sample.File.Length - sample.Path.Length);
        var beside = others.Where(f => f.StartsWith(folder, StringComparison.Ordinal)).Select(f => f.Substring(folder.Length));
        var nearest = NearestMatch.Of(sample.Path, beside.Take(SchemaReport.MaxCandidates));
        var instead = nearest is null ? "" : $"did you mean '{SchemaReport.Quote(nearest)}'? ";
        return new(
            SchemaRules.MissingSample,
            sample.Place,
            new([
                SchemaReport.Quote(sample.Path),
                $"{instead}a sample must be one of the project's AdditionalFiles, as 'datasets/**/*.sample.csv' is unless the property "
                + "MmoeSamples says otherwise",
            ]));
    }
}
