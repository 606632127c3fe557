using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>Numbers of tensors out and in.</summary>
internal static class TensorCopies
{
    /// <summary>The elements of a float32 tensor, row by row.</summary>
    public static float[] ToFlat(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = new float[tensor.numel()];
        CopyTo(tensor.detach().cpu().contiguous().view(-1), values);
        return values;
    }

    /// <summary>Takes elements into a float32 vector.</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public static void LoadFlat(this Tensor vector, ReadOnlySpan<float> values)
    {
        if (values.Length != vector.numel())
        {
            throw new ArgumentException($"{values.Length} numbers are given, the model has {vector.numel()}", nameof(values));
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        vector.copy_(ToTensor(values, ScalarType.Float32));
    }

    /// <summary>A vector on the CPU.</summary>
    public static Tensor ToTensor<T>(ReadOnlySpan<T> values, ScalarType type)
        where T : unmanaged
    {
        var tensor = empty(values.Length, type);
        for (var at = 0; at < values.Length; at += Piece)
        {
            var length = Math.Min(Piece, values.Length - at);
            using var part = tensor.narrow(0, at, length);
            MemoryMarshal.AsBytes(values.Slice(at, length)).CopyTo(part.bytes);
        }

        return tensor;
    }

    /// <summary>The bytes of a tensor are reached through a span, which ends at 2 GB: longer ones go in pieces.</summary>
    private const int Piece = 1 << 24;

    private static void CopyTo(Tensor vector, Span<float> values)
    {
        for (var at = 0; at < values.Length; at += Piece)
        {
            var length = Math.Min(Piece, values.Length - at);
            using var part = vector.narrow(0, at, length);
            MemoryMarshal.Cast<byte, float>(part.bytes).CopyTo(values.Slice(at, length));
        }
    }
}
