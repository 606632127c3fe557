using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Model;

/// <summary>
/// Neighbouring numbers that are computed at once. A kernel is written once over this, and is compiled for each width that the processor has;
/// what it computes of a number depends neither on the width nor on the number's place in it.
/// </summary>
/// <typeparam name="TSelf">The lane itself.</typeparam>
internal interface ILane<TSelf>
    where TSelf : struct, ILane<TSelf>
{
    /// <summary>How many numbers.</summary>
    static abstract int Count { get; }

    /// <summary>The same number everywhere.</summary>
    static abstract TSelf Of(float value);

    /// <summary>The numbers from a place on. The caller has made sure that there are so many.</summary>
    static abstract TSelf Load(ReadOnlySpan<float> values, int at);

    /// <summary>Writes the numbers from a place on. The caller has made sure that there is room.</summary>
    void Store(Span<float> values, int at);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left · right + addend, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The numbers, and 0 for those below it. NaN stays NaN.</summary>
    static abstract TSelf Positive(TSelf value);

    /// <summary>exp x.</summary>
    static abstract TSelf Exp(TSelf value);

    /// <summary>The sum of the numbers.</summary>
    float Sum();

    /// <summary>The greatest of the numbers.</summary>
    float Greatest();
}

/// <summary>Something that is done for every number of a row, whatever is computed at once.</summary>
internal interface IKernel
{
    /// <summary>Does it for the numbers from a place on.</summary>
    void Run<TLane>(int at)
        where TLane : struct, ILane<TLane>;
}

/// <summary>Runs kernels over rows: with the widest lanes that the processor has as long as they fit, then with narrower ones.</summary>
internal static class Lanes
{
    /// <summary>Runs a kernel over all numbers of a row.</summary>
    /// <param name="length">How many there are.</param>
    /// <param name="kernel">The kernel, which may add up what it finds.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Over<TKernel>(int length, scoped ref TKernel kernel)
        where TKernel : struct, IKernel, allows ref struct
    {
        var at = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Over<TKernel, Triple<Lane512>>(ref at, length, ref kernel);
            Over<TKernel, Lane512>(ref at, length, ref kernel);
            Over<TKernel, Lane256>(ref at, length, ref kernel);
            Over<TKernel, Lane128>(ref at, length, ref kernel);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Over<TKernel, Triple<Lane256>>(ref at, length, ref kernel);
            Over<TKernel, Lane256>(ref at, length, ref kernel);
            Over<TKernel, Lane128>(ref at, length, ref kernel);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Over<TKernel, Triple<Lane128>>(ref at, length, ref kernel);
            Over<TKernel, Lane128>(ref at, length, ref kernel);
        }

        Over<TKernel, Lane32>(ref at, length, ref kernel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Over<TKernel, TLane>(ref int at, int length, scoped ref TKernel kernel)
        where TKernel : struct, IKernel, allows ref struct
        where TLane : struct, ILane<TLane>
    {
        for (; at <= length - TLane.Count; at += TLane.Count)
        {
            kernel.Run<TLane>(at);
        }
    }
}

/// <summary>Sixteen numbers.</summary>
internal readonly struct Lane512(Vector512<float> numbers) : ILane<Lane512>
{
    private readonly Vector512<float> numbers = numbers;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 Load(ReadOnlySpan<float> values, int at) =>
        new(Vector512.LoadUnsafe(in MemoryMarshal.GetReference(values), (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> values, int at) => this.numbers.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 operator +(Lane512 left, Lane512 right) => new(left.numbers + right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 operator -(Lane512 left, Lane512 right) => new(left.numbers - right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 operator *(Lane512 left, Lane512 right) => new(left.numbers * right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 operator /(Lane512 left, Lane512 right) => new(left.numbers / right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 MultiplyAdd(Lane512 left, Lane512 right, Lane512 addend) =>
        new(Vector512.MultiplyAddEstimate(left.numbers, right.numbers, addend.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 Positive(Lane512 value) => new(Vector512.ConditionalSelect(
        Vector512.LessThan(value.numbers, Vector512<float>.Zero), Vector512<float>.Zero, value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512 Exp(Lane512 value) => new(Vector512.Exp(value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector512.Sum(this.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Greatest() => new Lane256(Vector256.Max(this.numbers.GetLower(), this.numbers.GetUpper())).Greatest();
}

/// <summary>Eight numbers.</summary>
internal readonly struct Lane256(Vector256<float> numbers) : ILane<Lane256>
{
    private readonly Vector256<float> numbers = numbers;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 Load(ReadOnlySpan<float> values, int at) =>
        new(Vector256.LoadUnsafe(in MemoryMarshal.GetReference(values), (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> values, int at) => this.numbers.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 operator +(Lane256 left, Lane256 right) => new(left.numbers + right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 operator -(Lane256 left, Lane256 right) => new(left.numbers - right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 operator *(Lane256 left, Lane256 right) => new(left.numbers * right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 operator /(Lane256 left, Lane256 right) => new(left.numbers / right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 MultiplyAdd(Lane256 left, Lane256 right, Lane256 addend) =>
        new(Vector256.MultiplyAddEstimate(left.numbers, right.numbers, addend.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 Positive(Lane256 value) => new(Vector256.ConditionalSelect(
        Vector256.LessThan(value.numbers, Vector256<float>.Zero), Vector256<float>.Zero, value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256 Exp(Lane256 value) => new(Vector256.Exp(value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector256.Sum(this.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Greatest() => new Lane128(Vector128.Max(this.numbers.GetLower(), this.numbers.GetUpper())).Greatest();
}

/// <summary>Four numbers.</summary>
internal readonly struct Lane128(Vector128<float> numbers) : ILane<Lane128>
{
    private readonly Vector128<float> numbers = numbers;

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 Load(ReadOnlySpan<float> values, int at) =>
        new(Vector128.LoadUnsafe(in MemoryMarshal.GetReference(values), (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> values, int at) => this.numbers.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 operator +(Lane128 left, Lane128 right) => new(left.numbers + right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 operator -(Lane128 left, Lane128 right) => new(left.numbers - right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 operator *(Lane128 left, Lane128 right) => new(left.numbers * right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 operator /(Lane128 left, Lane128 right) => new(left.numbers / right.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 MultiplyAdd(Lane128 left, Lane128 right, Lane128 addend) =>
        new(Vector128.MultiplyAddEstimate(left.numbers, right.numbers, addend.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 Positive(Lane128 value) => new(Vector128.ConditionalSelect(
        Vector128.LessThan(value.numbers, Vector128<float>.Zero), Vector128<float>.Zero, value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128 Exp(Lane128 value) => new(Vector128.Exp(value.numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector128.Sum(this.numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Greatest()
    {
        var pairs = Vector128.Max(this.numbers, Vector128.Shuffle(this.numbers, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}

/// <summary>One number.</summary>
internal readonly struct Lane32(float number) : ILane<Lane32>
{
    private readonly float number = number;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 Load(ReadOnlySpan<float> values, int at) => new(values[at]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> values, int at) => values[at] = this.number;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 operator +(Lane32 left, Lane32 right) => new(left.number + right.number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 operator -(Lane32 left, Lane32 right) => new(left.number - right.number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 operator *(Lane32 left, Lane32 right) => new(left.number * right.number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 operator /(Lane32 left, Lane32 right) => new(left.number / right.number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 MultiplyAdd(Lane32 left, Lane32 right, Lane32 addend) =>
        new(float.MultiplyAddEstimate(left.number, right.number, addend.number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 Positive(Lane32 value) => new(value.number < 0 ? 0 : value.number);

    // Not MathF's, which differs in a last digit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane32 Exp(Lane32 value) => new(Vector128.Exp(Vector128.CreateScalar(value.number)).ToScalar());

    public float Sum() => this.number;

    public float Greatest() => this.number;
}

/// <summary>
/// Three lanes side by side, whose sums do not wait for each other: the columns of the first layer of a model of 8 experts of 4 units with
/// two gates are three lanes of 16.
/// </summary>
/// <typeparam name="TLane">Each of them.</typeparam>
internal readonly struct Triple<TLane>(TLane first, TLane second, TLane third) : ILane<Triple<TLane>>
    where TLane : struct, ILane<TLane>
{
    private readonly TLane first = first;
    private readonly TLane second = second;
    private readonly TLane third = third;

    public static int Count => 3 * TLane.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> Of(float value) => new(TLane.Of(value), TLane.Of(value), TLane.Of(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> Load(ReadOnlySpan<float> values, int at) =>
        new(TLane.Load(values, at), TLane.Load(values, at + TLane.Count), TLane.Load(values, at + (2 * TLane.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> values, int at)
    {
        this.first.Store(values, at);
        this.second.Store(values, at + TLane.Count);
        this.third.Store(values, at + (2 * TLane.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> operator +(Triple<TLane> left, Triple<TLane> right) =>
        new(left.first + right.first, left.second + right.second, left.third + right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> operator -(Triple<TLane> left, Triple<TLane> right) =>
        new(left.first - right.first, left.second - right.second, left.third - right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> operator *(Triple<TLane> left, Triple<TLane> right) =>
        new(left.first * right.first, left.second * right.second, left.third * right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> operator /(Triple<TLane> left, Triple<TLane> right) =>
        new(left.first / right.first, left.second / right.second, left.third / right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> MultiplyAdd(Triple<TLane> left, Triple<TLane> right, Triple<TLane> addend) => new(
        TLane.MultiplyAdd(left.first, right.first, addend.first),
        TLane.MultiplyAdd(left.second, right.second, addend.second),
        TLane.MultiplyAdd(left.third, right.third, addend.third));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> Positive(Triple<TLane> value) =>
        new(TLane.Positive(value.first), TLane.Positive(value.second), TLane.Positive(value.third));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Triple<TLane> Exp(Triple<TLane> value) => new(TLane.Exp(value.first), TLane.Exp(value.second), TLane.Exp(value.third));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => this.first.Sum() + this.second.Sum() + this.third.Sum();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Greatest() => MathF.Max(MathF.Max(this.first.Greatest(), this.second.Greatest()), this.third.Greatest());
}
