using System.Globalization;
using System.Text.RegularExpressions;
using Mmoe.Cli.Tests.Datasets;

namespace Mmoe.Cli.Tests;

/// <summary>
/// What is read and written is the same in every culture. This repository's programs know only the invariant one; a program that links with
/// the packages knows its user's.
/// </summary>
public sealed partial class CultureTests
{
    // Nothing in it is written as elsewhere; a culture by name is not to be had where globalization is invariant.
    private static readonly CultureInfo Foreign = new(CultureInfo.InvariantCulture.Name)
    {
        NumberFormat = new()
        {
            NumberDecimalSeparator = ",",
            NumberGroupSeparator = ".",
            NegativeSign = "−",
            PositiveSign = "＋",
            NaNSymbol = "none",
        },
    };

    [Fact]
    [Trait("Native", "libtorch")]
    public void Every_command_reads_and_writes_numbers_as_in_the_invariant_culture()
    {
        Assert.Equal("−0,5", string.Create(Foreign, $"{-0.5}"));
        string[] commands =
        [
            "datasets",
            "datasets adult",
            "datasets adult --json",
            "data synthesize loans --rows 300 --seed -3 --out data/loans/loans.csv",
            "train loans --epochs 2 --learning-rate 0.01 --units 4,8 --seed -3 --out run",
            "train synthetic --epochs 1 --set train_rows=50 --set correlation=-0.5 --set seed=-1 --out drawn",
            "evaluate run",
            "evaluate run --json",
            "evaluate drawn",
            "train loans --learning-rate -1 --seed -3000000000 --units -1",
            "train loans --set num_features=-1",
            "train loans --units 65536,65536 --experts 4096",
            "data synthesize loans --rows -5 --seed x --out few.csv",
        ];
        Assert.Equal(Said(CultureInfo.InvariantCulture, commands), Said(Foreign, commands));
    }

    /// <summary>All that the commands print and write, save for what differs from run to run: folders and times.</summary>
    private static string[] Said(CultureInfo culture, string[] commands)
    {
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        using var bench = new Workbench
        {
            Datasets = Registry.All.With(Data.Datasets.Registry.All)
                .IfFail(_ => throw new InvalidOperationException("a name stands twice")),
        };
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        try
        {
            var outcomes = commands.Select(command =>
            {
                var outcome = bench.Run(command.Split(' '));
                var said = $"{command}: {outcome.Code}\n{outcome.Out}{outcome.Error}";
                return Times(said.Replace(bench.Folder, "FOLDER", StringComparison.Ordinal));
            }).ToArray();
            Assert.Same(culture, CultureInfo.CurrentCulture);
            Assert.Same(culture, CultureInfo.CurrentUICulture);
            string[] written = [bench.Path("run", "config.yaml"), bench.Path("data", "loans", "loans.csv")];
            return [.. outcomes, .. written.Select(File.ReadAllText)];
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }

    // The form of a time is compared, its figures are not.
    private static string Times(string text) => Pace().Replace(Time().Replace(text, "0${point}0"), "0");

    [GeneratedRegex("[0-9]+(?<point>[^0-9 ])?[0-9]*(?= s | µs )")]
    private static partial Regex Time();

    // Separators of another culture are left over.
    [GeneratedRegex("[0-9,]+(?= rows/s)|[0-9:]+(?= left)")]
    private static partial Regex Pace();
}
