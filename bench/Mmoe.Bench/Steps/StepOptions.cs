using System.Globalization;

namespace Mmoe.Bench.Steps;

/// <summary>What is asked of the benchmark.</summary>
/// <param name="Cases">The cases, by <see cref="StepCase.Name"/>.</param>
/// <param name="Rounds">How often every contestant trains; null for what each case says.</param>
/// <param name="Out">The file that the result is written to as well; null for none.</param>
internal sealed record StepOptions(string[] Cases, int? Rounds, string? Out)
{
    /// <summary>Reads <c>--name value</c> pairs; what they are is in the README beside this project.</summary>
    public static StepOptions Parse(string[] args)
    {
        if (args.Length % 2 == 1)
        {
            throw new FormatException($"'{args[^1]}' has no value; give --cases, --rounds or --out with one, or nothing");
        }

        var all = StepCase.All.Select(study => study.Name).ToArray();
        return args.Chunk(2).Aggregate(new StepOptions(all, null, null), (options, pair) => pair[0] switch
        {
            "--cases" => options with { Cases = [.. pair[1].Split(',').Select(name => Known(name, all))] },
            "--rounds" => options with { Rounds = Positive(pair[1]) },
            "--out" => options with { Out = pair[1] },
            var other => throw new FormatException($"there is no option '{other}'"),
        });
    }

    private static string Known(string name, string[] all) =>
        all.Contains(name) ? name : throw new FormatException($"there is no case '{name}', but {string.Join(", ", all)}");

    private static int Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"'{text}' is no number of rounds; it takes at least one");
}
