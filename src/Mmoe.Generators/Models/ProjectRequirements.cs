using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mmoe.Generators.Models;

/// <summary>Whether a project has what emitted code leans on; where it has not, emitted code would be nothing but errors.</summary>
/// <param name="HasRuntime">Whether it refers to Mmoe.Data, of the contract that this generator writes for.</param>
/// <param name="HasLanguage">Whether it is compiled as a C# that has extension blocks.</param>
internal sealed record ProjectRequirements(bool HasRuntime, bool HasLanguage)
{
    private const string Assembly = "Mmoe.Data";
    private const string Contract = "GeneratedContract";
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

    /// <summary>Whether a reference is Mmoe.Data, of the contract.</summary>
    /// <remarks>References are asked one by one, and not the compilation, which every edit of C# makes anew.</remarks>
    public static bool IsRuntime(MetadataReference reference) => reference switch
    {
        CompilationReference project => project.Compilation.AssemblyName == Assembly
            && project.Compilation.Assembly.GetTypeByMetadataName($"{Assembly}.{Contract}") is { } type
            && !type.GetMembers(ContractVersion).IsEmpty,
        PortableExecutableReference file => MayBeRuntime(file) && HoldsContract(file),
        _ => false,
    };

    /// <summary>Whether emitted code can be parsed.</summary>
    public static bool KnowsLanguage(ParseOptions options) => options is CSharpParseOptions { LanguageVersion: >= Language };

    // By its name, so that of all the others nothing need be read; what has no name is looked into.
    private static bool MayBeRuntime(PortableExecutableReference file) =>
        file.FilePath is null || Path.GetFileNameWithoutExtension(file.FilePath) == Assembly;

    private static bool HoldsContract(PortableExecutableReference file)
    {
        try
        {
            if (file.GetMetadata() is not AssemblyMetadata metadata)
            {
                return false;
            }

            var reader = metadata.GetModules()[0].GetMetadataReader();
            return reader.GetString(reader.GetAssemblyDefinition().Name) == Assembly
                && reader.TypeDefinitions.Select(reader.GetTypeDefinition)
                    .Where(type => reader.StringComparer.Equals(type.Namespace, Assembly) && reader.StringComparer.Equals(type.Name, Contract))
                    .SelectMany(type => type.GetFields())
                    .Any(field => reader.StringComparer.Equals(reader.GetFieldDefinition(field).Name, ContractVersion));
        }
        catch (Exception e) when (e is BadImageFormatException or IOException)
        {
            // The compiler says what is wrong with such a file.
            return false;
        }
    }
}
