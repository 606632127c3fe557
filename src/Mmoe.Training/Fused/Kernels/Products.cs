using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>
/// The sums of products that a dense layer is, over lines of sixteen rows: several results at a time, so that a line that was read serves
/// all of them and their additions do not wait for each other.
/// </summary>
internal static unsafe class Products
{
    private const int Rows = Lines.Rows;

    /// <summary>Eight results: y[o] = b[o] + Σ x[i] · w[i, o].</summary>
    /// <param name="x">[inputs, 16].</param>
    /// <param name="w">[inputs, stride], from the first result's column on.</param>
    /// <param name="b">[8], or null.</param>
    /// <param name="y">[8, 16].</param>
    /// <param name="inputs">The number of inputs.</param>
    /// <param name="stride">Floats between the rows of w.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static void Forward8(float* x, float* w, float* b, float* y, int inputs, int stride)
    {
        var (y0, y1, y2, y3) = Start(b);
        var (y4, y5, y6, y7) = Start(b is null ? null : b + 4);
        for (var i = 0; i < inputs; i++, x += Rows, w += stride)
        {
            var xi = Vector512.LoadAligned(x);
            y0 = Fma(xi, Vector512.Create(w[0]), y0);
            y1 = Fma(xi, Vector512.Create(w[1]), y1);
            y2 = Fma(xi, Vector512.Create(w[2]), y2);
            y3 = Fma(xi, Vector512.Create(w[3]), y3);
            y4 = Fma(xi, Vector512.Create(w[4]), y4);
            y5 = Fma(xi, Vector512.Create(w[5]), y5);
            y6 = Fma(xi, Vector512.Create(w[6]), y6);
            y7 = Fma(xi, Vector512.Create(w[7]), y7);
        }

        Store(y0, y1, y2, y3, y);
        Store(y4, y5, y6, y7, y + (4 * Rows));
    }

    /// <summary>Four results; see <see cref="Forward8"/>.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Forward4(float* x, float* w, float* b, float* y, int inputs, int stride)
    {
        var (y0, y1, y2, y3) = Start(b);
        for (var i = 0; i < inputs; i++, x += Rows, w += stride)
        {
            var xi = Vector512.LoadAligned(x);
            y0 = Fma(xi, Vector512.Create(w[0]), y0);
            y1 = Fma(xi, Vector512.Create(w[1]), y1);
            y2 = Fma(xi, Vector512.Create(w[2]), y2);
            y3 = Fma(xi, Vector512.Create(w[3]), y3);
        }

        Store(y0, y1, y2, y3, y);
    }

    /// <summary>One result; see <see cref="Forward8"/>.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Forward1(float* x, float* w, float* b, float* y, int inputs, int stride)
    {
        var (even, odd) = (b is null ? Vector512<float>.Zero : Vector512.Create(*b), Vector512<float>.Zero);
        var i = 0;
        for (; i + 2 <= inputs; i += 2, x += 2 * Rows, w += 2 * stride)
        {
            even = Fma(Vector512.LoadAligned(x), Vector512.Create(*w), even);
            odd = Fma(Vector512.LoadAligned(x + Rows), Vector512.Create(w[stride]), odd);
        }

        if (i < inputs)
        {
            even = Fma(Vector512.LoadAligned(x), Vector512.Create(*w), even);
        }

        (even + odd).StoreAligned(y);
    }

    /// <summary>Eight gradients of inputs: dx[i] += Σ dy[o] · w[i, o].</summary>
    /// <param name="dy">[outputs, 16].</param>
    /// <param name="w">[8, outputs].</param>
    /// <param name="dx">[8, 16].</param>
    /// <param name="outputs">The number of outputs.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static void Backward8(float* dy, float* w, float* dx, int outputs)
    {
        var (x0, x1, x2, x3) = Load(dx);
        var (x4, x5, x6, x7) = Load(dx + (4 * Rows));
        var w4 = w + (4 * (nint)outputs);
        for (var o = 0; o < outputs; o++, dy += Rows, w++, w4++)
        {
            var d = Vector512.LoadAligned(dy);
            x0 = Fma(d, Vector512.Create(w[0]), x0);
            x1 = Fma(d, Vector512.Create(w[outputs]), x1);
            x2 = Fma(d, Vector512.Create(w[2 * (nint)outputs]), x2);
            x3 = Fma(d, Vector512.Create(w[3 * (nint)outputs]), x3);
            x4 = Fma(d, Vector512.Create(w4[0]), x4);
            x5 = Fma(d, Vector512.Create(w4[outputs]), x5);
            x6 = Fma(d, Vector512.Create(w4[2 * (nint)outputs]), x6);
            x7 = Fma(d, Vector512.Create(w4[3 * (nint)outputs]), x7);
        }

        Store(x0, x1, x2, x3, dx);
        Store(x4, x5, x6, x7, dx + (4 * Rows));
    }

    /// <summary>Four gradients of inputs; see <see cref="Backward8"/>.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Backward4(float* dy, float* w, float* dx, int outputs)
    {
        var (x0, x1, x2, x3) = Load(dx);
        for (var o = 0; o < outputs; o++, dy += Rows, w++)
        {
            var d = Vector512.LoadAligned(dy);
            x0 = Fma(d, Vector512.Create(w[0]), x0);
            x1 = Fma(d, Vector512.Create(w[outputs]), x1);
            x2 = Fma(d, Vector512.Create(w[2 * (nint)outputs]), x2);
            x3 = Fma(d, Vector512.Create(w[3 * (nint)outputs]), x3);
        }

        Store(x0, x1, x2, x3, dx);
    }

    /// <summary>One gradient of an input; see <see cref="Backward8"/>.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Backward1(float* dy, float* w, float* dx, int outputs)
    {
        var (even, odd) = (Vector512.LoadAligned(dx), Vector512<float>.Zero);
        var o = 0;
        for (; o + 2 <= outputs; o += 2, dy += 2 * Rows)
        {
            even = Fma(Vector512.LoadAligned(dy), Vector512.Create(w[o]), even);
            odd = Fma(Vector512.LoadAligned(dy + Rows), Vector512.Create(w[o + 1]), odd);
        }

        if (o < outputs)
        {
            even = Fma(Vector512.LoadAligned(dy), Vector512.Create(w[o]), even);
        }

        (even + odd).StoreAligned(dx);
    }

    /// <summary>Six rows of gradients of weights: dw[i, 0..16] += Σ over rows x[i, row] · dy[row, 0..16].</summary>
    /// <param name="x">[6, 16].</param>
    /// <param name="dy">[16, 16], row by row.</param>
    /// <param name="dw">[6, stride].</param>
    /// <param name="stride">Floats between the rows of dw.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static void Outer6(float* x, float* dy, float* dw, int stride)
    {
        var last = dw + (3 * (nint)stride);
        var (w0, w1, w2) = (
            Vector512.LoadAligned(dw), Vector512.LoadAligned(dw + stride), Vector512.LoadAligned(dw + (2 * (nint)stride)));
        var (w3, w4, w5) = (
            Vector512.LoadAligned(last), Vector512.LoadAligned(last + stride), Vector512.LoadAligned(last + (2 * (nint)stride)));
        for (var row = 0; row < Rows; row++, x++, dy += Rows)
        {
            var d = Vector512.LoadAligned(dy);
            w0 = Fma(d, Vector512.Create(x[0]), w0);
            w1 = Fma(d, Vector512.Create(x[Rows]), w1);
            w2 = Fma(d, Vector512.Create(x[2 * Rows]), w2);
            w3 = Fma(d, Vector512.Create(x[3 * Rows]), w3);
            w4 = Fma(d, Vector512.Create(x[4 * Rows]), w4);
            w5 = Fma(d, Vector512.Create(x[5 * Rows]), w5);
        }

        w0.StoreAligned(dw);
        w1.StoreAligned(dw + stride);
        w2.StoreAligned(dw + (2 * (nint)stride));
        w3.StoreAligned(last);
        w4.StoreAligned(last + stride);
        w5.StoreAligned(last + (2 * (nint)stride));
    }

    /// <summary>One row of gradients of weights; see <see cref="Outer6"/>.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Outer1(float* x, float* dy, float* dw)
    {
        var (even, odd) = (Vector512.LoadAligned(dw), Vector512<float>.Zero);
        for (var row = 0; row < Rows; row += 2, dy += 2 * Rows)
        {
            even = Fma(Vector512.LoadAligned(dy), Vector512.Create(x[row]), even);
            odd = Fma(Vector512.LoadAligned(dy + Rows), Vector512.Create(x[row + 1]), odd);
        }

        (even + odd).StoreAligned(dw);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) Start(float* b) =>
        b is null
            ? (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero)
            : (Vector512.Create(b[0]), Vector512.Create(b[1]), Vector512.Create(b[2]), Vector512.Create(b[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) Load(float* at) => (
        Vector512.LoadAligned(at),
        Vector512.LoadAligned(at + Rows),
        Vector512.LoadAligned(at + (2 * Rows)),
        Vector512.LoadAligned(at + (3 * Rows)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* at)
    {
        a.StoreAligned(at);
        b.StoreAligned(at + Rows);
        c.StoreAligned(at + (2 * Rows));
        d.StoreAligned(at + (3 * Rows));
    }
}
