using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Emitting;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Samples;

namespace Mmoe.Generators;

/// <summary>Turns each <c>*.schema.json</c> among a project's additional files into C#, and lists them in a registry.</summary>
/// <remarks>It asks nothing of the compilation, only of its references, so that an edit of C# leaves every step cached.</remarks>
[Generator(LanguageNames.CSharp)]
public sealed class MmoeGenerator : IIncrementalGenerator
{
    internal const string Suffix = ".schema.json";
    internal const string RootNamespaceProperty = "build_property.RootNamespace";
    internal const string IsRuntimeProperty = "build_property.MmoeIsRuntime";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var options = context.AnalyzerConfigOptionsProvider
            .Select(static (provider, _) => ReadOptions(provider))
            .WithTrackingName(TrackingNames.Options);
        var files = EachOnce(context.AdditionalTextsProvider.Where(static file => IsSchema(file)))
            .Select(static (file, cancellation) => Parse(file, cancellation))
            .WithTrackingName(TrackingNames.Parse);

        // One result, two steps: an error that merely moves to another line rewrites no source, and a new source repeats no error.
        var problems = files
            .Select(static (file, _) => new FileProblems(file.Path, file.Diagnostics))
            .WithTrackingName(TrackingNames.Problems);
        var datasets = files
            .Where(static file => file.Dataset is not null)
            .Select(static (file, _) => new LocatedDataset(file.Path, file.Dataset!))
            .WithTrackingName(TrackingNames.Model);

        var requirements = context.MetadataReferencesProvider
            .Select(static (reference, _) => ProjectRequirements.IsRuntime(reference))
            .WithTrackingName(TrackingNames.Reference)
            .Collect()
            .Combine(options)
            .Select(static (pair, _) => pair.Right.IsRuntime || pair.Left.Contains(true))
            .WithTrackingName(TrackingNames.Runtime)
            .Combine(context.ParseOptionsProvider
                .Select(static (parsing, _) => ProjectRequirements.KnowsLanguage(parsing))
                .WithTrackingName(TrackingNames.Language))
            .Select(static (pair, _) => new ProjectRequirements(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.Requirements);
        context.RegisterSourceOutput(requirements, static (output, found) => Report(output, found));

        // Only names are collected: the one thing that a file must know of the others is whether a name is taken.
        var names = datasets
            .Select(static (dataset, _) => ClaimedNames.Of(dataset))
            .WithTrackingName(TrackingNames.Claims)
            .Collect()
            .Select(static (claims, _) => NameDirectory.Of(claims))
            .WithTrackingName(TrackingNames.Names);
        var emitted = datasets
            .Combine(names)
            .Where(static pair => pair.Right.Admitted.Any(claim => claim.Path == pair.Left.Path))
            .Select(static (pair, _) => pair.Left.Dataset)
            .WithTrackingName(TrackingNames.Admitted)
            .Combine(options)
            .Combine(requirements)
            .Where(static pair => pair.Right.AreMet)
            .Select(static (pair, _) => new EmittedDataset(pair.Left.Right.Namespace, pair.Left.Left))
            .WithTrackingName(TrackingNames.Dataset);
        var registry = names
            .Combine(options)
            .Combine(requirements)
            .SelectMany(static (pair, _) => pair.Right.AreMet ? ImmutableArray.Create(RegistryOf(pair.Left.Left, pair.Left.Right)) : [])
            .WithTrackingName(TrackingNames.Registry);

        // Positions are collected too, but only of names that two files claim: where none clash, a moved line touches no other file.
        var taken = files
            .Select(static (file, _) => new NamePlaces(file.Path, file.Name, file.Identifier))
            .WithTrackingName(TrackingNames.Places)
            .Collect()
            .Combine(names)
            .Select(static (pair, _) => NamePlaces.Taken(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.Taken);
        var clashes = files
            .Combine(names)
            .Combine(taken)
            .Select(static (pair, _) => Clash(pair.Left.Left, pair.Left.Right, pair.Right))
            .WithTrackingName(TrackingNames.Clashes);

        var samples = SamplePipeline.Of(files, context.AdditionalTextsProvider.Where(static file => !IsSchema(file)));

        // All that is wrong in one file is told at once, in its order, whether the file or its neighbours show it. The latter is seldom
        // anything, and then no other file's problems are told again.
        var between = clashes
            .Collect()
            .Combine(samples.Missing.Collect())
            .Select(static (pair, _) => new EquatableArray<DiagnosticInfo>(pair.Left.Concat(pair.Right).SelectMany(found => found)))
            .WithTrackingName(TrackingNames.Between);
        var reports = problems
            .Combine(between)
            .Select(static (pair, _) => pair.Left.With(pair.Right))
            .WithTrackingName(TrackingNames.Reports);

        context.RegisterSourceOutput(reports, static (output, found) => Report(output, found));
        context.RegisterSourceOutput(samples.Found, static (output, found) => Report(output, found));
        context.RegisterSourceOutput(emitted, static (output, model) =>
            output.AddSource($"{model.Dataset.TypeName}.g.cs", ToSource(DatasetEmitter.Emit(model, output.CancellationToken))));
        context.RegisterSourceOutput(registry, static (output, model) =>
            output.AddSource("Registry.g.cs", ToSource(RegistryEmitter.Emit(model))));
    }

    private static RegistryModel RegistryOf(NameDirectory names, ProjectOptions options) =>
        new(options.Namespace, new(names.Admitted.Select(c => c.Types[0]).OrderBy(t => t, StringComparer.Ordinal)));

    private static ProjectOptions ReadOptions(AnalyzerConfigOptionsProvider provider)
    {
        provider.GlobalOptions.TryGetValue(RootNamespaceProperty, out var root);
        var prefix = Identifiers.ToNamespace(root ?? "");
        provider.GlobalOptions.TryGetValue(IsRuntimeProperty, out var isRuntime);
        return new(prefix.Length == 0 ? "Datasets" : $"{prefix}.Datasets", isRuntime == "true");
    }

    private static bool IsSchema(AdditionalText file) => file.Path.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    // A project may list a file twice, by a pattern of its own beside ours: the first listing stands for all. Each is an object of its own,
    // and the others are told by that.
    private static IncrementalValuesProvider<AdditionalText> EachOnce(IncrementalValuesProvider<AdditionalText> files)
    {
        var repeated = files
            .Collect()
            .Select(static (all, _) => new EquatableArray<AdditionalText>(
                all.GroupBy(file => SamplePath.Normalize(file.Path)).SelectMany(same => same.Skip(1))));
        return files.Combine(repeated).Where(static pair => !pair.Right.Contains(pair.Left)).Select(static (pair, _) => pair.Left);
    }

    private static SchemaFileModel Parse(AdditionalText file, CancellationToken cancellation)
    {
        if (file.GetText(cancellation) is not { } text)
        {
            var start = new LocationInfo(file.Path, 0, 0, 0, 0, 0, 0);
            var unreadable = new DiagnosticInfo(SchemaRules.InvalidJson, start, new(["the file cannot be read"]));
            return new(file.Path, null, new([unreadable]), null, null);
        }

        var parsed = SchemaParser.Parse(text.ToString(), cancellation);
        return new(
            file.Path,
            parsed.Dataset,
            new(parsed.Problems.Select(problem => DiagnosticInfo.Of(problem, file.Path, text))),
            LocationInfo.Of(file.Path, text, parsed.NameSpan),
            LocationInfo.Of(file.Path, text, parsed.IdentifierSpan),
            parsed.Sample is { } sample ? SamplePipeline.Locate(sample, file.Path, text) : null);
    }

    // Which file is refused depends on names alone; what is underlined, on positions.
    private static EquatableArray<DiagnosticInfo> Clash(SchemaFileModel file, NameDirectory names, EquatableArray<NamePlaces> taken)
    {
        if (names.Refused.FirstOrDefault(clash => clash.Path == file.Path) is not { } clash || file.Name is null || file.Identifier is null)
        {
            return default;
        }

        var other = Path.GetFileName(clash.Taken);
        var place = taken.First(t => t.Path == clash.Taken);
        return clash.Type is null
            ? new([new DiagnosticInfo(SchemaRules.DuplicateDataset, file.Name, new([clash.TakenDataset, other]), place.Name)])
            : new([new DiagnosticInfo(
                SchemaRules.IdentifierClash,
                file.Identifier,
                new([clash.Type, $"dataset '{clash.TakenDataset}' in '{other}' has it"]),
                place.Identifier)]);
    }

    // A project has no place in a file.
    private static void Report(SourceProductionContext output, ProjectRequirements requirements)
    {
        foreach (var (missing, remedy) in requirements.Unmet())
        {
            output.ReportDiagnostic(Diagnostic.Create(
                SchemaDescriptors.ById[SchemaRules.UnmetRequirement], Location.None, missing, remedy));
        }
    }

    private static void Report(SourceProductionContext output, EquatableArray<DiagnosticInfo> found)
    {
        foreach (var diagnostic in found)
        {
            output.CancellationToken.ThrowIfCancellationRequested();
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        }
    }

    private static SourceText ToSource(string text) => SourceText.From(text, Encoding.UTF8);
}
