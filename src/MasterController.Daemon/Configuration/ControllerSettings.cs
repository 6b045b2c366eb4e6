using System.Net;
using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Quotas;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Telemetry;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Logging;

namespace MasterController.Daemon.Configuration;

/// <summary>The configuration as the parts of the controller take it.</summary>
/// <param name="Listen">TCP, or null; beyond loopback only with <paramref name="Tls"/>.</param>
/// <param name="DefaultPool">Created when the store has no pool of that name.</param>
public sealed record ControllerSettings(
    string StateDirectory,
    string Socket,
    string? SocketGroup,
    IPEndPoint? Listen,
    LogSettings Log,
    NetworkSettings Network,
    PoolRequest DefaultPool,
    HypervisorOptions Hypervisor,
    ImageBuildOptions Image,
    VmSettings Vm,
    HistorySettings History,
    UtilisationSettings Utilisation,
    ExternalSettings External,
    EventSettings Events,
    TlsFiles? Tls,
    RequestRates Rates,
    TelemetrySettings Telemetry,
    QuotaLimits Quota
)
{
    public const string DefaultPoolName = "default";

    public string Database => Path.Combine(StateDirectory, "state.db");

    public string Images => Path.Combine(StateDirectory, "images");

    /// <summary>Where a guest is booted to find out about KVM.</summary>
    public string KvmProbe => Path.Combine(StateDirectory, "probe");

    /// <summary>What changes of pools found, to be put back.</summary>
    public string Backups => Path.Combine(StateDirectory, "backups");

    public string Vms => Path.Combine(StateDirectory, "vms");

    public static ControllerSettings From(ConfigValues values) =>
        new(
            values.Get(ConfigKeys.StateDirectory),
            values.Get(ConfigKeys.Socket),
            values.Get(ConfigKeys.SocketGroup),
            values.Get(ConfigKeys.Listen),
            new LogSettings(values.Get(ConfigKeys.LogFormat), Level(values.Get(ConfigKeys.LogLevel))),
            new NetworkSettings(
                values.Get(ConfigKeys.NetworkMode),
                values.Get(ConfigKeys.Uplink),
                values.Get(ConfigKeys.RulesFile),
                values.Get(ConfigKeys.Tune)
            ),
            new PoolRequest(
                DefaultPoolName,
                [
                    new RangeRequest(
                        values.Get(ConfigKeys.PoolCidr).ToString(),
                        values.Get(ConfigKeys.PoolFirst)?.ToString(),
                        values.Get(ConfigKeys.PoolLast)?.ToString(),
                        values.Get(ConfigKeys.PoolGateway)?.ToString(),
                        [.. values.Get(ConfigKeys.PoolReservations).Select(r => r.ToString())]
                    ),
                ],
                TimeSpan.FromSeconds(values.Get(ConfigKeys.PoolCooldown)),
                values.Get(ConfigKeys.PoolStrategy),
                values.Get(ConfigKeys.PoolAllowVmToVm),
                values.Get(ConfigKeys.PoolAllowEarlyReuse),
                values.Get(ConfigKeys.PoolNetwork)
            ),
            new HypervisorOptions(
                values.Get(ConfigKeys.Hypervisor),
                values.Get(ConfigKeys.FirecrackerPath),
                values.Get(ConfigKeys.QemuPath),
                values.Get(ConfigKeys.Kvm),
                TimeSpan.FromSeconds(values.Get(ConfigKeys.KvmBootTimeout))
            ),
            new ImageBuildOptions(values.Get(ConfigKeys.ImageExtraFiles), values.Get(ConfigKeys.ImagePackages)),
            new VmSettings(
                values.Types.Select(name => Type(values, ConfigKeys.ForType(name))).ToDictionary(t => t.Name),
                values.Get(ConfigKeys.DefaultType),
                DefaultPoolName,
                Resolvers(values.Get(ConfigKeys.Dns)),
                new VmLimits(values.Get(ConfigKeys.MaxVms), values.Get(ConfigKeys.MaxMemory)),
                TimeSpan.FromSeconds(values.Get(ConfigKeys.StopTimeout)),
                values.Get(ConfigKeys.ConsoleLimit) * 1024L
            ),
            new HistorySettings(TimeSpan.FromDays(values.Get(ConfigKeys.HistoryKeep)))
            {
                KeepAudit = TimeSpan.FromDays(values.Get(ConfigKeys.AuditKeep)),
            },
            new UtilisationSettings(values.Get(ConfigKeys.WarnPercent)),
            new ExternalSettings(
                new ExternalNetworks(
                    values.Get(ConfigKeys.ExternalIpv6),
                    Delivery(values.Get(ConfigKeys.ExternalDelivery)),
                    values.Get(ConfigKeys.ExternalIpv4)
                ),
                values.Get(ConfigKeys.ForwardPorts),
                TimeSpan.FromSeconds(values.Get(ConfigKeys.ExternalCooldown)),
                values.Get(ConfigKeys.ProbeUrl)
            ),
            new EventSettings(TimeSpan.FromDays(values.Get(ConfigKeys.EventsKeep))),
            values.Get(ConfigKeys.TlsCertificate) is { } certificate && values.Get(ConfigKeys.TlsKey) is { } key
                ? new TlsFiles(certificate, key)
                : null,
            new RequestRates(values.Get(ConfigKeys.RequestsPerSecond), values.Get(ConfigKeys.RequestBurst)),
            new TelemetrySettings(values.Get(ConfigKeys.OtlpEndpoint), values.Get(ConfigKeys.OtlpProtocol)),
            new QuotaLimits(
                values.Get(ConfigKeys.QuotaVms),
                values.Get(ConfigKeys.QuotaVcpus),
                values.Get(ConfigKeys.QuotaMemory),
                values.Get(ConfigKeys.QuotaAddresses),
                values.Get(ConfigKeys.QuotaDedicated)
            )
        );

    private static PrefixDelivery? Delivery(string word) =>
        word switch
        {
            ConfigKeys.DeliveryRouted => PrefixDelivery.Routed,
            ConfigKeys.DeliveryOnLink => PrefixDelivery.OnLink,
            _ => null,
        };

    private static VmType Type(ConfigValues values, TypeKeys keys) =>
        new(
            keys.Name,
            values.Get(keys.Vcpus),
            values.Get(keys.MemoryMib),
            values.Get(keys.Image),
            Egress(
                new EgressPolicy(
                    values.Get(keys.EgressDefault) == EgressRequest.AllowWord,
                    values.Get(keys.EgressAllow),
                    values.Get(keys.EgressDeny)
                )
            ),
            Limit(values, keys),
            values.Get(keys.Ipv6),
            values.Get(keys.RouterAdvertisements)
        );

    private static RateLimit? Limit(ConfigValues values, TypeKeys keys)
    {
        long? Of(ConfigKey<int> rate, ConfigKey<int> value) => values.Get(rate) > 0 ? values.Get(value) : null;
        var limit = new RateLimit(
            Of(keys.Out.Bytes, keys.Out.Bytes),
            Of(keys.Out.Bytes, keys.Out.BurstBytes),
            Of(keys.Out.Packets, keys.Out.Packets),
            Of(keys.Out.Packets, keys.Out.BurstPackets),
            Of(keys.In.Bytes, keys.In.Bytes),
            Of(keys.In.Bytes, keys.In.BurstBytes),
            Of(keys.In.Packets, keys.In.Packets),
            Of(keys.In.Packets, keys.In.BurstPackets)
        );
        return limit.IsNone ? null : limit;
    }

    private static EgressPolicy? Egress(EgressPolicy written) => written == EgressPolicy.Everything ? null : written;

    private static IReadOnlyList<IpAddress> Resolvers(IReadOnlyList<IpAddress> configured) =>
        configured.Count > 0 ? configured : HostResolvers.Read();

    private static LogLevel Level(string text) => Enum.Parse<LogLevel>(text, ignoreCase: true);
}

/// <summary>PEM files: the certificate with those between it and its root, and its key.</summary>
public sealed record TlsFiles(string Certificate, string Key);

/// <param name="Format">"auto", "journald", "json" or "console".</param>
public sealed record LogSettings(string Format, LogLevel Level);

/// <param name="Mode">"routed" or "none".</param>
/// <param name="Uplink">Null: that of the default route.</param>
/// <param name="RulesFile">As for <see cref="Core.HostNetwork.HostNetworkOptions"/>.</param>
/// <param name="Tune">Whether limits are raised at the start.</param>
public sealed record NetworkSettings(string Mode, string? Uplink, string RulesFile, bool Tune);
