using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>Methods of <see cref="Enum"/> that read or give the names of members where a text of the data is meant.</summary>
public sealed class MMOE104_NamesForTexts
{
    [Fact]
    public Task Every_method_that_reads_or_gives_names() => Reports(
        """
        class User
        {
            void Run(string text, SmallLoans.Home home)
            {
                _ = Enum.Parse<SmallLoans.Home>(text);
                _ = Enum.Parse<SmallLoans.Home>(text.AsSpan(), ignoreCase: true);
                _ = Enum.Parse(typeof(SmallLoans.Home), text);
                _ = Enum.TryParse<SmallLoans.Home>(text, out _);
                _ = Enum.TryParse(text, true, out SmallLoans.Home read);
                _ = Enum.TryParse(typeof(SmallLoans.Home), text, out _);
                _ = SmallLoans.Home.TryParse(text, out SmallLoans.Home inherited);
                _ = Enum.IsDefined(typeof(SmallLoans.Home), text);
                _ = Enum.GetName(home);
                _ = Enum.GetName(typeof(SmallLoans.Home), home);
                _ = Enum.GetNames<SmallLoans.Home>();
                _ = Enum.GetNames(typeof(SmallLoans.Home));
                _ = new[] { text }.Select(Enum.Parse<SmallLoans.Home>);
            }
        }
        """,
        Found("5,13", "Enum.Parse<SmallLoans.Home>", "Parse", "SmallLoans.Home.Parse"),
        Found("6,13", "Enum.Parse<SmallLoans.Home>", "Parse", "SmallLoans.Home.Parse"),
        Found("7,13", "Enum.Parse", "Parse", "SmallLoans.Home.Parse"),
        Found("8,13", "Enum.TryParse<SmallLoans.Home>", "TryParse", "SmallLoans.Home.TryParseText"),
        Found("9,13", "Enum.TryParse", "TryParse", "SmallLoans.Home.TryParseText"),
        Found("10,13", "Enum.TryParse", "TryParse", "SmallLoans.Home.TryParseText"),
        Found("11,13", "SmallLoans.Home.TryParse", "TryParse", "SmallLoans.Home.TryParseText"),
        Found("12,13", "Enum.IsDefined", "IsDefined", "SmallLoans.Home.TryParseText"),
        Found("13,13", "Enum.GetName", "GetName", "SmallLoans.Home.Text"),
        Found("14,13", "Enum.GetName", "GetName", "SmallLoans.Home.Text"),
        Found("15,13", "Enum.GetNames<SmallLoans.Home>", "GetNames", "SmallLoans.Home.Vocabulary"),
        Found("16,13", "Enum.GetNames", "GetNames", "SmallLoans.Home.Vocabulary"),
        Found("17,35", "Enum.Parse<SmallLoans.Home>", "Parse", "SmallLoans.Home.Parse"));

    [Fact]
    public Task Constants_that_may_be_a_text() => Reports(
        """
        using static System.Enum;

        class User
        {
            object A = Enum.Parse<SmallLoans.Home>("own");
            object B = Enum.Parse<SmallLoans.Sex>("F");
            object C = Parse<SmallLoans.Home>("castle");
            object D = Enum.IsDefined(typeof(SmallLoans.Home), "own");
        }
        """,
        Found("5,16", "Enum.Parse<SmallLoans.Home>", "Parse", "SmallLoans.Home.Parse"),
        Found("6,16", "Enum.Parse<SmallLoans.Sex>", "Parse", "SmallLoans.Sex.Parse"),
        Found("7,16", "Parse<SmallLoans.Home>", "Parse", "SmallLoans.Home.Parse"),
        Found("8,16", "Enum.IsDefined", "IsDefined", "SmallLoans.Home.TryParseText"));

    [Fact]
    public Task Names_that_are_meant_and_values() => Reports(
        """
        class User
        {
            object A = Enum.Parse<SmallLoans.Home>("Own");
            object B = Enum.Parse<SmallLoans.Home>(nameof(SmallLoans.Home.NotTold));
            object C = Enum.IsDefined(typeof(SmallLoans.Home), "Own");
            object D = Enum.IsDefined(SmallLoans.Home.Own);
            object E = Enum.IsDefined(typeof(SmallLoans.Home), (byte)1);
            object F = Enum.GetValues<SmallLoans.Home>();
            object G = Enum.ToObject(typeof(SmallLoans.Home), 1);
            object H = new[] { SmallLoans.Home.Own }.Where(Enum.IsDefined);
        }
        """);

    [Fact]
    public Task Other_enums_and_methods_that_only_look_alike() => Reports(
        """
        class User
        {
            void Run(string text, Type type)
            {
                _ = Enum.Parse<DayOfWeek>(text);
                _ = Enum.TryParse(text, out DayOfWeek _);
                _ = Enum.Parse(type, text);
                _ = Enum.GetName(DayOfWeek.Monday);
                _ = Mine.Parse<SmallLoans.Home>(text);
                _ = Read<SmallLoans.Home>(text);
            }

            static T Read<T>(string text) where T : struct, Enum => Enum.Parse<T>(text);
        }

        static class Mine
        {
            public static T Parse<T>(string text) where T : struct, Enum => default;
        }
        """);

    private static string Found(string place, string underlined, string method, string instead) =>
        $"{place} [{underlined}] warning MMOE104: 'Enum.{method}' knows the names of members, not the texts of the data; use '{instead}'";
}
