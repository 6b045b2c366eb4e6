using MasterController.Dashboard.Hosting;

return await DashboardCommand.Create().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
