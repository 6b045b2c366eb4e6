using MasterController.Cli;
using MasterController.Cli.Terminal;

using var terminal = CliTerminal.OfProcess();
return await MctlApp.RunAsync(args, terminal);
