using System.Net;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>Every key there is, with its default. Order is that of the reference page.</summary>
public static partial class ConfigKeys
{
    public const string DefaultFile = "/etc/master-controller/master-controller.toml";

    public static readonly ConfigKey<string> StateDirectory = new(
        "state_dir",
        "/var/lib/master-controller",
        "an absolute path",
        "Holds the database, the images and the VMs' disks. One controller owns it at a time.",
        ConfigReaders.AbsolutePath,
        Shown,
        flag: "--state-dir"
    );

    public static readonly ConfigKey<string> Socket = new(
        "socket",
        "/run/master-controller/master-controller.sock",
        "an absolute path of at most 107 bytes",
        "The Unix socket of the API. Everybody may connect; root and `socket_group` may do everything, all others need an API key.",
        ConfigReaders.SocketPath,
        Shown,
        flag: "--socket"
    );

    public static readonly ConfigKey<string?> SocketGroup = new(
        "socket_group",
        null,
        "the name of a group, or \"\" for none",
        "The group whose members may do everything on the socket, without a key.",
        ConfigReaders.GroupName,
        Shown
    );

    public static readonly ConfigKey<IPEndPoint?> Listen = new(
        "listen",
        null,
        "an address with a port (\"127.0.0.1:8470\", \"[::1]:8470\"), or \"\" for no TCP; without `tls.certificate` on loopback alone",
        "Offers the API on TCP as well, to whoever has an API key.",
        ConfigReaders.Listen,
        e => e?.ToString() ?? "",
        flag: "--listen"
    );

    public static readonly ConfigKey<string> LogFormat = new(
        "log.format",
        "auto",
        "\"auto\", \"journald\", \"json\" or \"console\"",
        "\"auto\" is journald under systemd, else console.",
        w => ConfigReaders.OneOf(w, "auto", "journald", "json", "console"),
        Shown
    );

    public static readonly ConfigKey<string> LogLevel = new(
        "log.level",
        "information",
        "\"trace\", \"debug\", \"information\", \"warning\" or \"error\"",
        "The least severe messages that are logged.",
        w => ConfigReaders.OneOf(w, "trace", "debug", "information", "warning", "error"),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<string> NetworkMode = new(
        "network.mode",
        "routed",
        "\"routed\" or \"none\"",
        "\"none\" only leases addresses, for another orchestrator: no VM is started and the host network is left alone.",
        w => ConfigReaders.OneOf(w, "routed", "none"),
        Shown,
        flag: "--network"
    );

    public static readonly ConfigKey<string?> Uplink = new(
        "network.uplink",
        null,
        "the name of an interface, or \"\" for that of the default route",
        "The interface that leads to the internet.",
        ConfigReaders.InterfaceName,
        Shown,
        flag: "--uplink"
    );

    public static readonly ConfigKey<IReadOnlyList<IpAddress>> Dns = new(
        "network.dns",
        [],
        "a list of IPv4 and IPv6 addresses",
        "The name servers that guests are told, two of each family at most; those of IPv6 are for guests with an IPv6 address. Empty: those of the host's /etc/resolv.conf that are not on loopback.",
        ConfigReaders.Resolvers,
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<string> RulesFile = new(
        "network.iptables_rules_file",
        HostNetworkOptions.DefaultRulesFile,
        "an absolute path",
        "The file that this host's iptables rules are loaded from, if there is one: changes of pools find and replace masquerades for their networks in it.",
        ConfigReaders.AbsolutePath,
        Shown
    );

    public static readonly ConfigKey<bool> Tune = new(
        "network.tune",
        false,
        "true or false",
        "Whether the controller raises, at its start, limits that its pools would hit: `net.*` settings that are its network namespace's own, and its own number of open files. What it raised is in the log.",
        ConfigReaders.Boolean,
        Shown
    );

    public static readonly ConfigKey<Ipv4Network> PoolCidr = new(
        "pool.default.cidr",
        Ipv4Network.Parse("192.168.100.0/24"),
        "an IPv4 network without host bits (\"192.168.100.0/24\")",
        "The pool \"default\", used only at the first start, while there is no pool of that name.",
        ConfigReaders.Network,
        n => n.ToString()
    );

    public static readonly ConfigKey<Ipv4Address?> PoolGateway = PoolAddress("gateway", "network+1");

    public static readonly ConfigKey<Ipv4Address?> PoolFirst = PoolAddress("first", "network+2");

    public static readonly ConfigKey<Ipv4Address?> PoolLast = PoolAddress("last", "broadcast−1");

    public static readonly ConfigKey<IReadOnlyList<Ipv4Network>> PoolReservations = new(
        "pool.default.reservations",
        [],
        "a list of IPv4 addresses and networks",
        "Addresses that are never leased automatically.",
        ConfigReaders.Networks,
        Shown
    );

    public static readonly ConfigKey<int> PoolCooldown = new(
        "pool.default.cooldown_seconds",
        30,
        "0 to 86400",
        "How long a released address is kept from other owners.",
        w => ConfigReaders.Integer(w, 0, 86_400),
        Shown
    );

    public static readonly ConfigKey<bool> PoolAllowVmToVm = new(
        "pool.default.allow_vm_to_vm",
        false,
        "true or false",
        "Whether VMs of the pool may reach each other.",
        ConfigReaders.Boolean,
        Shown
    );

    public static readonly ConfigKey<string> PoolStrategy = new(
        "pool.default.strategy",
        "lowest-free",
        "\"lowest-free\", \"next\", \"random\" or \"least-recently-used\"",
        "Which free address is leased next.",
        w => ConfigReaders.OneOf(w, [.. StrategyName.Names]),
        Shown
    );

    public static readonly ConfigKey<bool> PoolAllowEarlyReuse = new(
        "pool.default.allow_early_reuse",
        false,
        "true or false",
        "Whether the exhausted pool gives the address that has cooled longest to another owner before its time.",
        ConfigReaders.Boolean,
        Shown
    );

    public static readonly ConfigKey<string> PoolNetwork = new(
        "pool.default.network",
        "routed",
        "\"routed\" or \"bridge\"",
        "How VMs of the pool are connected to the host: each by a route of its own, or as ports of the bridge fcbr0, which takes 1,023.",
        w => ConfigReaders.OneOf(w, [.. NetworkModeName.Names]),
        Shown
    );

    public static readonly ConfigKey<IReadOnlyList<int>> WarnPercent = new(
        "pools.warn_percent",
        [80, 95],
        "a list of whole numbers from 1 to 100, ascending; [] for none",
        "How full a pool is, in percent of total − reserved, when an event tells of it: `pool.threshold` when it gets there, `pool.threshold-cleared` when it is 2 points below again.",
        ConfigReaders.Percentages,
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<string> Hypervisor = new(
        "hypervisor.kind",
        "auto",
        "\"auto\", \"firecracker\" or \"qemu\"",
        "\"auto\" takes Firecracker where its binary is there and KVM boots a guest, else QEMU.",
        w => ConfigReaders.OneOf(w, "auto", "firecracker", "qemu"),
        Shown,
        flag: "--hypervisor"
    );

    public static readonly ConfigKey<string> Kvm = new(
        "hypervisor.kvm",
        "auto",
        "\"auto\", \"on\" or \"off\"",
        "\"auto\" finds out by a timed boot and keeps the verdict.",
        w => ConfigReaders.OneOf(w, "auto", "on", "off"),
        Shown
    );

    public static readonly ConfigKey<string> QemuPath = new(
        "hypervisor.qemu_path",
        "qemu-system-x86_64",
        "a path, or a name that is looked up in PATH",
        "The QEMU binary.",
        ConfigReaders.Text,
        Shown
    );

    public static readonly ConfigKey<string> FirecrackerPath = new(
        "hypervisor.firecracker_path",
        "firecracker",
        "a path, or a name that is looked up in PATH",
        "The Firecracker binary.",
        ConfigReaders.Text,
        Shown
    );

    public static readonly ConfigKey<int> KvmBootTimeout = new(
        "hypervisor.kvm_boot_timeout_seconds",
        10,
        "1 to 300",
        "A guest that KVM has not booted in this time counts as not bootable.",
        w => ConfigReaders.Integer(w, 1, 300),
        Shown
    );

    public static readonly ConfigKey<string?> ImageExtraFiles = new(
        "image.extra_files",
        null,
        "the absolute path of a folder, or \"\" for none",
        "Copied over the root of images that are built; executable files in its etc/rc.d run at each boot of a guest.",
        ConfigReaders.OptionalPath,
        Shown
    );

    public static readonly ConfigKey<string?> ImagePackages = new(
        "image.packages",
        null,
        "the absolute path of a folder, or \"\" for none",
        "Where .deb files for image builds may lie already, for hosts that reach no package mirror.",
        ConfigReaders.OptionalPath,
        Shown
    );

    public static readonly ConfigKey<int> MaxVms = new(
        "vm.max_vms",
        0,
        "0 to 1000000; 0 is no limit",
        "How many VMs there may be, stopped ones included.",
        w => ConfigReaders.Integer(w, 0, 1_000_000),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> MaxMemory = new(
        "vm.max_memory_mib",
        0,
        "0 to 2147483647 MiB; 0 is no limit",
        "How much memory all VMs together may be given.",
        w => ConfigReaders.Integer(w, 0, int.MaxValue),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> StopTimeout = new(
        "vm.stop_timeout_seconds",
        10,
        "0 to 3600; 0 forces at once",
        "How long a guest may take to end by itself before it is forced.",
        w => ConfigReaders.Integer(w, 0, 3600),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<string> DefaultType = new(
        "vm.default_type",
        "cli",
        "the name of a type",
        "The type of a VM that is created without one.",
        ConfigReaders.Label,
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> ConsoleLimit = new(
        "vm.console_limit_kib",
        1024,
        "16 to 1048576 KiB",
        "How much of each guest's console is kept; the oldest part goes first.",
        w => ConfigReaders.Integer(w, 16, 1_048_576),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> HistoryKeep = new(
        "history.keep_days",
        90,
        "1 to 3650",
        "For how many days it is remembered who had an address, after it was given back.",
        w => ConfigReaders.Integer(w, 1, 3650),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> EventsKeep = new(
        "events.keep_days",
        7,
        "1 to 365",
        "For how many days events are stored, a million of them at most.",
        w => ConfigReaders.Integer(w, 1, 365),
        Shown,
        Reload.Live
    );

    /// <summary>All but the keys of types.</summary>
    /// <remarks>Made when it is asked for: of a class in two files it is not said whose fields are made first.</remarks>
    public static IReadOnlyList<ConfigKey> All =>
        field ??= [
            StateDirectory,
            Socket,
            SocketGroup,
            Listen,
            LogFormat,
            LogLevel,
            NetworkMode,
            Uplink,
            Dns,
            RulesFile,
            Tune,
            PoolCidr,
            PoolGateway,
            PoolFirst,
            PoolLast,
            PoolReservations,
            PoolCooldown,
            PoolAllowVmToVm,
            PoolStrategy,
            PoolAllowEarlyReuse,
            PoolNetwork,
            WarnPercent,
            Hypervisor,
            Kvm,
            QemuPath,
            FirecrackerPath,
            KvmBootTimeout,
            ImageExtraFiles,
            ImagePackages,
            MaxVms,
            MaxMemory,
            StopTimeout,
            DefaultType,
            ConsoleLimit,
            HistoryKeep,
            EventsKeep,
            QuotaVms,
            QuotaVcpus,
            QuotaMemory,
            QuotaAddresses,
            QuotaDedicated,
            ExternalIpv6,
            ExternalDelivery,
            ExternalIpv4,
            ForwardPorts,
            ExternalCooldown,
            ProbeUrl,
            TlsCertificate,
            TlsKey,
            RequestsPerSecond,
            RequestBurst,
            AuditKeep,
            OtlpEndpoint,
            OtlpProtocol,
        ];

    private static ConfigKey<Ipv4Address?> PoolAddress(string part, string without) =>
        new(
            $"pool.default.{part}",
            null,
            $"an address in pool.default.cidr, or \"\" for {without}",
            part == "gateway" ? "The host's address in the pool." : $"The {part} address that is leased.",
            ConfigReaders.Address,
            a => a?.ToString() ?? ""
        );

    private static string Shown(string? value) => value ?? "";

    private static string Shown(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Shown(bool value) => value ? "true" : "false";

    private static string Shown<T>(IReadOnlyList<T> items) => string.Join(", ", items);
}
