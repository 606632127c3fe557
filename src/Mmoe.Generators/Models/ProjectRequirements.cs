using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mmoe.Generators.Models;

/// <summary>Whether a project has what emitted code leans on; where it has not, emitted code would be nothing but errors.</summary>
/// <param name="HasRuntime">Whether it refers to Mmoe.Data, of the contract that this generator writes for.</param>
/// <param name="HasLanguage">Whether it is compiled as a C# that has extension blocks.</param>
internal sealed record ProjectRequirements(bool HasRuntime, bool HasLanguage)
{
    private const string Contract = "Mmoe.Data.GeneratedContract";
    private const string ContractVersion = "V1";

    // C# 14, which the compiler that this is built against has no name for.
    private const LanguageVersion Language = (LanguageVersion)1400;

    /// <summary>Whether code is emitted.</summary>
    public bool AreMet => this is { HasRuntime: true, HasLanguage: true };

    /// <summary>What is missing, each with what to do.</summary>
    public IEnumerable<(string Missing, string Remedy)> Unmet()
    {
        if (!this.HasRuntime)
        {
            yield return ("the package Mmoe.Data, of the version of Mmoe.Generators", "add it by 'dotnet add package Mmoe.Data'");
        }

        if (!this.HasLanguage)
        {
            yield return ("C# 14", "target net10.0 or later, and set no LangVersion below 14");
        }
    }

    /// <summary>Whether a compilation knows the contract, by reference or of its own, as Mmoe.Data itself does.</summary>
    public static bool KnowsRuntime(Compilation compilation) =>
        compilation.GetTypesByMetadataName(Contract).Any(type => !type.GetMembers(ContractVersion).IsEmpty);

    /// <summary>Whether emitted code can be parsed.</summary>
    public static bool KnowsLanguage(ParseOptions options) => options is CSharpParseOptions { LanguageVersion: >= Language };
}
