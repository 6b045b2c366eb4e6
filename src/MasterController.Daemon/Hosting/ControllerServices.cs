using System.Net;
using System.Text.Json;
using MasterController.Core.Access;
using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Quotas;
using MasterController.Core.Recovery;
using MasterController.Core.Statistics;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;
using MasterController.Daemon.Access;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Endpoints;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Telemetry;
using Microsoft.Extensions.Hosting.Systemd;

namespace MasterController.Daemon.Hosting;

/// <summary>The composition root: which object is made of which, and in what order the parts start.</summary>
internal static class ControllerServices
{
    public static void Add(
        IServiceCollection services,
        LiveSettings live,
        HostResources host,
        EventHub events,
        TimeProvider clock
    )
    {
        var settings = live.Current;
        services.AddSingleton(clock);
        services.AddSingleton(events);
        services.AddSingleton(live);
        services.AddSingleton(settings);
        services.AddSingleton<Readiness>();
        // Given as objects: they outlive the container, which therefore does not dispose them.
        services.AddSingleton(host.Store);
        services.AddSingleton(host.History);
        services.AddSingleton(host.Network);
        services.AddSingleton(host.External);
        services.AddSingleton(host.Commits);

        services.AddSingleton<StoreProbe>();
        services.AddSingleton<PoolDirectory>();
        services.AddSingleton<PoolNetworks>();
        services.AddSingleton<OperationJournal>();
        AddPoolChanges(services, settings.Backups);
        AddNetwork(services, settings.Network.Tune);

        services.AddSingleton(new ImageCatalog(settings.Images));
        services.AddSingleton<VmDiskStore>();
        services.AddSingleton(s => new GoldenImage(
            settings.Images,
            s.GetRequiredService<ImageCatalog>(),
            s.GetRequiredService<OperationJournal>(),
            clock
        )
        {
            Options = settings.Image,
        });

        AddVms(services, live, host, clock);
        AddExternal(services, () => live.Current.External);
        services.AddSingleton<ExternalRecovery>();
        services.AddSingleton<ControllerRecovery>();
        services.AddSingleton(s =>
            HostDoctor.Create(
                settings,
                PoolNetworks(s.GetRequiredService<PoolDirectory>(), s.GetRequiredService<Readiness>()),
                new KvmBootVerdict(s.GetRequiredService<HypervisorSelection>(), s.GetRequiredService<ImageCatalog>()),
                clock
            )
        );

        services.AddSingleton<Func<HistorySettings>>(() => live.Current.History);
        services.AddSingleton<HistoryForgetting>();
        AddAddresses(services);
        AddStatistics(services, settings.StateDirectory);
        services.AddSingleton(new SocketAdmins(settings.SocketGroup));
        services.AddSingleton<Func<RequestRates>>(() => live.Current.Rates);
        AddAccess(services);
        TelemetryServices.AddTraces(services, settings.Telemetry);
        AddQuotas(services, () => live.Current.Quota);
        AddWebHooks(services, () => live.Current.Listen);
        AddHosted(services);
    }

    /// <param name="directory">Whose file system is watched.</param>
    internal static void AddStatistics(IServiceCollection services, string directory)
    {
        services.AddSingleton(s => new HostSampler(
            s.GetRequiredService<IHostNetwork>(),
            directory,
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<TrafficTotals>();
        services.AddSingleton<Overview>();
        TelemetryServices.AddMetrics(services, directory);
    }

    internal static void AddAccess(IServiceCollection services)
    {
        services.AddSingleton<ApiKeyDirectory>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditRecorder>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<Authentication>();
        services.AddSingleton<AccessControl>();
    }

    internal static void AddQuotas(IServiceCollection services, Func<QuotaLimits> defaults)
    {
        services.AddSingleton(s => new QuotaLedger(s.GetRequiredService<IStateStore>(), defaults));
        services.AddSingleton<OwnerLeases>();
    }

    internal static void AddWebHooks(IServiceCollection services, Func<IPEndPoint?> own)
    {
        services.AddSingleton(new WebHookTargets(own));
        services.AddSingleton(s => new WebHookSender(
            s.GetRequiredService<WebHookTargets>(),
            happened => JsonSerializer.SerializeToUtf8Bytes(Mapping.Event(happened), ApiJson.Default.Event),
            $"master-controller/{ProductVersion.Text}",
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<WebHookDirectory>();
    }

    internal static void AddAddresses(IServiceCollection services)
    {
        services.AddSingleton<Func<string, VmRecord?>>(s => s.GetRequiredService<VmLifecycle>().Find);
        services.AddSingleton<AddressExplainer>();
    }

    internal static void AddPoolChanges(IServiceCollection services, string backups)
    {
        services.AddSingleton<Func<IReadOnlyList<VmRecord>>>(s => () => s.GetRequiredService<VmLifecycle>().All);
        services.AddSingleton<GatewayUsers>();
        services.AddSingleton<PoolPlanning>();
        services.AddSingleton<PoolProof>();
        services.AddSingleton(s => new PoolBackups(backups, s.GetRequiredService<IHostNetwork>()));
        services.AddSingleton<PoolOperations>();
        services.AddSingleton<GatewayRetirement>();
        services.AddSingleton<BridgeAdoption>();
        services.AddSingleton<PoolView>();
    }

    internal static void AddNetwork(IServiceCollection services, bool tune)
    {
        services.AddSingleton<NetworkReconciler>();
        services.AddSingleton(s =>
        {
            var pools = s.GetRequiredService<PoolDirectory>();
            return new LimitCheck(
                s.GetRequiredService<IHostNetwork>(),
                () => pools.Pools.Sum(p => PoolStretches.Capacity(p, whileGatewaysKept: false)),
                tune,
                s.GetRequiredService<ILogger<LimitCheck>>()
            );
        });
    }

    internal static void AddExternal(IServiceCollection services, Func<ExternalSettings> settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<ExternalDirectory>();
        services.AddSingleton<ExternalChanges>();
        services.AddSingleton(s => new OutsideProbe(
            new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                MaxResponseContentBufferSize = OutsideProbe.MostBytes,
            },
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<ExternalCheck>();
    }

    private static void AddVms(IServiceCollection services, LiveSettings live, HostResources host, TimeProvider clock)
    {
        var settings = live.Current;
        services.AddSingleton(new VmDirectories(settings.Vms));
        services.AddSingleton(new VmProcesses(host.StateId, host.Exits, host.Cgroups, clock));
        services.AddSingleton(s => new HypervisorSelection(
            settings.Hypervisor,
            s.GetRequiredService<VmProcesses>(),
            host.Store,
            settings.KvmProbe,
            clock,
            s.GetRequiredService<ILogger<HypervisorSelection>>()
        ));
        services.AddSingleton<IHypervisors>(s => s.GetRequiredService<HypervisorSelection>());
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton<VmConsole>();
        services.AddSingleton<VmRuntime>();
        services.AddSingleton<Func<VmSettings>>(() => live.Current.Vm);
        services.AddSingleton<VmLifecycle>();
        services.AddSingleton<ConsoleTrimming>();
        services.AddSingleton<Func<UtilisationSettings>>(() => live.Current.Utilisation);
        services.AddSingleton<UtilisationHistory>();
        services.AddSingleton<UtilisationSampler>();
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
