using BenchmarkDotNet.Running;
using Mmoe.Bench.Steps;
using Mmoe.Bench.TaskCorrelation;

switch (args)
{
    case ["task-correlation", .. var rest]:
        return TaskCorrelationStudy.Run(rest);
    case ["steps", .. var rest]:
        return StepBenchmark.Run(rest);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
