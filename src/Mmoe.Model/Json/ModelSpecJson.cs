using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// A spec as JSON:
/// <c>{"gating":"per_task","experts":[[{"dense":4,"activation":"relu"}]],"towers":[{"task":"y","hidden":[],"head":{"kind":"binary"}}]}</c>.
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
        writer.WriteString("gating", spec.Gating switch
        {
            Gating.None => "none",
            Gating.Shared => "shared",
            Gating.PerTask => "per_task",
            _ => throw new ArgumentException($"there is no gating {spec.Gating}", nameof(spec)),
        });
        writer.WriteStartArray("experts");
        foreach (var expert in spec.Experts)
        {
            Write(writer, expert);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("towers");
        foreach (var tower in spec.Towers)
        {
            writer.WriteStartObject();
            writer.WriteString("task", tower.Task);
            writer.WritePropertyName("hidden");
            Write(writer, tower.Hidden);
            writer.WritePropertyName("head");
            Write(writer, tower.Head);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, ModelSpec)"/> wrote; throws <see cref="MalformedException"/>.</summary>
    internal static ModelSpec Read(JsonElement json) => new(
        json.Member("experts").Items(ReadNetwork),
        json.Member("gating").Named("gating", ("none", Gating.None), ("shared", Gating.Shared), ("per_task", Gating.PerTask)),
        json.Member("towers").Items(tower => new Tower(
            tower.Member("task").Text(), ReadNetwork(tower.Member("hidden")), ReadHead(tower.Member("head")))));

    private static void Write(Utf8JsonWriter writer, Network network)
    {
        writer.WriteStartArray();
        foreach (var layer in network.Layers)
        {
            if (layer is not Dense dense)
            {
                throw new ArgumentException($"there is no JSON for {layer}", nameof(network));
            }

            writer.WriteStartObject();
            writer.WriteNumber("dense", dense.Units);
            writer.WriteString("activation", dense.Activation switch
            {
                Activation.Identity => "identity",
                Activation.ReLU => "relu",
                Activation.Tanh => "tanh",
                Activation.SiLU => "silu",
                _ => throw new ArgumentException($"there is no activation {dense.Activation}", nameof(network)),
            });
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static Network ReadNetwork(JsonElement json) => new(json.Items<Layer>(layer => new Dense(
        layer.Member("dense").Integer(),
        layer.Member("activation").Named(
            "activation",
            ("identity", Activation.Identity),
            ("relu", Activation.ReLU),
            ("tanh", Activation.Tanh),
            ("silu", Activation.SiLU)))));

    private static void Write(Utf8JsonWriter writer, Head head)
    {
        writer.WriteStartObject();
        switch (head)
        {
            case BinaryHead:
                writer.WriteString("kind", "binary");
                break;
            case MulticlassHead multiclass:
                writer.WriteString("kind", "multiclass");
                writer.WriteNumber("classes", multiclass.Classes);
                break;
            case RegressionHead:
                writer.WriteString("kind", "regression");
                break;
            default:
                throw new ArgumentException($"there is no JSON for {head}", nameof(head));
        }

        writer.WriteEndObject();
    }

    private static Head ReadHead(JsonElement json) => json.Member("kind").Named<Func<Head>>(
        "head",
        ("binary", () => new BinaryHead()),
        ("multiclass", () => new MulticlassHead(json.Member("classes").Integer())),
        ("regression", () => new RegressionHead()))();
}
