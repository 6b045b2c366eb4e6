using System.CommandLine;
using MasterController.Core.Store;
using MasterController.Daemon.Hosting;

namespace MasterController.Daemon.Commands;

/// <summary><c>master-controller run</c>, and without a command.</summary>
internal static class RunCommand
{
    public static Command Create(CommonOptions options)
    {
        var run = new Command("run", "Run the controller in the foreground (the default)");
        run.SetAction((parsed, _) => RunAsync(options, parsed));
        return run;
    }

    public static async Task<int> RunAsync(CommonOptions options, ParseResult parsed)
    {
        var error = parsed.InvocationConfiguration.Error;
        var loader = options.Loader(parsed);
        var config = loader.Load();
        if (!CommonOptions.IsUsable(config, error))
            return ExitCodes.Failed;

        switch (StateLock.Take(config.Settings!.StateDirectory))
        {
            case StateLockOutcome.Held held:
                error.WriteLine($"error: another controller holds {held.Path}: {held.Holder}");
                return ExitCodes.Failed;
            case StateLockOutcome.Failed failed:
                error.WriteLine($"error: state_dir cannot be used: {failed.Path}: {failed.Reason}");
                return ExitCodes.Failed;
            case StateLockOutcome.Taken taken:
                using (taken.Lock)
                    return await ServeAsync(loader, config, error);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static async Task<int> ServeAsync(
        Configuration.ConfigLoader loader,
        Configuration.LoadedConfig config,
        TextWriter error
    )
    {
        try
        {
            using var sockets = ApiSockets.Bind(config.Settings!);
            await using var app = ApiHost.Build(loader, config, sockets, TimeProvider.System);
            await app.RunAsync();
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException)
        {
            // Told to end while it was still recovering.
            return ExitCodes.Ok;
        }
        catch (Exception refusal) when (refusal is SocketUnavailableException or StartupException or StoreException)
        {
            error.WriteLine($"error: {refusal.Message}");
            return ExitCodes.Failed;
        }
    }
}
