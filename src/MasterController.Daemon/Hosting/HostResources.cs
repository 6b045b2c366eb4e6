using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Daemon.Configuration;
using MasterController.Linux.Cgroups;
using MasterController.Linux.Processes;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// What of the host this process holds from its start to its end, taken before anything else is made: that a second
/// controller is there, or that something is missing, is then a message and not a failed start.
/// </summary>
internal sealed class HostResources : IAsyncDisposable
{
    private HostNetworkLock? _networkLock;

    private HostResources(ILoggerFactory logs, string stateId, SqliteStateStore store)
    {
        Logs = logs;
        StateId = stateId;
        Store = store;
        History = store.History;
        Commits = store.Latency;
    }

    public ILoggerFactory Logs { get; }

    /// <summary>Tells this state's VM processes from those of other controllers.</summary>
    public string StateId { get; }

    public IStateStore Store { get; }

    public IStateHistory History { get; }

    public CommitLatency Commits { get; }

    public IHostNetwork Network { get; private set; } = new NoHostNetwork();

    /// <summary>The same network, where it knows of dedicated addresses.</summary>
    public IExternalNetwork External => Network as IExternalNetwork ?? new NoHostNetwork();

    public ProcessExitWatcher Exits { get; } = new();

    /// <summary>Null where no cgroup v2 can be used.</summary>
    public CgroupTree? Cgroups { get; private set; }

    /// <param name="live">Asked for the log level, so that a reload takes effect.</param>
    /// <exception cref="StartupException">Another controller holds the host network.</exception>
    /// <exception cref="StoreUnusableException">The store cannot be opened.</exception>
    /// <exception cref="HostNetworkException">The kernel's network cannot be used.</exception>
    public static async Task<HostResources> TakeAsync(
        ControllerSettings settings,
        Func<LogLevel> logLevel,
        TimeProvider clock
    )
    {
        var resources = new HostResources(
            LoggerFactory.Create(logging => Hosting.Logs.Add(logging, settings.Log.Format, logLevel, clock)),
            Hosting.StateId.ReadOrCreate(settings.StateDirectory),
            SqliteStateStore.Open(settings.Database)
        );
        try
        {
            if (settings.Network.Mode == "routed")
                await resources.TakeNetworkAsync(settings, clock);
            return resources;
        }
        catch
        {
            await resources.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        await Store.DisposeAsync();
        _networkLock?.Dispose();
        Exits.Dispose();
        // Groups of VMs that run on stay, and the tree with them.
        Cgroups?.RemoveAll();
        Logs.Dispose();
    }

    private async Task TakeNetworkAsync(ControllerSettings settings, TimeProvider clock)
    {
        StatePath.RequirePassable(settings.StateDirectory);
        _networkLock = HostNetworkLock.TryAcquire(namespacePath: null) switch
        {
            HostNetworkLockResult.Acquired acquired => acquired.Lock,
            HostNetworkLockResult.Held held => throw new StartupException(
                $"another controller holds this host's network: {held.Holder}"
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        Network = await RoutedHostNetwork.OpenAsync(
            new HostNetworkOptions(settings.Network.Uplink, RulesFile: settings.Network.RulesFile)
            {
                External = settings.External.Networks,
            },
            clock,
            Logs.CreateLogger<RoutedHostNetwork>()
        );
        Cgroups = CgroupTree.Open(Hosting.StateId.CgroupOf(StateId));
    }
}
