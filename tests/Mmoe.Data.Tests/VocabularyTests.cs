using System.Text;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public class VocabularyTests
{
    [Fact]
    public void Every_text_has_its_position_as_code_in_both_encodings()
    {
        string[] texts =
        [
            "", "?", "a", "ab", "abcdefg", "abcdefgh", "abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq", "Österreich", "日本",
            "a text of more than thirty-two bytes, number 1", "a text of more than thirty-two bytes, number 2", "😀", "a\0",
        ];
        var vocabulary = new Vocabulary(texts);
        for (var code = 0; code < texts.Length; code++)
        {
            Assert.Equal(code, vocabulary.IndexOf(texts[code]));
            Assert.Equal(code, vocabulary.IndexOf(Encoding.UTF8.GetBytes(texts[code])));
            Assert.Equal(texts[code], vocabulary[code]);
        }

        string[] others = ["A", "a ", " a", "\0", "abcdefghijklmnopr", "a text of more than thirty-two bytes, number 3", "Osterreich"];
        foreach (var other in others)
        {
            Assert.Equal(-1, vocabulary.IndexOf(other));
            Assert.Equal(-1, vocabulary.IndexOf(Encoding.UTF8.GetBytes(other)));
        }
    }

    [Fact]
    public void Twenty_thousand_texts_with_common_starts_and_ends_are_told_apart()
    {
        var texts = Enumerable.Range(0, 20_000).Select(i => $"https://example.org/some/long/path/{i}/and/a/common/end").ToArray();
        var vocabulary = new Vocabulary(texts);
        var utf8 = texts.Select(Encoding.UTF8.GetBytes).ToArray();
        Assert.All(
            Enumerable.Range(0, texts.Length),
            i => Assert.True(vocabulary.IndexOf(texts[i]) == i && vocabulary.IndexOf(utf8[i]) == i));
        Assert.Equal(-1, vocabulary.IndexOf("https://example.org/some/long/path/20000/and/a/common/end"));
    }

    [Property]
    public bool Lookup_agrees_with_a_linear_search(string[] texts, string other)
    {
        var distinct = texts.Where(t => t is not null && IsUnicode(t)).Append("x").Distinct().ToArray();
        var vocabulary = new Vocabulary(distinct);
        var probe = other ?? "";
        return distinct.Select((t, i) => vocabulary.IndexOf(t) == i && vocabulary.IndexOf(Encoding.UTF8.GetBytes(t)) == i).All(same => same)
            && vocabulary.IndexOf(probe) == Array.IndexOf(distinct, probe);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_not_taken_for_a_replacement_character()
    {
        var vocabulary = new Vocabulary("\uFFFD", "long enough");
        Assert.Equal(0, vocabulary.IndexOf("\uFFFD"));
        Assert.Equal(-1, vocabulary.IndexOf("\uD800"));
        Assert.Equal(-1, vocabulary.IndexOf([0xFF]));
    }

    [Fact]
    public void Texts_longer_than_the_stack_buffer_are_found()
    {
        var text = new string('ö', 5_000);
        Assert.Equal(1, new Vocabulary("a", text).IndexOf(text));
        Assert.Equal(-1, new Vocabulary("a", text).IndexOf(text.AsSpan(1)));
    }

    [Fact]
    public void A_vocabulary_is_refused_if_empty_or_with_a_text_twice_or_no_text()
    {
        Assert.Throws<ArgumentException>(() => new Vocabulary());
        Assert.Contains("'a' occurs twice", Assert.Throws<ArgumentException>(() => new Vocabulary("a", "b", "a")).Message);
        Assert.Throws<ArgumentException>(() => new Vocabulary("a", null!));
        Assert.Throws<ArgumentException>(() => new Vocabulary("\uD800"));
    }

    [Fact]
    public void Lookup_allocates_nothing()
    {
        var vocabulary = new Vocabulary("Private", "Self-employed-not incorporated");
        var utf8 = "Self-employed-not incorporated"u8.ToArray();
        var text = "Private".ToCharArray();
        var sum = vocabulary.IndexOf(utf8) + vocabulary.IndexOf(text);
        var allocated = Allocations.Least(() => () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                sum += vocabulary.IndexOf(utf8) + vocabulary.IndexOf(text);
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(8_001, sum);
    }

    [Theory]
    [InlineData("Never-married", "Never married")]
    [InlineData("Privat", "Private")]
    [InlineData("private", "Private")]
    [InlineData("something else entirely", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void The_nearest_text_is_offered_only_if_it_is_near(string text, string? nearest) =>
        Assert.Equal(nearest, new Vocabulary("Private", "Never married", "?", "Primate").Nearest(text));

    [Fact]
    public void Vocabularies_are_equal_if_their_texts_are_in_order()
    {
        Assert.Equal(new Vocabulary("a", "b"), new Vocabulary("a", "b"));
        Assert.Equal(new Vocabulary("a", "b").GetHashCode(), new Vocabulary("a", "b").GetHashCode());
        Assert.NotEqual(new Vocabulary("a", "b"), new Vocabulary("b", "a"));
        Assert.Equal("4 values: a, b, c, ...", new Vocabulary("a", "b", "c", "d").ToString());
    }

    private static bool IsUnicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
