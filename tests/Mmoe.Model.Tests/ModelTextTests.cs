using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelTextTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Loans.Tasks;

    [Property]
    public void The_counts_add_up_to_the_total_that_the_layout_has(ModelCase model)
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
        part                    layer                parameters
        experts t0.0, shared.0  dense 7 → 4 relu             64
        gate t0                 dense 7 → 2 softmax          16
        tower t0                dense 4 → 1 sigmoid           5
        total                                                85

        """);

    [Fact]
    public void Ple_of_two_levels() => Expect(
        ModelFamilies.Ple(new(Tasks.Take(2)), 2, 1, 1, Samples.Relu(4), Network.Identity, new SoftmaxGate(TopK: 1, Temperature: 0.5)),
        """
        part                                  layer                                        parameters
        level 0 experts t0.0, t1.0, shared.0  dense 7 → 4 relu                                     96
        level 0 gates t0, t1                  dense 7 → 2 softmax, top 1, temperature 0.5          32
        level 0 gate shared                   dense 7 → 3 softmax, top 1, temperature 0.5          24
        level 1 experts t0.0, t1.0, shared.0  dense 4 → 4 relu                                     60
        level 1 gates t0, t1                  dense 4 → 2 softmax, top 1, temperature 0.5          20
        tower t0                              dense 4 → 1 sigmoid                                   5
        tower t1                              dense 4 → 3 softmax                                  15
        total                                                                                     252

        """);

    [Fact]
    public void Cross_stitch() => Expect(
        ModelFamilies.CrossStitch(Tasks, [Samples.Relu(4), Samples.Relu(3)], Network.Identity) with
        {
            Weighting = new UncertaintyWeighting(),
        },
        """
        part                         layer                  parameters
        level 0 experts t0, t1, t2   dense 7 → 4 relu               96
        level 0 stitches t0, t1, t2  3 weights                       9
        level 1 experts t0, t1, t2   dense 4 → 3 relu               45
        level 1 stitches t0, t1, t2  3 weights                       9
        tower t0                     dense 3 → 1 sigmoid             4
        tower t1                     dense 3 → 3 softmax            12
        tower t2                     dense 3 → 1 identity            4
        weighting                    log variance per task           3
        total                                                      182

        """);

    [Fact]
    public void Single_task() => Expect(
        ModelFamilies.SingleTask(Tasks, Samples.Relu(4, 2), Network.Identity),
        """
        part                layer                 parameters
        experts t0, t1, t2  dense 7 → 4 relu              96
                            dense 4 → 2 relu              30
        tower t0            dense 2 → 1 sigmoid            3
        tower t1            dense 2 → 3 softmax            9
        tower t2            dense 2 → 1 identity           3
        total                                            141

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
            part          layer                                                      parameters
            experts 0, 1  dense 7 → 4 identity                                               64
                          layer norm                                                         16
                          silu                                                                0
                          dropout 0.1                                                         0
                          x + (layer norm, dense 4 → 4 gelu, no bias, dropout 0.25)          48
            gate t0       dense 7 → 3 tanh                                                   24
                          dense 3 → 2 softmax, no bias                                        6
            tower t0      dense 4 → 1 sigmoid                                                 5
            total                                                                           163

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
            part           layer                 parameters
            experts a, b   dense 7 → 4 relu              64
            expert c       dense 7 → 2 relu              16
            stitches x, z  2 weights                      4
            stitch y       1 weight                       1
            tower t0       dense 7 → 1 sigmoid            8
            tower t1       dense 7 → 3 softmax           24
            tower t2       dense 7 → 1 identity           8
            total                                       125

            """);
    }

    [Fact]
    public void An_expert_without_layers() => Expect(
        new Level([new Expert("a", Samples.Relu(4))], [new Mixture("x", ["a"], new PassGate())])
            >> new Level([new Expert("b", Network.Identity, "x")], [new Mixture("y", ["b"], new PassGate())])
            >> ModelFamilies.Towers(new(Tasks.Take(1)), Network.Identity, "y"),
        """
        part              layer                parameters
        level 0 expert a  dense 7 → 4 relu             32
        level 1 expert b  as it is                      0
        tower t0          dense 4 → 1 sigmoid           5
        total                                          37

        """);

    private static void Expect(ModelSpec spec, string text) => Assert.Equal(
        text.ReplaceLineEndings("\n"), spec.Describe(Samples.Layout(Samples.Plain)));
}
