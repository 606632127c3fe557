using System.Text;
using FsCheck;
using FsCheck.Xunit;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;

namespace Mmoe.Training.Tests;

/// <summary>Configuration files: what is read from them, and what is wrong with them, all at once and each in its place.</summary>
public sealed class ConfigFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-").FullName;

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Fact]
    public void Keys_have_scalars_lists_of_either_style_and_mappings_of_names()
    {
        var config = Effective(
            """
            %YAML 1.2
            ---
            dataset: adult            # what the command names, again
            num_features: 100
            "model": 'cgc'
            num_experts: 6
            units: [16, 8]
            tower_units:
            - 4
            - 2
            dropout: .5
            learning_rate: 1e-3
            save_checkpoint: False
            seed: -007
            top_k: default
            gate_bias: 'default'
            exclude: [race, "sex"]
            encode: {age: log1p+quantile:16, '*': piecewise-linear:8}
            task_weights:
              income: 2
              never_married: 0.5
            positive_weight: [income:3]
            freeze: []
            weight_by: >-
              fnlwgt
            ...
            """).AssertSuccess();
        var defaults = TrainingConfig.DefaultsOf(Adult.Descriptor, DeviceNames.Cpu);
        Assert.Equal(
            defaults with
            {
                Model = "cgc",
                Parameters = defaults.Parameters with
                {
                    NumExperts = 6,
                    Units = new([16, 8]),
                    TowerUnits = new([4, 2]),
                    LearningRate = 0.001,
                    SaveCheckpoint = false,
                    Seed = -7,
                },
                Options = defaults.Options with
                {
                    Dropout = 0.5,
                    TaskWeights = new([new("income", 2), new("never_married", 0.5)]),
                    PositiveWeight = new([new("income", 3)]),
                },
                Exclude = new(["race", "sex"]),
                Encode = new([
                    new("age", new([NumericEncoding.Log1p, NumericEncoding.Quantile(16)])),
                    new("*", new([NumericEncoding.PiecewiseLinear(8)])),
                ]),
                WeightBy = "fnlwgt",
            },
            config);
    }

    [Fact]
    public void Json_is_yaml_too() => Assert.Equal(
        Effective("units: [4, 8]\nmodel: ple\ntask_weights: [income:2]").AssertSuccess(),
        Effective("""{"units": [4, 8], "model": "ple", "task_weights": {"income": 2}}""").AssertSuccess());

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# units: [4]\n")]
    [InlineData("---\n")]
    [InlineData("--- # nothing\n...\n")]
    [InlineData("{}")]
    public void A_file_that_sets_nothing_gives_the_defaults(string text) =>
        Assert.Equal(TrainingConfig.DefaultsOf(Adult.Descriptor, DeviceNames.Cpu), Effective(text).AssertSuccess());

    [Fact]
    public void All_that_is_wrong_is_told_at_once_in_its_place() => Assert.Equal(
        [
            "c.yaml:1:10: dataset: 'adlut' is not the dataset that is asked for; it is 'adult': leave the key out, or correct it",
            "c.yaml:2:1: unknown key 'learning_rat'; did you mean 'learning_rate'?",
            "c.yaml:3:14: num_experts: '0x10' is not a whole number; write 16",
            "c.yaml:4:8: units: 0 is out of range; give whole numbers from 1 to 65536, separated by commas",
            "c.yaml:4:8: units: 'x' is not a whole number; give whole numbers from 1 to 65536, separated by commas",
            "c.yaml:5:1: 'num_experts' stands twice; keep one; the other is at c.yaml:3:1",
            "c.yaml:6:6: 'seed' has no value; give one, or leave the key out",
            "c.yaml:7:13: 'batch_size' has the anchor '&b'; the configuration takes no anchors, aliases and tags: write the value itself",
            "c.yaml:8:13: 'epoch_size' has the alias '*b'; the configuration takes no anchors, aliases and tags: write the value itself, in "
                + "quotation marks if it starts with a star",
            "c.yaml:9:18: save_checkpoint: 'yes' is neither true nor false; write true",
            "c.yaml:10:1: unknown key 'zebra_settings'; keys stand on one level: write those below it without it",
            "c.yaml:13:3: 'tower_units' has a mapping; keys stand on one level: give it a value, or a list in brackets",
            "c.yaml:14:14: correlation: adult reads files; correlation belongs to datasets that are drawn on the spot",
        ],
        Faults(
            """
            dataset: adlut
            learning_rat: 0.1
            num_experts: 0x10
            units: [0, x]
            num_experts: 3
            seed:
            batch_size: &b 32
            epoch_size: *b
            save_checkpoint: yes
            zebra_settings:
              batch_size: 1
            tower_units:
              first: 8
            correlation: 0.5
            """));

    [Theory]
    [InlineData("units: [4, [8]]", "1:12: 'units' has a list or a mapping within a list or a mapping; one level of brackets is all there is")]
    [InlineData("task_weights: {income: {a: 1}}", "1:24: 'task_weights' has a list or a mapping within a list or a mapping; one level of brackets is all there is")]
    [InlineData("seed: ~", "1:7: 'seed' has no value; give one, or leave the key out")]
    [InlineData("seed: null", "1:7: 'seed' has no value; give one, or leave the key out")]
    [InlineData("seed: 'null'", "1:7: seed: 'null' is not a whole number")]
    [InlineData("seed: !!int 5", "1:7: 'seed' has the tag 'tag:yaml.org,2002:int'; the configuration takes no anchors, aliases and tags: write the value itself")]
    [InlineData("seed: ! 5", "1:7: 'seed' has the tag '!'; the configuration takes no anchors, aliases and tags: write the value itself")]
    [InlineData("exclude: [*race]", "1:11: 'exclude' has the alias '*race'; the configuration takes no anchors, aliases and tags: write the value itself, in quotation marks if it starts with a star")]
    [InlineData("exclude: [race, ]\nunits: ['']", "2:9: an element of 'units' is empty; take it out")]
    [InlineData("exclude: ['race,sex']", "1:11: an element of 'exclude' holds a comma: 'race,sex'; make elements of its parts; none can hold a comma")]
    [InlineData("exclude: [~]", "1:11: 'exclude' has no value; give one, or leave the key out")]
    [InlineData("num_experts: [8]", "1:14: num_experts: '[8]' is not a whole number")]
    [InlineData("&k seed: 5", "1:1: a key has the anchor '&k'; the configuration takes no anchors, aliases and tags: write the value itself")]
    [InlineData("Seed: 5", "1:1: unknown key 'Seed'; did you mean 'seed'?")]
    [InlineData("seed: 0o17", "1:7: seed: '0o17' is not a whole number; write 15")]
    [InlineData("seed: 1_000", "1:7: seed: '1_000' is not a whole number; write 1000")]
    [InlineData("seed: 1e3", "1:7: seed: '1e3' is not a whole number")]
    [InlineData("learning_rate: .nan", "1:16: learning_rate: '.nan' is not a number")]
    [InlineData("learning_rate: -.inf", "1:16: learning_rate: '-.inf' is not a number")]
    [InlineData("learning_rate: 1_0.5", "1:16: learning_rate: '1_0.5' is not a number; write 10.5")]
    [InlineData("layer_norm: off", "1:13: layer_norm: 'off' is neither true nor false; write false")]
    [InlineData("model: |\n  mmo\n", "1:8: model: unknown model 'mmo'; did you mean 'mmoe'?")]
    [InlineData("model: \"\\e[31m\"", "1:8: model: unknown model '\uFFFD[31m'; available are mmoe, single-task, shared-bottom, one-gate, cgc, ple, cross-stitch")]
    [InlineData("num_features: 499", "1:15: num_features: 499 is not the schema's number of features; it is 100: leave the key out, or correct it")]
    [InlineData("schedule: constant\nschedule: constant", "2:1: 'schedule' stands twice; keep one; the other is at c.yaml:1:1")]
    public void One_fault_is_one_line(string text, string says) => Assert.Equal([$"c.yaml:{says}"], Faults(text));

    [Theory]
    [InlineData("seed: 1\n---\nseed: 2", "2:1: a second document starts here; keep one: a configuration is one")]
    [InlineData("- seed: 1", "1:1: the file holds a list, and no keys; write lines of the form 'key: value', with a blank after the colon")]
    [InlineData("seed:1", "1:1: the file holds a text, and no keys; write lines of the form 'key: value', with a blank after the colon")]
    [InlineData("--- !!map\nseed: 1", "1:5: the file has the tag 'tag:yaml.org,2002:map'; the configuration takes no anchors, aliases and tags: write the value itself")]
    [InlineData("? [a, b]\n: 1\nsed: 1", "1:3: a key is a text, and this is a list or a mapping; write lines of the form 'key: value'")]
    [InlineData("*k : 1", "1:1: a key has the alias '*k'; the configuration takes no anchors, aliases and tags: write the value itself, in quotation marks if it starts with a star")]
    [InlineData("seed: 1\n  threads: 2", "2:10: this is no YAML: while scanning a plain scalar value, found invalid mapping; a key stands in a line of its own, as far to the right as the others, a blank after its colon; quote a text that holds ': '")]
    [InlineData("model: 'mmoe\n", "1:8: this is no YAML: while scanning a quoted scalar, found unexpected end of stream; close the quotation marks")]
    [InlineData("model: @mmoe\n", "1:8: this is no YAML: while scanning for the next token, found character that cannot start any token; quote a text that starts with a sign; indent by blanks")]
    [InlineData("units: [1, 2\nseed: 3\n", "1:9: what follows here is no YAML; look for brackets and quotation marks that are not closed, and for signs after those that are")]
    [InlineData("seed: 1\nunits: [2]*a\nthreads: 1", "2:11: a key has the alias '*a'; the configuration takes no anchors, aliases and tags: write the value itself, in quotation marks if it starts with a star")]
    [InlineData("seed: !<::> 1", "1:1: what follows here is no YAML; look for brackets and quotation marks that are not closed, and for signs after those that are")]
    [InlineData("model: \"\\uD83D\\u0041\"", "1:1: what follows here is no YAML; look for brackets and quotation marks that are not closed, and for signs after those that are")]
    [InlineData("seed: 1\nmodel: m\0moe\n", "2:9: a control character, U+0000, which YAML does not allow; take it out")]
    [InlineData("seed: 1\nx\u001b[31m: 2\n", "2:2: a control character, U+001B, which YAML does not allow; take it out")]
    public void What_is_no_mapping_of_keys_is_one_line_too(string text, string says) => Assert.Equal([$"c.yaml:{says}"], Faults(text));

    [Fact]
    public void What_comes_before_an_error_of_syntax_is_told_with_it() => Assert.Equal(
        ["c.yaml:1:1: unknown key 'sed'; did you mean 'seed'?", "c.yaml:2:6: 'seed' has no value; give one, or leave the key out", "c.yaml:3:8"],
        Faults("sed: 1\nseed:\nmodel: 'mmoe").Select((line, i) => i < 2 ? line : line.Split(": ")[0]));

    [Fact]
    public void A_long_value_is_told_of_in_a_short_line()
    {
        var line = Assert.Single(Faults($"seed: {new string('x', 100_000)}"));
        Assert.InRange(line.Length, 300, 500);
        Assert.EndsWith("x…", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "[")]
    [InlineData("", "{a: ")]
    [InlineData("", "[\n")]
    [InlineData("", "- ")]
    [InlineData("units: ", "[")]
    [InlineData("task_weights: {income: ", "[")]
    [InlineData("x: ", "{a: ")]
    public void Deep_nesting_is_refused_before_it_takes_time_or_stack(string start, string opening)
    {
        var says = Faults(start + string.Concat(Enumerable.Repeat(opening, 200_000)))[^1];
        Assert.EndsWith(": more than 64 levels of lists and mappings; keys stand on one level", says, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_well_formed_device_of_all_layers_decides_the_defaults()
    {
        static TrainingConfig Of(params (string Key, string Text)[] entries) => ConfigLayers.Effective(
            Adult.Descriptor,
            ModelFamilyRegistry.BuiltIn,
            entries.Select(e => new ConfigEntry(e.Key, Prelude.Success<Fault, string>(e.Text), e.Key)).ToSeq()).AssertSuccess();
        var (cpu, gpu) = (Adult.Descriptor.Training.Cpu, Adult.Descriptor.Training.Gpu);
        Assert.NotEqual(cpu, gpu);
        Assert.Equal(cpu, Of().Parameters);
        Assert.Equal(gpu, Of(("device", "cuda:1")).Parameters);
        Assert.Equal(cpu, Of(("device", "cuda"), ("device", "cpu")).Parameters);
        Assert.Equal(gpu with { EpochSize = 7 }, Of(("epoch_size", "7"), ("device", "cuda")).Parameters);
        Assert.Equal(9, Of(("epoch_size", "7"), ("epoch_size", "9")).Parameters.EpochSize);
    }

    [Fact]
    public void A_file_is_read_with_or_without_a_byte_order_mark()
    {
        foreach (var mark in (bool[])[false, true])
        {
            var path = this.Write($"{mark}.yaml", [.. mark ? Encoding.UTF8.Preamble : default, .. "exclude: [größe]\r\nseed: x\r\n"u8]);
            var entries = ConfigFile.Read(path, "c.yaml").AssertSuccess();
            Assert.Equal(["[größe]", "x"], entries.Map(entry => entry.Text.AssertSuccess()).ToArray());
            Assert.Equal(new FileLocation("c.yaml", 2, 7), entries[1].At);
        }
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        string Says(string path) => ConfigFile.Read(path).AssertFault().ToString();
        Assert.Equal($"{this.folder}: this is a folder; name a file in it", Says(this.folder));
        var missing = Path.Combine(this.folder, "no.yaml");
        Assert.Equal($"{missing}: there is no such file; name a YAML file of keys and values", Says(missing));
        var latin = this.Write("latin.yaml", [.. "seed: 1\nexclude: [gr"u8, 0xF6, .. "]"u8]);
        Assert.Equal($"{latin}:2:13: this is not UTF-8; save the file as UTF-8", Says(latin));
        var wide = this.Write("wide.yaml", Encoding.Unicode.GetPreamble());
        Assert.Equal($"{wide}:1:1: this is not UTF-8; save the file as UTF-8", Says(wide));
        var most = this.Write("most.yaml", [.. Enumerable.Repeat((byte)'#', ConfigFile.MaxBytes)]);
        Assert.Empty(ConfigFile.Read(most).AssertSuccess());
        var large = this.Write("large.yaml", [.. Enumerable.Repeat((byte)'#', ConfigFile.MaxBytes + 1)]);
        Assert.Equal($"{large}: has more than 1048576 bytes; this is no configuration", Says(large));
        Assert.Equal(FaultKind.Usage, ConfigFile.Read(large).AssertFault().Kind);
    }

    [Property(MaxTest = 3000)]
    public void A_mutated_file_gives_a_configuration_or_faults_in_their_places(DoNotSize<int> seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed.Item, "mutation");
        var text = RunFiles.ConfigText(ConfigDraw.Of(Adult.Descriptor, seed.Item));
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", ": ", "\"", "'", "- ", "? ", "&a ", "*a", "!!str ", "#", "|", ">", "\n", "\n  ", "\t", "---\n", "%", "~",
            "\0", "\u0085", "\u2028", "\\x", "😀", "seed: 1\n",
        ];
        for (var changes = 1 + random.NextInt32(4); changes > 0; changes--)
        {
            var at = random.NextInt32(text.Length);
            text = text[..at] + pieces[random.NextInt32(pieces.Length)] + text[Math.Min(text.Length, at + random.NextInt32(4))..];
        }

        foreach (var fault in Effective(text).Match(_ => Prelude.Seq<Fault>(), faults => faults))
        {
            Assert.Equal("c.yaml", fault.Where!.File);
            Assert.InRange(fault.Where.Line, 1, text.Length + 1);
            Assert.InRange(fault.Where.Column, 1, text.Length + 1);
            Assert.DoesNotContain(fault.ToString(), char.IsControl);
        }
    }

    private static Validation<Fault, TrainingConfig> Effective(string text) => ConfigFile.Parse(text, "c.yaml")
        .Bind(entries => ConfigLayers.Effective(Adult.Descriptor, ModelFamilyRegistry.BuiltIn, entries));

    private static string[] Faults(string text) => [.. Effective(text).AssertFaults().Select(fault => fault.ToString())];

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(this.folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
