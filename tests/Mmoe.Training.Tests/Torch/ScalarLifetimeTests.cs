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
    [Fact]
    public void Every_scalar_is_held_while_native_code_reads_it()
    {
        var training = Module("Mmoe.Training.dll");
        Assert.Empty(Unheld([.. training.GetTypes()]).Select(found => $"{found.In.FullName}: {found.Call}"));
    }

    [Fact]
    public void One_that_is_not_is_found()
    {
        var samples = Module("Mmoe.Training.Tests.dll").GetType(typeof(Samples).FullName!.Replace('+', '/'));
        Assert.Equal(
            [
                nameof(Samples.ByAddition), nameof(Samples.ByCapture), nameof(Samples.ByConversion), nameof(Samples.ByExtension),
                nameof(Samples.ByLocal), nameof(Samples.ByModule), nameof(Samples.BySquaring),
            ],
            Unheld([samples, .. samples.NestedTypes]).Select(found => found.In.Name).Order(StringComparer.Ordinal));
    }

    private static ModuleDefinition Module(string name)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        return ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name), new ReaderParameters { AssemblyResolver = resolver });
    }

    /// <summary>The calls that hand on a scalar of the moment.</summary>
    private static IEnumerable<(MethodDefinition In, string Call)> Unheld(TypeDefinition[] types)
    {
        var methods = types.SelectMany(type => type.Methods).Where(method => method.HasBody).ToArray();
        var makers = Makers(types[0].Module, methods);
        bool Makes(MethodReference called) => Resolved(called) is { } method && makers.Contains(method);
        return from method in methods
               from instruction in method.Body.Instructions
               let called = instruction.Operand as MethodReference
               where called is not null && (IsMaker(called) ? !IsHeld(instruction, method.Body) : Makes(called))
               select (method, called.FullName);
    }

    private static bool IsMaker(MethodReference method) =>
        method.ReturnType.FullName == typeof(Scalar).FullName
        && (method.Name == "op_Implicit" || method.Name.EndsWith("Scalar", StringComparison.Ordinal));

    /// <summary>Whether what an instruction leaves goes to a field, or to a local that is disposed of at its scope's end.</summary>
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
        bool IsOfItsScope(Instruction i) => body.ExceptionHandlers.Any(
            handler => handler.HandlerType == ExceptionHandlerType.Finally
                && handler.HandlerStart.Offset <= i.Offset && i.Offset < handler.HandlerEnd.Offset);
        return maker.Next switch
        {
            // A captured one lives as long as its closure, which may be dead while the call is under way.
            { OpCode.Code: Code.Stfld or Code.Stsfld, Operand: FieldReference field } => !field.DeclaringType.Name.Contains('<', StringComparison.Ordinal),
            var next => Stored(next) is { } local && body.Instructions.Any(
                i => i.Operand is MethodReference { Name: "Dispose" } && Stored(i.Previous) == local && IsOfItsScope(i)),
        };
    }

    /// <summary>The methods of TorchSharp that make a scalar on their own, or by another that they call.</summary>
    /// <param name="module">The module that calls them.</param>
    /// <param name="calling">The methods that call them. What a virtual call may come to is any override in a type that these name.</param>
    private static HashSet<MethodDefinition> Makers(ModuleDefinition module, MethodDefinition[] calling)
    {
        var torch = module.AssemblyResolver.Resolve(module.AssemblyReferences.Single(reference => reference.Name == "TorchSharp")).MainModule;
        var named = calling.SelectMany(method => method.Body.Instructions)
            .SelectMany(i => i.Operand switch
            {
                MethodReference called => [called.DeclaringType, called.ReturnType],
                FieldReference field => [field.FieldType],
                _ => (TypeReference[])[],
            })
            .Concat(calling.SelectMany(method => method.Parameters.Select(p => p.ParameterType)))
            .Concat(calling.SelectMany(method => method.Body.Variables.Select(v => v.VariableType)))
            .Select(type => type.FullName)
            .ToHashSet(StringComparer.Ordinal);
        var callees = new Dictionary<MethodDefinition, HashSet<MethodDefinition>>();
        var makers = new HashSet<MethodDefinition>();
        foreach (var method in torch.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            var called = method.Body.Instructions.Select(i => i.Operand as MethodReference).OfType<MethodReference>().ToArray();
            callees[method] = [.. called.Select(Resolved).OfType<MethodDefinition>()];
            if (called.Any(IsMaker))
            {
                makers.Add(method);
            }
        }

        foreach (var method in torch.GetTypes().Where(type => named.Contains(type.FullName)).SelectMany(type => type.Methods))
        {
            for (var of = method.DeclaringType.BaseType?.Resolve(); method is { IsVirtual: true, IsNewSlot: false } && of?.Module == torch; of = of.BaseType?.Resolve())
            {
                foreach (var overridden in of.Methods.Where(m => m.IsVirtual && m.Name == method.Name && m.Parameters.Count == method.Parameters.Count))
                {
                    callees.TryAdd(overridden, []);
                    callees[overridden].Add(method);
                }
            }
        }

        while (callees.Where(of => !makers.Contains(of.Key) && of.Value.Overlaps(makers)).Select(of => of.Key).ToArray() is { Length: > 0 } more)
        {
            makers.UnionWith(more);
        }

        return makers;
    }

    private static MethodDefinition? Resolved(MethodReference method) =>
        method.DeclaringType.Scope.Name is "TorchSharp" or "TorchSharp.dll" ? method.Resolve() : null;

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

        public static torch.Tensor ByCapture(torch.Tensor x)
        {
            Scalar two = 2;
            return new Func<torch.Tensor>(() => x.pow(two))();
        }

        public static torch.Tensor ByModule(TorchSharp.Modules.Softplus module, torch.Tensor x) => module.call(x);

        public static torch.Tensor Rooted(torch.Tensor x) => x.pow(Two);

        public static torch.Tensor Disposed(torch.Tensor x)
        {
            using Scalar two = 2;
            return x.pow(two);
        }
    }
}
