namespace Mmoe.Generators.Diagnostics;

/// <summary>Where each rule is explained.</summary>
internal static class DiagnosticPages
{
    /// <summary>The project's repository.</summary>
    public const string Repository = "https://github.com/mmoe-generated/mmoe-generated";

    /// <summary>The address of a rule's page, which an editor opens from the message and the compiler prints after it.</summary>
    public static string Of(string id) => $"{Repository}/blob/main/docs/diagnostics/{id}.md";
}
