using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mmoe.Model;
using Mmoe.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mmoe.Cli.Tests;

/// <summary>What a run shows while it goes on, in a log and on a terminal of the test's own.</summary>
public sealed class ProgressTests
{
    // A run whose rows and steps are few and uneven: 3 epochs of 100 rows, 7 steps of at most 16.
    private static readonly string[] Small =
        ["train", "synthetic", "--epochs", "3", "--batch-size", "16", "--set", "train_rows=100", "--set", "test_rows=50"];

    [Theory]
    [InlineData(1, 0, 0, 10, 0.5, 0.5, 49.5)] // a hundredth of ten epochs
    [InlineData(1, 0, 0, 100, 5, 5, 45)]
    [InlineData(4, 0, 0, 50, 3, 35, 65)]
    [InlineData(10, 0, 0, 100, 5, 60, 0)]
    [InlineData(8, 7, 0, 50, 2, 2, 10)] // gone on with at the eighth
    [InlineData(8, 7, 30, 50, 2, 2, 25)] // gone on with within it
    [InlineData(9, 7, 30, 50, 2, 12, 15)]
    public void Time_left_is_what_the_steps_left_take_at_the_pace_so_far(
        int epoch, int epochsBefore, int stepsBefore, int done, double inEpoch, double sinceStart, double left)
    {
        var pace = new Pace(
            epoch, 10, done, 100, new(epochsBefore, stepsBefore), 1600, TimeSpan.FromSeconds(inEpoch), TimeSpan.FromSeconds(sinceStart));
        var doneHere = epoch == epochsBefore + 1 ? done - stepsBefore : done;
        Assert.Equal(left, pace.Left.TotalSeconds, 1e-5);
        Assert.Equal(inEpoch * 1e6 / doneHere, pace.MicrosecondsPerStep, 1e-6);
        Assert.Equal(16 * doneHere / inEpoch, pace.RowsPerSecond, 1e-6);
    }

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(0.2, "0:01")]
    [InlineData(9, "0:09")]
    [InlineData(59.5, "1:00")]
    [InlineData(3599, "59:59")]
    [InlineData(3600, "1:00:00")]
    [InlineData(100_000, "27:46:40")]
    public void Times_are_written_in_whole_seconds(double seconds, string text) =>
        Assert.Equal(text, Pace.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_block_shows_the_pace_and_a_table_for_the_tasks_of_each_kind()
    {
        var bins = new ReliabilityBins(default(EquatableArray<ReliabilityBin>));
        var epoch = new EpochReport(2, 0.25, 0.1, 1, 10, new(new EquatableArray<TaskResult>(
        [
            new("income", new BinaryMetrics(0.9, 0.8, 0.3, 0.7, 0.2, bins)),
            new("minutes", new RegressionMetrics(12, 10, 0.5)),
            new("married", new BinaryMetrics(double.NaN, 0.8, 0.31, 0.71, 0.21, bins)),
        ])));
        var best = Best.None.With(epoch with { Epoch = 1 });
        Assert.Equal(
            """
            epoch 3/9 [######..................] 25/100 steps  40000 µs per step  1,000 rows/s  0:28 left
            epoch 2: loss 0.2500; on validation, mean score 0.7000

              task            auc   log_loss   accuracy    brier         ece    best score
            ────────────────────────────────────────────────────────────────────────────────
              income       0.9000     0.3000     0.7000   0.2000   undefined   0.9000 in 1
              married   undefined     0.3100     0.7100   0.2100   undefined     undefined


              task         rmse       mae       r2    best score
            ──────────────────────────────────────────────────────
              minutes   12.0000   10.0000   0.5000   0.5000 in 1
            """.ReplaceLineEndings("\n"),
            Rendered(LiveTable.Of(new Pace(3, 9, 25, 100, new(0, 0), 4000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9.3)), epoch, best)));
        Assert.Equal("", Rendered(LiveTable.Of(null, null, Best.None)));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_log_gets_a_plain_line_per_epoch()
    {
        using var bench = new Workbench();
        var outcome = bench.Run([.. Small, "--out", "run"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.DoesNotContain('\e', outcome.Error);
        Assert.DoesNotContain('\r', outcome.Error);
        AssertEpochLines(outcome.ErrorLines[^3..]);
        Assert.EndsWith(" parameters over 100 features, engine fused on cpu", outcome.ErrorLines[^4], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void On_a_terminal_the_block_stands_below_the_lines_and_is_gone_at_the_end()
    {
        using var bench = new Workbench { IsTerminal = true };
        var outcome = bench.Run([.. Small, "--out", "run", "--json"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        using var json = JsonDocument.Parse(outcome.Out);
        Assert.Equal("synthetic", json.RootElement.GetProperty("dataset").GetString());

        var terminal = new Terminal();
        terminal.Write(outcome.Error);
        Assert.True(terminal.IsCursorShown, "the cursor is still hidden");
        var lines = terminal.Lines();
        Assert.StartsWith("dataset: synthetic", lines[0], StringComparison.Ordinal);

        // The emulated terminal is as narrow as Spectre believes, and lines of epochs are folded.
        var text = Regex.Replace(string.Join(' ', lines), " +", " ");
        Assert.Equal(["1/3", "2/3", "3/3"], Regex.Matches(text, "epoch ([0-9]/3) loss").Select(match => match.Groups[1].Value));
        Assert.DoesNotContain("[#", text, StringComparison.Ordinal);
        Assert.DoesNotContain("best score", text, StringComparison.Ordinal);

        // At some moment the second epoch was under way and the first was in the table.
        Assert.Contains(Moments(outcome.Error), moment => moment.Contains("epoch 2/3 [", StringComparison.Ordinal)
            && moment.Contains("best score", StringComparison.Ordinal)
            && Regex.IsMatch(moment, @"y1 .*in 1")
            && Regex.Matches(moment, @"epoch [0-9]/3 \[").Count == 1);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void An_interrupt_on_a_terminal_leaves_it_as_it_was()
    {
        using var interrupt = new CancellationTokenSource();
        using var bench = new Workbench { IsTerminal = true, Clock = new Interrupting(interrupt) };
        var outcome = bench.Run(interrupt.Token, [.. Small, "--out", "run", "--tensorboard"]);
        Assert.Equal(MmoeApp.Interrupted, outcome.Code);
        Assert.Contains("[#", outcome.Error, StringComparison.Ordinal);
        var terminal = new Terminal();
        terminal.Write(outcome.Error);
        Assert.True(terminal.IsCursorShown, "the cursor is still hidden");
        Assert.DoesNotContain(terminal.Lines(), line => line.Contains("[#", StringComparison.Ordinal));
        Assert.Equal(
            $"interrupted; {Path.Combine("run", "checkpoints", "last.safetensors")} holds the run after 1 epoch: go on with --resume", terminal.Lines()[^1]);
    }

    private static void AssertEpochLines(string[] lines)
    {
        foreach (var (index, line) in lines.Index())
        {
            var left = index < lines.Length - 1 ? "  [0-9]+:[0-9]{2} left" : "";
            Assert.Matches(
                $@"^epoch {index + 1}/3  loss [0-9.]+  validation y0 R² -?[0-9.]+  y1 R² -?[0-9.]+  [0-9.]+ s  [0-9]+ µs per step  [0-9,]+ rows/s{left}$",
                line);
            var match = Regex.Match(line, "([0-9]+) µs per step  ([0-9,]+) rows");
            var perStep = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            var rows = double.Parse(match.Groups[2].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            Assert.Equal(100 / (7 * perStep / 1e6), rows, (0.5 * rows / perStep) + 1);
        }
    }

    private static string Rendered(IRenderable renderable)
    {
        var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 100;
        console.Write(renderable);
        return string.Join('\n', writer.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim('\n');
    }

    /// <summary>The screen whenever a block has been drawn.</summary>
    private static IEnumerable<string> Moments(string written)
    {
        var terminal = new Terminal();
        var from = 0;
        foreach (Match match in Regex.Matches(written, "\e\\[[0-9]*[A2]|\r"))
        {
            terminal.Write(written[from..match.Index]);
            from = match.Index;
            yield return string.Join('\n', terminal.Lines());
        }
    }

    /// <summary>Interrupts when the time is asked for the second time: after the first epoch.</summary>
    private sealed class Interrupting(CancellationTokenSource interrupt) : TimeProvider
    {
        private int asked;

        public override DateTimeOffset GetUtcNow()
        {
            this.asked++;
            if (this.asked == 2)
            {
                interrupt.Cancel();
            }

            return DateTimeOffset.UnixEpoch;
        }
    }

    /// <summary>A screen of any height, and of the escape sequences those that move up, clear, and show or hide the cursor.</summary>
    private sealed class Terminal
    {
        private readonly List<char[]> rows = [Blank()];
        private int row;
        private int column;

        public bool IsCursorShown { get; private set; } = true;

        public void Write(string text)
        {
            for (var at = 0; at < text.Length; at++)
            {
                if (text[at] == '\e')
                {
                    var sequence = Regex.Match(text[at..], @"^\e\[(\??)([0-9]*)([A-Za-z])");
                    Assert.True(sequence.Success, $"not a sequence: {text[at..Math.Min(text.Length, at + 8)]}");
                    this.Obey(sequence.Groups[1].Value + sequence.Groups[3].Value, sequence.Groups[2].Value);
                    at += sequence.Length - 1;
                }
                else if (text[at] == '\r')
                {
                    this.column = 0;
                }
                else if (text[at] == '\n')
                {
                    (this.row, this.column) = (this.row + 1, 0);
                    if (this.row == this.rows.Count)
                    {
                        this.rows.Add(Blank());
                    }
                }
                else
                {
                    this.rows[this.row][this.column++] = text[at];
                }
            }
        }

        public string[] Lines() => [.. this.rows.Select(chars => new string(chars).TrimEnd()).Where(line => line.Length > 0)];

        private void Obey(string kind, string number)
        {
            var count = number.Length == 0 ? 1 : int.Parse(number, CultureInfo.InvariantCulture);
            switch (kind)
            {
                case "A":
                    this.row -= Math.Min(this.row, count);
                    break;
                case "K":
                    Array.Fill(this.rows[this.row], ' ');
                    break;
                case "?l" or "?h":
                    this.IsCursorShown = kind == "?h";
                    break;
                case "m":
                    break;
                default:
                    Assert.Fail($"a sequence that this terminal does not know: {number}{kind}");
                    break;
            }
        }

        private static char[] Blank() => [.. Enumerable.Repeat(' ', 400)];
    }
}
