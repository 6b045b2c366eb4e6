using System.CommandLine;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.Recovery;
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
        var clock = TimeProvider.System;
        var events = new EventHub(clock);
        var live = new LiveSettings(loader, config.Values, config.Settings!, events);
        try
        {
            await using var host = await HostResources.TakeAsync(live.Current, () => live.Current.Log.Level, clock);
            // Before anything happens that is told: ids go on where they were.
            await using var journal = await EventJournal.OpenAsync(
                host.Store,
                host.History,
                events,
                () => live.Current.Events,
                clock,
                host.Logs.CreateLogger<EventJournal>()
            );
            using var sockets = ApiSockets.Bind(live.Current);
            await using var app = ApiHost.Build(live, events, sockets, host, clock);
            await app.RunAsync();
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException)
        {
            // Told to end while it was still recovering.
            return ExitCodes.Ok;
        }
        catch (Exception refusal)
            when (refusal
                    is SocketUnavailableException
                        or StartupException
                        or RecoveryException
                        or StoreUnusableException
                        or StoreException
                        or HostNetworkException
            )
        {
            error.WriteLine($"error: {refusal.Message}");
            return ExitCodes.Failed;
        }
    }
}
