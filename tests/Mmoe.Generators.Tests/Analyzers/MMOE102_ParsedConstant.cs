using static Mmoe.Generators.Tests.Helpers.AnalyzerAssert;

namespace Mmoe.Generators.Tests.Analyzers;

/// <summary>A constant text that is read at run time, where its member could be named.</summary>
public sealed class MMOE102_ParsedConstant
{
    [Fact]
    public Task A_text_that_a_member_has() => Reports(
        """
        using Flat = Consumer.Datasets.SmallLoans.Home;

        class User
        {
            const string Text = "rent";

            SmallLoans.Home First = SmallLoans.Home.Parse("rent");
            SmallLoans.Home Last = SmallLoans.Home.Parse("?");
            object A = Flat.Parse(Text).Text;
            object B = SmallLoansHomeVocabulary.Parse("own");
            SmallLoans.Grade? C = SmallLoans.Grade.Parse("B");
        }
        """,
        "7,29 [SmallLoans.Home.Parse(\"rent\")] info MMOE102: 'rent' is known at compile time; write 'SmallLoans.Home.Rent'",
        "8,28 [SmallLoans.Home.Parse(\"?\")] info MMOE102: '?' is known at compile time; write 'SmallLoans.Home.NotTold'",
        "9,16 [Flat.Parse(Text)] info MMOE102: 'rent' is known at compile time; write 'SmallLoans.Home.Rent'",
        "10,16 [SmallLoansHomeVocabulary.Parse(\"own\")] info MMOE102: 'own' is known at compile time; write 'SmallLoans.Home.Own'",
        "11,27 [SmallLoans.Grade.Parse(\"B\")] info MMOE102: 'B' is known at compile time; write 'SmallLoans.Grade.B'");

    [Fact]
    public Task What_no_member_could_replace() => Reports(
        """
        class User
        {
            object Struct = Large.KindOfThing.Parse("v7");

            void Read(string text)
            {
                SmallLoans.Home.Parse("own");
                Action check = () => SmallLoans.Home.Parse("own");
                _ = SmallLoans.Home.Parse(text);
                _ = SmallLoans.Home.TryParseText("own", out _);
            }

            static SmallLoans.Home Parse(string text) => default;

            object Own = Parse("own");
        }
        """);
}
