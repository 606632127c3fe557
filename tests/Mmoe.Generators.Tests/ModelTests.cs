using System.Collections;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>What flows between the generator's steps must compare by value and keep nothing of the compiler alive.</summary>
public sealed class ModelTests
{
    private static readonly Type[] Forbidden =
    [
        typeof(ISymbol), typeof(Compilation), typeof(SyntaxNode), typeof(SyntaxTree), typeof(SourceText), typeof(AdditionalText), typeof(Diagnostic),
        typeof(Location), typeof(SemanticModel), typeof(JsonNode), typeof(CancellationTokenSource),
    ];

    // Files that make every step have something to hand on.
    private static readonly (string, string)[] Files =
    [
        ("a.schema.json", Schemas.Small),
        ("b.schema.json", Schemas.Synthetic),
        ("c.schema.json", "{"),
        ("d.schema.json", Schemas.Small),
        ("e.schema.json", Schemas.Sampled),
        ("f.schema.json", Schemas.Sampled.But("loans.sample.csv", "gone.csv")),
        ("loans.sample.csv", Schemas.Sample),
        ("./b.schema.json", Schemas.Synthetic),
    ];

    private static readonly string[] CompilersOwn = ["AdditionalTexts", "AnalyzerConfigOptions", "MetadataReferences", "ParseOptions"];

    [Fact]
    public void No_step_hands_on_what_the_compiler_owns()
    {
        var steps = GeneratorHost.Run(Files).Results.Single().TrackedSteps;
        foreach (var name in TrackingNames.All)
        {
            var outputs = steps[name].SelectMany(s => s.Outputs).ToArray();
            Assert.True(outputs.Length > 0, name);
            Assert.All(outputs, output => Assert.Null(FindForbidden(output.Value)));
        }
    }

    [Fact]
    public void The_list_of_steps_holds_every_name() => Assert.Equal(
        typeof(TrackingNames).GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal),
        TrackingNames.All.Order(StringComparer.Ordinal));

    /// <summary>What has no name escapes what tests say of the steps: how they are cached, and that they keep nothing alive.</summary>
    [Fact]
    public void Every_step_that_makes_something_has_a_name()
    {
        var seen = new HashSet<IncrementalGeneratorRunStep>();
        var outputs = GeneratorHost.Run(Files).Results.Single().TrackedOutputSteps.SelectMany(s => s.Value);
        var left = new Stack<IncrementalGeneratorRunStep>(outputs);
        while (left.TryPop(out var step))
        {
            foreach (var (source, _) in step.Inputs.Where(input => seen.Add(input.Source)))
            {
                left.Push(source);
                Assert.True(source.Name is not null || PassesOn(source), $"nameless: {source.Outputs[0].Value}");
            }
        }

        Assert.Equal(
            TrackingNames.All.Order(StringComparer.Ordinal),
            seen.Select(step => step.Name).OfType<string>().Distinct().Intersect(TrackingNames.All).Order(StringComparer.Ordinal));
        Assert.All(seen.Select(step => step.Name).OfType<string>(), name => Assert.Contains(name, TrackingNames.All.Concat(CompilersOwn)));

        // Of combining, collecting and choosing nothing new comes; files are the compiler's own and are named once they are read.
        static bool PassesOn(IncrementalGeneratorRunStep step) => step.Outputs.All(output =>
            output.Value is AdditionalText or IEnumerable<AdditionalText> or System.Runtime.CompilerServices.ITuple
            || output.Value.GetType().Name == "ImmutableArray`1"
            || step.Inputs.Any(input => ReferenceEquals(input.Source.Outputs[input.OutputIndex].Value, output.Value)));
    }

    [Fact]
    public void The_search_finds_what_is_planted()
    {
        var tree = CSharpSyntaxTree.ParseText("class A;");
        Assert.NotNull(FindForbidden(new[] { (1, new { Deep = (object)tree }) }));
        Assert.NotNull(FindForbidden(new { Inner = new List<object> { SourceText.From("x", Encoding.UTF8) } }));
        Assert.NotNull(FindForbidden(GeneratorHost.Compilation("class A;").GetTypeByMetadataName("A")!));
    }

    [Fact]
    public void The_search_sees_into_the_lists_of_records()
    {
        var compilation = GeneratorHost.Compilation("class A;");
        object[] owned = [compilation, compilation.GetTypeByMetadataName("A")!, compilation.SyntaxTrees[0].GetRoot()];
        Assert.All(
            owned, planted => Assert.Same(planted, FindForbidden(new Planted("a", ListOf(new Planted("b", 1), new Planted("c", planted))))));
        Assert.All(owned, planted => Assert.Same(planted, FindForbidden(ListOf(ListOf(1), ListOf(planted)))));
        Assert.Null(FindForbidden(new Planted("a", ListOf(new Planted("b", 1), new Planted("c", null), ListOf()))));
    }

    private sealed record Planted(string Name, object? Value);

    // As the models hold it; the name alone would also be that of the runtime's own list.
    private static object ListOf(params object[] items)
    {
        var list = typeof(VocabularyModel).GetProperty(nameof(VocabularyModel.Values))!.PropertyType;
        return Activator.CreateInstance(list.GetGenericTypeDefinition().MakeGenericType(typeof(object)), [items])!;
    }

    [Fact]
    public void Two_readings_of_one_text_are_equal() => Assert.All(
        new[] { Schemas.Small, Schemas.Synthetic, Schemas.Least, Schemas.Sampled },
        schema =>
        {
            var (one, other) = (SchemaParser.Parse(schema), SchemaParser.Parse(new string(schema.AsSpan())));
            Assert.Equal(one, other);
            Assert.Equal(one.GetHashCode(), other.GetHashCode());
        });

    [Theory]
    [InlineData("\"description\": \"Age in years\"", "\"description\": \"Age\"")]
    [InlineData("\"rent\", ", "\"RENT\", ")]
    [InlineData("\"remainders\": [3]", "\"remainders\": [1]")]
    [InlineData("\"policy\": \"zero\"", "\"policy\": \"mean\"")]
    [InlineData("\"positive\": [\"yes\"]", "\"positive\": [\"no\"]")]
    [InlineData("\"batch_size\": 128", "\"batch_size\": 129")]
    [InlineData("\"min\": 0", "\"min\": 1")]
    [InlineData("\"max\": 10 ", "\"max\": 11 ")]
    [InlineData("\"min\": -0.25", "\"max\": -0.25")]
    [InlineData("25.5", "25")]
    [InlineData("[\"log1p\", ", "[\"standardise\", ")]
    [InlineData("piecewise-linear:16", "piecewise-linear:17")]
    [InlineData("\"trim\": true", "\"trim\": false")]
    [InlineData("{ \"grade\": \".\" }", "{ \"grade\": \",\" }")]
    public void Any_other_saying_gives_another_model(string part, string other) =>
        Assert.NotEqual(SchemaParser.Parse(Schemas.Small).Dataset, SchemaParser.Parse(Schemas.Small.But(part, other)).Dataset);

    [Fact]
    public void Positions_are_no_part_of_a_model() =>
        Assert.Equal(SchemaParser.Parse(Schemas.Small).Dataset, SchemaParser.Parse("\n\n" + Schemas.Small.Replace(": ", ":  ", StringComparison.Ordinal)).Dataset);

    [Fact]
    public void A_sample_is_no_part_of_a_model() =>
        Assert.Equal(SchemaParser.Parse(Schemas.Small).Dataset, SchemaParser.Parse(Schemas.Sampled).Dataset);

    [Fact]
    public void Defaults_are_filled_in_device_by_device()
    {
        var training = SchemaParser.Parse(Schemas.Small).Dataset!.Training;
        Assert.Equal(ParametersModel.BuiltIn with { NumExperts = 4, Units = new([8, 4]), LearningRate = "5e-4" }, training.Any);
        Assert.Equal(training.Any with { EpochSize = 10 }, training.Cpu);
        Assert.Equal(training.Any with { BatchSize = 128, TowerUnits = default }, training.Gpu);
    }

    private static object? FindForbidden(object? value, HashSet<object>? seen = null)
    {
        seen ??= new(ReferenceEqualityComparer.Instance);
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum)
        {
            return null;
        }

        if (Forbidden.Any(type => type.IsInstanceOfType(value)))
        {
            return value;
        }

        if (!value.GetType().IsValueType && !seen.Add(value))
        {
            return null;
        }

        var items = value is IEnumerable list ? list.Cast<object?>() : [];
        var fields = new List<object?>();
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            fields.AddRange(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(f => !f.FieldType.IsPointer && f.FieldType != typeof(IntPtr))
                .Select(f => f.GetValue(value)));
        }

        return items.Concat(fields).Select(v => FindForbidden(v, seen)).FirstOrDefault(found => found is not null);
    }
}
