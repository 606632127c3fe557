using Mmoe.Generators.Models;

namespace Mmoe.Generators.Parsing;

/// <content>Training parameters.</content>
internal sealed partial class SchemaParser
{
    private static readonly IReadOnlyDictionary<string, NumberLimits> Limits = ParameterLimits.Training;

    private TrainingModel ReadTraining(SchemaFields dataset)
    {
        if (dataset.As<JsonObject>(dataset.Find("training"), "an object") is not { } node)
        {
            return new(ParametersModel.BuiltIn, ParametersModel.BuiltIn, ParametersModel.BuiltIn);
        }

        var fields = new SchemaFields(node, "'training'", SchemaProperties.Training, this.report);
        var any = this.ReadParameters(fields, ParametersModel.BuiltIn);
        return new(any, this.ReadDevice(fields, "cpu", any), this.ReadDevice(fields, "gpu", any));
    }

    private ParametersModel ReadDevice(SchemaFields training, string device, ParametersModel any) =>
        training.As<JsonObject>(training.Find(device), "an object") is { } node
            ? this.ReadParameters(new(node, $"'{device}'", SchemaProperties.DeviceTraining, this.report), any)
            : any;

    private ParametersModel ReadParameters(SchemaFields fields, ParametersModel under) => new(
        NumExperts: fields.Integer("num_experts", Limits) ?? under.NumExperts,
        Units: this.ReadWidths(fields, "units", allowNone: false) ?? under.Units,
        TowerUnits: this.ReadWidths(fields, "tower_units", allowNone: true) ?? under.TowerUnits,
        BatchSize: fields.Integer("batch_size", Limits) ?? under.BatchSize,
        EpochSize: fields.Integer("epoch_size", Limits) ?? under.EpochSize,
        LearningRate: fields.Fraction("learning_rate", Limits) ?? under.LearningRate,
        SaveCheckpoint: fields.Boolean("save_checkpoint") ?? under.SaveCheckpoint,
        SaveCheckpointEpochs: fields.Integer("save_checkpoint_epochs", Limits) ?? under.SaveCheckpointEpochs,
        KeepCheckpointMax: fields.Integer("keep_checkpoint_max", Limits) ?? under.KeepCheckpointMax,
        WarmupEpochs: fields.Integer("warmup_epochs", Limits) ?? under.WarmupEpochs,
        Seed: fields.Integer("seed", Limits) ?? under.Seed);

    // One width, or a list of them from the input on.
    private EquatableArray<int>? ReadWidths(SchemaFields fields, string name, bool allowNone)
    {
        var property = fields.Find(name);
        if (property?.Value is JsonNumber single)
        {
            return fields.Integer(single, name, Limits[name]) is { } width ? new([width]) : null;
        }

        if (fields.As<JsonArray>(property, "a number or an array of numbers") is not { } array)
        {
            return null;
        }

        var widths = new List<int>();
        foreach (var item in array.Items)
        {
            if (fields.As<JsonNumber>(item, $"an item of '{name}'", "a number") is { } number
                && fields.Integer(number, name, Limits[name]) is { } width)
            {
                widths.Add(width);
            }
        }

        if (array.Items.Count == 0 && !allowNone)
        {
            this.report.Add(SchemaRules.NumberOutOfRange, SchemaFields.Head(array), "[]", name, "at least one width");
            return null;
        }

        return new EquatableArray<int>(widths);
    }
}
