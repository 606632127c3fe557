using BenchmarkDotNet.Running;
using Mmoe.Bench.TaskCorrelation;

if (args is ["task-correlation", .. var rest])
{
    return TaskCorrelationStudy.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
