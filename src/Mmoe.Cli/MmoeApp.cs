using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>
/// The command line as a function. A program of three lines serves its own datasets:
/// <c>return MmoeApp.Run(args, MyProject.Datasets.Registry.All);</c>
/// </summary>
public static class MmoeApp
{
    /// <summary>The exit code after an interrupt: Ctrl-C, or a request to terminate.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a command in this process's console.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="datasets">The datasets that can be named.</param>
    /// <returns>
    /// The exit code: 0 done, 1 the user's data or schema is wrong, 2 wrong usage, 3 the run itself failed, 130 interrupted.
    /// </returns>
    public static int Run(string[] args, DatasetRegistry datasets)
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
        return Run(args, datasets, new MmoeHost(
            Console.Out,
            Console.Error,
            Directory.GetCurrentDirectory(),
            Environment.GetEnvironmentVariable,
            IsTerminal: !Console.IsErrorRedirected,
            Console.OpenStandardOutput,
            interrupted.Token));
    }

    /// <summary>Runs a command against a given world.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="datasets">The datasets that can be named.</param>
    /// <param name="host">What the command may touch.</param>
    /// <returns>The exit code, as <see cref="Run(string[], DatasetRegistry)"/> says.</returns>
    /// <remarks>
    /// Numbers are written as in the invariant culture, and messages in English, whatever the user's: programs read them too, and what
    /// is written must be read again. The caller's culture is there again afterwards.
    /// </remarks>
    public static int Run(string[] args, DatasetRegistry datasets, MmoeHost host)
    {
#pragma warning disable RS0030 // Here the culture is set so that nothing else need ask for it.
        var (culture, language) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);
        try
        {
            return Guarded(args, datasets, host);
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, language);
        }
#pragma warning restore RS0030
    }

    private static int Guarded(string[] args, DatasetRegistry datasets, MmoeHost host)
    {
        try
        {
            return CommandLine.Parse(args)
                .Bind(command => Interpret(command, datasets, host))
                .Match(Succ: code => code, Fail: faults => Report(faults, host));
        }
        catch (OperationCanceledException) when (host.Interrupted.IsCancellationRequested)
        {
            // A training that has its folder answers for itself; nothing else writes files.
            host.Error.WriteLine("interrupted; nothing was written");
            return Interrupted;
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

    private static Validation<Fault, int> Interpret(Command command, DatasetRegistry datasets, MmoeHost host) => command switch
    {
        PrintCommand print => Success<Fault, int>(print.Parsed.Invoke(new InvocationConfiguration { Output = host.Out, Error = host.Error })),
        DatasetsCommand show => DatasetsInterpreter.Run(show, datasets, host),
        TrainCommand train => TrainInterpreter.Run(train, datasets, host),
        SynthesizeCommand synthesize => SynthesizeInterpreter.Run(synthesize, datasets, host),
        EvaluateCommand evaluate => EvaluateInterpreter.Run(evaluate, datasets, host),
        InspectCommand inspect => InspectInterpreter.Run(inspect, datasets, host),
        _ => throw new UnreachableException($"no interpreter for {command.GetType().Name}"),
    };

    private static int Report(Seq<Fault> faults, MmoeHost host)
    {
        faults.Iter(fault => host.Error.WriteLine(fault));
        return (int)faults.Map(f => f.Kind).Max();
    }
}
