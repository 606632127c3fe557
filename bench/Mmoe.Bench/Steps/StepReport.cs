using System.Globalization;
using System.Text;
using BenchmarkDotNet.Environments;

namespace Mmoe.Bench.Steps;

/// <summary>The times as text.</summary>
internal static class StepReport
{
    /// <summary>A table of all cases below what they were measured on.</summary>
    public static string Markdown(string[] args, StepData data, IEnumerable<(StepCase Case, StepTimes[] Times)> results)
    {
        var text = new StringBuilder("# Training steps\n\n");
        var command = string.Join(' ', args.Prepend("steps"));
        text.Append(CultureInfo.InvariantCulture, $"`dotnet run -c Release --project bench/Mmoe.Bench -- {command}`\n\n```\n");
        foreach (var line in HostEnvironmentInfo.GetCurrent().ToFormattedString())
        {
            text.Append(line).Append('\n');
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"TorchSharp {Version(typeof(TorchSharp.torch))}, libtorch {TorchSharp.torch.__version__}, one thread where none is named\n```\n\n");
        text.Append(
            $"""
            Rows: {data.Origin}, without `instance_weight`.
            Model: MMoE with two binary tasks, Adam; `wide` has experts of 256 units and towers of 64. Times are µs per step over whole epochs,
            shuffling not included. The contestants take turns in one process, an epoch each; ± is the median absolute deviation over rounds.
            `times naive` is the median over rounds of the naive program's time by the contestant's in the same round, then the quotient of the two
            minima, which other work on the machine disturbs least. `loss` is the mean over the last epoch: initial values differ between the programs
            and the engines. `one layer` is the naive program with one layer for all experts and one for all gates.

            | case | batch | contestant | rounds | median | ± | min | times naive | of minima | loss |
            |---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (var (study, times) in results)
        {
            foreach (var each in times)
            {
                var (median, deviation) = MedianAndDeviation(each.Microseconds);
                var ratio = Median(times[0].Microseconds.Zip(each.Microseconds, (naive, own) => naive / own));
                text.Append(CultureInfo.InvariantCulture, $"| {study.Name} | {study.BatchSize} | {each.Name} | {each.Microseconds.Length} ")
                    .Append(CultureInfo.InvariantCulture, $"| {median:0.0} | {deviation:0.0} | {each.Microseconds.Min():0.0} ")
                    .Append(CultureInfo.InvariantCulture, $"| {ratio:0.0} | {times[0].Microseconds.Min() / each.Microseconds.Min():0.0} ")
                    .Append(CultureInfo.InvariantCulture, $"| {each.Loss:0.0000} |\n");
            }
        }

        return text.ToString();
    }

    private static (double Median, double Deviation) MedianAndDeviation(double[] values)
    {
        var median = Median(values);
        return (median, Median(values.Select(value => Math.Abs(value - median))));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Version(Type type) => type.Assembly.GetName().Version!.ToString(3);
}
