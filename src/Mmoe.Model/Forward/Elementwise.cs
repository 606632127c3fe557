using System.Runtime.Intrinsics;

namespace Mmoe.Model;

/// <summary>Functions of vectors, in float32.</summary>
internal static class Elementwise
{
    /// <summary>sum + row, in place.</summary>
    public static void Add(Span<float> sum, ReadOnlySpan<float> row)
    {
        var kernel = new AddKernel(sum, row[..sum.Length]);
        Lanes.Over(sum.Length, ref kernel);
    }

    /// <summary>The greatest element.</summary>
    public static float Greatest(ReadOnlySpan<float> values)
    {
        var greatest = new GreatestKernel(values);
        Lanes.Over(values.Length, ref greatest);
        return greatest.Found;
    }

    /// <summary>exp(x) over its sum; the greatest element is subtracted first, so that nothing overflows. In place is allowed.</summary>
    public static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        // As many as a lane holds, as the logits of eight experts, stay in registers.
        if (Vector256.IsHardwareAccelerated && logits.Length == Lane256.Count)
        {
            Softmax<Lane256>(logits, probabilities[..logits.Length]);
            return;
        }

        var exponentials = new ExpKernel(logits, probabilities[..logits.Length], Greatest(logits));
        Lanes.Over(logits.Length, ref exponentials);
        var shares = new DivideKernel(probabilities, exponentials.Sum);
        Lanes.Over(logits.Length, ref shares);
    }

    /// <summary>1 / (1 + exp(-x)), without overflow on either side.</summary>
    public static float Sigmoid(float x)
    {
        var e = MathF.Exp(-MathF.Abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    /// <summary>An activation, in place.</summary>
    public static void Apply(Activation activation, Span<float> values)
    {
        switch (activation)
        {
            case Activation.Identity:
                break;
            case Activation.ReLU:
                var positive = new PositiveKernel(values);
                Lanes.Over(values.Length, ref positive);
                break;
            case Activation.Tanh:
                foreach (ref var value in values)
                {
                    value = MathF.Tanh(value);
                }

                break;
            case Activation.SiLU:
                var silu = new SiLUKernel(values);
                Lanes.Over(values.Length, ref silu);
                break;
            case Activation.GELU:
                foreach (ref var value in values)
                {
                    value = (float)(value * 0.5 * (1 + Erf(value * Math.Sqrt(0.5))));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "there is no such activation");
        }
    }

    /// <summary>
    /// The error function, to the last digits of a double: the series with terms of one sign, Abramowitz and Stegun 1964, 7.1.6.
    /// </summary>
    public static double Erf(double x)
    {
        // 1 - erf(6) is below the last digit of 1.
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static void Softmax<TLane>(ReadOnlySpan<float> logits, Span<float> probabilities)
        where TLane : struct, ILane<TLane>
    {
        var x = TLane.Load(logits, 0);
        var exponentials = TLane.Exp(x - TLane.Of(x.Greatest()));
        (exponentials / TLane.Of(exponentials.Sum())).Store(probabilities, 0);
    }

    private readonly ref struct AddKernel(Span<float> sum, ReadOnlySpan<float> row) : IKernel
    {
        private readonly Span<float> sum = sum;
        private readonly ReadOnlySpan<float> row = row;

        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane> =>
            (TLane.Load(this.sum, at) + TLane.Load(this.row, at)).Store(this.sum, at);
    }

    private readonly ref struct PositiveKernel(Span<float> values) : IKernel
    {
        private readonly Span<float> values = values;

        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane> =>
            TLane.Positive(TLane.Load(this.values, at)).Store(this.values, at);
    }

    private readonly ref struct SiLUKernel(Span<float> values) : IKernel
    {
        private readonly Span<float> values = values;

        // Far below 0 the exponential is infinite, and the quotient 0, as it should be.
        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane>
        {
            var x = TLane.Load(this.values, at);
            (x / (TLane.Of(1) + TLane.Exp(TLane.Of(0) - x))).Store(this.values, at);
        }
    }

    private ref struct GreatestKernel(ReadOnlySpan<float> values) : IKernel
    {
        private readonly ReadOnlySpan<float> values = values;

        public float Found { get; private set; } = float.NegativeInfinity;

        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane> =>
            this.Found = MathF.Max(this.Found, TLane.Load(this.values, at).Greatest());
    }

    private ref struct ExpKernel(ReadOnlySpan<float> values, Span<float> to, float less) : IKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<float> to = to;

        public float Sum { get; private set; }

        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane>
        {
            var exponentials = TLane.Exp(TLane.Load(this.values, at) - TLane.Of(less));
            exponentials.Store(this.to, at);
            this.Sum += exponentials.Sum();
        }
    }

    private readonly ref struct DivideKernel(Span<float> values, float divisor) : IKernel
    {
        private readonly Span<float> values = values;

        public void Run<TLane>(int at)
            where TLane : struct, ILane<TLane> =>
            (TLane.Load(this.values, at) / TLane.Of(divisor)).Store(this.values, at);
    }
}
