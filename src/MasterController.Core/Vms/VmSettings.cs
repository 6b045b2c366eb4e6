using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Vms;

/// <summary>What the configuration says about VMs; replaced as a whole when it is read again.</summary>
/// <param name="Types">By name; the built-in ones among them.</param>
/// <param name="Dns">Resolvers that guests are told, at most <see cref="MostResolvers"/> of a family.</param>
/// <param name="StopTimeout">How long a guest may take to end by itself before it is forced.</param>
/// <param name="ConsoleLimitBytes">A console log is trimmed to its last half when it grows beyond this.</param>
public sealed record VmSettings(
    IReadOnlyDictionary<string, VmType> Types,
    string DefaultType,
    string DefaultPool,
    IReadOnlyList<IpAddress> Dns,
    VmLimits Limits,
    TimeSpan StopTimeout,
    long ConsoleLimitBytes
)
{
    /// <summary>The kernel's "ip=" has two fields for them (nfsroot.rst).</summary>
    public const int MostResolvers = 2;

    public static VmSettings Default { get; } =
        new(
            VmType.BuiltIn.ToDictionary(t => t.Name),
            DefaultType: "cli",
            DefaultPool: "default",
            Dns: [],
            new VmLimits(),
            StopTimeout: TimeSpan.FromSeconds(10),
            ConsoleLimitBytes: 1 << 20
        );

    /// <summary>Those of IPv6 that guests are told.</summary>
    public IReadOnlyList<Ipv6Address> Resolvers6 =>
        [
            .. Dns.Where(resolver => resolver.IsIpv6)
                .Take(MostResolvers)
                .Select(resolver => new Ipv6Address(resolver.Value)),
        ];

    /// <summary>The VM's own policy, else that of its type; of a type that is no longer configured there is none.</summary>
    public EgressPolicy? EgressOf(VmRecord vm) => vm.Egress ?? Types.GetValueOrDefault(vm.Type)?.Egress;

    /// <summary>Of a type that is no longer configured there are none.</summary>
    public bool AdvertisesRouter(VmRecord vm) => Types.GetValueOrDefault(vm.Type)?.RouterAdvertisements == true;

    /// <summary>The VM's own limit, else that of its type.</summary>
    public RateLimit? RateLimitOf(VmRecord vm) =>
        (vm.RateLimit ?? Types.GetValueOrDefault(vm.Type)?.RateLimit) is { IsNone: false } limit ? limit : null;
}
