using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Mmoe.Packages.Tests;

/// <summary>A predictor in an application that is compiled ahead of time, beside the same program as the runtime compiles it.</summary>
[Trait("Kind", "package")]
[Collection(nameof(PackedOnce))]
public sealed partial class NativePrediction(Feed feed)
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RootNamespace>Bank</RootNamespace>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <MmoeDatasets>$(MSBuildThisFileDirectory)../datasets/*.schema.json</MmoeDatasets>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Mmoe.Generators" Version="0.1.0" PrivateAssets="all" />
            <PackageReference Include="Mmoe.Model" Version="0.1.0" />
            <Compile Include="../Service.cs" />
          </ItemGroup>
        </Project>
        """;

    // Makes a checkpoint of a model that nobody has trained: its parameters are those that training starts from.
    private const string Maker = """
        using Bank;
        using Bank.Datasets;
        using LanguageExt;
        using Mmoe;
        using Mmoe.Data;
        using Mmoe.Model;

        var table = new EncodedTable(
            Loans.Descriptor, 3, new[] { 0, 1, 2 }, new[] { 34, 2100.5f, 51, float.NaN, 27, 1450 }, new float[] { 0, 1, 0 }, default);
        var checkpoint =
            from plan in InputPlan.Of(Loans.Descriptor, [], null)
            from inputs in plan.Fit(new TrainSplit(table))
            from targets in TargetScaling.Fit(new TrainSplit(table))
            let spec = ModelFamilies.Mmoe(Loans.Descriptor.Tasks, 3, new Dense(4, Activation.ReLU), new Dense(8, Activation.ReLU))
            let parameters = Initialiser.Values(ParameterLayout.Of(spec, inputs.Width), seed: 5)
            select new Checkpoint(
                SchemaSummary.Of(Loans.Descriptor), spec, inputs, targets, 0, "{}", new EquatableArray<float>(parameters.AsSpan()), null);
        return checkpoint.Bind(made => made.Save(args[0])).Match(
            Succ: _ => Service.Run(args),
            Fail: faults => throw new InvalidOperationException(string.Join('\n', faults)));
        """;

    private const string Native = "return Bank.Service.Run(args);";

    private const string Service = """
        using Bank.Datasets;
        using Mmoe.Data;
        using Mmoe.Model;
        using LoansPredictor = Mmoe.Model.Predictor<Bank.Datasets.Loans, Bank.Datasets.Loans.Row, Bank.Datasets.Loans.Prediction>;

        namespace Bank;

        public static class Service
        {
            public static int Run(string[] args)
            {
                var faults = new List<Fault>();
                if (LoansPredictor.Load(args[0], faults) is not { } predictor)
                {
                    faults.ForEach(Console.WriteLine);
                    return 1;
                }

                Loans.Row[] rows =
                [
                    new() { Age = 34, Home = Loans.Home.Rent, Income = 2100.5f },
                    new() { Age = 51, Home = Loans.Home.Own, Income = null },
                    new() { Age = 27, Home = Loans.Home.NotTold, Income = 1450 },
                ];
                var predictions = new Loans.Prediction[rows.Length];
                predictor.Predict(rows, predictions);
                foreach (var (row, prediction) in rows.Zip(predictions))
                {
                    Console.WriteLine($"typed {prediction.Default.Probability} {predictor.Predict(row).Default.Probability}");
                }

                var before = GC.GetAllocatedBytesForCurrentThread();
                predictor.Predict(rows, predictions);
                Console.WriteLine($"allocated {GC.GetAllocatedBytesForCurrentThread() - before}");
                Console.WriteLine(predictor.TryPredict(rows[0] with { Age = 17 }, out _, faults));

                // As a service would that knows the dataset by its name alone.
                if (Predictor.Load(args[0], Registry.All.Datasets[0].Descriptor, faults) is not { } untyped)
                {
                    faults.ForEach(Console.WriteLine);
                    return 1;
                }

                var outputs = new float[untyped.OutputWidth];
                using var file = File.OpenRead(args[1]);
                using var reader = new CsvReader(file, untyped.Dataset.Format, Path.GetFileName(args[1]));
                reader.Read();
                Console.WriteLine(untyped.CheckHeader(reader.Current, faults));
                while (reader.Read() == CsvStep.Record)
                {
                    Console.WriteLine(untyped.TryPredict(reader.Current, outputs, faults) ? $"record {outputs[0]}" : "no record");
                }

                LoansPredictor.Load(args[1], faults);
                Predictor.Load(args[0], Mmoe.Data.Datasets.Adult.Descriptor, faults);
                faults.ForEach(Console.WriteLine);
                return 0;
            }
        }
        """;

    // Without labels, as what is to be predicted has none.
    private const string Rows = """
        age,home,income,officer
        34,rent,2100.5,Ann
        51,own,NA,Bob
        27,?,1450,Ann
        27,lent,1450,Ann

        """;

    [SkippableFact]
    public void Predicts_the_same_without_a_warning_of_trimming_or_native_code()
    {
        var missing = NativeLinker.Missing();
        Skip.If(missing is not null, missing);
        using var stranger = new Stranger(feed);
        var project = Project.Replace("Version=\"0.1.0\"", $"Version=\"{feed.Version}\"", StringComparison.Ordinal);
        stranger.Write("Service.cs", Service);
        stranger.WriteSchema("datasets/loans.schema.json");
        stranger.Write("loans.csv", Rows.ReplaceLineEndings("\n"));
        stranger.Write("maker/maker.csproj", project);
        stranger.Write("maker/Program.cs", Maker);
        stranger.Write(
            "native/native.csproj",
            project.Replace("<Nullable>", "<PublishAot>true</PublishAot><Nullable>", StringComparison.Ordinal));
        stranger.Write("native/Program.cs", Native);
        string[] files = ["loans.safetensors", "loans.csv"];
        var expected = Lines(Shell.Dotnet(stranger.Folder, ["run", "--project", "maker", "--", .. files]).Good());

        var output = Shell.Dotnet(
            stranger.In("native"), "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", stranger.In("out")).Good();
        Assert.DoesNotMatch(Warning(), output);
        Assert.Contains("Generating native code", output, StringComparison.Ordinal);
        var program = stranger.In("out", OperatingSystem.IsWindows() ? "native.exe" : "native");
        var found = Lines(Shell.Run(program, stranger.Folder, files).Good());

        // A processor's instructions may be used otherwise, and round otherwise.
        Assert.Equal(expected.Length, found.Length);
        foreach (var (here, there) in expected.Zip(found))
        {
            Assert.Equal(here.Text, there.Text);
            Assert.All(here.Numbers.Zip(there.Numbers), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        }

        Assert.Equal(
            """
            typed # #
            typed # #
            typed # #
            allocated 0
            False
            True
            record #
            record #
            record #
            no record
            'age' is 17, and must be from 18 to 100; correct it, or widen the column's "range" in the schema
            loans.csv:5:4: 'lent' is not a value of column 'home'; did you mean 'rent'?
            loans.csv: the safetensors file cannot be read: it is no safetensors file, or cut off: it says that its header has
            """.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()),
            found.Select(line => line.Text).SkipLast(1).Select(text => text.Contains("its header has", StringComparison.Ordinal)
                ? text[..(text.IndexOf("its header has", StringComparison.Ordinal) + "its header has".Length)]
                : text));
        Assert.StartsWith(
            "loans.safetensors: was trained for the dataset 'loans', not 'adult'; ",
            found[^1].Text,
            StringComparison.Ordinal);
        foreach (var (typed, record) in found[..3].Zip(found[6..9]))
        {
            Assert.InRange(typed.Numbers[0], 0.05, 0.95);
            Assert.Equal([typed.Numbers[0], record.Numbers[0]], [typed.Numbers[1], typed.Numbers[0]]);
        }

        Assert.Equal(3, found[..3].Select(line => line.Numbers[0]).Distinct().Count());
    }

    // Fractions apart, so that they can be compared as numbers.
    private static (string Text, double[] Numbers)[] Lines(string output) => [.. output.TrimEnd().Split('\n').Select(line =>
        line.StartsWith("typed", StringComparison.Ordinal) || line.StartsWith("record", StringComparison.Ordinal)
            ? (Fraction().Replace(line, "#"),
                Fraction().Matches(line).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).ToArray())
            : (line, Array.Empty<double>()))];

    [GeneratedRegex(@"\d+(\.\d+)?(E-\d+)?")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\bIL[23]\d{3}\b")]
    private static partial Regex Warning();
}
