using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;

namespace Mmoe.Training.Tests.Torch;

/// <summary>
/// No operation is handed a <see cref="Scalar"/> that nothing holds: TorchSharp gives native code its address alone, and one that is
/// finalised before it is read fails a step once in many thousand. A run can't show that, so this reads the compiled calls.
/// </summary>
public sealed class ScalarLifetimeTests
{
    private readonly Dictionary<MethodDefinition, bool> makes = [];

    [Fact]
    public void Every_scalar_is_held_while_native_code_reads_it() =>
        Assert.Empty(this.Unheld(Module("Mmoe.Training.dll").GetTypes()).Select(found => $"{found.In.FullName}: {found.Call}"));

    [Fact]
    public void One_that_is_not_is_found()
    {
        var samples = Module("Mmoe.Training.Tests.dll").GetType(typeof(Samples).FullName!.Replace('+', '/'));
        Assert.Equal(
            [
                nameof(Samples.ByAddition), nameof(Samples.ByConversion), nameof(Samples.ByExtension), nameof(Samples.ByLocal),
                nameof(Samples.BySquaring),
            ],
            this.Unheld([samples]).Select(found => found.In.Name).Order(StringComparer.Ordinal));
    }

    private static ModuleDefinition Module(string name)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        return ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name), new ReaderParameters { AssemblyResolver = resolver });
    }

    private static bool IsMaker(MethodReference method) =>
        method.ReturnType.FullName == typeof(Scalar).FullName && method.Name is "op_Implicit" or "ToScalar";

    /// <summary>Whether what an instruction leaves goes to a field, or to a local that is disposed at its scope's end.</summary>
    private static bool IsHeld(Instruction maker, MethodBody body)
    {
        VariableDefinition? Stored(Instruction i) => i.OpCode.Code switch
        {
            Code.Stloc_0 or Code.Ldloc_0 => body.Variables[0],
            Code.Stloc_1 or Code.Ldloc_1 => body.Variables[1],
            Code.Stloc_2 or Code.Ldloc_2 => body.Variables[2],
            Code.Stloc_3 or Code.Ldloc_3 => body.Variables[3],
            Code.Stloc_S or Code.Ldloc_S or Code.Stloc or Code.Ldloc => (VariableDefinition)i.Operand,
            _ => null,
        };
        return maker.Next.OpCode.Code is Code.Stfld or Code.Stsfld
            || (Stored(maker.Next) is { } local
                && body.Instructions.Any(i => i.Operand is MethodReference { Name: "Dispose" } && Stored(i.Previous) == local));
    }

    private IEnumerable<(MethodDefinition In, string Call)> Unheld(IEnumerable<TypeDefinition> types) =>
        from type in types
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        let called = instruction.Operand as MethodReference
        where called is not null && (IsMaker(called) ? !IsHeld(instruction, method.Body) : this.Makes(called))
        select (method, called.FullName);

    /// <summary>Whether a method of TorchSharp makes a scalar on its own, or one that it calls does.</summary>
    private bool Makes(MethodReference reference)
    {
        if (reference.DeclaringType.Scope.Name is not ("TorchSharp" or "TorchSharp.dll") || reference.Resolve() is not { HasBody: true } method)
        {
            return false;
        }

        if (!this.makes.TryGetValue(method, out var answer))
        {
            this.makes[method] = false;
            answer = method.Body.Instructions.Any(i => i.Operand is MethodReference called && (IsMaker(called) || this.Makes(called)));
            this.makes[method] = answer;
        }

        return answer;
    }

    /// <summary>What is found, and what is not; none of it is run.</summary>
    private static class Samples
    {
        private static readonly Scalar Two = 2;

        public static torch.Tensor BySquaring(torch.Tensor x) => x.square();

        public static torch.Tensor ByAddition(torch.Tensor x) => x + x;

        public static torch.Tensor ByConversion(torch.Tensor x) => x.pow(2);

        public static torch.Tensor ByExtension(torch.Tensor x) => x.pow(2.ToScalar());

        public static torch.Tensor ByLocal(torch.Tensor x)
        {
            Scalar two = 2;
            var power = x.pow(two);
            return power.neg();
        }

        public static torch.Tensor Rooted(torch.Tensor x) => x.pow(Two);

        public static torch.Tensor Disposed(torch.Tensor x)
        {
            using Scalar two = 2;
            return x.pow(two);
        }
    }
}
