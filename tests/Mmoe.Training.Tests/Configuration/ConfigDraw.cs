using System.Globalization;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Training.Tests;

/// <summary>
/// Draws configurations from the table of settings: whatever a key takes of the texts below. A key that is new is drawn as soon as it takes
/// two of them; <see cref="SavedConfigTests"/> says which do not.
/// </summary>
internal static class ConfigDraw
{
    private static readonly string[] Texts =
    [
        "true", "false", "default", "cpu", "cuda", "cuda:3", "0", "1", "2", "3", "17", "-4", "4096", "0.5", "0.1", "1E-07", "0.12345678901234567",
        "[]", "[4]", "[16, 8]", "[1, 2, 3]", "[3.5]", "age=log1p", "*=piecewise-linear:8", "age=log1p+quantile:16,*=min-max",
    ];

    // What a column, a task or a part of a model may be called, and YAML has signs for.
    private static readonly string[] Names =
    [
        "age", "capital-gain", "hours per week", "größe", "a: b", "a:", ":", "a #b", "#", "*", "&a", "!", "|", ">", "%", "@", "`", "-", "- a", "?",
        "'", "it's", "\"", "\\", "{a}", "[a]", "]", "[", "~", "null", "true", "yes", "012", "1e3", "<<", "=", "a=b", "towers.y0", "--- a", "...",
        "a\tb", "\u0085", "\u2028", "\uFEFFa", "a\u00A0", "😀", "\u001b[31m",
    ];

    /// <summary>A configuration for a dataset: about half of its keys are drawn. One seed is one configuration.</summary>
    public static TrainingConfig Of(DatasetDescriptor dataset, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, "config");
        var device = random.NextInt32(2) == 0 ? "cpu" : "cuda";
        var config = TrainingConfig.DefaultsOf(dataset, device);
        foreach (var setting in Settings.All)
        {
            // A checkpoint's model is what it is.
            if (config.Checkpoint is not null && setting.IsOfNewModel)
            {
                continue;
            }

            var texts = Candidates(config, setting, random);
            for (var tries = random.NextInt32(2) == 0 ? 0 : 8; tries > 0; tries--)
            {
                var text = texts[random.NextInt32(texts.Length)];
                var set = setting.Apply(config, text).Match(c => c, _ => config);
                tries = set.Equals(config) ? tries : 1;
                config = set;
            }
        }

        return config;
    }

    /// <summary>The different configurations that a key's texts make of one.</summary>
    public static int Variants(TrainingConfig config, Setting setting) =>
        Candidates(config, setting, DeterministicRandom.FromSeed(1, "variants"))
            .SelectMany(text => setting.Apply(config, text).Match(c => [c], _ => Array.Empty<TrainingConfig>()))
            .Append(config)
            .Distinct()
            .Count();

    private static string[] Candidates(TrainingConfig config, Setting setting, DeterministicRandom random)
    {
        string Name() => Names[random.NextInt32(Names.Length)];
        string Number() => (random.NextInt32(1000) / 8.0).ToString(CultureInfo.InvariantCulture);
        string List(Func<string> element) => $"[{string.Join(", ", Enumerable.Range(0, 1 + random.NextInt32(4)).Select(_ => element()))}]";
        string[] named =
        [
            .. Enumerable.Range(0, 10).Select(_ => Name()),
            .. Enumerable.Range(0, 10).Select(_ => List(Name)),
            .. Enumerable.Range(0, 10).Select(_ => List(() => $"{Name()}:{Number()}")),
            .. Enumerable.Range(0, 10).Select(_ => $"{Name()}=log1p,{Name()}=quantile:16"),
        ];
        return [.. Texts, .. Choices(config, setting), .. named];
    }

    // What a key answers to a text that it cannot know.
    private static string[] Choices(TrainingConfig config, Setting setting)
    {
        const string Available = "available are ";
        return setting.Apply(config, "?!").Match(
            _ => [],
            faults => faults.Head.Hint is { } hint && hint.StartsWith(Available, StringComparison.Ordinal) ? hint[Available.Length..].Split(", ") : []);
    }
}
