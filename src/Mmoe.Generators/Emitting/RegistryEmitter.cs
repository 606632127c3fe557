using Mmoe.Generators.Models;

namespace Mmoe.Generators.Emitting;

/// <summary>Prints the registry of an assembly's datasets.</summary>
internal static class RegistryEmitter
{
    private const string All = "public static global::Mmoe.Data.DatasetRegistry All { get; } = global::Mmoe.Data.DatasetRegistry";

    /// <summary>The source of <c>Registry.g.cs</c>.</summary>
    public static string Emit(RegistryModel model)
    {
        var writer = new IndentedWriter();
        EmittedFile.Header(writer, model.Namespace)
            .Summary("The datasets whose schemas are compiled into this assembly.")
            .Line(EmittedFile.GeneratedCode)
            .Block("public static class Registry", () => EmitAll(writer.Summary("All of them."), model));
        return writer.ToString();
    }

    // Names are distinct: the generator refuses a second file of the same name. Natively compiled code reaches this and nothing behind a
    // Validation, which would bring in what LanguageExt does by reflection.
    private static void EmitAll(IndentedWriter writer, RegistryModel model)
    {
        if (model.Types.Count == 0)
        {
            writer.Line($"{All}.Empty;");
            return;
        }

        writer
            .Line($"{All}.OfDistinct(")
            .Indented(() => writer.Items(model.Types.Select(type => $"global::{model.Namespace}.{type}.Face"), ",", ");"));
    }
}
