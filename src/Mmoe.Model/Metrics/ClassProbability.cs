namespace Mmoe.Model;

/// <summary>
/// The probability of one named class for every row: a column of a model's outputs. The only thing that a ranking metric takes, so that no
/// metric can be computed over all columns of a softmax at once.
/// </summary>
public readonly ref struct ClassProbability
{
    private readonly ReadOnlySpan<float> outputs;
    private readonly int width;
    private readonly int column;

    /// <summary>Names a column of outputs.</summary>
    /// <param name="name">The class whose probability it is.</param>
    /// <param name="outputs">[rows, width].</param>
    /// <param name="width">The outputs for one row.</param>
    /// <param name="column">The class's position among them.</param>
    /// <exception cref="ArgumentException">The outputs are not whole rows, or there is no such column.</exception>
    public ClassProbability(string name, ReadOnlySpan<float> outputs, int width, int column)
    {
        if (width < 1 || outputs.Length % width != 0)
        {
            throw new ArgumentException($"{outputs.Length} outputs are not rows of {width}", nameof(outputs));
        }

        if ((uint)column >= (uint)width)
        {
            throw new ArgumentException($"the probability of '{name}' cannot be column {column} of {width}", nameof(column));
        }

        this.Name = name;
        this.outputs = outputs;
        this.width = width;
        this.column = column;
    }

    /// <summary>The class.</summary>
    public string Name { get; }

    /// <summary>The number of rows.</summary>
    public int Rows => this.outputs.Length / this.width;

    /// <summary>The probability in a row.</summary>
    public float this[int row] => this.outputs[(row * this.width) + this.column];
}
