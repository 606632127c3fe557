using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelTextTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Loans.Tasks;

    [Property]
    public void The_counts_add_up_to_the_total_and_names_are_all_there(ModelCase model)
    {
        var lines = model.Spec.Describe(model.Inputs).Split('\n');
        var counts = lines[1..^1].Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..].Replace(",", "", StringComparison.Ordinal)));

        Assert.Equal("", lines[^1]);
        Assert.StartsWith("total ", lines[^2], StringComparison.Ordinal);
        Assert.Equal(2 * model.Layout.ParameterCount, counts.Sum());
        Assert.Single(lines[..^1].Select(line => line.Length).Distinct());
    }

    [Fact]
    public void Mmoe() => Expect(
        ModelFamilies.Mmoe(Tasks, 8, Samples.Relu(4), Samples.Relu(8)),
        """
        part              layer                 parameters
        experts 0-7       dense 7 → 4 relu             256
        gates t0, t1, t2  dense 7 → 8 softmax          192
        tower t0          dense 4 → 8 relu              40
                          dense 8 → 1 sigmoid            9
        tower t1          dense 4 → 8 relu              40
                          dense 8 → 3 softmax           27
        tower t2          dense 4 → 8 relu              40
                          dense 8 → 1 identity           9
        total                                          613

        """);

    [Fact]
    public void Cgc() => Expect(
        ModelFamilies.Cgc(new(Tasks.Take(1)), 1, 1, Samples.Relu(4), Network.Identity),
        """
        text
        """);

    [Fact]
    public void Ple_of_two_levels() => Expect(
        ModelFamilies.Ple(new(Tasks.Take(2)), 2, 1, 1, Samples.Relu(4), Network.Identity, new SoftmaxGate(TopK: 1, Temperature: 0.5)),
        """
        text
        """);

    [Fact]
    public void Cross_stitch() => Expect(
        ModelFamilies.CrossStitch(Tasks, [Samples.Relu(4), Samples.Relu(3)], Network.Identity) with { Weighting = new UncertaintyWeighting() },
        """
        text
        """);

    [Fact]
    public void Single_task() => Expect(
        ModelFamilies.SingleTask(Tasks, Samples.Relu(4, 2), Network.Identity),
        """
        text
        """);

    [Fact]
    public void Every_kind_of_layer()
    {
        var block = new Residual(new LayerNorm() >> new Dense(4, Activation.GELU, HasBias: false) >> new Dropout(0.25));
        var gate = new SoftmaxGate(HasBias: false) { Hidden = new Dense(3, Activation.Tanh) };
        Expect(
            ModelFamilies.Mmoe(
                new(Tasks.Take(1)),
                2,
                new Dense(4, Activation.Identity) >> new LayerNorm() >> new Activate(Activation.SiLU) >> new Dropout(0.1) >> block,
                Network.Identity,
                gate),
            """
            text
            """);
    }

    [Fact]
    public void Towers_on_the_input_and_stitches_of_different_counts()
    {
        var level = new Level(
            [new Expert("a", Samples.Relu(4)), new Expert("b", Samples.Relu(4)), new Expert("c", Samples.Relu(2))],
            [
                new Mixture("x", ["a", "b"], new StitchGate([1, 0])), new Mixture("y", ["c"], new StitchGate([1])),
                new Mixture("z", ["b", "a"], new StitchGate([1, 0])),
            ]);
        Expect(
            level >> [.. ModelFamilies.Towers(Tasks, Network.Identity, "input")],
            """
            text
            """);
    }

    private static void Expect(ModelSpec spec, string text) => Assert.Equal(
        text.ReplaceLineEndings("\n"), spec.Describe(Samples.Valid(InputLayout.Of(Samples.Loans, [], null))));
}
