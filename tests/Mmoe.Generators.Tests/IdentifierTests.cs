using System.Globalization;
using FsCheck.Xunit;
using Microsoft.CodeAnalysis.CSharp;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Tests;

public sealed class IdentifierTests
{
    private static readonly IdentifierScope Plain = new("Value", ["All", "Text"]);

    [Theory]
    [InlineData("?", "QuestionMark")]
    [InlineData("Bachelors", "Bachelors")]
    [InlineData("11th", "_11th")]
    [InlineData("Own-child", "OwnChild")]
    [InlineData("- 50000.", "Minus50000")]
    [InlineData("50000+.", "_50000Plus")]
    [InlineData("<=50K", "AtMost50K")]
    [InlineData(">50K", "MoreThan50K")]
    [InlineData(">= 65", "AtLeast65")]
    [InlineData("Child <18 never marr not in subfamily", "ChildLessThan18NeverMarrNotInSubfamily")]
    [InlineData("Bachelors degree(BA AB BS)", "BachelorsDegreeBAABBS")]
    [InlineData("Outlying-US(Guam USVI etc)", "OutlyingUSGuamUSVIEtc")]
    [InlineData("admin.", "Admin")]
    [InlineData("blue-collar", "BlueCollar")]
    [InlineData("10 - 20", "_10To20")]
    [InlineData("1.5", "_1Point5")]
    [InlineData("Master's", "Masters")]
    [InlineData("R&D", "RAndD")]
    [InlineData("class", "Class")]
    [InlineData("north-12", "North12")]
    [InlineData("école", "École")]
    [InlineData("北京", "北京")]
    [InlineData("жена", "Жена")]
    [InlineData("", "Empty")]
    [InlineData(" ", "Blank")]
    [InlineData("--", "HyphenHyphen")]
    [InlineData("\U0001F600 ok", "U1F600Ok")]
    [InlineData("\u200B", "U200B")]
    [InlineData("instance_weight", "InstanceWeight")]
    public void Texts_become_readable(string text, string expected) => Assert.Equal(expected, Identifiers.Of(text));

    [Theory]
    [InlineData("census-income", "CensusIncome")]
    [InlineData("adult-2-3", "Adult23")]
    [InlineData("never_married", "NeverMarried")]
    public void Names_of_datasets_and_tasks_are_parted_at_hyphens(string name, string expected) => Assert.Equal(expected, Identifiers.OfName(name));

    [Fact]
    public void A_long_text_is_cut_and_keeps_a_mark_of_the_whole()
    {
        var name = Identifiers.Of(new string('a', 300));
        Assert.Equal(Identifiers.MaxLength, name.Length);
        Assert.StartsWith("Aaaaaaaaaa", name, StringComparison.Ordinal);
        Assert.NotEqual(name, Identifiers.Of(new string('a', 301)));
        Assert.Equal(name, Identifiers.Of(new string('a', 300)));
    }

    [Fact]
    public void All_texts_that_share_a_name_get_a_mark_of_their_own()
    {
        var names = Assign(["a b", "c", "a-b", "A B"]);
        Assert.Equal(["AB_c8687a08", "C", "AB_d44362d6", "AB_fea4c5ce"], names.Select(n => n[..Math.Min(n.Length, 11)]));
    }

    [Fact]
    public void A_name_that_emitted_code_needs_is_given_to_no_text() =>
        Assert.Equal(["AllValue_" + Identifiers.Hash("all", 8), "AllValue_" + Identifiers.Hash("all value", 8), "TextValue"], Assign(["all", "all value", "text"]));

    [Property(MaxTest = 300)]
    public void Names_are_valid_and_different(string?[] texts)
    {
        var names = Assign([.. texts.Select(t => t ?? "").Distinct()]);
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name =>
        {
            Assert.True(SyntaxFacts.IsValidIdentifier(name), name);
            Assert.True(Identifiers.IsValid(name[..Math.Min(name.Length, Identifiers.MaxLength)]), name);
            Assert.Equal(SyntaxKind.None, SyntaxFacts.GetKeywordKind(name));
        });
    }

    [Property(MaxTest = 300)]
    public void Names_are_different_where_texts_are_alike(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, 60).Select(_ => new string([.. Enumerable.Range(0, random.Next(4)).Select(_ => "aA-_ .?1é"[random.Next(9)])])).Distinct();
        var names = Assign([.. texts]);
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Property(MaxTest = 300)]
    public void A_name_does_not_depend_on_the_order_of_texts(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, 20).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => "ab- "[random.Next(4)])])).Distinct().ToArray();
        var shuffled = texts.ToArray();
        random.Shuffle(shuffled);
        var names = Assign(texts).Zip(texts).ToDictionary(p => p.Item2, p => p.Item1);
        Assert.Equal(shuffled.Select(t => names[t]), Assign(shuffled));
    }

    [Property(MaxTest = 300)]
    public void Parameters_keep_different_names_different(string?[] texts)
    {
        var parameters = Assign([.. texts.Select(t => t ?? "").Distinct()]).Select(Identifiers.ToParameter).ToArray();
        Assert.Equal(parameters.Length, parameters.Distinct(StringComparer.Ordinal).Count());
        Assert.All(parameters, p => Assert.True(p[0] == '@' || SyntaxFacts.GetKeywordKind(p) == SyntaxKind.None, p));
    }

    [Fact]
    public void What_is_taken_for_a_letter_is_one_to_the_compiler() => Assert.All(
        Enumerable.Range(0, 0x10000).Select(i => (char)i).Where(Identifiers.IsLetter),
        c => Assert.True(SyntaxFacts.IsIdentifierStartCharacter(c), ((int)c).ToString("X4", CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("Own", true)]
    [InlineData("_11th", true)]
    [InlineData("Ünder", true)]
    [InlineData("own", false)]
    [InlineData("1st", false)]
    [InlineData("A-B", false)]
    [InlineData("A B", false)]
    [InlineData("", false)]
    public void A_stated_identifier_has_a_form(string text, bool expected) => Assert.Equal(expected, Identifiers.IsValid(text));

    [Theory]
    [InlineData("My.App", "My.App")]
    [InlineData("my-app.2d", "my_app._2d")]
    [InlineData("a.class", "a.@class")]
    [InlineData("..", "")]
    public void A_root_namespace_is_made_valid(string text, string expected) => Assert.Equal(expected, Identifiers.ToNamespace(text));

    [Fact]
    public void A_stated_identifier_that_is_free_is_taken_as_it_is()
    {
        var clashes = new List<NameClash>();
        Assert.Equal(["Told", "B"], Plain.Assign([new("a", "Told"), new("b", null)], Identifiers.Of, clashes));
        Assert.Empty(clashes);
    }

    private static string[] Assign(string[] texts) => Plain.Assign([.. texts.Select(t => new Nameable(t, null))], Identifiers.Of, []);
}
