using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>
/// The command line as a function. A program of three lines serves its own datasets:
/// <c>return MmoeApp.Run(args, MyProject.Datasets.Registry.All);</c> Model families of its own it hands on after them.
/// </summary>
public static class MmoeApp
{
    /// <summary>The exit code after an interrupt: Ctrl-C, or a request to terminate.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a command in this process's console.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="datasets">The datasets that can be named.</param>
    /// <param name="families">Model families that <c>--model</c> can name beside those of the literature.</param>
    /// <returns>
    /// The exit code: 0 done, 1 the user's data or schema is wrong, 2 wrong usage, 3 the run itself failed, 130 interrupted.
    /// </returns>
    public static int Run(string[] args, DatasetRegistry datasets, params ModelFamily[] families)
    {
        // Not disposed: a handler that is still running when the command ends may cancel it.
        var interrupted = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            // The first signal ends the command in order; a second one ends the process.
            signal.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        }

        using var onCtrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTermination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var host = new MmoeHost(
            ConsoleWriter.OfResults(Console.Out),
            Console.IsErrorRedirected ? ConsoleWriter.OfProgress(Console.Error) : Console.Error,
            Directory.GetCurrentDirectory(),
            Environment.GetEnvironmentVariable,
            IsTerminal: !Console.IsErrorRedirected,
            Console.OpenStandardOutput,
            interrupted.Token);
        return Run(args, datasets, host, families);
    }

    /// <summary>Runs a command against a given world.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="datasets">The datasets that can be named.</param>
    /// <param name="host">What the command may touch.</param>
    /// <param name="families">Model families that <c>--model</c> can name beside those of the literature.</param>
    /// <returns>The exit code, as <see cref="Run(string[], DatasetRegistry, ModelFamily[])"/> says.</returns>
    /// <remarks>
    /// Numbers are written as in the invariant culture, and messages in English, whatever the user's: programs read them too, and what
    /// is written must be read again. The caller's culture is there again afterwards.
    /// </remarks>
    public static int Run(string[] args, DatasetRegistry datasets, MmoeHost host, params ModelFamily[] families)
    {
#pragma warning disable RS0030 // Here the culture is set so that nothing else need ask for it.
        var (culture, language) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);
        try
        {
            return Guarded(args, datasets, host, families);
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, language);
        }
#pragma warning restore RS0030
    }

    private static int Guarded(string[] args, DatasetRegistry datasets, MmoeHost host, ModelFamily[] families)
    {
        try
        {
            return (CommandLine.Parse(args), ModelFamilyRegistry.BuiltIn.With(families))
                .Apply((command, all) => (Command: command, Families: all))
                .Bind(asked => Interpret(asked.Command, datasets, asked.Families, host))
                .Match(Succ: code => code, Fail: faults => Report(faults, host));
        }
        catch (OperationCanceledException) when (host.Interrupted.IsCancellationRequested)
        {
            // A training that has its folder answers for itself; nothing else writes files.
            host.Error.WriteLine("interrupted; nothing was written");
            return Interrupted;
        }
        catch (UnwritableException e)
        {
            host.Error.WriteLine($"standard output cannot be written: {e.Message}".ReplaceLineEndings(" "));
            return (int)FaultKind.Run;
        }
        catch (Exception e)
        {
            // What no room turned into a fault is a defect of this program: one line, and the trace for those who ask.
            host.Error.WriteLine($"unexpected failure: {e.GetType().Name}: {e.Message}".ReplaceLineEndings(" ") + (CommandLine.IsVerbose(args) ? "" : "; run again with --verbose to see where"));
            if (CommandLine.IsVerbose(args))
            {
                host.Error.WriteLine(e);
            }

            return (int)FaultKind.Run;
        }
    }

    private static Validation<Fault, int> Interpret(
        Command command, DatasetRegistry datasets, ModelFamilyRegistry families, MmoeHost host) =>
        command switch
        {
            PrintCommand print => Print(print, families, host),
            DatasetsCommand show => DatasetsInterpreter.Run(show, datasets, host),
            TrainCommand train => TrainInterpreter.Run(train, datasets, families, host),
            SynthesizeCommand synthesize => SynthesizeInterpreter.Run(synthesize, datasets, host),
            EvaluateCommand evaluate => EvaluateInterpreter.Run(evaluate, datasets, host),
            InspectCommand inspect => InspectInterpreter.Run(inspect, datasets, host),
            _ => throw new UnreachableException($"no interpreter for {command.GetType().Name}"),
        };

    private static Validation<Fault, int> Print(PrintCommand print, ModelFamilyRegistry families, MmoeHost host)
    {
        var code = print.Parsed.Invoke(new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false });
        var own = families.Families.Skip(ModelFamilyRegistry.BuiltIn.Families.Count).ToArray();
        if (print.IsOfTraining && own.Length > 0)
        {
            host.Out.WriteLine("Model families of this program:");
            var width = own.Max(family => family.Name.Length);
            foreach (var family in own)
            {
                host.Out.WriteLine($"  {family.Name.PadRight(width)}  {family.Description}");
            }
        }

        return Success<Fault, int>(code);
    }

    private static int Report(Seq<Fault> faults, MmoeHost host)
    {
        faults.Iter(fault => host.Error.WriteLine(fault));
        return (int)faults.Map(f => f.Kind).Max();
    }
}
