using System.Text.Json;
using System.Text.RegularExpressions;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using SkiaSharp;

namespace Mmoe.Cli.Tests;

/// <summary><c>mmoe inspect</c> on checkpoints of the tests' own making, which needs no libtorch; one on a run.</summary>
public sealed class InspectTests
{
    private const string Missing =
        "gate usage needs rows: the file adult.data of 'adult' was not found, plain or as adult.data.gz; searched ";

    private static readonly Dense Small = new(3, Activation.ReLU);

    private static ModelSpec Mmoe(DatasetDescriptor dataset, SoftmaxGate? gate = null) =>
        ModelFamilies.Mmoe(dataset.Tasks, 4, Small, Network.Identity, gate);

    [Fact]
    public void The_text_shows_layers_inputs_metrics_and_the_usage_of_every_gate()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor), ["age"], "fnlwgt"), "run/checkpoints/best-average.safetensors");
        var outcome = bench.Run("inspect", "run");
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.Code);
        var usage = JsonOf(bench, "run").GetProperty("gateUsage").GetProperty("gates");
        string Cells(int gate, string measure) =>
            string.Concat(Experts(usage[gate]).Select(e => Cell(e.GetProperty(measure).GetDouble(), 9)));
        Assert.Equal(
            $"""
            checkpoint  {Path.Combine("run", "checkpoints", "best-average.safetensors")}
            dataset     adult
            epoch       7
            inputs      99 features: 7 categorical of 95 values, 4 numeric
            excluded    age
            weight      fnlwgt

            part                          layer                 parameters
            experts 0-3                   dense 99 → 3 relu          1,200
            gates income, never_married   dense 99 → 4 softmax         800
            towers income, never_married  dense 3 → 1 sigmoid            8
            total                                                    2,008

              task      metric     validation
            ───────────────────────────────────
              income    auc            0.9000
                        accuracy    undefined
              average                  0.9000

            gate weights on validation, 10 rows
              gate                             0        1        2        3   evenness
            ────────────────────────────────────────────────────────────────────────────
              income          mean     {Cells(0, "meanWeight")}{Cell(usage[0].GetProperty("evenness").GetDouble(), 11)}
                              top share{Cells(0, "topShare")}
              never_married   mean     {Cells(1, "meanWeight")}{Cell(usage[1].GetProperty("evenness").GetDouble(), 11)}
                              top share{Cells(1, "topShare")}

            """,
            outcome.Out,
            ignoreLineEndingDifferences: true);
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData("train", 50)]
    [InlineData("test", 60)]
    public void Mean_weights_are_those_of_an_independent_computation_with_the_rows_weighed(string? split, int rows)
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        var checkpoint = Made(Adult.Descriptor, Mmoe(Adult.Descriptor, new SoftmaxGate(Temperature: 0.5)), ["education"], "fnlwgt");
        Save(bench, checkpoint);
        var usage = JsonOf(bench, split is null ? ["c.safetensors"] : ["c.safetensors", "--split", split]).GetProperty("gateUsage");
        Assert.Equal(split ?? "validation", usage.GetProperty("on").GetString());
        Assert.Equal(rows, usage.GetProperty("rows").GetInt32());

        // WriteAdult's line i weighs 77,000 + i; validation are lines 5, 11, …
        int[] lines = [.. Enumerable.Range(0, 60).Where(i => split switch { "test" => true, "train" => i % 6 != 5, _ => i % 6 == 5 })];
        var file = split == "test" ? "adult.test" : "adult.data";
        var table = Valid(SplitLoader.LoadFile(Adult.Descriptor, bench.Path("data", "adult", file)));
        foreach (var (gate, task) in new[] { (0, "income"), (1, "never_married") })
        {
            var (means, tops, total) = (new double[4], new double[4], 0.0);
            foreach (var line in lines)
            {
                var weights = Softmax([.. Logits(checkpoint, table, line, $"gates.{task}").Select(logit => logit / 0.5)]);
                var top = Array.IndexOf(weights, weights.Max());
                for (var e = 0; e < 4; e++)
                {
                    means[e] += (77_000 + line) * weights[e];
                    tops[e] += e == top ? 77_000 + line : 0;
                }

                total += 77_000 + line;
            }

            Assert.Equal(task, usage.GetProperty("gates")[gate].GetProperty("stream").GetString());
            foreach (var (e, expert) in Experts(usage.GetProperty("gates")[gate]).Index())
            {
                Assert.Equal($"{e}", expert.GetProperty("name").GetString());
                Assert.Equal(means[e] / total, expert.GetProperty("meanWeight").GetDouble(), 1e-6);
                Assert.Equal(tops[e] / total, expert.GetProperty("topShare").GetDouble(), 1e-9);
            }
        }
    }

    [Fact]
    public void A_file_counts_whole_and_is_no_split()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor)));
        var usage = JsonOf(bench, "c.safetensors", "--data", "data/adult/adult.data").GetProperty("gateUsage");
        Assert.Equal(("file", 60), (usage.GetProperty("on").GetString(), usage.GetProperty("rows").GetInt32()));
        Fails(
            bench.Run("inspect", "c.safetensors", "--data", "data/adult/adult.data", "--split", "test"), 2, "--split test: ", "is a file");
    }

    [Fact]
    public void Drawn_rows_come_from_the_distribution_that_the_checkpoint_names()
    {
        using var bench = new Workbench();
        var source = (SyntheticSource)Synthetic.Descriptor.Source with { ValidationRows = 33, Correlation = -0.5 };
        var checkpoint = Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor)) with { Drawn = source };
        Save(bench, checkpoint);
        var usage = JsonOf(bench, "c.safetensors").GetProperty("gateUsage");
        Assert.Equal(33, usage.GetProperty("rows").GetInt32());
        var drawn = Synthetic.Descriptor with { Source = source };
        var table = Valid(SplitLoader.LoadSplit(drawn, new DataDirectory(""), SplitName.Validation));
        var mean = Enumerable.Range(0, 33).Average(row => Softmax(Logits(checkpoint, table, row, "gates.y1"))[2]);
        Assert.Equal(mean, Experts(usage.GetProperty("gates")[1])[2].GetProperty("meanWeight").GetDouble(), 1e-6);
    }

    [Fact]
    public void Without_data_all_but_the_usage_is_shown_and_one_line_says_how_to_get_it()
    {
        using var bench = new Workbench();
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor)));
        var outcome = bench.Run("inspect", "c.safetensors");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("experts 0-3", outcome.Out, StringComparison.Ordinal);
        var line = Assert.Single(outcome.Out.Split('\n'), l => l.StartsWith("gate usage", StringComparison.Ordinal));
        Assert.StartsWith(Missing + bench.Path("data", "adult"), line, StringComparison.Ordinal);
        Assert.Contains("give --data DIR or set MMOE_DATA", line, StringComparison.Ordinal);

        var json = bench.Run("inspect", "c.safetensors", "--json");
        Assert.Equal(0, json.Code);
        Assert.StartsWith(Missing, Assert.Single(json.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(json.Out).RootElement.GetProperty("gateUsage").ValueKind);
    }

    [Theory]
    [InlineData("--split", "train")]
    [InlineData("--png", "gates.png")]
    [InlineData("--data", ".")]
    public void Without_data_what_needs_it_and_was_asked_for_is_refused(string option, string value)
    {
        using var bench = new Workbench();
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor)));
        Fails(bench.Run("inspect", "c.safetensors", option, value), 1, "the file adult.data of 'adult' was not found");
        Assert.False(File.Exists(bench.Path("gates.png")));
    }

    [Fact]
    public void Rows_that_are_wrong_are_a_fault_even_if_nobody_named_them()
    {
        using var bench = new Workbench();
        bench.WriteAdult(change: (i, line) => i == 5 ? "x" + line : line);
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor)));
        Fails(bench.Run("inspect", "c.safetensors"), 1, $"{bench.Path("data", "adult", "adult.data")}:6:1: ");
    }

    [Fact]
    public void Json_names_what_the_model_sees_and_every_tensor()
    {
        using var bench = new Workbench();
        var spec = Mmoe(Adult.Descriptor);
        var checkpoint = Made(Adult.Descriptor, spec, ["age", "race"], "fnlwgt");
        Save(bench, checkpoint);
        using var document = JsonDocument.Parse(bench.Run("inspect", "c.safetensors", "--json").Out);
        var root = document.RootElement;
        Assert.Equal("c.safetensors", root.GetProperty("checkpoint").GetString());
        Assert.Equal(Adult.Descriptor.Fingerprint, root.GetProperty("fingerprint").GetString());
        var inputs = root.GetProperty("inputs");
        Assert.Equal(["age", "race"], inputs.GetProperty("excluded").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal("fnlwgt", inputs.GetProperty("weightColumn").GetString());
        Assert.Equal(
            checkpoint.Inputs.Width, inputs.GetProperty("columns").EnumerateArray().Sum(c => c.GetProperty("features").GetInt32()));
        Assert.Equal(spec, Valid(ModelSpecJson.Read(root.GetProperty("model").GetRawText())));
        Assert.Equal(checkpoint.Layout().ParameterCount, root.GetProperty("parameters").GetInt32());
        int Count(JsonElement tensor) => tensor.GetProperty("shape").EnumerateArray().Aggregate(1, (count, length) => count * length.GetInt32());
        Assert.Equal(checkpoint.Layout().ParameterCount, root.GetProperty("tensors").EnumerateArray().Sum(Count));
        Assert.Equal(0.9, root.GetProperty("validation").GetProperty("income").GetProperty("auc").GetDouble());
    }

    [Fact]
    public void A_feature_that_weighs_the_rows_is_not_among_the_excluded()
    {
        using var bench = new Workbench();
        Save(bench, Made(CensusIncome.Descriptor, Mmoe(CensusIncome.Descriptor), ["age"], "instance_weight"));
        var outcome = bench.Run("inspect", "c.safetensors");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("\nexcluded    age\nweight      instance_weight\n", outcome.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void More_experts_than_a_line_holds_take_several_tables_and_lose_no_digit()
    {
        using var bench = new Workbench();
        var spec = ModelFamilies.Mmoe(Synthetic.Descriptor.Tasks, 40, Small, Network.Identity);
        Save(bench, Made(Synthetic.Descriptor, spec));
        var outcome = bench.Run("inspect", "c.safetensors");
        var lines = outcome.Out.ReplaceLineEndings("\n").Split('\n');
        var tables = lines.Where(line => line.StartsWith("  gate", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, tables.Length);
        Assert.Equal(
            [.. Enumerable.Range(0, 40).Select(e => $"{e}"), "evenness"],
            tables.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)));
        Assert.Equal(
            [.. Experts(JsonOf(bench, "c.safetensors").GetProperty("gateUsage").GetProperty("gates")[0])
                .Select(e => Cell(e.GetProperty("meanWeight").GetDouble(), 0))],
            lines.Where(line => line.StartsWith("  y0 ", StringComparison.Ordinal) && line.Contains(" mean ", StringComparison.Ordinal))
                .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2))
                .Take(40));
        Assert.All(lines, line => Assert.True(line.Length <= 160, line));
    }

    [Fact]
    public void A_checkpoint_to_resume_from_tells_its_steps()
    {
        using var bench = new Workbench();
        var made = Made(Adult.Descriptor, Mmoe(Adult.Descriptor));
        Save(bench, made with { Training = new(1_234, 5, made.Parameters, made.Parameters, default) });
        Assert.Contains(
            "\nepoch       7, after 1234 steps, with the optimiser's state\n",
            bench.Run("inspect", "c.safetensors").Out.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Each_level_has_a_table_and_a_panel_of_its_own_with_blanks_where_a_gate_has_no_such_expert()
    {
        using var bench = new Workbench();
        var spec = ModelFamilies.Ple(Synthetic.Descriptor.Tasks, 2, 1, 1, Small, Network.Identity);
        Save(bench, Made(Synthetic.Descriptor, spec));
        var outcome = bench.Run("inspect", "c.safetensors", "--png", "gates.png");
        Assert.True(outcome.Code == 0, outcome.Error);
        var lines = outcome.Out.ReplaceLineEndings("\n").Split('\n');
        var first = Array.IndexOf(lines, "level 0: gate weights on validation, 1000 rows");
        string Shape(int line) => Regex.Replace(lines[first + line], "[01]\\.[0-9]{4}", "n.nnnn");
        Assert.Equal("  gate                   y0.0     y1.0   shared.0   evenness", lines[first + 1]);
        Assert.Equal("  y0       mean        n.nnnn              n.nnnn     n.nnnn", Shape(3));
        Assert.Equal("           top share   n.nnnn              n.nnnn", Shape(4));
        Assert.Equal("  y1       mean                 n.nnnn     n.nnnn     n.nnnn", Shape(5));
        Assert.Equal("  shared   mean        n.nnnn   n.nnnn     n.nnnn     n.nnnn", Shape(7));
        Assert.Equal("level 1: gate weights on validation, 1000 rows", lines[first + 9]);

        var gates = JsonOf(bench, "c.safetensors").GetProperty("gateUsage").GetProperty("gates").EnumerateArray().ToArray();
        double? Mean(string stream, int level, string expert) => gates
            .Where(gate => gate.GetProperty("level").GetInt32() == level && gate.GetProperty("stream").GetString() == stream)
            .SelectMany(gate => Experts(gate))
            .Where(e => e.GetProperty("name").GetString() == expert)
            .Select(e => (double?)e.GetProperty("meanWeight").GetDouble())
            .SingleOrDefault();
        string[] experts = ["y0.0", "y1.0", "shared.0"];
        AssertPicture(bench.Path("gates.png"), new HeatMap(
            Panel("level 0: mean gate weight on validation, 1,000 rows", ["y0", "y1", "shared"], experts, (r, c) => Mean(r, 0, c)),
            Panel("level 1: mean gate weight on validation, 1,000 rows", ["y0", "y1"], experts, (r, c) => Mean(r, 1, c))));
    }

    [Fact]
    public void Stitches_show_their_weights_without_any_data()
    {
        using var bench = new Workbench();
        var spec = ModelFamilies.CrossStitch(Adult.Descriptor.Tasks, [Small], Network.Identity);
        var made = Made(Adult.Descriptor, spec);
        var parameters = made.Parameters.ToArray();
        made.Layout()["gates.never_married.stitch"].CopyTo([-0.25f, 1.5f], parameters);
        Save(bench, made with { Parameters = new(parameters.AsSpan()) });
        var outcome = bench.Run("inspect", "c.safetensors", "--png", "gates.png");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.EndsWith(
            """
            stitch weights, the same for every row
              stitch                    income   never_married
            ────────────────────────────────────────────────────
              income          weight    1.8000          0.2000
              never_married   weight   -0.2500          1.5000
            picture: gates.png

            """,
            outcome.Out.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
        string[] tasks = ["income", "never_married"];
        double[] weights = [1.8, 0.2, -0.25, 1.5];
        AssertPicture(bench.Path("gates.png"), new HeatMap(
            Panel("stitch weight", tasks, tasks, (r, c) => weights[(Array.IndexOf(tasks, r) * 2) + Array.IndexOf(tasks, c)])));
        var stitch = JsonOf(bench, "c.safetensors").GetProperty("stitches")[1];
        Assert.Equal("never_married", stitch.GetProperty("stream").GetString());
        Assert.Equal([-0.25, 1.5], Experts(stitch).Select(e => e.GetProperty("weight").GetDouble()));
    }

    [Fact]
    public void A_model_without_gates_says_so_and_has_no_picture()
    {
        using var bench = new Workbench();
        Save(bench, Made(Adult.Descriptor, ModelFamilies.SharedBottom(Adult.Descriptor.Tasks, Small, Network.Identity)));
        var outcome = bench.Run("inspect", "c.safetensors");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.EndsWith("\nthe model has no gates\n", outcome.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Fails(
            bench.Run("inspect", "c.safetensors", "--png", "gates.png"),
            2,
            "--png gates.png: the model has no gates to draw; leave it out");
        Assert.False(File.Exists(bench.Path("gates.png")));
    }

    [Fact]
    public void A_picture_replaces_nothing()
    {
        using var bench = new Workbench();
        Save(bench, Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor)));
        var file = bench.Write("gates.png", "mine");
        Fails(bench.Run("inspect", "c.safetensors", "--png", "gates.png"), 2, "--png gates.png: it is there already");
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void A_picture_that_cannot_be_written_is_a_failed_run_that_prints_nothing()
    {
        using var bench = new Workbench();
        Save(bench, Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor)));
        bench.Write("file", "mine");
        Fails(bench.Run("inspect", "c.safetensors", "--png", "file/gates.png"), 3, $"{bench.Path("file", "gates.png")}: cannot be written");
    }

    [Fact]
    public void The_flowchart_is_the_only_output_and_stands_alone()
    {
        using var bench = new Workbench();
        var checkpoint = Made(Adult.Descriptor, Mmoe(Adult.Descriptor));
        Save(bench, checkpoint);
        Assert.Equal(new Outcome(0, checkpoint.Spec.Mermaid(checkpoint.Inputs), ""), bench.Run("inspect", "c.safetensors", "--mermaid"));
        var refused = bench.Run("inspect", "c.safetensors", "--mermaid", "--json", "--png", "gates.png", "--split", "test", "--data", ".");
        Assert.Equal(2, refused.Code);
        Assert.Equal(
            new[] { "--data", "--split", "--png", "--json" }
                .Select(option => $"{option}: with --mermaid nothing but the flowchart is written; give one of the two"),
            refused.ErrorLines);
    }

    [Fact]
    public void Names_that_no_font_here_may_have_and_very_many_experts_still_make_a_picture()
    {
        var names = Enumerable.Range(0, 700).Select(i => $"大 \n{i}").ToArray();
        var map = new HeatMap(Panel("title", [new string('w', 300), "\ud800"], names, (r, c) => r.Length / 1_000.0));
        AssertPicture(map.Png(), map);
        Assert.InRange(map.Width, 11_000, 13_000);
    }

    [Fact]
    public void Text_is_drawn_in_a_font_that_comes_with_the_program()
    {
        var name = PictureFont.For("mean gate weight, 1,000 rows: -0.123 … Größe λ Ж");
        var font = ScottPlot.Fonts.GetTypeface(name, bold: false, italic: false);
        Assert.Equal("Mmoe pictures", name);
        Assert.Equal(("DejaVu Sans", 665), (font.FamilyName, font.GlyphCount));
        Assert.NotEqual(name, PictureFont.For("大"));
    }

    [Theory]
    [InlineData("nothing", "there is no such run or checkpoint")]
    [InlineData("folder", "the folder holds no checkpoints/best-average.safetensors")]
    public void What_is_no_run_is_named(string target, string says)
    {
        using var bench = new Workbench();
        Directory.CreateDirectory(bench.Path("folder"));
        Fails(bench.Run("inspect", target), 2, $"{target}: {says}");
    }

    [Fact]
    public void A_corrupt_checkpoint_is_named()
    {
        using var bench = new Workbench();
        Save(bench, Made(Adult.Descriptor, Mmoe(Adult.Descriptor)));
        var path = bench.Path("c.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        Fails(bench.Run("inspect", "c.safetensors"), 1, path);
        Fails(bench.Run("inspect", bench.Write("x.safetensors", "hello")), 1, bench.Path("x.safetensors"));
    }

    [Fact]
    public void A_checkpoint_of_another_schema_is_refused_with_the_difference()
    {
        using var bench = new Workbench();
        var columns = Adult.Descriptor.Columns.Select(column => column.Name == "age" ? column with { Name = "years" } : column);
        var other = Adult.Descriptor with { Fingerprint = "other", Columns = new(columns) };
        Save(bench, Made(other, Mmoe(other)));
        Fails(
            bench.Run("inspect", "c.safetensors"),
            1,
            $"{bench.Path("c.safetensors")}: was trained for another schema of 'adult' than 'adult' has now: ",
            "'years'",
            "use the schema that it was trained for, or train again");
    }

    [Fact]
    public void A_model_that_has_overflowed_is_a_failed_run()
    {
        using var bench = new Workbench();
        var made = Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor));
        var parameters = made.Parameters.ToArray();
        var gate = made.Layout()["gates.y1.bias"];
        gate.CopyTo([float.NaN, 0, 0, 0], parameters);
        Save(bench, made with { Parameters = new(parameters.AsSpan()) });
        Fails(bench.Run("inspect", "c.safetensors"), 1, $"{bench.Path("c.safetensors")}: ", "the tensor 'gates.y1.bias' holds NaN");

        // Finite, and too large for what is computed of it.
        gate.CopyTo([0, 0, 0, 0], parameters);
        var weights = made.Layout()["gates.y1.weight"];
        weights.CopyTo([.. Enumerable.Repeat(float.MaxValue, weights.Count)], parameters);
        Save(bench, made with { Parameters = new(parameters.AsSpan()) });
        Fails(bench.Run("inspect", "c.safetensors"), 3, "a weight that the gate 'y1' of level 0 gives is not finite");
    }

    [Fact]
    public void An_interrupt_ends_it_and_leaves_no_picture()
    {
        using var bench = new Workbench();
        Save(bench, Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor)));
        using var interrupt = new CancellationTokenSource();
        interrupt.Cancel();
        Assert.Equal(
            new Outcome(MmoeApp.Interrupted, "", "interrupted; nothing was written\n"),
            bench.Run(interrupt.Token, "inspect", "c.safetensors", "--png", "gates.png"));
        Assert.False(File.Exists(bench.Path("gates.png")));
    }

    [Fact]
    public void The_page_shows_the_layers_and_the_flowchart_of_the_model_that_it_names()
    {
        var spec = ModelFamilies.Mmoe(
            Synthetic.Descriptor.Tasks, 8, new Dense(4, Activation.ReLU), Network.OfDense([8], Activation.ReLU));
        var inputs = Fitted(Synthetic.Descriptor);
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "inspect.md"));
        var layers = spec.Describe(inputs).TrimEnd('\n').Split('\n').Select(line => line.TrimEnd());
        Assert.Contains($"\n\n{string.Join('\n', layers)}\n\n", page, StringComparison.Ordinal);
        Assert.Contains($"\n```mermaid\n{spec.Mermaid(inputs)}```\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_numeric_columns_are_their_components()
    {
        using var bench = new Workbench();
        EquatableArray<NumericEncoding> both = [NumericEncoding.Standardise, NumericEncoding.PiecewiseLinear(2)];
        var encode = new ColumnEncoding("x0", [NumericEncoding.PiecewiseLinear(2), NumericEncoding.Log1p]);
        Save(bench, Made(Synthetic.Descriptor, Mmoe(Synthetic.Descriptor), encode: [encode, new(ColumnEncoding.Others, both)]));

        var inputs = JsonOf(bench, "c.safetensors").GetProperty("inputs");
        var features = inputs.GetProperty("features").GetInt32();

        Assert.Equal(features, inputs.GetProperty("columns").EnumerateArray().Sum(column => column.GetProperty("features").GetInt32()));
        Assert.Contains($"{features} features: {features} numeric", bench.Run("inspect", "c.safetensors").Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--split", "test")]
    [InlineData("--data", ".")]
    public void Rows_are_of_no_use_to_a_model_without_gates(string option, string value)
    {
        using var bench = new Workbench();
        var dataset = Synthetic.Descriptor;
        Save(bench, Made(dataset, ModelFamilies.SharedBottom(dataset.Tasks, new Dense(4, Activation.ReLU), Network.Identity)));

        Assert.Equal(
            new Outcome(2, "", $"{option}: the model has no gates that look at rows; leave it out\n"),
            bench.Run("inspect", "c.safetensors", option, value));
    }

    [Fact]
    public void Help_names_every_option()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("inspect", "--help");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.All(
            ["RUN|CHECKPOINT", "--data <DIR|FILE>", "--split <SPLIT>", "--png <FILE>", "--mermaid", "--json"],
            text => Assert.Contains(text, outcome.Out, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_run_is_its_best_average_with_the_metrics_of_that_epoch()
    {
        using var bench = new Workbench();
        var trained = bench.Run("train", "synthetic", "--epochs", "2", "--set", "train_rows=500", "--out", "run");
        Assert.True(trained.Code == 0, trained.Error);
        var inspected = JsonOf(bench, "run");
        Assert.Equal(Path.Combine("run", "checkpoints", "best-average.safetensors"), inspected.GetProperty("checkpoint").GetString());
        var epoch = inspected.GetProperty("epoch").GetInt32();
        using var line = JsonDocument.Parse(File.ReadAllLines(bench.Path("run", "metrics.jsonl"))[epoch - 1]);
        Assert.Equal(
            line.RootElement.GetProperty("validation").GetProperty("y0").GetProperty("r2").GetDouble(),
            inspected.GetProperty("validation").GetProperty("y0").GetProperty("r2").GetDouble());
        Assert.Equal(1_000, inspected.GetProperty("gateUsage").GetProperty("rows").GetInt32());
    }

    // Two rows whose numbers have the mean ½ and the deviation 2.
    private static InputLayout Fitted(
        DatasetDescriptor dataset, string[]? exclude = null, string? weightBy = null, EquatableArray<ColumnEncoding> encode = default)
    {
        var numbers = dataset.Numerics.Count;
        var table = new EncodedTable(
            dataset,
            2,
            new int[2 * dataset.Categoricals.Count],
            (float[])[.. Enumerable.Repeat(-1.5f, numbers), .. Enumerable.Repeat(2.5f, numbers)],
            new float[2 * dataset.Labels.Count],
            new float[2 * dataset.Weights.Count]);
        return Valid(Valid(InputPlan.Of(dataset, exclude ?? [], weightBy, encode)).Fit(new TrainSplit(table)));
    }

    private static Checkpoint Made(
        DatasetDescriptor dataset,
        ModelSpec spec,
        string[]? exclude = null,
        string? weightBy = null,
        EquatableArray<ColumnEncoding> encode = default)
    {
        var inputs = Fitted(dataset, exclude, weightBy, encode);
        var layout = ParameterLayout.Of(spec, inputs.Width);
        return new(
            SchemaSummary.Of(dataset),
            spec,
            inputs,
            new(dataset.Fingerprint, new(dataset.Tasks.Select(task => new TargetScale(task.Name, 0, 1)))),
            7,
            """{"income":{"auc":0.9,"accuracy":null},"average":0.9}""",
            new(Initialiser.Values(layout, seed: 5).Select(value => value * 2)),
            null)
        {
            Drawn = dataset.Source as SyntheticSource,
        };
    }

    private static void Save(Workbench bench, Checkpoint checkpoint, string name = "c.safetensors") =>
        Valid(checkpoint.Save(bench.Path(name)));

    private static JsonElement JsonOf(Workbench bench, params string[] args)
    {
        var outcome = bench.Run(["inspect", .. args, "--json"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        return JsonDocument.Parse(outcome.Out).RootElement;
    }

    private static JsonElement[] Experts(JsonElement gate) => [.. gate.GetProperty("experts").EnumerateArray()];

    private static string Cell(double value, int width) => value.ToString("0.0000").PadLeft(width);

    // Out of the tensors by their names, in double precision: a code's row of the weight, a number times its row, and the bias.
    private static double[] Logits(Checkpoint checkpoint, EncodedTable table, int row, string gate)
    {
        float[] Tensor(string name)
        {
            var entry = checkpoint.Layout()[name];
            var values = new float[entry.Count];
            entry.CopyFrom(checkpoint.Parameters.AsSpan(), values);
            return values;
        }

        var seen = checkpoint.Inputs.Gathered.Select(i => i.Column).Concat(checkpoint.Inputs.Numerics.Select(i => i.Column)).ToHashSet();
        var (weight, logits) = (Tensor($"{gate}.weight"), Tensor($"{gate}.bias").Select(b => (double)b).ToArray());
        var offset = 0;
        void Add(int input, double factor)
        {
            for (var e = 0; e < logits.Length; e++)
            {
                logits[e] += factor * weight[(input * logits.Length) + e];
            }
        }

        var dataset = table.Descriptor;
        foreach (var feature in dataset.Categoricals.Where(feature => seen.Contains(feature.Name)))
        {
            Add(offset + table.Codes.Span[(row * dataset.Categoricals.Count) + feature.CodeIndex], 1);
            offset += feature.Vocabulary.Count;
        }

        foreach (var feature in dataset.Numerics.Where(feature => seen.Contains(feature.Name)))
        {
            Add(offset++, (table.Numerics.Span[(row * dataset.Numerics.Count) + feature.NumericIndex] - 0.5) / 2);
        }

        return logits;
    }

    private static double[] Softmax(double[] logits)
    {
        var exponentials = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }

    private static HeatMapPanel Panel(string title, string[] rows, string[] columns, Func<string, string, double?> value) => new(
        title, new(rows.AsSpan()), new(columns.AsSpan()), new(rows.SelectMany(row => columns.Select(column => value(row, column)))));

    private static void AssertPicture(string path, HeatMap expected) => AssertPicture(File.ReadAllBytes(path), expected);

    /// <summary>A PNG of the map's size, whose cells are the darker the greater their values, and grey where there is none.</summary>
    private static void AssertPicture(byte[] png, HeatMap expected)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a], png[..8]);
        using var bitmap = SKBitmap.Decode(png);
        Assert.Equal((expected.Width, expected.Height), (bitmap.Width, bitmap.Height));
        var cells = expected.Panels.Index().SelectMany(panel => panel.Item.Values.Index().Select(value =>
        {
            // Above the number, below the frame.
            var cell = expected.Cell(panel.Index, value.Index / panel.Item.Columns.Count, value.Index % panel.Item.Columns.Count);
            return (value.Item, Colour: bitmap.GetPixel(cell.MidX, cell.Top + 4));
        })).ToArray();
        Assert.All(cells.Where(cell => cell.Item is null), cell => Assert.Equal(new SKColor(0xe4, 0xe4, 0xe4), cell.Colour));
        var valued = cells.Where(cell => cell.Item is not null).OrderBy(cell => cell.Item).ToArray();
        foreach (var (less, more) in valued.Zip(valued.Skip(1)))
        {
            Assert.True(
                Luminance(less.Colour) > Luminance(more.Colour) || more.Item - less.Item < 0.004,
                $"{less.Item} is {less.Colour}, {more.Item} is {more.Colour}");
        }

        Assert.True(Luminance(valued[^1].Colour) < 50, $"the greatest value is {valued[^1].Colour}");

        // Something is written above the frame: text needs a font.
        var above = Enumerable.Range(0, (expected.Cell(0, 0, 0).Top - 2) * bitmap.Width);
        Assert.Contains(above, i => bitmap.GetPixel(i % bitmap.Width, i / bitmap.Width).Red < 128);

        static double Luminance(SKColor colour) => (0.2126 * colour.Red) + (0.7152 * colour.Green) + (0.0722 * colour.Blue);
    }

    private static T Valid<T>(Validation<Fault, T> validation) =>
        validation.IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));

    private static void Fails(Outcome outcome, int code, params string[] says)
    {
        Assert.Equal("", outcome.Out);
        var line = Assert.Single(outcome.ErrorLines);
        Assert.All(says, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.StartsWith(says[0], line, StringComparison.Ordinal);
        Assert.Equal(code, outcome.Code);
    }
}
