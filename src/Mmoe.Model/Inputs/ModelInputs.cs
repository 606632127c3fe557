namespace Mmoe.Model;

/// <summary>
/// Encoded rows as a model sees them: categorical inputs as rows of the first layer to gather, numerics scaled, targets standardised.
/// Arrays are row-major and never changed.
/// </summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Indices">[rows, categorical inputs]: row numbers of the first layer.</param>
/// <param name="Numerics">[rows, numeric inputs]: scaled, missing values filled.</param>
/// <param name="Targets">[rows, tasks]: 0 or 1, the class index, or the standardised number; NaN where the label is missing.</param>
/// <param name="Weights">[rows]: the row's weight in loss and metrics, 1 without a weight column.</param>
public sealed record ModelInputs(int Rows, int[] Indices, float[] Numerics, float[] Targets, float[] Weights);
