using Microsoft.CodeAnalysis;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>What docs/diagnostics/README.md says of severities: who may change that of a message about a schema, and who may not.</summary>
public sealed class SeverityTests
{
    private const string Advice = "MMOE030";
    private const string Mistake = "MMOE021";

    // One piece of advice and one error.
    private static readonly string Schema = Schemas.Least
        .But("{ \"path\": \"all.csv\" }", "{ \"path\": \"all.csv\", \"url\": \"https://example.org/all.csv\" }")
        .But("\"As little as may be.\",", "\"As little as may be.\", \"num_features\": 9,");

    [Fact]
    public void Severities_are_those_of_the_table() => Assert.Equal("MMOE021 Error, MMOE030 Info", Reported(new(), null));

    [Theory]
    [InlineData(Advice, ReportDiagnostic.Warn, "MMOE021 Error, MMOE030 Warning")]
    [InlineData(Advice, ReportDiagnostic.Error, "MMOE021 Error, MMOE030 Error")]
    [InlineData(Advice, ReportDiagnostic.Suppress, "MMOE021 Error")]
    [InlineData(Mistake, ReportDiagnostic.Warn, "MMOE021 Warning, MMOE030 Info")]
    [InlineData(Mistake, ReportDiagnostic.Suppress, "MMOE030 Info")]
    public void A_global_analyzer_config_changes_them(string id, ReportDiagnostic severity, string expected) =>
        Assert.Equal(expected, Reported(new(), new Config(id, severity, isGlobal: true)));

    [Theory]
    [InlineData(Advice, ReportDiagnostic.Suppress, "MMOE021 Error")]
    [InlineData(Advice, ReportDiagnostic.Error, "MMOE021 Error, MMOE030 Error")]
    [InlineData(Mistake, ReportDiagnostic.Suppress, "MMOE030 Info")]
    public void NoWarn_and_warnings_as_errors_change_them(string id, ReportDiagnostic severity, string expected) =>
        Assert.Equal(expected, Reported(new() { [id] = severity }, null));

    [Theory]
    [InlineData(Advice)]
    [InlineData(Mistake)]
    public void A_section_of_an_editor_config_does_not(string id) =>
        Assert.Equal("MMOE021 Error, MMOE030 Info", Reported(new(), new Config(id, ReportDiagnostic.Suppress, isGlobal: false)));

    private static string Reported(Dictionary<string, ReportDiagnostic> specific, SyntaxTreeOptionsProvider? config)
    {
        var compilation = GeneratorHost.Compilation($"#pragma warning disable {Advice}, {Mistake}\nclass A;");
        compilation = compilation.WithOptions(
            compilation.Options.WithSpecificDiagnosticOptions(specific).WithSyntaxTreeOptionsProvider(config));
        var result = GeneratorHost.Driver([new TextFile("one.schema.json", Schema)]).RunGenerators(compilation).GetRunResult();
        return string.Join(", ", result.Diagnostics.Select(d => $"{d.Id} {d.Severity}").Order(StringComparer.Ordinal));
    }

    private sealed class Config(string id, ReportDiagnostic severity, bool isGlobal) : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(
            SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic found) =>
            this.Find(!isGlobal, diagnosticId, out found);

        public override bool TryGetGlobalDiagnosticValue(
            string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic found) =>
            this.Find(isGlobal, diagnosticId, out found);

        private bool Find(bool here, string diagnosticId, out ReportDiagnostic found)
        {
            found = severity;
            return here && diagnosticId == id;
        }
    }
}
