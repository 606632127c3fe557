using Mmoe.Cli;
using Mmoe.Data.Datasets;

return MmoeApp.Run(args, Registry.All);
