using Mmoe.Testing.Tests.Datasets;

namespace Mmoe.Testing.Tests;

/// <summary>A mistake that a schema's author or a generator could make.</summary>
public interface IFlaw
{
    /// <summary>What the descriptor becomes.</summary>
    static virtual DatasetDescriptor Describe(DatasetDescriptor parcels) => parcels;

    /// <summary>What becomes of an encoded row.</summary>
    static virtual void Encode(EncodedRow row)
    {
    }

    /// <summary>What becomes of an encoded row before it is decoded.</summary>
    static virtual void Decode(EncodedRow row)
    {
    }

    /// <summary>What becomes of a model's outputs.</summary>
    static virtual float[] Outputs(ReadOnlySpan<float> outputs) => outputs.ToArray();
}

/// <summary>The generated dataset <see cref="Parcels"/> with a mistake in it.</summary>
public sealed class Flawed<TFlaw> : IDataset<Parcels.Row, Parcels.Prediction>
    where TFlaw : IFlaw
{
    public static DatasetDescriptor Descriptor { get; } = TFlaw.Describe(Parcels.Descriptor);

    public static void Encode(Parcels.Row row, EncodedRow encoded)
    {
        Parcels.Encode(row, encoded);
        TFlaw.Encode(encoded);
    }

    public static Parcels.Row Decode(EncodedRow encoded)
    {
        TFlaw.Decode(encoded);
        return Parcels.Decode(encoded);
    }

    public static Parcels.Prediction ToPrediction(ReadOnlySpan<float> outputs) => Parcels.ToPrediction(TFlaw.Outputs(outputs));
}
