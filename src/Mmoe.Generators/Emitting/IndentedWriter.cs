using System.Text;

namespace Mmoe.Generators.Emitting;

/// <summary>Writes lines of C#: four spaces per level and <c>\n</c> at line ends, on every system.</summary>
internal sealed class IndentedWriter
{
    private readonly StringBuilder builder = new();
    private int level;

    /// <summary>Writes a line; an empty one stays empty.</summary>
    public IndentedWriter Line(string text = "")
    {
        if (text.Length > 0)
        {
            this.builder.Append(' ', 4 * this.level).Append(text);
        }

        this.builder.Append('\n');
        return this;
    }

    /// <summary>Writes lines one level deeper.</summary>
    public IndentedWriter Indented(Action body)
    {
        this.level++;
        body();
        this.level--;
        return this;
    }

    /// <summary>Writes a head, and a body in braces.</summary>
    /// <param name="head">The line before the brace.</param>
    /// <param name="body">Writes the body.</param>
    /// <param name="after">What follows the closing brace on its line.</param>
    public IndentedWriter Block(string head, Action body, string after = "") =>
        this.Line(head).Line("{").Indented(body).Line("}" + after);

    /// <summary>Writes one line per item, with a separator at the end of each but the last.</summary>
    /// <param name="items">The items.</param>
    /// <param name="separator">What follows each item but the last.</param>
    /// <param name="after">What follows the last; a closing bracket in it stands even without items.</param>
    public IndentedWriter Items(IEnumerable<string> items, string separator, string after = "")
    {
        var previous = default(string);
        foreach (var item in items)
        {
            if (previous is not null)
            {
                this.Line(previous + separator);
            }

            previous = item;
        }

        return previous is not null || after.StartsWith(")", StringComparison.Ordinal) ? this.Line(previous + after) : this;
    }

    /// <summary>Writes members with an empty line between them.</summary>
    public IndentedWriter Members(IEnumerable<Action> members)
    {
        var first = true;
        foreach (var member in members)
        {
            if (!first)
            {
                this.Line();
            }

            first = false;
            member();
        }

        return this;
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => this.builder.ToString();
}
