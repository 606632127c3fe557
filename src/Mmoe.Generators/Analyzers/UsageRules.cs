namespace Mmoe.Generators.Analyzers;

/// <summary>The rules for C# that uses a vocabulary: per rule its id and its message.</summary>
/// <remarks>It names no type of Roslyn, so that this one file is compiled into the analyzers and into the code fixes.</remarks>
internal static class UsageRules
{
    /// <summary>A text is not in the vocabulary.</summary>
    public const string UnknownText = "MMOE101";

    /// <summary>A text that is known at compile time is read at run time.</summary>
    public const string ParsedConstant = "MMOE102";

    /// <summary>A switch forgets values of a vocabulary.</summary>
    public const string ForgottenValues = "MMOE103";

    /// <summary>Names of members are taken for texts.</summary>
    public const string NamesForTexts = "MMOE104";

    /// <summary>A match does not fit its vocabulary.</summary>
    public const string UnfitMatch = "MMOE105";

    /// <summary>Takes back <see cref="UnnamedValueWarnings"/>; explained on the page of <see cref="ForgottenValues"/>.</summary>
    internal const string UnnamedValue = "MMOES001";

    internal const string UnknownTextMessage = "'{0}' is no value of '{1}'; {2}";
    internal const string ParsedConstantMessage = "'{0}' is known at compile time; write '{1}'";
    internal const string ForgottenValuesMessage = "The switch over '{0}' has no case for {1}";
    internal const string NamesForTextsMessage = "{0} knows the names of members, not the texts of the data; use '{1}'";
    internal const string UnfitMatchMessage = "The match on '{0}' {1}";

    /// <summary>The property of <see cref="UnknownText"/> that holds the nearest text; absent if none is near.</summary>
    internal const string NearestProperty = "Nearest";

    /// <summary>The property of <see cref="ParsedConstant"/> that holds the member's name.</summary>
    internal const string MemberProperty = "Member";

    /// <summary>The compiler's warnings of what a switch expression misses: a number without a name, or anything.</summary>
    internal static readonly string[] UnnamedValueWarnings = ["CS8524", "CS8509"];
}
