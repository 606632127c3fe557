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
    public Task Methods_of_values_and_of_types() => Reports(
        """
        class User
        {
            void Run(string text, SmallLoans.Home home, SmallLoans.Home? asked, SmallLoans.Row? row, string format)
            {
                _ = home.ToString();
                _ = home.ToString("G");
                _ = home.ToString(format);
                _ = asked.ToString();
                _ = asked?.ToString();
                _ = row?.Home.ToString().Length;
                _ = SmallLoans.Home.Own.ToString();
                _ = new[] { home }.Select(h => h.ToString());
                Func<string> late = home.ToString;
                _ = Enum.Format(typeof(SmallLoans.Home), home, "f");
                _ = typeof(SmallLoans.Home).GetEnumName(home);
                _ = typeof(SmallLoans.Home).GetEnumNames();
                Func<string[]> names = typeof(SmallLoans.Home).GetEnumNames;
                _ = typeof(SmallLoans.Home).IsEnumDefined(text);
            }
        }
        """,
        Found("5,13", "home.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("6,13", "home.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("7,13", "home.ToString", "ToString", "SmallLoans.Home.Text"),
        Knows("8,13", "asked.ToString", "'Nullable.ToString'", "SmallLoans.Home.Text"),
        Found("9,19", ".ToString", "ToString", "SmallLoans.Home.Text"),
        Found("10,17", ".Home.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("11,13", "SmallLoans.Home.Own.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("12,40", "h.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("13,29", "home.ToString", "ToString", "SmallLoans.Home.Text"),
        Found("14,13", "Enum.Format", "Format", "SmallLoans.Home.Text"),
        Knows("15,13", "typeof(SmallLoans.Home).GetEnumName", "'Type.GetEnumName'", "SmallLoans.Home.Text"),
        Knows("16,13", "typeof(SmallLoans.Home).GetEnumNames", "'Type.GetEnumNames'", "SmallLoans.Home.Vocabulary"),
        Knows("17,32", "typeof(SmallLoans.Home).GetEnumNames", "'Type.GetEnumNames'", "SmallLoans.Home.Vocabulary"),
        Knows("18,13", "typeof(SmallLoans.Home).IsEnumDefined", "'Type.IsEnumDefined'", "SmallLoans.Home.TryParseText"));

    [Fact]
    public Task Strings_made_of_values() => Reports(
        """
        class User
        {
            void Run(string text, SmallLoans.Home home, SmallLoans.Home? asked, System.Text.StringBuilder builder)
            {
                _ = $"{text}: {home}";
                _ = $"{asked,8:G} of {(home)}";
                FormattableString late = $"{home}";
                builder.Append($"{home}");
                _ = text + home;
                _ = asked + text + ":" + home;
                text += home;
            }
        }
        """,
        Knows("5,24", "home", "An interpolated string", "SmallLoans.Home.Text"),
        Knows("6,16", "asked", "An interpolated string", "SmallLoans.Home.Text"),
        Knows("6,31", "(home)", "An interpolated string", "SmallLoans.Home.Text"),
        Knows("7,37", "home", "An interpolated string", "SmallLoans.Home.Text"),
        Knows("8,27", "home", "An interpolated string", "SmallLoans.Home.Text"),
        Knows("9,20", "home", "A sum of strings", "SmallLoans.Home.Text"),
        Knows("10,13", "asked", "A sum of strings", "SmallLoans.Home.Text"),
        Knows("10,34", "home", "A sum of strings", "SmallLoans.Home.Text"),
        Knows("11,17", "home", "A sum of strings", "SmallLoans.Home.Text"));

    /// <summary>Texts, numbers, other types; and what the page says is not looked at.</summary>
    [Fact]
    public Task Strings_that_hold_no_name_or_hide_it() => Reports(
        """
        class User
        {
            void Run(string text, SmallLoans.Home home, Large.KindOfThing thing, DayOfWeek day, SmallLoans.Row row, Type type)
            {
                _ = $"{home.Text} {home.Code} {home:D} {home:x} {home == SmallLoans.Home.Own} {nameof(SmallLoans.Home.Own)}";
                _ = home.Text + home.Code + text + day + thing;
                _ = home.ToString("D") + home.ToString("x") + Enum.Format(typeof(SmallLoans.Home), home, "X");
                _ = $"{thing} {day} {row} {typeof(SmallLoans.Home)} {thing.ToString()} {day.ToString()}";
                _ = type.GetEnumNames().Length + typeof(DayOfWeek).GetEnumNames().Length + ((byte)home + 1);
                _ = typeof(SmallLoans.Home).ToString() + home.GetType() + typeof(SmallLoans.Home).IsEnumDefined(home);
                _ = ((object)home).ToString() + (object)home + ((Enum)home).ToString();
                _ = string.Concat(home, home) + string.Format("{0}", home) + string.Join(' ', new[] { home }) + Convert.ToString(home);
                Console.WriteLine(home);
            }

            static string Named<T>(T value) where T : struct, Enum => value.ToString() + $"{value}";
        }
        """);

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
        Knows(place, underlined, $"'Enum.{method}'", instead);

    private static string Knows(string place, string underlined, string knower, string instead) =>
        $"{place} [{underlined}] warning MMOE104: {knower} knows the names of members, not the texts of the data; use '{instead}'";
}
