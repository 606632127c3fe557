using Mmoe.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mmoe.Bench.Steps;

/// <summary>The sizes of an MMoE of the reference's shape with binary tasks.</summary>
/// <param name="Experts">The number of experts.</param>
/// <param name="Units">The units of an expert's layer.</param>
/// <param name="TowerUnits">The units of a tower's hidden layer.</param>
internal sealed record MmoeSizes(int Experts, int Units, int TowerUnits);

/// <summary>An MMoE as a user of TorchSharp writes it: a module for every part, on dense one-hot rows.</summary>
internal sealed class NaiveMmoe : Module<Tensor, Tensor[]>
{
    private readonly ModuleList<Module<Tensor, Tensor>> experts;
    private readonly ModuleList<Module<Tensor, Tensor>> gates;
    private readonly ModuleList<Module<Tensor, Tensor>> towers;

    public NaiveMmoe(int inputs, int tasks, MmoeSizes sizes)
        : base("mmoe")
    {
        this.experts = Repeat(sizes.Experts, () => Sequential(Linear(inputs, sizes.Units), ReLU()));
        this.gates = Repeat(tasks, () => Sequential(Linear(inputs, sizes.Experts), Softmax(-1)));
        this.towers = Towers(tasks, sizes);
        this.RegisterComponents();
    }

    /// <summary>The logits of each task, [rows, 1].</summary>
    public override Tensor[] forward(Tensor input)
    {
        var experts = stack([.. this.experts.Select(expert => expert.call(input))], 1);
        return [.. this.gates.Zip(this.towers, (gate, tower) => tower.call((gate.call(input).unsqueeze(-1) * experts).sum(1)))];
    }

    /// <summary>A tower for each task.</summary>
    public static ModuleList<Module<Tensor, Tensor>> Towers(int tasks, MmoeSizes sizes) =>
        Repeat(tasks, () => Sequential(Linear(sizes.Units, sizes.TowerUnits), ReLU(), Linear(sizes.TowerUnits, 1)));

    private static ModuleList<Module<Tensor, Tensor>> Repeat(int count, Func<Module<Tensor, Tensor>> make) =>
        ModuleList([.. Enumerable.Range(0, count).Select(_ => make())]);
}

/// <summary>The same with one layer for all experts, which has fewer tensors: what a user writes who knows what a call costs.</summary>
internal sealed class OneLayerMmoe : Module<Tensor, Tensor[]>
{
    private readonly MmoeSizes sizes;
    private readonly Linear experts;
    private readonly Linear gates;
    private readonly ModuleList<Module<Tensor, Tensor>> towers;

    public OneLayerMmoe(int inputs, int tasks, MmoeSizes sizes)
        : base("mmoe")
    {
        this.sizes = sizes;
        this.experts = Linear(inputs, sizes.Experts * sizes.Units);
        this.gates = Linear(inputs, tasks * sizes.Experts);
        this.towers = NaiveMmoe.Towers(tasks, sizes);
        this.RegisterComponents();
    }

    /// <inheritdoc cref="NaiveMmoe.forward"/>
    public override Tensor[] forward(Tensor input)
    {
        var experts = functional.relu(this.experts.call(input)).view(-1, this.sizes.Experts, this.sizes.Units);
        var gates = functional.softmax(this.gates.call(input).view(-1, this.towers.Count, this.sizes.Experts), -1);
        return [.. gates.matmul(experts).unbind(1).Zip(this.towers, (mixed, tower) => tower.call(mixed))];
    }
}

/// <summary>The training program around it, as a user of TorchSharp writes it.</summary>
internal sealed class NaiveTorch : IContestant
{
    private readonly Tensor inputs;
    private readonly Tensor[] targets;
    private readonly Module<Tensor, Tensor[]> model;
    private readonly optim.Optimizer optimizer;

    public NaiveTorch(string name, Module<Tensor, Tensor[]> model, ModelInputs rows, int width, int tasks, double learningRate)
    {
        (this.Name, this.model) = (name, model);
        this.inputs = tensor(OneHot(rows, width), [rows.Rows, width]);
        this.targets = [.. tensor(rows.Targets, [rows.Rows, tasks]).split(1, 1).Select(column => column.contiguous())];
        this.optimizer = optim.Adam(this.model.parameters(), learningRate);
    }

    public string Name { get; }

    public double Train(int[] order, int batchSize)
    {
        var losses = 0.0;
        using var epoch = NewDisposeScope();
        var shuffled = tensor(order, ScalarType.Int64);
        for (var start = 0; start < order.Length; start += batchSize)
        {
            using var step = NewDisposeScope();
            var batch = shuffled.slice(0, start, Math.Min(start + batchSize, order.Length), 1);
            var logits = this.model.call(this.inputs.index_select(0, batch));
            var loss = this.Loss(logits, batch);
            this.optimizer.zero_grad();
            loss.backward();
            this.optimizer.step();
            losses += loss.item<float>() * batch.shape[0];
        }

        return losses / order.Length;
    }

    public void Dispose()
    {
        this.optimizer.Dispose();
        this.model.Dispose();
        this.inputs.Dispose();
        foreach (var target in this.targets)
        {
            target.Dispose();
        }
    }

    private static float[] OneHot(ModelInputs rows, int width)
    {
        var dense = new float[rows.Rows * width];
        var gathered = rows.Indices.Length / rows.Rows;
        var numerics = rows.Numerics.Length / rows.Rows;
        for (var row = 0; row < rows.Rows; row++)
        {
            var line = dense.AsSpan(row * width, width);
            foreach (var index in rows.Indices.AsSpan(row * gathered, gathered))
            {
                line[index] = 1;
            }

            rows.Numerics.AsSpan(row * numerics, numerics).CopyTo(line[(width - numerics)..]);
        }

        return dense;
    }

    private Tensor Loss(Tensor[] logits, Tensor batch)
    {
        var loss = functional.binary_cross_entropy_with_logits(logits[0], this.targets[0].index_select(0, batch));
        for (var task = 1; task < logits.Length; task++)
        {
            loss += functional.binary_cross_entropy_with_logits(logits[task], this.targets[task].index_select(0, batch));
        }

        return loss;
    }
}
