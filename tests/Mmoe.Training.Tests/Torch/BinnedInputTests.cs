using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Torch;

namespace Mmoe.Training.Tests.Torch;

/// <summary>From a schema's bins through rows to a trained model.</summary>
[Collection("torch")]
[Trait("Native", "libtorch")]
public sealed class BinnedInputTests
{
    private const int Rows = 600;

    private static readonly EquatableArray<float> Edges = new([20f, 35f, 50f, 65f, 80f]);

    [Fact]
    public void Torch_and_the_managed_forward_pass_agree_on_rows_with_bins()
    {
        var (model, rows) = Prepare(Dataset(Edges));
        var parameters = Initialiser.Values(model.Layout, seed: 3);
        using var engine = Engine(model, parameters);

        // One gathered input beside one number: the column as such is no categorical.
        Assert.Empty(model.Plan.Dataset.Categoricals);
        Assert.Equal(Rows, rows.Indices.Length);
        Assert.Equal(7 + 1, model.Inputs.Width);
        var expected = new ManagedForward(model.Plan.Spec, model.Inputs).Logits(parameters, rows);
        var logits = engine.Logits(rows);
        Assert.Equal(expected.Length, logits.Length);
        Assert.All(expected.Select((value, i) => (value, i)), item => Assert.Equal(item.value, logits[item.i], 1e-5));
    }

    [Fact]
    public void A_label_that_depends_on_the_interval_is_learnt_with_bins_and_not_without()
    {
        var with = LossAfterTraining(Dataset(Edges));
        var without = LossAfterTraining(Dataset(default));

        // Without bins a narrow network has to bend one number at four edges, and knows nothing of what is missing.
        Assert.InRange(with, 0, 0.02);
        Assert.InRange(without, 0.2, 1);
    }

    private static double LossAfterTraining(DatasetDescriptor dataset)
    {
        var (model, rows) = Prepare(dataset);
        using var engine = Engine(model, Initialiser.Values(model.Layout, seed: 3));
        engine.LoadTrain(rows);
        int[] order = [.. Enumerable.Range(0, Rows)];
        for (var epoch = 0; epoch < 60; epoch++)
        {
            new Random(epoch).Shuffle(order);
            engine.TrainEpoch(new(order, 32), _ => 0.01, _ => { }, CancellationToken.None).AssertSuccess();
        }

        return engine.Gradient(rows).Loss;
    }

    private static TorchEngine Engine(FittedModel model, float[] parameters) =>
        TorchEngine.Create(model.Plan.Spec, model.Inputs, model.Layout, parameters, new TorchOptions()).AssertSuccess();

    private static (FittedModel Model, ModelInputs Rows) Prepare(DatasetDescriptor dataset)
    {
        var inputs = InputPlan.Of(dataset, [], null).AssertSuccess();
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 2, Samples.Relu(4), Samples.Relu(4)).Check(inputs).AssertSuccess();
        var model = FittedModel.Of(new ModelPlan(dataset, spec, inputs), new TrainSplit(Table(dataset))).AssertSuccess();
        return (model, model.Rows(Table(dataset)).AssertSuccess().Inputs);
    }

    /// <summary>Numbers from 0 to 100, one in ten missing; positive from 20 to 35, from 50 to 65, from 80 on, and where missing.</summary>
    private static EncodedTable Table(DatasetDescriptor dataset)
    {
        var random = new Random(5);
        var numbers = new float[Rows];
        var labels = new float[Rows];
        for (var row = 0; row < Rows; row++)
        {
            numbers[row] = random.Next(10) == 0 ? float.NaN : random.NextSingle() * 100;
            labels[row] = numbers[row] is (>= 20 and < 35) or (>= 50 and < 65) or >= 80 or float.NaN ? 1 : 0;
        }

        return new EncodedTable(dataset, Rows, default, numbers, labels, default);
    }

    private static DatasetDescriptor Dataset(EquatableArray<float> bins)
    {
        var label = new CategoricalLabel("y", "", 1, default, 0, new Vocabulary("no", "yes"));
        var parameters = new TrainingParameters(2, new([4]), new([4]), 32, 1, 0.001, true, 1, 10, 5, 5);
        return new DatasetDescriptor
        {
            Contract = GeneratedContract.V1,
            Name = "intervals",
            Description = "",
            Fingerprint = "intervals",
            Format = new FileFormat(',', false, null, null, false),
            Columns = new(
                [new NumericFeature("x", "", 0, new(new(["NA"]), MissingPolicy.Mean), 0, 0, false, new NumericRange(0, 100), bins), label]),
            Tasks = new([new BinaryTask("y", "", 0, label, new([1]))]),
            Source = new FileSource(default, new("a", 3, new([0])), new("a", 3, new([1])), new("a", 3, new([2]))),
            Training = new TrainingDefaults(parameters, parameters, parameters),
        };
    }
}
