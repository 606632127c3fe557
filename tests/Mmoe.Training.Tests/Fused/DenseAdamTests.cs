using Mmoe.Model;
using Mmoe.Training.Fused;
using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

/// <summary>The optimiser alone, against the formulas in double precision, over so long a time that moments die out.</summary>
public sealed class DenseAdamTests
{
    private const int Rows = 40;
    private const int Stride = 32;
    private const int Rest = 48;
    private const int Length = (Rows * Stride) + Rest;

    /// <summary>A row in twenty has a gradient; what has none moves by its moments all the same.</summary>
    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 1)]
    [InlineData(0.8, 0.95, 1e-3, 1)]
    [InlineData(0.9, 0.999, 1e-8, 3)]
    [InlineData(0, 0.5, 1e-7, 1)]
    public void Parameters_without_a_gradient_move_as_the_formulas_say(double beta1, double beta2, double epsilon, int threads)
    {
        const int Steps = 2_000;
        var adam = new Adam(beta1, beta2, epsilon);
        var random = new Random(1);
        var theta = Enumerable.Range(0, Length).Select(_ => (random.NextDouble() * 2) - 1).ToArray();
        using var state = new State(adam, theta, threads);
        var naive = new NaiveOptimizer(adam, theta);
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[Length];
            for (var row = 0; row < Rows; row++)
            {
                // The first rows have one in the first steps only, and one row never.
                if (row == 5 || (row < 10 ? step >= 20 : random.Next(20) > 0))
                {
                    continue;
                }

                state.Touch(row);
                for (var i = 0; i < Stride; i++)
                {
                    gradient[(row * Stride) + i] = (float)(Math.Pow(10, random.Next(-6, 1)) * (random.NextDouble() - 0.5));
                }
            }

            for (var i = Rows * Stride; i < Length; i++)
            {
                gradient[i] = random.Next(2) * (float)(random.NextDouble() - 0.5);
            }

            state.Update(gradient, 0.01);
            naive.Step(gradient, 0.01);
        }

        // A step is a hundredth; float32 rounds parameters of about 1 by 6e-8 in each of 2,000 of them.
        for (var i = 0; i < Length; i++)
        {
            Assert.True(Math.Abs(theta[i] - state.Parameters.Span[i]) <= 2e-5 * Math.Max(1, Math.Abs(theta[i])), $"element {i}: {theta[i]} and {state.Parameters.Span[i]}");
        }
    }

    /// <summary>After 200,000 steps without a gradient nothing is left of the moments but what keeps them off the subnormal numbers.</summary>
    [Theory]
    [InlineData("adam")]
    [InlineData("adam with decay")]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void Moments_that_die_out_become_neither_subnormal_nor_no_number(string name)
    {
        var optimizer = NamedOptimizers.Of(name) with { WeightDecay = 0 };
        var random = new Random(2);
        var theta = Enumerable.Range(0, Length).Select(i => i % 3 == 0 ? 0.0 : (random.NextDouble() * 2) - 1).ToArray();
        using var state = new State(optimizer, theta, threads: 1);
        var gradient = Enumerable.Range(0, Length).Select(i => i % 7 == 0 ? 0 : random.NextDouble() - 0.5).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            state.Touch(row);
        }

        state.Update(gradient, 0.01);
        var none = new double[Length];
        for (var step = 0; step < 20_000; step++)
        {
            state.Update(none, 0.01);
        }

        var rested = state.Parameters.Span.ToArray();
        for (var step = 0; step < 180_000; step++)
        {
            state.Update(none, 0.01);
        }

        Assert.All(state.Parameters.Span.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.All(state.Optimizer.First.ToArray().Concat(state.Optimizer.Second.ToArray()), value => Assert.True(float.IsNormal(value), $"{value}"));

        // What stands for 0 moves nothing that float32 could show.
        for (var i = 0; i < Length; i++)
        {
            Assert.Equal(rested[i], state.Parameters.Span[i], 1e-15f);
        }
    }

    /// <summary>Its square is beyond float32: v is infinite from then on, and m / √v is 0.</summary>
    [Fact]
    public void A_gradient_whose_square_is_infinite_leaves_its_parameter_where_it_is_and_no_other()
    {
        var theta = Enumerable.Range(0, Length).Select(i => 0.25 + (i % 5)).ToArray();
        using var state = new State(new Adam(), theta, threads: 1);
        for (var row = 0; row < Rows; row++)
        {
            state.Touch(row);
        }

        state.Update([.. Enumerable.Range(0, Length).Select(i => i % 3 == 0 ? 1e22 : 1.0)], 0.01);
        state.Update(new double[Length], 0.01);

        for (var i = 0; i < Length; i++)
        {
            var parameter = state.Parameters.Span[i];
            Assert.True(
                i % 3 == 0 ? parameter == (float)theta[i] : Math.Abs(parameter - (theta[i] - 0.0167)) < 1e-3, $"{i}: {parameter} from {theta[i]}");
        }
    }

    private sealed class State : IDisposable
    {
        private readonly Crew crew;
        private readonly AlignedMemory<float> gradient = new(Length);
        private readonly TouchedRows touched;

        public State(Optimizer options, double[] parameters, int threads)
        {
            this.crew = new Crew(threads);
            this.touched = new(Rows * Stride / 16, threads);
            this.Parameters.Span.Clear();
            for (var i = 0; i < Length; i++)
            {
                this.Parameters.Span[i] = (float)parameters[i];
                parameters[i] = (float)parameters[i];
            }

            this.Optimizer = new(
                options, new FirstLayerBlock(0, Rows - 1, Stride, []), this.Parameters, this.gradient, null, this.touched, this.crew);
        }

        public AlignedMemory<float> Parameters { get; } = new(Length);

        public FusedOptimizer Optimizer { get; }

        // Rows are marked by the threads in turn.
        public void Touch(int row) => this.touched.Mark(row % this.crew.Count, row * Stride / 16);

        public void Update(double[] values, double rate)
        {
            for (var i = 0; i < Length; i++)
            {
                this.gradient.Span[i] = (float)values[i];
            }

            this.Optimizer.Update(rate, isShared: true);
            Assert.False(this.gradient.Span.ContainsAnyExcept(0f), "the gradient is not 0 for the next step");
        }

        public void Dispose()
        {
            this.Optimizer.Dispose();
            this.crew.Dispose();
            this.gradient.Dispose();
            this.Parameters.Dispose();
            this.touched.Dispose();
        }
    }
}
