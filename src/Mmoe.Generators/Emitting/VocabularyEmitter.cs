using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using static Mmoe.Generators.Emitting.CSharpText;

namespace Mmoe.Generators.Emitting;

/// <summary>Prints a column's vocabulary: an enum with a companion, or a struct over its code.</summary>
/// <remarks>
/// Reading a text without an exception is called <c>TryParseText</c>: an enum inherits <c>Enum.TryParse</c>, which reads member names, and
/// the compiler prefers it to an extension of the same name wherever the out variable's type is written out.
/// </remarks>
internal sealed class VocabularyEmitter
{
    private const string VocabularyType = "global::Mmoe.Data.Vocabulary";
    private const string TextsAttribute = "global::Mmoe.Data.VocabularyTexts";
    private const string Span = "global::System.ReadOnlySpan";

    // A large vocabulary is a sum of literals, one per line: few values per line, to be read; few lines, since they are added one by one.
    private const int ValuesPerLine = 16;
    private const int MaxLines = 64;

    private readonly IndentedWriter writer;
    private readonly ColumnModel column;
    private readonly VocabularyModel vocabulary;
    private readonly string type;
    private readonly string companion;
    private readonly string receiver;
    private readonly string[] texts;
    private readonly char? separator;

    private VocabularyEmitter(IndentedWriter writer, EmittedDataset dataset, ColumnModel column, VocabularyModel vocabulary)
    {
        this.writer = writer;
        this.column = column;
        this.vocabulary = vocabulary;
        this.type = $"global::{dataset.Namespace}.{dataset.Dataset.TypeName}.{column.Identifier}";
        this.companion = dataset.Dataset.CompanionType(column);
        this.receiver = Receiver(vocabulary);
        this.texts = [.. vocabulary.Values.Select(v => v.Text)];
        this.separator = vocabulary.IsEnum ? null : Separator(this.texts);
    }

    private string ColumnDoc => $"<c>{Doc(this.column.Name)}</c>";

    /// <summary>Prints the type nested in the dataset.</summary>
    public static void EmitType(IndentedWriter writer, EmittedDataset dataset, ColumnModel column, VocabularyModel vocabulary)
    {
        var emitter = new VocabularyEmitter(writer, dataset, column, vocabulary);
        writer.Line($"/// <summary>The values of the column {emitter.ColumnDoc}.{Describe(column.Description)}</summary>");
        if (vocabulary.IsEnum)
        {
            writer.Line($"/// <remarks>A member's number is its code; <see cref=\"{emitter.companion}\"/> adds its text.</remarks>");
        }

        writer.Line(EmittedFile.GeneratedCode);
        emitter.EmitTextsAttribute();
        if (vocabulary.IsEnum)
        {
            emitter.EmitEnum();
        }
        else
        {
            emitter.EmitStruct();
        }
    }

    /// <summary>Prints the type beside the dataset that gives an enum its static and instance members.</summary>
    public static void EmitCompanion(IndentedWriter writer, EmittedDataset dataset, ColumnModel column, VocabularyModel vocabulary)
    {
        var emitter = new VocabularyEmitter(writer, dataset, column, vocabulary);
        writer
            .Line($"/// <summary>The texts of <see cref=\"{emitter.type}\"/>, the values of the column {emitter.ColumnDoc}.</summary>")
            .Line(EmittedFile.GeneratedCode)
            .Block($"public static class {emitter.companion}", emitter.EmitCompanionBody);
    }

    /// <summary>The expression of a column's vocabulary.</summary>
    public static string Expression(EmittedDataset dataset, ColumnModel column) =>
        $"global::{dataset.Namespace}.{dataset.Dataset.TypeName}.{column.Identifier}.Vocabulary";

    private static string Describe(string description) => description.Length == 0 ? "" : " " + Doc(Sentence(description));

    private void EmitEnum() => this.writer.Block($"public enum {this.column.Identifier} : byte", () => this.writer.Members(
        this.vocabulary.Values.Select((value, code) => (Action)(() => this.writer
            .Line($"/// <summary>{DocValue(value.Text)}.{Describe(value.Description)}</summary>")
            .Line($"{value.Identifier} = {Literal(code)},")))));

    private void EmitCompanionBody()
    {
        this.EmitEnumData();
        this.writer.Line().Block($"extension({this.type})", () => this.writer.Members(
        [
            this.EmitVocabulary,
            this.EmitAll,
            this.EmitParse,
            () => this.EmitTryParseText("char", "text"),
            () => this.EmitTryParseText("byte", "utf8"),
            this.EmitFromCode,
        ]));
        this.writer.Line().Block(
            $"extension({this.type} {this.receiver})", () => this.writer.Members([this.EmitText, this.EmitCode, this.EmitMatch]));
    }

    private void EmitStruct() => this.writer.Block($"public readonly record struct {this.column.Identifier}", () => this.writer.Members(
    [
        this.EmitStructData,
        () => this.writer.Line("private readonly ushort code;"),
        () => this.writer.Line($"private {this.column.Identifier}(int code) => this.code = (ushort)code;"),
        this.EmitVocabulary,
        this.EmitAll,
        this.EmitText,
        this.EmitCode,
        this.EmitParse,
        () => this.EmitTryParseText("char", "text"),
        () => this.EmitTryParseText("byte", "utf8"),
        this.EmitFromCode,
        () => this.writer.Summary("The text.").Line("public override string ToString() => this.Text;"),
    ]));

    private void EmitEnumData()
    {
        this.EmitTexts();
        this.writer
            .Line()
            .Line($"private static readonly {this.type}[] Members =")
            .Line("[")
            .Indented(() => this.writer.Items(this.vocabulary.Values.Select(v => $"{this.type}.{v.Identifier}"), ",", ","))
            .Line("];");
    }

    private void EmitTexts() => this.writer
        .Line($"private static readonly {VocabularyType} Values = new(")
        .Indented(() => this.writer.Items(this.texts.Select(Literal), ",", ");"));

    // A type's metadata is all that analyzers see of it in another assembly. Thousands of texts stand joined, as in the struct's own data
    // and for the same reason; but as a string, since metadata keeps it in UTF-8 and apart from the table of string literals.
    private void EmitTextsAttribute()
    {
        this.writer.Line($"[{TextsAttribute}(");
        if (this.separator is { } separator)
        {
            this.writer.Indented(() => this.writer
                .Items(Lines(this.texts, separator).Select(Literal), " +", ",")
                .Line($"{Literal(separator)})]"));
        }
        else
        {
            this.writer.Indented(() => this.writer.Items(this.texts.Select(Literal), ",", ")]"));
        }
    }

    // Thousands of texts are one constant that is taken apart when it is first needed: as separate literals they take the compiler
    // seconds, and as a string they would fill the assembly's table of string literals, which ends at 16 MiB.
    private void EmitStructData()
    {
        if (this.separator is { } separator)
        {
            this.writer
                .Line($"private static readonly {VocabularyType} Values = new(global::System.Text.Encoding.UTF8.GetString(")
                .Indented(() => this.writer.Items(Lines(this.texts, separator).Select(line => Literal(line) + "u8"), " +"))
                .Line($").Split({Literal(separator)}));");
        }
        else
        {
            this.EmitTexts();
        }

        this.writer
            .Line()
            .Line($"private static readonly {this.column.Identifier}[] Members = CreateMembers();")
            .Line()
            .Block($"private static {this.column.Identifier}[] CreateMembers()", () => this.writer
                .Line($"var members = new {this.column.Identifier}[Values.Count];")
                .Block("for (var code = 0; code < members.Length; code++)", () => this.writer.Line("members[code] = new(code);"))
                .Line()
                .Line("return members;"));
    }

    // A character that no value holds. Line feed reads best; a hostile file may use up all characters.
    private static char? Separator(string[] texts)
    {
        var used = new HashSet<char>(texts.SelectMany(text => text));
        return new[] { '\n', '\t', '\u001F', '\u001E' }
            .Concat(Enumerable.Range(1, 0xD7FF).Select(code => (char)code))
            .Where(c => !used.Contains(c))
            .Select(c => (char?)c)
            .FirstOrDefault();
    }

    private static IEnumerable<string> Lines(string[] texts, char separator)
    {
        var perLine = Math.Max(ValuesPerLine, (texts.Length + MaxLines - 1) / MaxLines);
        for (var start = 0; start < texts.Length; start += perLine)
        {
            var line = string.Join(separator.ToString(), texts, start, Math.Min(perLine, texts.Length - start));
            yield return start == 0 ? line : separator + line;
        }
    }

    private void EmitVocabulary() => this.writer
        .Summary("The texts in code order.")
        .Line($"public static {VocabularyType} Vocabulary => Values;");

    private void EmitAll() => this.writer
        .Summary("The values in code order.")
        .Line($"public static {Span}<{this.type}> All => Members;");

    private void EmitText() => this.writer
        .Summary("The text of the value, as in the files.")
        .Line($"public string Text => Values[{(this.vocabulary.IsEnum ? $"{this.receiver}.Code" : "this.code")}];");

    private void EmitCode()
    {
        this.writer.Summary("The position of the value in its vocabulary, from 0.");
        if (!this.vocabulary.IsEnum)
        {
            this.writer.Line("public int Code => this.code;");
            return;
        }

        this.writer
            .Line("/// <exception cref=\"global::System.ArgumentOutOfRangeException\">The number is no value of the enum.</exception>")
            .Line($"public int Code => (int){this.receiver} < Members.Length")
            .Indented(() => this.writer
                .Line($"? (int){this.receiver}")
                .Line($": throw new {this.OutsideException()};"));
    }

    private void EmitParse() => this.writer
        .Summary("The value of a text; the comparison is exact.")
        .Line("/// <exception cref=\"global::System.FormatException\">No value has this text; the message names the nearest.</exception>")
        .Block($"public static {this.type} Parse(string text)", () => this.writer
            .Line("var code = Values.IndexOf(text);")
            .Block("if (code >= 0)", () => this.writer.Line($"return {this.Member("code")};"))
            .Line()
            .Line("var nearest = Values.Nearest(text);")
            .Line("throw new global::System.FormatException(")
            .Indented(() => this.writer
                .Line($"\"'\" + text + {Literal($"' is no value of '{this.column.Name}'")}")
                .Line("+ (nearest is null ? \"\" : \"; did you mean '\" + nearest + \"'?\"));")));

    private void EmitTryParseText(string character, string parameter) => this.writer
        .Summary($"The value of a text{(character == "byte" ? " in UTF-8" : "")}, if there is one. Compares exactly, allocates nothing.")
        .Block($"public static bool TryParseText({Span}<{character}> {parameter}, out {this.type} value)", () => this.writer
            .Line($"var code = Values.IndexOf({parameter});")
            .Line($"value = code >= 0 ? {this.Member("code")} : default;")
            .Line("return code >= 0;"));

    private void EmitFromCode() => this.writer
        .Summary("The value of a code.")
        .Line("/// <exception cref=\"global::System.ArgumentOutOfRangeException\">There is no such code.</exception>")
        .Line($"public static {this.type} FromCode(int code) => (uint)code < (uint)Members.Length")
        .Indented(() => this.writer
            .Line($"? {this.Member("code")}")
            .Line($": throw new global::System.ArgumentOutOfRangeException(nameof(code), code, {this.OutsideMessage()});"));

    private void EmitMatch()
    {
        var values = this.vocabulary.Values.Select(v => (v.Identifier, Parameter: Identifiers.ToParameter(v.Identifier))).ToArray();
        this.writer
            .Summary("Handles every value: a value added to the schema breaks each caller that does not handle it.")
            .Line("public TResult Match<TResult>(")
            .Indented(() => this.writer.Items(
                values.Select(v => $"global::System.Func<TResult> {v.Parameter}"), ",", $") => {this.receiver} switch"))
            .Line("{")
            .Indented(() => this.writer
                .Items(values.Select(v => $"{this.type}.{v.Identifier} => {v.Parameter}()").Concat(this.OutsideArm()), ",", ","))
            .Line("};");
    }

    // An enum of bytes with all its numbers named leaves nothing over, and the compiler refuses an arm that nothing can reach.
    private string[] OutsideArm() => this.vocabulary.Values.Count == VocabularyModel.MaxEnum
        ? []
        : [$"_ => throw new {this.OutsideException()}"];

    private string OutsideException() =>
        $"global::System.ArgumentOutOfRangeException(\"{this.receiver}\", {this.receiver}, {this.OutsideMessage()})";

    // A parameter of Match may not be called as the receiver is, and it is the data that names the former.
    private static string Receiver(VocabularyModel vocabulary)
    {
        var parameters = new HashSet<string>(
            vocabulary.IsEnum ? vocabulary.Values.Select(v => Identifiers.ToParameter(v.Identifier)) : [], StringComparer.Ordinal);
        var name = "value";
        while (parameters.Contains(name))
        {
            name = $"the{Identifiers.ToUpper(name[0])}{name.Substring(1)}";
        }

        return name;
    }

    private string Member(string code) => this.vocabulary.IsEnum ? $"({this.type}){code}" : $"new({code})";

    private string OutsideMessage()
    {
        var count = this.vocabulary.Values.Count;
        return Literal($"'{this.column.Name}' has {Literal(count)} values, with the codes from 0 to {Literal(count - 1)}.");
    }
}
