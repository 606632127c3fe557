using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mmoe.Data;
using Mmoe.Model.Tests.Datasets;

namespace Mmoe.Model.Tests;

/// <summary>docs/prediction.md, compared with the programs that are compiled here.</summary>
public sealed class PredictionPage
{
    [Fact]
    public void Its_programs_are_compiled_here()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Mmoe.Generated.sln")))
        {
            root = root.Parent!;
        }

        var compiled = Dedented(File.ReadAllText(
            Path.Combine(root.FullName, "tests", "Mmoe.Model.Tests", "Examples", "PredictionPrograms.cs")));
        var programs = Regex.Matches(
            File.ReadAllText(Path.Combine(root.FullName, "docs", "prediction.md")), "```csharp\n(.*?)```", RegexOptions.Singleline);

        Assert.Equal(5, programs.Count);
        Assert.All(programs, program => Assert.Contains(Dedented(program.Groups[1].Value), compiled, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("age,home,income,officer\n34,rent,NA,Ann\n51,own,900,Bob", 0, 2, new string[0])]
    [InlineData("age,home,income,officer\n34,lent,NA,Ann\n51,own,900,Bob", 1, 1, new[] { "f:2:4: 'lent' is not a value of column 'home'" })]
    [InlineData("age,house,income,officer\n34,rent,NA,Ann", 1, 0, new[] { "f:1:5: column 2 is named 'house'" })]
    [InlineData("", 1, 0, new[] { "f: there are no records in it" })]
    [InlineData("age,home,income,officer\n", 1, 0, new[] { "f: there are no records in it" })]
    [InlineData("age,home,income,officer\n34,rent,NA,Ann\n51,own,900,LONG", 1, 1, new[] { "f:3:12: the field is longer than 1048576 bytes" })]
    [InlineData("LONG,home,income,officer\n34,rent,NA,Ann", 1, 0, new[] { "f:1:1: the field is longer than 1048576 bytes" })]
    public void Its_loop_over_records_tells_what_is_wrong_with_a_file(string text, int exit, int predicted, string[] told)
    {
        var dataset = Loans.Descriptor;
        var inputs = Samples.Valid(Samples.Plan(dataset).Fit(new TrainSplit(Samples.Table(dataset, 40, 1))));
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 2, Samples.Relu(4), Samples.Relu(3));
        var parameters = Samples.Parameters(ParameterLayout.Of(spec, inputs.Width), 1);
        var predictor = Samples.Valid(Predictor.Of(
            new(SchemaSummary.Of(dataset), spec, inputs, Samples.Targets(dataset), 1, "{}", new(parameters.AsSpan()), null), dataset));
        var bytes = Encoding.UTF8.GetBytes(text.Replace("LONG", new string('x', (1 << 20) + 1), StringComparison.Ordinal));
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(exit, PredictionPrograms.PredictRecords(predictor, new MemoryStream(bytes), "f", output, errors));

        Assert.Equal(predicted, Lines(output).Length);
        Assert.All(Lines(output), line => Assert.InRange(float.Parse(line, CultureInfo.InvariantCulture), 0, 1));
        Assert.Equal(told.Length, Lines(errors).Length);
        Assert.All(Lines(errors).Zip(told, (line, expected) => (Line: line, Expected: expected)), pair => Assert.StartsWith(pair.Expected, pair.Line, StringComparison.Ordinal));
    }

    private static string[] Lines(StringWriter writer) => writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static string Dedented(string text) => string.Join('\n', text.Trim().Split('\n').Select(line => line.TrimStart()));
}
