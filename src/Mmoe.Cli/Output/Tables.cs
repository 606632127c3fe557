using Spectre.Console;

namespace Mmoe.Cli;

/// <summary>Tables as plain text, the same on a terminal and in a file.</summary>
internal static class Tables
{
    // Wide enough that no cell is broken where nobody looks at a terminal.
    private const int Width = 160;

    /// <summary>Writes a table with a header; columns whose name ends in <c>#</c> are numbers and stand at the right.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (var column in columns)
        {
            var cell = new TableColumn(new Text(column.TrimEnd('#')));
            table.AddColumn(column.EndsWith('#') ? cell.RightAligned() : cell);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        var rendered = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(rendered),
        });
        console.Profile.Width = Width;
        console.Write(table);
        foreach (var line in rendered.ToString().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0))
        {
            writer.WriteLine(line);
        }
    }
}
