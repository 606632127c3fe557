using System.Text.Json;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>A <see cref="Checkpoint"/> as tensors and metadata, and back.</summary>
internal static class CheckpointFormat
{
    private const string Format = "mmoe-checkpoint";
    private const string Version = "2";
    private const string FirstMoments = "optimizer.m.";
    private const string SecondMoments = "optimizer.v.";

    /// <summary>The content of a checkpoint's file.</summary>
    public static TensorFile ToFile(Checkpoint checkpoint)
    {
        var layout = checkpoint.Layout();
        var tensors = Tensors(layout, "", checkpoint.Parameters);
        if (checkpoint.Training is { } training)
        {
            tensors = tensors
                .Concat(Tensors(layout, FirstMoments, training.FirstMoments))
                .Concat(Tensors(layout, SecondMoments, training.SecondMoments));
        }

        return new(new(Metadata(checkpoint)), new(tensors));
    }

    /// <summary>The checkpoint that a file holds, if all parts are there and fit each other.</summary>
    public static Checkpoint? OfFile(TensorFile file, string path, ICollection<Fault> faults) =>
        Malformed.Guard("the checkpoint", new FileLocation(path), faults, () => OfFile(file));

    private static IEnumerable<TensorMetadata> Metadata(Checkpoint checkpoint)
    {
        yield return new("format", Format);
        yield return new("version", Version);
        yield return new("schema", JsonText.Of(checkpoint.Schema.WriteTo));
        yield return new("model", ModelSpecJson.Write(checkpoint.Spec));
        yield return new("inputs", InputLayoutJson.Write(checkpoint.Inputs));
        yield return new("target_scaling", JsonText.Of(writer => Write(writer, checkpoint.TargetScaling)));
        yield return new("epoch", JsonText.Of(writer => writer.WriteNumberValue(checkpoint.Epoch)));
        yield return new("validation_metrics", checkpoint.ValidationMetrics);
        if (checkpoint.Drawn is { } drawn)
        {
            yield return new("drawn", JsonText.Of(writer => Write(writer, drawn)));
        }

        if (checkpoint.Training is { } training)
        {
            yield return new("training", JsonText.Of(writer => Write(writer, training)));
        }
    }

    private static IEnumerable<NamedTensor> Tensors(ParameterLayout layout, string prefix, EquatableArray<float> flat)
    {
        if (flat.Count != layout.Length)
        {
            throw new ArgumentException($"the vector of '{prefix}*' holds {flat.Count} elements, the model needs {layout.Length}");
        }

        return layout.Entries.Select(entry =>
        {
            var values = new float[entry.Count];
            entry.CopyFrom(flat.AsSpan(), values);
            return NamedTensor.Of(prefix + entry.Name, Shape(entry), values);
        });
    }

    private static EquatableArray<long> Shape(ParameterEntry entry) => new(entry.Shape.Select(length => (long)length));

    private static Checkpoint OfFile(TensorFile file)
    {
        if (file.Text("format") == Format && file.Text("version") == "1")
        {
            throw new MalformedException(
                $"it is of version 1, from before models had levels and inputs encodings; train again to get one of version {Version}");
        }

        if (file.Text("format") != Format || file.Text("version") != Version)
        {
            throw new MalformedException(
                $"its format is '{file.Text("format")}', version '{file.Text("version")}'; read is '{Format}', version '{Version}'");
        }

        var schema = Json(file, "schema", SchemaSummary.Read);
        var inputs = Json(file, "inputs", InputLayoutJson.Read);
        var targetScaling = Json(file, "target_scaling", ReadTargetScaling);
        Require(inputs.Fingerprint == schema.Fingerprint, "its input layout belongs to another schema");
        Require(targetScaling.Fingerprint == schema.Fingerprint, "its target scaling belongs to another schema");
        RequireInputs(inputs, schema);
        Require(
            targetScaling.Scales.Select(s => s.Task).SequenceEqual(schema.Tasks.Select(t => t.Name), StringComparer.Ordinal),
            "its target scaling is not of its tasks");

        var spec = Json(file, "model", ModelSpecJson.Read);
        var faults = ModelCheck.Faults(spec, inputs.Width, schema.Heads());
        Require(faults.Length == 0, $"its model does not fit: {string.Join(", ", faults)}");
        var layout = ParameterLayout.Of(spec, inputs.Width);
        var tensors = file.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return new(
            schema,
            spec,
            inputs,
            targetScaling,
            Json(file, "epoch", Malformed.Integer),
            Json(file, "validation_metrics", json => json.ValueKind == JsonValueKind.Object
                ? json.GetRawText()
                : throw new MalformedException("they are no JSON object")),
            Finite(layout, Flat(layout, "", tensors)),
            file.Text("training") is null ? null : Json(file, "training", json => ReadTraining(json, layout, tensors)))
        {
            Drawn = file.Text("drawn") is null ? null : Json(file, "drawn", ReadDrawn),
        };
    }

    private static void Write(Utf8JsonWriter writer, SyntheticSource source)
    {
        writer.WriteStartObject();
        writer.WriteNumber("dimension", source.Dimension);
        writer.WriteNumber("correlation", source.Correlation);
        writer.WriteNumber("scale", source.Scale);
        writer.WriteNumber("terms", source.Terms);
        writer.WriteNumber("noise_variance", source.NoiseVariance);
        writer.WriteNumber("train_rows", source.TrainRows);
        writer.WriteNumber("validation_rows", source.ValidationRows);
        writer.WriteNumber("test_rows", source.TestRows);
        writer.WriteNumber("seed", source.Seed);
        writer.WriteEndObject();
    }

    private static SyntheticSource ReadDrawn(JsonElement json)
    {
        var source = new SyntheticSource(
            json.Member("dimension").Integer(),
            json.Member("correlation").Number(),
            json.Member("scale").Number(),
            json.Member("terms").Integer(),
            json.Member("noise_variance").Number(),
            json.Member("train_rows").Integer(),
            json.Member("validation_rows").Integer(),
            json.Member("test_rows").Integer(),
            json.Member("seed").Integer());

        // A file may come from anywhere; what it says is drawn must fit into memory.
        const int MostRows = 10_000_000;
        Require(
            Math.Abs(source.Correlation) <= 1 && source.Scale >= 0 && source.NoiseVariance >= 0 && source.Terms is >= 0 and <= 10_000
            && new[] { source.TrainRows, source.ValidationRows, source.TestRows }.All(rows => rows is >= 1 and <= MostRows),
            "a parameter by which its rows were drawn is out of range");
        return source;
    }

    // Every tensor is compared with the file before the vector is allocated: a spec cannot ask for more memory than the file has bytes,
    // but for the unused columns of the first layer, which are at most 15 beside one that is used.
    private static EquatableArray<float> Flat(ParameterLayout layout, string prefix, IReadOnlyDictionary<string, NamedTensor> tensors)
    {
        foreach (var entry in layout.Entries)
        {
            var name = prefix + entry.Name;
            Require(tensors.TryGetValue(name, out var tensor), $"the tensor '{name}' is missing");
            Require(
                tensor!.Type == TensorType.F32 && tensor.Shape == Shape(entry),
                $"the tensor '{name}' is {tensor.Type} {tensor.Shape}, its spec asks for F32 {entry.Shape}");
        }

        var flat = new float[layout.Length];
        foreach (var entry in layout.Entries)
        {
            var values = new float[entry.Count];
            tensors[prefix + entry.Name].CopyTo(values);
            entry.CopyTo(values, flat);
        }

        return new(flat.AsSpan());
    }

    // One that is not would make every prediction NaN in silence. Of the optimiser's estimates there may be some; see Adam.
    private static EquatableArray<float> Finite(ParameterLayout layout, EquatableArray<float> parameters)
    {
        foreach (var entry in layout.Entries)
        {
            var values = new float[entry.Count];
            entry.CopyFrom(parameters.AsSpan(), values);
            var place = Array.FindIndex(values, value => !float.IsFinite(value));
            Require(place < 0, place < 0 ? "" : FormattableString.Invariant(
                $"the tensor '{entry.Name}' holds {values[place]} as its element {place} (counted from 0), and parameters are finite"));
        }

        return parameters;
    }

    private static void RequireInputs(InputLayout inputs, SchemaSummary schema)
    {
        var categoricals = schema.Categoricals.ToArray();
        var numerics = schema.Numerics.ToArray();
        var seen = new HashSet<object>();
        var offset = 0;

        // Inputs lie side by side, and the same one lies there once.
        void RequireInput(string column, int place, bool fits, int width, object input)
        {
            Require(fits && place == offset, $"its input '{column}' does not fit its schema");
            Require(seen.Add(input), $"its input '{column}' occurs twice");
            offset += width;
        }

        foreach (var input in inputs.Gathered)
        {
            var fits = input switch
            {
                CategoricalInput c => At(categoricals, c.CodeIndex, c.Column) is { } column && column.Vocabulary.Count == c.Size,
                BinnedInput b => At(numerics, b.NumericIndex, b.Column) is { } column && b.HasMissing == (column.MissingPolicy is not null),
                _ => false,
            };
            RequireInput(input.Column, input.Offset, fits, input.Size, input with { Offset = 0 });
        }

        foreach (var input in inputs.Numerics)
        {
            var fits = At(numerics, input.NumericIndex, input.Column) is { } column
                && (input.Encoder is not MissingEncoder || column.MissingPolicy is not null);
            RequireInput(input.Column, input.Offset, fits, input.Encoder.Width, input with { Offset = 0 });
        }

        var weighing = schema.Columns.FirstOrDefault(c => c.Name == inputs.WeightColumn);
        Require(
            inputs.WeightColumn is null || weighing is { Role: "weight" } or { Role: "feature", Kind: "numeric" },
            $"its weight column '{inputs.WeightColumn}' does not fit its schema");

        static SchemaColumn? At(SchemaColumn[] columns, int index, string name) =>
            (uint)index < (uint)columns.Length && columns[index].Name == name ? columns[index] : null;
    }

    private static T Json<T>(TensorFile file, string key, Func<JsonElement, T> read)
    {
        try
        {
            using var document = Malformed.Parse(file.Text(key) ?? throw new MalformedException("it is missing"));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is MalformedException or JsonException)
        {
            throw new MalformedException($"metadata '{key}': {e.Message}");
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new MalformedException(otherwise);
        }
    }

    private static void Write(Utf8JsonWriter writer, TargetScaling scaling)
    {
        writer.WriteStartObject();
        writer.WriteString("fingerprint", scaling.Fingerprint);
        writer.WriteStartArray("scales");
        foreach (var scale in scaling.Scales)
        {
            writer.WriteStartObject();
            writer.WriteString("task", scale.Task);
            writer.WriteNumber("mean", scale.Mean);
            writer.WriteNumber("deviation", scale.Deviation);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static TargetScaling ReadTargetScaling(JsonElement json) => new(
        json.Member("fingerprint").Text(),
        json.Member("scales").Items(scale => new TargetScale(
            scale.Member("task").Text(), scale.Member("mean").Single(), Deviation(scale))));

    private static float Deviation(JsonElement scale)
    {
        var deviation = scale.Member("deviation").Single();
        Require(deviation > 0, $"a deviation is {deviation}, not above 0");
        return deviation;
    }

    private static void Write(Utf8JsonWriter writer, TrainingState training)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", training.Step);
        writer.WriteNumber("seed", training.Seed);
        writer.WriteNumber("skipped", training.Skipped);
        if (training.Data is { } data)
        {
            writer.WriteString("data", data);
        }

        if (training.LossScale is { } scale)
        {
            writer.WriteNumber("loss_scale", scale);
            writer.WriteNumber("good_steps", training.GoodSteps);
        }

        if (training.Begun is { } begun)
        {
            writer.WriteStartObject("begun_epoch");
            writer.WriteNumber("steps", begun.Steps);
            writer.WriteNumber("loss_sum", begun.LossSum);
            writer.WriteNumber("seconds", begun.Seconds);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("best");
        foreach (var best in training.Best)
        {
            writer.WriteStartObject();
            writer.WriteString("name", best.Name);
            writer.WriteNumber("epoch", best.Epoch);
            writer.WriteNumber("score", best.Score);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static TrainingState ReadTraining(JsonElement json, ParameterLayout layout, IReadOnlyDictionary<string, NamedTensor> tensors)
    {
        var best = json.Member("best")
            .Items(score => new BestScore(score.Member("name").Text(), score.Member("epoch").Integer(), score.Member("score").Number()))
            .Distinct("best score", score => score.Name);
        var scale = json.Optional("loss_scale")?.Number();
        Require(scale is null or > 0, $"its loss is scaled by {scale}");
        return new(
            json.Member("step").LongInteger(),
            json.Member("seed").Integer(),
            Flat(layout, FirstMoments, tensors),
            Flat(layout, SecondMoments, tensors),
            best)
        {
            Data = json.Optional("data")?.Text(),
            Skipped = json.Optional("skipped")?.LongInteger() ?? 0,
            LossScale = scale,
            GoodSteps = json.Optional("good_steps")?.Integer() ?? 0,
            Begun = json.Optional("begun_epoch") is { } begun
                ? new(begun.Member("steps").Integer(), begun.Member("loss_sum").Number(), begun.Member("seconds").Number())
                : null,
        };
    }
}
