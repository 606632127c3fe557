using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Mmoe.Bench.Steps;
using Mmoe.Bench.TaskCorrelation;

switch (args)
{
    case ["task-correlation", .. var rest]:
        return TaskCorrelationStudy.Run(rest);
    case ["steps", .. var rest]:
        return StepBenchmark.Run(rest);
    case [var name, ..] when !name.StartsWith('-'):
        Console.Error.WriteLine($"'{name}' is not known; give steps, task-correlation, or --filter and others of BenchmarkDotNet");
        return 2;
    default:
        // A build of the benchmarks takes its time where others use the machine too.
        var config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config).ToArray();
        var isMeasured = summaries.Length > 0
            && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
        return isMeasured || args.Any(arg => arg is "--help" or "--list" or "--version" or "--info") ? 0 : 1;
}
