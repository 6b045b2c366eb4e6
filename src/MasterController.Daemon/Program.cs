using System.CommandLine;
using MasterController.Daemon.Commands;

// The web host ends on SIGTERM by itself, in its own order; a second handler would cut it short.
return await Root.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
