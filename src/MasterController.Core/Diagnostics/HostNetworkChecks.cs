using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Diagnostics;

/// <summary>What the host's network offers VMs, and what stands in their way; all of one reading.</summary>
/// <param name="uplink">The configured one; the default route's when null.</param>
/// <param name="external">Where dedicated addresses come from.</param>
/// <param name="running">Whether the controller runs, or is yet to be started.</param>
public sealed class HostNetworkChecks(string? uplink, ExternalNetworks external, bool running)
{
    private const string Code = "host-network";

    private static readonly string[] AllCodes =
    [
        Code,
        .. DeviceChecks.Codes,
        .. ForwardingChecks.Codes,
        .. CoexistenceChecks.Codes,
        .. DedicatedChecks.Codes,
        .. LimitChecks.Codes,
    ];

    /// <summary>In mode "none" the host network is left alone.</summary>
    public static IReadOnlyList<Finding> None { get; } = Skipped(AllCodes, "network.mode is none");

    /// <param name="pools">The networks of all pools, by pool name.</param>
    public IReadOnlyList<Finding> Run(IReadOnlyList<(string Pool, Ipv4Network Network)> pools)
    {
        try
        {
            var networks = pools.Select(p => p.Network).ToList();
            var facts = HostNetworkFacts.Read(namespacePath: null, networks);
            var vms = LimitChecks.Vms(networks);
            return Check(
                facts,
                DeviceChecks.HasLibrary(),
                pools,
                HostNetworkFacts.ReadExternal(external, uplink, networks),
                HostNetworkFacts.ReadLimits(vms)
            );
        }
        catch (HostNetworkException unreadable)
        {
            return
            [
                Finding.Fail(Code, unreadable.Message, "run as root, on a kernel with netlink"),
                .. Skipped(AllCodes[1..], "the host network cannot be read"),
            ];
        }
    }

    internal IReadOnlyList<Finding> Check(
        HostNetworkFacts facts,
        bool hasLibrary,
        IReadOnlyList<(string Pool, Ipv4Network Network)> pools,
        ExternalSurvey survey,
        IReadOnlyList<HostLimit> limits
    ) =>
        [
            Finding.Pass(Code, "the kernel tells of interfaces, routes and neighbours"),
            .. DeviceChecks.Check(facts, hasLibrary, running),
            .. ForwardingChecks.Check(facts, running),
            .. CoexistenceChecks.Check(facts, pools, uplink),
            .. DedicatedChecks.Check(external, survey),
            .. LimitChecks.Check(limits, LimitChecks.Vms(pools.Select(p => p.Network))),
        ];

    private static IReadOnlyList<Finding> Skipped(IEnumerable<string> codes, string why) =>
        [.. codes.Select(code => Finding.Skip(code, why))];
}
