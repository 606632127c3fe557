using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Samples;

/// <summary>Reads every record of a sample by the schema's own rules.</summary>
/// <remarks>What it refuses, and where, is what <c>Mmoe.Data.RecordEncoder</c> refuses at run time: a property of both is tested.</remarks>
internal sealed class SampleChecker
{
    /// <summary>The most characters of a sample: it is read again with every edit of it, and lies in the compiler's memory.</summary>
    public const int MaxCharacters = 1 << 20;

    /// <summary>The most problems of a sample that are reported one by one.</summary>
    public const int MaxReported = 50;

    private const int MaxMarks = 3;

    private readonly SampleRulesModel rules;
    private readonly HashSet<string>[] accepted;
    private readonly int most;
    private readonly List<Found> found = [];

    // Only for its words and for its bound on the work of finding them.
    private readonly SchemaReport words = new();
    private int more;
    private JsonSpan firstMore;

    private SampleChecker(SampleRulesModel rules, int most)
    {
        this.rules = rules;
        this.most = most;
        this.accepted =
        [
            .. rules.Columns.Select(c => new HashSet<string>(
                [.. ValuesOf(c.Column) ?? [], .. MarksOf(c.Column) ?? default], StringComparer.Ordinal)),
        ];
    }

    /// <summary>What is wrong with a sample, in the order of the file.</summary>
    /// <param name="input">The sample and its text, which is there.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <param name="most">How many problems are reported one by one; one more then says how many there are beside.</param>
    public static EquatableArray<DiagnosticInfo> Check(
        SampleInputModel input, CancellationToken cancellation, int most = MaxReported)
    {
        var (text, path) = (input.Text!.Text, input.Text.Path);
        if (input.Text.Refusal is { } refusal)
        {
            return new([new DiagnosticInfo(SchemaRules.InvalidSample, new(path, 0, 0, 0, 0, 0, 0), new([refusal]))]);
        }

        if (input.Sample.Rules is not { } rules)
        {
            return default;
        }

        var checker = new SampleChecker(rules, most);
        checker.CheckAll(text, cancellation);
        if (checker.found.Count == 0)
        {
            return default;
        }

        var lines = new SampleLines(text);
        return new(checker.found.Select(f => new DiagnosticInfo(f.Id, lines.Locate(path, f.Span), f.Arguments, f.Column)));
    }

    private void CheckAll(string text, CancellationToken cancellation)
    {
        var reader = new SampleReader(text, this.rules.Format);
        var isSound = !this.rules.Format.Header || !reader.Read() || this.CheckHeader(reader);
        var any = false;
        while (isSound && reader.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            any = true;
            if (this.IsCounted(reader, "record"))
            {
                for (var i = 0; i < this.accepted.Length; i++)
                {
                    this.CheckField(reader, i);
                }
            }
        }

        if (reader.Fault is { } fault)
        {
            this.Misread(fault.Span, fault.Message);
        }
        else if (isSound && !any)
        {
            this.Misread(default, "it holds no data record");
        }

        if (this.more > 0)
        {
            var errors = this.more == 1 ? "1 more error" : $"{SchemaReport.Number(this.more)} more errors";
            this.found.Add(new(SchemaRules.InvalidSample, this.firstMore, new([$"{errors} from here on"]), null));
        }
    }

    private bool CheckHeader(SampleReader reader)
    {
        if (!this.IsCounted(reader, "header"))
        {
            return false;
        }

        var known = Enumerable.Range(0, this.rules.Columns.Count).Where(i => this.rules.Columns[i].Column is not null).ToArray();
        var wrong = known.Where(i => reader.Text(i) != this.rules.Columns[i].Column!.Name).ToArray();
        if (wrong.Length > 1 && wrong.Length == this.rules.Columns.Count)
        {
            var held = SchemaReport.List([.. wrong.Select(reader.Text)]);
            var names = SchemaReport.List([.. wrong.Select(i => this.rules.Columns[i].Column!.Name)]);
            this.Misread(
                reader.Record,
                $"the first line holds {held}, expected the header {names}; the header must name the schema's columns in their order; "
                + "if the sample has none, set \"header\" to false in the schema's \"format\"");
            return false;
        }

        foreach (var i in wrong)
        {
            var rule = this.rules.Columns[i];
            this.Misread(
                reader.Fields[i].Place,
                $"the header says '{SchemaReport.Quote(reader.Text(i))}' for {Describe(rule)}; "
                + "it must name the schema's columns in their order",
                rule.Place);
        }

        return wrong.Length == 0;
    }

    private bool IsCounted(SampleReader reader, string what)
    {
        var (count, expected) = (reader.Fields.Count, this.rules.Columns.Count);
        if (count == expected)
        {
            return true;
        }

        var fields = count == 1 ? "1 field" : $"{SchemaReport.Number(count)} fields";
        this.Misread(
            reader.Record, $"the {what} has {fields}, expected {SchemaReport.Number(expected)}; is the delimiter that of the schema?");
        return false;
    }

    private void CheckField(SampleReader reader, int index)
    {
        var rule = this.rules.Columns[index];
        if (rule.Column is null or IgnoredColumnModel)
        {
            return;
        }

        var text = reader.Text(index);
        if (rule.Suffix.Length > 0 && text.EndsWith(rule.Suffix, StringComparison.Ordinal))
        {
            text = text.Substring(0, text.Length - rule.Suffix.Length);
        }

        if (this.accepted[index].Contains(text))
        {
            return;
        }

        var place = reader.Fields[index].Place;
        if (ValuesOf(rule.Column) is { } values)
        {
            this.Add(SchemaRules.UnknownSampleValue, place, rule, text, () => this.words.Instead(text, [.. values]));
        }
        else if (SampleNumber.Of(text) is var form && form != SampleNumberForm.Number)
        {
            this.Add(SchemaRules.InvalidSampleNumber, place, rule, text, () => NumberHint(rule.Column, text, form));
        }
        else if (RangeOf(rule.Column) is { } range && !Contains(range, text))
        {
            this.Add(SchemaRules.InvalidSampleNumber, place, rule, text, () => $"it is out of range: it must be {range.Words}");
        }
    }

    private static string NumberHint(ColumnModel column, string text, SampleNumberForm form)
    {
        const string HowToWrite = "numbers are written like -12, 0.5 or 1e-3";
        return (form, text, MarksOf(column)) switch
        {
            (SampleNumberForm.TooLarge, _, _) => "it is too large for a single-precision number, of which the largest is about 3.4e38",
            (_, "", null) when column is WeightColumnModel => "a weight cannot be missing",
            (_, "", null) => "if it may be missing, declare \"missing\" for the column in the schema",
            (_, _, { Count: > 0 } marks) => $"{HowToWrite}, a missing one {Listed(marks)}",
            _ => HowToWrite,
        };

        static string Listed(EquatableArray<string> marks) =>
            string.Join(" or ", marks.Take(MaxMarks).Select(m => $"'{SchemaReport.Quote(m)}'")) + (marks.Count > MaxMarks ? " or …" : "");
    }

    // Bounds and number as rows hold them, in single precision. A bound that the schema states is one.
    private static bool Contains(RangeModel range, string text) =>
        SinglePrecision.TryParse(text, out var number)
        && (range.Min is null || (SinglePrecision.TryParse(range.Min, out var min) && number >= min))
        && (range.Max is null || (SinglePrecision.TryParse(range.Max, out var max) && number <= max));

    private static RangeModel? RangeOf(ColumnModel column) => column switch
    {
        NumericFeatureModel feature => feature.Range,
        NumericLabelModel label => label.Range,
        WeightColumnModel weight => weight.Range,
        _ => null,
    };

    private static IEnumerable<string>? ValuesOf(ColumnModel? column) => column switch
    {
        CategoricalFeatureModel feature => feature.Vocabulary.Values.Select(v => v.Text),
        CategoricalLabelModel label => label.Vocabulary.Values.Select(v => v.Text),
        _ => null,
    };

    private static EquatableArray<string>? MarksOf(ColumnModel? column) => column switch
    {
        NumericFeatureModel feature => feature.Missing?.Marks,
        NumericLabelModel label => label.Marks,
        CategoricalLabelModel label => label.Marks,
        _ => null,
    };

    // The editor's and the build's own way to write a place, so that it can be clicked where it stands in a message.
    private static string Describe(SampleColumnModel rule)
    {
        var place = rule.Place!;
        var file = SamplePath.NameOf(place.Path);
        var line = SchemaReport.Number(place.StartLine + 1);
        return $"column '{SchemaReport.Quote(rule.Column!.Name)}' of {file}({line},{SchemaReport.Number(place.StartCharacter + 1)})";
    }

    private void Misread(JsonSpan span, string what, LocationInfo? column = null)
    {
        if (this.HasRoom(span))
        {
            this.found.Add(new(SchemaRules.InvalidSample, span, new([what]), column));
        }
    }

    // What it takes to find the words is spent on those that are reported.
    private void Add(string id, JsonSpan span, SampleColumnModel rule, string text, Func<string> hint)
    {
        if (this.HasRoom(span))
        {
            this.found.Add(new(id, span, new([SchemaReport.Quote(text), Describe(rule), hint()]), rule.Place));
        }
    }

    private bool HasRoom(JsonSpan span)
    {
        if (this.found.Count < this.most)
        {
            return true;
        }

        this.firstMore = this.more == 0 ? span : this.firstMore;
        this.more++;
        return false;
    }

    private sealed record Found(string Id, JsonSpan Span, EquatableArray<string> Arguments, LocationInfo? Column);
}
