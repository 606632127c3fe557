namespace Mmoe.Training.Tests.Contract;

/// <summary>The update rules of the papers, in double precision.</summary>
internal sealed class NaiveOptimizer(Optimizer optimizer, double[] theta)
{
    private readonly double[] m = new double[theta.Length];
    private readonly double[] v = new double[theta.Length];
    private int t;

    public void Step(double[] gradient, double rate)
    {
        this.t++;
        for (var i = 0; i < theta.Length; i++)
        {
            theta[i] = optimizer switch
            {
                Adam adam => this.Adam(adam, i, gradient[i], rate),
                Sgd sgd => theta[i] - (rate * (this.m[i] = (sgd.Momentum * this.m[i]) + gradient[i] + (sgd.WeightDecay * theta[i]))),
                _ => throw new InvalidOperationException(),
            };
        }
    }

    private double Adam(Adam adam, int i, double gradient, double rate)
    {
        var g = gradient + (adam.IsDecoupled ? 0 : adam.WeightDecay * theta[i]);
        this.m[i] = (adam.Beta1 * this.m[i]) + ((1 - adam.Beta1) * g);
        this.v[i] = (adam.Beta2 * this.v[i]) + ((1 - adam.Beta2) * g * g);
        var (mHat, vHat) = (this.m[i] / (1 - Math.Pow(adam.Beta1, this.t)), this.v[i] / (1 - Math.Pow(adam.Beta2, this.t)));
        var decayed = adam.IsDecoupled ? theta[i] - (rate * adam.WeightDecay * theta[i]) : theta[i];
        return decayed - (rate * mHat / (Math.Sqrt(vHat) + adam.Epsilon));
    }
}
