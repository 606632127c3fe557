using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public class NumberTextTests
{
    [Property(MaxTest = 20_000)]
    public Property Decimal_texts_have_the_bits_of_the_librarys_parser() => Prop.ForAll(DecimalText().ToArbitrary(), SameBits);

    [Property(MaxTest = 5_000)]
    public bool Shortest_texts_read_back_as_the_same_bits(int bits)
    {
        var number = BitConverter.Int32BitsToSingle(bits);
        return !float.IsFinite(number)
            || (NumberText.Parse(Bytes(number.ToString("R", CultureInfo.InvariantCulture)), out var read) == NumberOutcome.Number
                && BitConverter.SingleToInt32Bits(read) == bits);
    }

    /// <summary>Texts near the middle of two floats, where rounding to double first may go the wrong way.</summary>
    [Property(MaxTest = 5_000)]
    public Property Halfway_texts_have_the_bits_of_the_librarys_parser() => Prop.ForAll(
        (from mantissa in Gen.Choose(1 << 23, (1 << 24) - 1)
         from exponent in Gen.Choose(-20, 0)
         from nudge in Gen.Elements("", "1", "0000001", "9")
         from shortened in Gen.Choose(0, 3)
         let middle = ((decimal)mantissa + 0.5m) * (decimal)Math.Pow(2, exponent)
         let text = middle.ToString(CultureInfo.InvariantCulture)
         let cut = text.Length > 16 ? text[..(16 - shortened)] : text + nudge
         select cut.Contains('.') ? cut : cut + ".5").ToArbitrary(),
        SameBits);

    [Theory]
    [InlineData("16777217")]
    [InlineData("16777217.0")]
    [InlineData("16777219.0")]
    [InlineData("-0")]
    [InlineData("+5.")]
    [InlineData(".5")]
    [InlineData("-.5e-3")]
    [InlineData("0.1")]
    [InlineData("1e-45")]
    [InlineData("1e-60")]
    [InlineData("3.4028235e38")]
    [InlineData("3.40282356e38")]
    [InlineData("999999999999999")]
    [InlineData("9999999999999999999999")]
    [InlineData("0.000000000000001")]
    [InlineData("0000000000000000000001")]
    [InlineData("1601.75")]
    public void Named_texts_have_the_bits_of_the_librarys_parser(string text) => SameBits(text);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("+.")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1.2.3")]
    [InlineData("1,000")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("--1")]
    [InlineData("1-")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("nan")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("∞")]
    [InlineData("٣")]
    [InlineData("1\0")]
    public void Other_texts_are_no_numbers(string text)
    {
        Assert.Equal(NumberOutcome.NoNumber, NumberText.Parse(Bytes(text), out var value));
        Assert.True(float.IsNaN(value));
    }

    [Theory]
    [InlineData("1e39")]
    [InlineData("-3.5e38")]
    [InlineData("1e999999999")]
    [InlineData("1000000000000000000000000000000000000000")]
    public void Numbers_beyond_single_precision_are_told_apart(string text) =>
        Assert.Equal(NumberOutcome.TooLarge, NumberText.Parse(Bytes(text), out _));

    private static Gen<string> DecimalText() =>
        from sign in Gen.Elements("", "", "-", "+")
        from whole in Digits()
        from point in Gen.Elements("", ".")
        from rest in Digits()
        from exponent in Gen.Frequency((4, Gen.Constant("")), (1, Gen.Choose(-50, 30).Select(e => $"e{e}")))
        where whole.Length + rest.Length > 0
        select sign + whole + point + rest + exponent;

    private static Gen<string> Digits() => Gen.Choose(0, 11).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 9), n)).Select(string.Concat);

    private static void SameBits(string text)
    {
        var expected = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        var outcome = NumberText.Parse(Bytes(text), out var actual);
        Assert.Equal(float.IsFinite(expected) ? NumberOutcome.Number : NumberOutcome.TooLarge, outcome);
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
