using System.Globalization;
using Mmoe.Cli.Tests.Datasets;
using Mmoe.Data;

namespace Mmoe.Cli.Tests;

/// <summary>A dataset with tasks of every kind, and rows with something to learn.</summary>
internal static class DeliveriesData
{
    /// <summary>The deviation of what cannot be known of the minutes.</summary>
    public const double Noise = 4;

    /// <summary>A workbench with the file in place.</summary>
    public static Workbench Bench(int rows = 2_500, Func<int, string, string>? change = null)
    {
        var bench = new Workbench { Datasets = Registry.All };
        Write(bench, rows, change);
        return bench;
    }

    /// <summary>Writes the file; its lines, from 0, may be changed.</summary>
    public static void Write(Workbench bench, int rows = 2_500, Func<int, string, string>? change = null)
    {
        var lines = Lines(rows).Select((line, i) => (change is null ? line : change(i, line)) + "\n");
        bench.Write("data/deliveries/deliveries.csv", string.Concat(lines.Prepend("distance,hour,weather,vehicle,meals,cold,rating,minutes\n")));
    }

    // What takes long is cold, and what is cold is rated badly; a fifth of each label is missing, and some rows have none.
    private static IEnumerable<string> Lines(int rows)
    {
        var random = DeterministicRandom.FromSeed(7, "deliveries");
        for (var row = 0; row < rows; row++)
        {
            var (distance, hour) = (0.5 + (9 * random.NextDouble()), 24 * random.NextDouble());
            var (weather, vehicle) = (random.NextInt32(3), random.NextInt32(3));
            var pace = new[] { 5.0, 3.5, 2.5 }[vehicle] * new[] { 1, 1.3, 1.8 }[weather];
            var rush = 10 * Math.Exp(-(hour - 19) * (hour - 19) / 4);
            var minutes = 10 + rush + (pace * distance) + (Noise * random.NextNormal());
            var isCold = minutes + (6 * random.NextNormal()) > 45;
            var mood = 70 - minutes - (isCold ? 15 : 0) + (8 * random.NextNormal());
            string Label(string text) => random.NextDouble() < 0.2 ? "NA" : text;
            string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
            yield return string.Join(
                ',',
                row % 17 == 0 ? "" : Number(distance),
                Number(hour),
                new[] { "dry", "rain", "snow" }[weather],
                new[] { "bicycle", "scooter", "car" }[vehicle],
                Number(1 + random.NextInt32(5)),
                Label(isCold ? "yes" : "no"),
                Label(mood < 15 ? "poor" : mood < 40 ? "fair" : "good"),
                Label(Number(minutes)));
        }
    }
}
