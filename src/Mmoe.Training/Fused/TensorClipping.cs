using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>See <see cref="TensorNormClipping"/>.</summary>
internal static class TensorClipping
{
    /// <summary>Shortens the gradient of each tensor in place.</summary>
    /// <param name="layout">Where the tensors lie.</param>
    /// <param name="norm">The greatest norm of each.</param>
    /// <param name="gradient">The flat gradient.</param>
    public static void Apply(ParameterLayout layout, double norm, Span<float> gradient)
    {
        foreach (var entry in layout.Entries.AsSpan())
        {
            var (rows, columns) = entry.Shape.Count == 1 ? (1, entry.Shape[0]) : (entry.Shape[0], entry.Shape[1]);
            var squares = 0.0;
            for (var row = 0; row < rows; row++)
            {
                foreach (var value in gradient.Slice(entry.Offset + (row * entry.Strides[0]), columns))
                {
                    squares += (double)value * value;
                }
            }

            var length = Math.Sqrt(squares);
            if (length <= norm)
            {
                continue;
            }

            var factor = (float)(norm / length);
            for (var row = 0; row < rows; row++)
            {
                foreach (ref var value in gradient.Slice(entry.Offset + (row * entry.Strides[0]), columns))
                {
                    value *= factor;
                }
            }
        }
    }
}
