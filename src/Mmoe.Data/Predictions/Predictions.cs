namespace Mmoe.Data;

/// <summary>What a model says of one row for a binary task.</summary>
/// <param name="Probability">The probability of the positive class, in [0, 1].</param>
public readonly record struct BinaryPrediction(float Probability);

/// <summary>What a model says of one row for a regression task.</summary>
/// <param name="Value">The predicted number, in the label's units.</param>
public readonly record struct RegressionPrediction(float Value);

/// <summary>What a model says of one row for a multi-class task.</summary>
/// <param name="MostLikely">The class with the highest probability; the first of equals.</param>
/// <param name="Probabilities">One probability per class, in vocabulary order; they sum to 1.</param>
/// <typeparam name="TLabel">The label's vocabulary.</typeparam>
public readonly record struct MulticlassPrediction<TLabel>(TLabel MostLikely, EquatableArray<float> Probabilities);
