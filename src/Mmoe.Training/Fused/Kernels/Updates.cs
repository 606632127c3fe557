using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>The numbers of one update by Adam; see <see cref="Adam"/>.</summary>
/// <param name="Beta1">β1.</param>
/// <param name="Take1">1 - β1.</param>
/// <param name="Beta2">β2.</param>
/// <param name="Take2">1 - β2.</param>
/// <param name="Rate">α·√c₂ / c₁, where cᵢ = 1 - βᵢ^t.</param>
/// <param name="Epsilon">ε·√c₂.</param>
/// <param name="Decay">λ, as part of the gradient.</param>
/// <param name="Shrink">By what parameters are multiplied first: 1 - α·λ where decay is decoupled, else 1.</param>
internal readonly record struct AdamStep(
    float Beta1, float Take1, float Beta2, float Take2, float Rate, float Epsilon, float Decay, float Shrink)
{
    /// <summary>The numbers of an update.</summary>
    /// <param name="adam">The constants.</param>
    /// <param name="update">The number of the update, from 1.</param>
    /// <param name="learningRate">α.</param>
    public static AdamStep Of(Adam adam, long update, double learningRate)
    {
        var root = Math.Sqrt(1 - Math.Pow(adam.Beta2, update));
        return new(
            (float)adam.Beta1,
            (float)(1 - adam.Beta1),
            (float)adam.Beta2,
            (float)(1 - adam.Beta2),
            (float)(learningRate * root / (1 - Math.Pow(adam.Beta1, update))),
            (float)(adam.Epsilon * root),
            adam.IsDecoupled ? 0 : (float)adam.WeightDecay,
            adam.IsDecoupled ? (float)(1 - (learningRate * adam.WeightDecay)) : 1);
    }
}

/// <summary>
/// Updates of parameters in one pass over their memory, which leaves the gradient at 0 for the next step. All of them return the sum of
/// gradients, by which it is seen that they are finite.
/// </summary>
/// <remarks>
/// Moments get 1e-30 in every step: it is nothing beside the ε of Adam, and moments whose gradient stays away then never become subnormal
/// numbers, with which machines are slow by a factor of a hundred.
/// </remarks>
internal static unsafe class Updates
{
    private const int Lanes = 16;
    private const float Tiny = 1e-30f;

    /// <summary>Adam without decay, where all parameters are trained, on rows of which some have no gradient.</summary>
    /// <param name="step">The numbers of the update.</param>
    /// <param name="state">The vectors.</param>
    /// <param name="from">The first float, a multiple of 16.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="stride">Floats of a row, a multiple of 16.</param>
    /// <param name="touched">Per vector, 1 where it is the first of a row with a gradient; cleared.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static float Adam(in AdamStep step, in UpdateState state, nint from, int rows, int stride, byte* touched)
    {
        var numbers = new AdamNumbers(step);
        var w = state.Parameters + from;
        var g = state.Gradient + from;
        var m = state.First + from;
        var v = state.Second + from;
        var sum = Vector512<float>.Zero;
        nint at = 0;
        for (var row = 0; row < rows; row++, touched += stride / Lanes)
        {
            var end = at + stride;
            if (*touched == 0)
            {
                for (; at < end; at += Lanes)
                {
                    numbers.Rest(w + at, m + at, v + at);
                }
            }
            else
            {
                *touched = 0;
                for (; at < end; at += Lanes)
                {
                    sum += numbers.Update(w + at, g + at, m + at, v + at);
                }
            }
        }

        return Vector512.Sum(sum);
    }

    /// <summary>Adam without decay, where all parameters are trained and may have a gradient.</summary>
    /// <param name="step">The numbers of the update.</param>
    /// <param name="state">The vectors.</param>
    /// <param name="from">The first float, a multiple of 16.</param>
    /// <param name="to">The end, a multiple of 16.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static float Adam(in AdamStep step, in UpdateState state, nint from, nint to)
    {
        var numbers = new AdamNumbers(step);
        var w = state.Parameters;
        var g = state.Gradient;
        var m = state.First;
        var v = state.Second;
        var sum = Vector512<float>.Zero;
        for (var at = from; at < to; at += Lanes)
        {
            sum += numbers.Update(w + at, g + at, m + at, v + at);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>Adam with decay, and with parameters that are not trained.</summary>
    /// <param name="step">The numbers of the update.</param>
    /// <param name="state">The vectors.</param>
    /// <param name="from">The first float, a multiple of 16.</param>
    /// <param name="to">The end, a multiple of 16.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static float DecayingAdam(in AdamStep step, in UpdateState state, nint from, nint to)
    {
        var numbers = new AdamNumbers(step);
        var (decay, shrink) = (Vector512.Create(step.Decay), Vector512.Create(step.Shrink));
        var sum = Vector512<float>.Zero;
        for (var at = from; at < to; at += Lanes)
        {
            var g = Trained(state, at, Vector512<float>.Zero, Vector512.LoadAligned(state.Gradient + at));
            var w = Vector512.LoadAligned(state.Parameters + at);
            sum += g;
            Vector512<float>.Zero.StoreAligned(state.Gradient + at);
            var next = numbers.Change(w * shrink, state.First + at, state.Second + at, Fma(decay, w, g));
            Trained(state, at, w, next).StoreAligned(state.Parameters + at);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>Stochastic gradient descent; see <see cref="Sgd"/>.</summary>
    /// <param name="momentum">μ.</param>
    /// <param name="decay">λ.</param>
    /// <param name="rate">α.</param>
    /// <param name="state">The vectors.</param>
    /// <param name="from">The first float, a multiple of 16.</param>
    /// <param name="to">The end, a multiple of 16.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static float Sgd(float momentum, float decay, float rate, in UpdateState state, nint from, nint to)
    {
        var (keep, pull, step, tiny) = (
            Vector512.Create(momentum), Vector512.Create(decay), Vector512.Create(rate), Vector512.Create(Tiny));
        var sum = Vector512<float>.Zero;
        for (var at = from; at < to; at += Lanes)
        {
            var raw = Trained(state, at, Vector512<float>.Zero, Vector512.LoadAligned(state.Gradient + at));
            var w = Vector512.LoadAligned(state.Parameters + at);
            sum += raw;
            Vector512<float>.Zero.StoreAligned(state.Gradient + at);
            var g = Fma(pull, w, raw + tiny);
            var velocity = Fma(keep, Vector512.LoadAligned(state.First + at), g);
            velocity.StoreAligned(state.First + at);
            Trained(state, at, w, w - (step * velocity)).StoreAligned(state.Parameters + at);
        }

        return Vector512.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Trained(in UpdateState state, nint at, Vector512<float> rest, Vector512<float> trained) =>
        state.Trained is null
            ? trained
            : Vector512.ConditionalSelect(
                Vector512.GreaterThan(Vector512.LoadAligned(state.Trained + at), Vector512<float>.Zero), trained, rest);

    /// <summary>What stays the same over a pass, in registers.</summary>
    private readonly struct AdamNumbers
    {
        private readonly Vector512<float> b1;
        private readonly Vector512<float> c1;
        private readonly Vector512<float> b2;
        private readonly Vector512<float> c2;
        private readonly Vector512<float> rate;
        private readonly Vector512<float> epsilon;
        private readonly Vector512<float> tiny;
        private readonly Vector512<float> two;
        private readonly Vector512<float> infinite;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public AdamNumbers(in AdamStep step)
        {
            (this.b1, this.c1) = (Vector512.Create(step.Beta1), Vector512.Create(step.Take1));
            (this.b2, this.c2) = (Vector512.Create(step.Beta2), Vector512.Create(step.Take2));
            (this.rate, this.epsilon) = (Vector512.Create(2 * step.Rate), Vector512.Create(2 * step.Epsilon));
            (this.tiny, this.two) = (Vector512.Create(Tiny), Vector512.Create(2f));
            this.infinite = Vector512.Create(float.PositiveInfinity);
        }

        /// <summary>Updates sixteen parameters; returns their gradient, and leaves 0 in its place.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Update(float* w, float* gradient, float* first, float* second)
        {
            var g = Vector512.LoadAligned(gradient);
            Vector512<float>.Zero.StoreAligned(gradient);
            this.Change(Vector512.LoadAligned(w), first, second, g).StoreAligned(w);
            return g;
        }

        /// <summary>Updates sixteen parameters without a gradient.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Rest(float* w, float* first, float* second)
        {
            var m = Fma(this.b1, Vector512.LoadAligned(first), this.tiny);
            var v = Fma(this.b2, Vector512.LoadAligned(second), this.tiny);
            m.StoreAligned(first);
            v.StoreAligned(second);
            this.Moved(Vector512.LoadAligned(w), m, v).StoreAligned(w);
        }

        /// <summary>Updates the moments of sixteen parameters; returns what becomes of them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Change(Vector512<float> w, float* first, float* second, Vector512<float> g)
        {
            var m = Fma(this.b1, Vector512.LoadAligned(first), Fma(this.c1, g, this.tiny));
            var v = Fma(this.b2, Vector512.LoadAligned(second), Fma(this.c2 * g, g, this.tiny));
            m.StoreAligned(first);
            v.StoreAligned(second);
            return this.Moved(w, m, v);
        }

        // w - rate · m / (2·√v + epsilon), of which rate and epsilon are twice Adam's.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<float> Moved(Vector512<float> w, Vector512<float> m, Vector512<float> v)
        {
            if (!Avx512F.IsSupported)
            {
                var root = Vector512.Sqrt(v);
                return w - (this.rate * m / (root + root + this.epsilon));
            }

            // Estimates of 14 bits and one step of Newton's method each: as exact as float32, and a fraction of the time that division takes.
            // Where the square of a gradient was beyond float32, v is infinite, and what would be no number is the second operand of Min: the
            // parameter stays where it is, as without estimates.
            var inverse = Avx512F.ReciprocalSqrt14(v);
            var s = v * inverse;
            var error = Avx512F.FusedMultiplyAddNegated(s, s, v);
            var about = Fma(s, this.two, this.epsilon);
            var divisor = Fma(inverse, error, about);
            var quotient = Avx512F.Reciprocal14(Avx512F.Min(about, this.infinite));
            var correction = Avx512F.Min(Avx512F.FusedMultiplyAddNegated(divisor, quotient, this.two), this.two);
            return Avx512F.FusedMultiplyAddNegated(this.rate * m * quotient, correction, w);
        }
    }
}

/// <summary>The vectors that an update changes, laid out alike.</summary>
internal readonly unsafe struct UpdateState
{
    /// <summary>The flat vector.</summary>
    public readonly float* Parameters;

    /// <summary>Its gradient.</summary>
    public readonly float* Gradient;

    /// <summary>Adam's m, or the velocity of descent.</summary>
    public readonly float* First;

    /// <summary>Adam's v.</summary>
    public readonly float* Second;

    /// <summary>Above 0 where training changes the vector; null where it changes all.</summary>
    public readonly float* Trained;

    /// <summary>A state.</summary>
    public UpdateState(float* parameters, float* gradient, float* first, float* second, float* trained)
    {
        this.Parameters = parameters;
        this.Gradient = gradient;
        this.First = first;
        this.Second = second;
        this.Trained = trained;
    }
}
