using Mmoe.Generators.Models;

namespace Mmoe.Generators.Emitting;

/// <summary>Prints the registry of an assembly's datasets.</summary>
internal static class RegistryEmitter
{
    /// <summary>The source of <c>Registry.g.cs</c>.</summary>
    public static string Emit(RegistryModel model)
    {
        var writer = new IndentedWriter();
        EmittedFile.Header(writer, model.Namespace)
            .Summary("The datasets whose schemas are compiled into this assembly.")
            .Line(EmittedFile.GeneratedCode)
            .Block("public static class Registry", () => writer
                .Summary("All of them.")
                .Line("public static global::Mmoe.Data.DatasetRegistry All { get; } = global::Mmoe.Data.DatasetRegistry")
                .Indented(() => EmitOf(writer, model)));
        return writer.ToString();
    }

    // Names are distinct: the generator refuses a second file of the same name. So a fault here is a defect and not a user's mistake.
    private static void EmitOf(IndentedWriter writer, RegistryModel model)
    {
        if (model.Types.Count == 0)
        {
            writer.Line(".Empty;");
            return;
        }

        writer
            .Line(".Of(new global::Mmoe.Data.IDataset[]")
            .Line("{")
            .Indented(() => writer.Items(model.Types.Select(type => $"global::{model.Namespace}.{type}.Face"), ",", ","))
            .Line("})")
            .Line(".Match(")
            .Indented(() => writer
                .Line("Succ: registry => registry,")
                .Line("Fail: faults => throw new global::System.InvalidOperationException(string.Join(\"; \", faults)));"));
    }
}
