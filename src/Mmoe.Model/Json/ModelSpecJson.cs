using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// A spec as JSON. An MMoE in small:
/// <code>
/// {"levels":[{
///    "experts":[{"name":"0","reads":"input","network":[{"dense":4,"activation":"relu"}]}],
///    "mixtures":[{"stream":"y","experts":["0"],"gate":{"kind":"softmax","reads":"input","hidden":[],"temperature":1}}]}],
///  "towers":[{"task":"y","reads":"y","hidden":[],"head":{"kind":"binary"}}],
///  "weighting":{"kind":"fixed","weights":[]},"frozen":[]}
/// </code>
/// What is at its default may be left out.
/// </summary>
public static class ModelSpecJson
{
    /// <summary>Writes a spec on one line.</summary>
    public static string Write(ModelSpec spec) => JsonText.Of(writer => Write(writer, spec));

    /// <summary>The inverse of <see cref="Write(ModelSpec)"/>.</summary>
    /// <param name="json">The text; may come from anywhere.</param>
    /// <returns>The spec, unchecked (see <see cref="ModelCheck"/>), or why it cannot be read.</returns>
    public static Validation<Fault, ModelSpec> Read(string json) => Malformed.Guard("the model spec", null, () =>
    {
        using var document = Malformed.Parse(json);
        return Read(document.RootElement);
    });

    /// <summary>Writes a spec as an object.</summary>
    internal static void Write(Utf8JsonWriter writer, ModelSpec spec)
    {
        writer.WriteStartObject();
        Write(writer, "levels", spec.Levels, Write);
        Write(writer, "towers", spec.Towers, Write);
        writer.WritePropertyName("weighting");
        Write(writer, spec.Weighting);
        Write(writer, "frozen", spec.Frozen, (w, part) => w.WriteStringValue(part));
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, ModelSpec)"/> wrote; throws <see cref="MalformedException"/>.</summary>
    internal static ModelSpec Read(JsonElement json) =>
        new(new Trunk(json.Member("levels").Items(ReadLevel)), json.Member("towers").Items(ReadTower))
        {
            Weighting = json.Optional("weighting") is { } weighting ? ReadWeighting(weighting) : TaskWeighting.Equal,
            Frozen = json.Optional("frozen")?.Items(Malformed.Text) ?? default,
        };

    private static void Write<T>(Utf8JsonWriter writer, string name, EquatableArray<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Level level)
    {
        writer.WriteStartObject();
        Write(writer, "experts", level.Experts, Write);
        Write(writer, "mixtures", level.Mixtures, Write);
        writer.WriteEndObject();
    }

    private static Level ReadLevel(JsonElement json) =>
        new(json.Member("experts").Items(ReadExpert), json.Member("mixtures").Items(ReadMixture));

    private static void Write(Utf8JsonWriter writer, Expert expert)
    {
        writer.WriteStartObject();
        writer.WriteString("name", expert.Name);
        writer.WriteString("reads", expert.Reads);
        Write(writer, "network", expert.Network);
        writer.WriteEndObject();
    }

    private static Expert ReadExpert(JsonElement json) =>
        new(json.Member("name").Text(), ReadNetwork(json.Member("network")), json.Optional("reads")?.Text() ?? Streams.Input);

    private static void Write(Utf8JsonWriter writer, Mixture mixture)
    {
        writer.WriteStartObject();
        writer.WriteString("stream", mixture.Stream);
        Write(writer, "experts", mixture.Experts, (w, name) => w.WriteStringValue(name));
        writer.WriteStartObject("gate");
        switch (mixture.Gate)
        {
            case PassGate:
                writer.WriteString("kind", "pass");
                break;
            case SoftmaxGate gate:
                writer.WriteString("kind", "softmax");
                writer.WriteString("reads", gate.Reads);
                Write(writer, "hidden", gate.Hidden);
                writer.WriteBoolean("bias", gate.HasBias);
                writer.WriteNumber("temperature", gate.Temperature);
                if (gate.TopK is { } topK)
                {
                    writer.WriteNumber("top_k", topK);
                }

                break;
            case StitchGate stitch:
                writer.WriteString("kind", "stitch");
                Write(writer, "initial", stitch.Initial, (w, value) => w.WriteNumberValue(value));
                break;
            default:
                throw new ArgumentException($"there is no JSON for {mixture.Gate}", nameof(mixture));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static Mixture ReadMixture(JsonElement json) =>
        new(json.Member("stream").Text(), json.Member("experts").Items(Malformed.Text), ReadGate(json.Member("gate")));

    private static Gate ReadGate(JsonElement json) => json.Member("kind").Named<Func<Gate>>(
        "gate",
        ("pass", () => new PassGate()),
        ("softmax", () => new SoftmaxGate(
            json.Optional("reads")?.Text() ?? Streams.Input,
            json.Optional("bias")?.Boolean() ?? true,
            json.Optional("temperature")?.Number() ?? 1,
            json.Optional("top_k")?.Integer())
        {
            Hidden = json.Optional("hidden") is { } hidden ? ReadNetwork(hidden) : Network.Identity,
        }),
        ("stitch", () => new StitchGate(json.Member("initial").Items(Malformed.Single))))();

    private static void Write(Utf8JsonWriter writer, Tower tower)
    {
        writer.WriteStartObject();
        writer.WriteString("task", tower.Task);
        writer.WriteString("reads", tower.Reads);
        Write(writer, "hidden", tower.Hidden);
        writer.WritePropertyName("head");
        Write(writer, tower.Head);
        writer.WriteEndObject();
    }

    private static Tower ReadTower(JsonElement json) => new(
        json.Member("task").Text(), ReadNetwork(json.Member("hidden")), ReadHead(json.Member("head")), json.Member("reads").Text());

    private static void Write(Utf8JsonWriter writer, string name, Network network) => Write(writer, name, network.Layers, Write);

    private static void Write(Utf8JsonWriter writer, Layer layer)
    {
        writer.WriteStartObject();
        switch (layer)
        {
            case Dense dense:
                writer.WriteNumber("dense", dense.Units);
                writer.WriteString("activation", dense.Activation.Name());
                if (!dense.HasBias)
                {
                    writer.WriteBoolean("bias", false);
                }

                break;
            case Activate activate:
                writer.WriteString("activate", activate.Function.Name());
                break;
            case Dropout dropout:
                writer.WriteNumber("dropout", dropout.Rate);
                break;
            case LayerNorm norm:
                writer.WriteNumber("layer_norm", norm.Epsilon);
                break;
            case Residual residual:
                Write(writer, "residual", residual.Inner);
                break;
            default:
                throw new ArgumentException($"there is no JSON for {layer}", nameof(layer));
        }

        writer.WriteEndObject();
    }

    private static Network ReadNetwork(JsonElement json) => new(json.Items(ReadLayer));

    private static Layer ReadLayer(JsonElement json)
    {
        ReadOnlySpan<string> kinds = ["dense", "activate", "dropout", "layer_norm", "residual"];
        var kind = "";
        foreach (var name in kinds)
        {
            if (json.Optional(name) is not null)
            {
                kind = kind.Length == 0 ? name : throw new MalformedException($"a layer is both {kind} and {name}");
            }
        }

        return kind switch
        {
            "dense" => new Dense(
                json.Member(kind).Integer(), ReadActivation(json.Member("activation")), json.Optional("bias")?.Boolean() ?? true),
            "activate" => new Activate(ReadActivation(json.Member(kind))),
            "dropout" => new Dropout(json.Member(kind).Number()),
            "layer_norm" => new LayerNorm(json.Member(kind).Number()),
            "residual" => new Residual(ReadNetwork(json.Member(kind))),
            _ => throw new MalformedException("a layer is none of dense, activate, dropout, layer_norm and residual"),
        };
    }

    private static Activation ReadActivation(JsonElement json) => json.Named("activation", Activations.All.AsSpan());

    private static void Write(Utf8JsonWriter writer, Head head)
    {
        writer.WriteStartObject();
        switch (head)
        {
            case BinaryHead binary:
                writer.WriteString("kind", "binary");
                writer.WriteNumber("positive_weight", binary.PositiveWeight);
                writer.WriteNumber("label_smoothing", binary.LabelSmoothing);
                break;
            case MulticlassHead multiclass:
                writer.WriteString("kind", "multiclass");
                writer.WriteNumber("classes", multiclass.Classes);
                writer.WriteNumber("label_smoothing", multiclass.LabelSmoothing);
                break;
            case RegressionHead regression:
                writer.WriteString("kind", "regression");
                if (regression.HuberDelta is { } delta)
                {
                    writer.WriteNumber("huber_delta", delta);
                }

                break;
            default:
                throw new ArgumentException($"there is no JSON for {head}", nameof(head));
        }

        writer.WriteEndObject();
    }

    private static Head ReadHead(JsonElement json) => json.Member("kind").Named<Func<Head>>(
        "head",
        ("binary", () => new BinaryHead(json.Optional("positive_weight")?.Number() ?? 1, json.Optional("label_smoothing")?.Number() ?? 0)),
        ("multiclass", () => new MulticlassHead(json.Member("classes").Integer(), json.Optional("label_smoothing")?.Number() ?? 0)),
        ("regression", () => new RegressionHead(json.Optional("huber_delta")?.Number())))();

    private static void Write(Utf8JsonWriter writer, TaskWeighting weighting)
    {
        writer.WriteStartObject();
        switch (weighting)
        {
            case FixedWeighting fix:
                writer.WriteString("kind", "fixed");
                Write(writer, "weights", fix.Weights, (w, weight) =>
                {
                    w.WriteStartObject();
                    w.WriteString("task", weight.Task);
                    w.WriteNumber("weight", weight.Weight);
                    w.WriteEndObject();
                });
                break;
            case UncertaintyWeighting:
                writer.WriteString("kind", "uncertainty");
                break;
            case PcGradWeighting:
                writer.WriteString("kind", "pcgrad");
                break;
            default:
                throw new ArgumentException($"there is no JSON for {weighting}", nameof(weighting));
        }

        writer.WriteEndObject();
    }

    private static TaskWeighting ReadWeighting(JsonElement json) => json.Member("kind").Named<Func<TaskWeighting>>(
        "weighting",
        ("fixed", () => new FixedWeighting(json.Member("weights").Items(weight =>
            new TaskWeight(weight.Member("task").Text(), weight.Member("weight").Number())))),
        ("uncertainty", () => new UncertaintyWeighting()),
        ("pcgrad", () => new PcGradWeighting()))();
}
