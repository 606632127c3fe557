using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelSpecJsonTests
{
    private static readonly ModelSpec Everything = new(
        new Level(
            [
                new Expert(
                    "a",
                    new Dense(4, Activation.GELU, HasBias: false) >> new LayerNorm() >> new Activate(Activation.SiLU) >> new Dropout(0.1)
                        >> new Residual(new Dense(4, Activation.Tanh))),
            ],
            [
                new Mixture("p", ["a"], new PassGate()), new Mixture("s", ["a"], new StitchGate([0.25f])),
                new Mixture(
                    "g", ["a"], new SoftmaxGate(HasBias: false, Temperature: 0.5, TopK: 1) { Hidden = new Dense(2, Activation.Identity) }),
            ]),
        [new Tower("t2", Network.Identity, new RegressionHead(1.5), "g")])
    {
        Weighting = new FixedWeighting([new("t2", 0.5)]),
        Frozen = ["experts.a"],
    };

    [Property(MaxTest = 500)]
    public void A_spec_survives_json(ModelCase model) =>
        Assert.Equal(model.Spec, Samples.Valid(ModelSpecJson.Read(ModelSpecJson.Write(model.Spec))));

    [Property(MaxTest = 2000)]
    public void A_mutated_text_gives_a_spec_or_faults_and_what_is_read_is_checked(ModelCase model, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, "mutation");
        var text = ModelSpecJson.Write(model.Spec);
        for (var changes = 1 + random.NextInt32(3); changes > 0; changes--)
        {
            string[] pieces = ["{", "}", "[", "]", ",", ":", "\"", "-", "1e99", "2147483647", "0", "null", "true", "\\ud800", "input", ""];
            var at = random.NextInt32(text.Length);
            text = text[..at] + pieces[random.NextInt32(pieces.Length)] + text[Math.Min(text.Length, at + random.NextInt32(4))..];
        }

        ModelSpecJson.Read(text).Match(
            spec => Assert.All(Samples.Faults(spec.Check(model.Inputs, model.Dataset.Tasks)), Assert.NotEmpty),
            faults => Assert.All(
                faults, fault => Assert.StartsWith("the model spec cannot be read: ", fault.What, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_text_of_an_mmoe_is_stable() => Assert.Equal(
        """{"levels":[{"experts":[{"name":"0","reads":"input","network":[{"dense":4,"activation":"relu"}]}],"mixtures":["""
        + """{"stream":"t0","experts":["0"],"gate":{"kind":"softmax","reads":"input","hidden":[],"bias":true,"temperature":1}},"""
        + """{"stream":"t1","experts":["0"],"gate":{"kind":"softmax","reads":"input","hidden":[],"bias":true,"temperature":1}}]}]"""
        + ""","towers":[{"task":"t0","reads":"t0","hidden":[],"head":{"kind":"binary","positive_weight":1,"label_smoothing":0}},"""
        + """{"task":"t1","reads":"t1","hidden":[],"head":{"kind":"multiclass","classes":3,"label_smoothing":0}}]"""
        + ""","weighting":{"kind":"fixed","weights":[]},"frozen":[]}""",
        ModelSpecJson.Write(ModelFamilies.Mmoe(new(Samples.Loans.Tasks.Take(2)), 1, Samples.Relu(4), Network.Identity)));

    [Fact]
    public void The_text_of_a_spec_with_everything_is_stable() => Assert.Equal(
        """{"levels":[{"experts":[{"name":"a","reads":"input","network":[{"dense":4,"activation":"gelu","bias":false},"""
        + """{"layer_norm":1E-05},{"activate":"silu"},{"dropout":0.1},{"residual":[{"dense":4,"activation":"tanh"}]}]}],"mixtures":["""
        + """{"stream":"p","experts":["a"],"gate":{"kind":"pass"}},"""
        + """{"stream":"s","experts":["a"],"gate":{"kind":"stitch","initial":[0.25]}},"""
        + """{"stream":"g","experts":["a"],"gate":{"kind":"softmax","reads":"input","hidden":[{"dense":2,"activation":"identity"}]"""
        + ""","bias":false,"temperature":0.5,"top_k":1}}]}],"towers":["""
        + """{"task":"t2","reads":"g","hidden":[],"head":{"kind":"regression","huber_delta":1.5}}]"""
        + ""","weighting":{"kind":"fixed","weights":[{"task":"t2","weight":0.5}]},"frozen":["experts.a"]}""",
        ModelSpecJson.Write(Everything));

    [Theory]
    [InlineData("uncertainty", typeof(UncertaintyWeighting))]
    [InlineData("pcgrad", typeof(PcGradWeighting))]
    public void Weightings_are_named(string name, Type weighting) => Assert.IsType(
        weighting,
        Samples.Valid(ModelSpecJson.Read($$$"""{"levels":[],"towers":[],"weighting":{"kind":"{{{name}}}"}}""")).Weighting);

    [Fact]
    public void What_is_at_its_default_may_be_left_out() => Assert.Equal(
        new Level(
            [new Expert("0", new Dense(4, Activation.ReLU), "input")],
            [new Mixture("y", ["0"], new SoftmaxGate("input", HasBias: true, Temperature: 1, TopK: null))])
            >> [new("y", Network.Identity, new BinaryHead(1, 0), "y"), new("z", Network.Identity, new RegressionHead(null), "y")],
        Samples.Valid(ModelSpecJson.Read(
            """{"levels":[{"experts":[{"name":"0","network":[{"dense":4,"activation":"relu"}]}],"mixtures":["""
            + """{"stream":"y","experts":["0"],"gate":{"kind":"softmax"}}]}],"towers":["""
            + """{"task":"y","reads":"y","hidden":[],"head":{"kind":"binary"}},"""
            + """{"task":"z","reads":"y","hidden":[],"head":{"kind":"regression"}}]}""")));

    [Theory]
    [InlineData("[]", "expected Object, found Array")]
    [InlineData("{}", "'levels' is missing")]
    [InlineData("""{"levels":[]}""", "'towers' is missing")]
    [InlineData("""{"levels":[{"mixtures":[]}],"towers":[]}""", "'experts' is missing")]
    [InlineData("""{"levels":[{"experts":[]}],"towers":[]}""", "'mixtures' is missing")]
    [InlineData("""{"levels":[{"experts":[{"network":[]}],"mixtures":[]}],"towers":[]}""", "'name' is missing")]
    [InlineData("""{"levels":[],"towers":[{"task":"y","hidden":[],"head":{"kind":"binary"}}]}""", "'reads' is missing")]
    [InlineData(
        """{"levels":[],"towers":[{"task":"y","reads":"input","hidden":[],"head":{"kind":"ranking"}}]}""", "there is no head 'ranking'")]
    [InlineData(
        """{"levels":[],"towers":[{"task":"y","reads":"input","hidden":[],"head":{"kind":"multiclass"}}]}""", "'classes' is missing")]
    [InlineData("""{"levels":[],"towers":[],"weighting":{"kind":"gradnorm"}}""", "there is no weighting 'gradnorm'")]
    [InlineData("""{"levels":[],"towers":[],"weighting":{"kind":"fixed"}}""", "'weights' is missing")]
    [InlineData(
        """{"levels":[],"towers":[],"weighting":{"kind":"fixed","weights":[{"task":"y","weight":1e999}]}}""", "1e999 is no finite number")]
    [InlineData("""{"levels":[],"towers":[],"frozen":[1]}""", "expected String, found Number")]
    public void Json_that_is_no_spec_is_a_fault(string json, string fault) => AssertFault(json, fault);

    [Theory]
    [InlineData("""{"dense":4.5,"activation":"relu"}""", "4.5 is not an integer of 64 bits")]
    [InlineData("""{"dense":99999999999,"activation":"relu"}""", "99999999999 is not an integer of 32 bits")]
    [InlineData("""{"dense":4}""", "'activation' is missing")]
    [InlineData("""{"dense":4,"activation":"relu6"}""", "there is no activation 'relu6'")]
    [InlineData("""{"dense":4,"activation":"relu","bias":1}""", "expected True or False, found Number")]
    [InlineData("""{"activate":"relu6"}""", "there is no activation 'relu6'")]
    [InlineData("""{"dropout":"0.1"}""", "expected Number, found String")]
    [InlineData("""{"layer_norm":1e999}""", "1e999 is no finite number")]
    [InlineData("""{"residual":{}}""", "expected Array, found Object")]
    [InlineData("""{"conv":3}""", "a layer is none of dense, activate, dropout, layer_norm and residual")]
    [InlineData("""{"dense":4,"activation":"relu","residual":[]}""", "a layer is both dense and residual")]
    [InlineData("7", "expected Object, found Number")]
    public void Json_that_is_no_layer_is_a_fault(string layer, string fault) =>
        AssertFault($$"""{"levels":[{"experts":[{"name":"0","network":[{{layer}}]}],"mixtures":[]}],"towers":[]}""", fault);

    [Theory]
    [InlineData("""{"kind":"noisy"}""", "there is no gate 'noisy'")]
    [InlineData("""{"kind":"stitch"}""", "'initial' is missing")]
    [InlineData("""{"kind":"stitch","initial":[1e39]}""", "1e39 is no finite number")]
    [InlineData("""{"kind":"softmax","top_k":1.5}""", "1.5 is not an integer of 64 bits")]
    [InlineData("""{"kind":"softmax","hidden":{}}""", "expected Array, found Object")]
    [InlineData("{}", "'kind' is missing")]
    public void Json_that_is_no_gate_is_a_fault(string gate, string fault) =>
        AssertFault($$$"""{"levels":[{"experts":[],"mixtures":[{"stream":"y","experts":["0"],"gate":{{{gate}}}}]}],"towers":[]}""", fault);

    [Theory]
    [InlineData("")]
    [InlineData("""{"levels":[],"levels":[],"towers":[]}""")]
    [InlineData("""{"levels":[],"towers":[],"frozen":["\ud800"]}""")]
    public void Text_that_is_no_json_is_a_fault(string json) => Assert.StartsWith(
        "the model spec cannot be read: ", Samples.TheFault(ModelSpecJson.Read(json)).What, StringComparison.Ordinal);

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(28, false)]
    [InlineData(100_000, false)]
    public void Residuals_within_each_other_are_read_as_deep_as_is_drawn(int count, bool fits)
    {
        var network = """{"dense":4,"activation":"relu"},"""
            + string.Concat(Enumerable.Repeat("""{"residual":[""", count)) + string.Concat(Enumerable.Repeat("]}", count));
        var read = ModelSpecJson.Read(
            $$"""{"levels":[{"experts":[{"name":"0","network":[{{network}}]}]"""
            + ""","mixtures":[{"stream":"s","experts":["0"],"gate":{"kind":"pass"}}]}]"""
            + ""","towers":[{"task":"t0","reads":"s","hidden":[],"head":{"kind":"binary"}}]}""");
        var dataset = Samples.Dataset([3], 1, [0]);

        Assert.Equal(fits, read.Bind(spec => spec.Check(Samples.Layout(dataset), dataset.Tasks)).IsSuccess);
    }

    private static void AssertFault(string json, string fault) =>
        Assert.Equal($"the model spec cannot be read: {fault}", Samples.TheFault(ModelSpecJson.Read(json)).What);
}
