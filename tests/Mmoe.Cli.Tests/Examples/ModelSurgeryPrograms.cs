using LanguageExt;
using Mmoe;
using Mmoe.Data;
using Mmoe.Model;

/// <summary>The programs of docs/models.md's "Surgery" as methods; a test compares them with the page.</summary>
internal static class ModelSurgeryPrograms
{
    private static readonly Network Expert = new Dense(4, Activation.ReLU);

    public static ModelSpec Ple(EquatableArray<TaskDescriptor> tasks) =>
        ModelFamilies.Ple(tasks, levels: 2, taskExperts: 1, sharedExperts: 2, Expert, new Dense(8, Activation.ReLU));

    public static Validation<Fault, ModelSpec> Changed(ModelSpec ple)
    {
        Network tower = new Dense(16, Activation.ReLU) >> new Dense(8, Activation.ReLU);
        var changed =
            from deeper in ple.ReplaceTower(ple.Towers[0] with { Hidden = tower })
            from larger in deeper.AddTask("y2", new BinaryHead(), like: "y1", at: 1)
            from smaller in larger.DropExpert(level: 1, "shared.1")
            select smaller;
        return changed;
    }

    public static (ParameterTransfer Transfer, ModelSpec Careful, string[] Fresh) Carried(
        ModelSpec ple, EquatableArray<float> parameters, int inputs, ModelSpec changed)
    {
        var transfer = ParameterTransfer.Of(ple, parameters.AsSpan(), changed, inputs, seed: 1);
        var fresh = transfer.Parameters.Where(parameter => !parameter.IsCarried).Select(parameter => parameter.Name).ToArray();
        var careful = changed.Freeze(transfer.Parameters.Select(parameter => parameter.Name).Except(fresh));
        return (transfer, careful, fresh);
    }

    public static Validation<Fault, ModelSpec> WithItsOwn(ModelSpec mmoe)
    {
        Level joining = new([new Expert("y2.0", Expert)], [new Mixture("y2", ["y2.0", "0", "1"], new SoftmaxGate())]);
        var more = mmoe.AddTask(new Tower("y2", new Dense(8, Activation.ReLU), new BinaryHead(), Reads: "y2"), levels: [joining]);
        return more;
    }
}
