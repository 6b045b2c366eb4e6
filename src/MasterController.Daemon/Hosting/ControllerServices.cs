using MasterController.Core.Addressing;
using MasterController.Core.Diagnostics;
using MasterController.Core.Events;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Daemon.Configuration;
using Microsoft.Extensions.Hosting.Systemd;

namespace MasterController.Daemon.Hosting;

/// <summary>The composition root: which object is made of which, and in what order the parts start.</summary>
internal static class ControllerServices
{
    public static void Add(IServiceCollection services, LiveSettings live, EventHub events, TimeProvider clock)
    {
        var settings = live.Current;
        services.AddSingleton(clock);
        services.AddSingleton(events);
        services.AddSingleton(live);
        services.AddSingleton(settings);
        services.AddSingleton<Readiness>();

        services.AddSingleton<IStateStore>(s => new SqliteStateStore(
            settings.Database,
            s.GetRequiredService<ILogger<SqliteStateStore>>()
        ));
        services.AddSingleton(s => new StoreProbe(s.GetRequiredService<IStateStore>(), clock));
        services.AddSingleton(s => new PoolDirectory(s.GetRequiredService<IStateStore>(), events, clock));
        services.AddSingleton(s => new OperationJournal(s.GetRequiredService<IStateStore>(), events, clock));

        services.AddSingleton(new ImageCatalog(settings.Images));
        services.AddSingleton(s => new GoldenImage(
            settings.Images,
            s.GetRequiredService<ImageCatalog>(),
            s.GetRequiredService<OperationJournal>(),
            clock
        ));
        services.AddSingleton(_ => new VmLifecycle());
        services.AddSingleton(s =>
            HostDoctor.Create(
                settings,
                PoolNetworks(s.GetRequiredService<PoolDirectory>(), s.GetRequiredService<Readiness>()),
                running: true,
                clock
            )
        );

        AddHosted(services);
    }

    /// <summary>They start in this order and stop in the reverse one.</summary>
    private static void AddHosted(IServiceCollection services)
    {
        services.AddHostedService<Startup>();
        services.AddHostedService<ReloadOnHangup>();
        if (SystemdHelpers.IsSystemdService() || Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not null)
        {
            services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
            services.AddHostedService<ServiceNotifications>();
        }
    }

    /// <summary>Before recovery has ended, what is known of the pools is not all there is.</summary>
    private static Func<IReadOnlyList<(string, Linux.Addresses.Ipv4Network)>> PoolNetworks(
        PoolDirectory pools,
        Readiness readiness
    ) => () => readiness.Recovered ? [.. pools.Pools.SelectMany(p => p.Ranges.Select(r => (p.Name, r.Network)))] : [];
}
