using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork;

/// <summary>What the host needs once, whatever VMs there are: forwarding, gateway addresses, an uplink.</summary>
/// <remarks>
/// Gateways are /32 addresses of the loopback interface: it is always there and up, needs no module, and makes no route
/// for the pool's network, so that nothing but the attachments' own routes leads to guests.
/// </remarks>
internal sealed partial class HostSetup(HostNetworkKernel kernel, ILogger logger)
{
    private const int LoopbackIndex = 1; // in every namespace (net/core/dev.c registers it first)
    private const string Forwarding = "net/ipv4/ip_forward";

    // Reserved for future use (RFC 1112), so nobody has a route of its own for it: what leads there is the default route.
    private static readonly Ipv4Address Anywhere = Ipv4Address.Parse("240.0.0.1");

    /// <summary>The interface that the default route leads out of; null where there is no default route.</summary>
    internal static string? FindUplink(NetlinkSocket netlink)
    {
        var batch = new NetlinkBatch();
        batch.RouteGet(Anywhere);
        if (netlink.GetRoutes(batch)[0] is not { Type: RouteEntry.Unicast, Index: > 0 } route)
            return null;
        var link = netlink.FindLink(route.Index);
        return link is { } found && !AttachmentSetup.IsOurs(found) ? found.Name : null;
    }

    /// <summary>What <see cref="EnableForwarding"/> would change.</summary>
    internal static IReadOnlyList<HostChange> PlanForwarding() =>
        Sysctl.Read(Forwarding) == 1
            ? []
            :
            [
                new HostChange(
                    "sysctl",
                    HostChangeKind.Change,
                    "switch IPv4 forwarding on",
                    $"sysctl -w {Forwarding.Replace('/', '.')}=1"
                ),
            ];

    internal void EnableForwarding(IReadOnlyList<HostChange> plan, ChangeLog changes)
    {
        if (plan.Count == 0)
            return;
        Sysctl.Write(Forwarding, 1);
        LogForwardingEnabled(Forwarding);
        changes.AddDone(plan);
    }

    /// <summary>What is missing, and which of our addresses nobody desires any more.</summary>
    internal GatewayPlan PlanGateways(IReadOnlySet<Ipv4Address> gateways)
    {
        var present = new HashSet<Ipv4Address>();
        var leftOver = new List<AddressEntry>();
        kernel.Netlink.DumpAddresses(
            LoopbackIndex,
            entry =>
            {
                if (entry.PrefixLength == 32)
                    present.Add(entry.Address);
                if (entry.Label == HostNetworkMarks.AddressLabel && !gateways.Contains(entry.Address))
                    leftOver.Add(entry);
            }
        );
        return new GatewayPlan(
            kernel.Netlink.FindLink(LoopbackIndex) is { IsUp: false },
            [.. gateways.Except(present).Order()],
            leftOver
        );
    }

    internal void AddGateways(GatewayPlan plan, ChangeLog changes)
    {
        var batch = new NetlinkBatch();
        if (plan.BringsUpLoopback)
            batch.LinkUp(LoopbackIndex);
        foreach (var gateway in plan.Missing)
            batch.AddressAdd(LoopbackIndex, gateway, HostNetworkMarks.AddressLabel);
        kernel.Netlink.ExecuteAll("A gateway address could not be added", batch);
        changes.AddDone(plan.Additions);
    }

    /// <summary>To be called when no route prefers them as a source: the kernel deletes such routes with the address.</summary>
    internal void RemoveGateways(GatewayPlan plan, ChangeLog changes)
    {
        var removals = plan.Removals(kernel.Netlink);
        var batch = new NetlinkBatch();
        foreach (var entry in plan.LeftOver)
            batch.AddressDelete(LoopbackIndex, entry.Address, HostNetworkMarks.AddressLabel);
        kernel.Netlink.ExecuteAll("A gateway address could not be removed", batch);
        changes.AddDone(removals);
    }

    /// <summary>What dedicated addresses need of the host; a setting that cannot be made is told and differs further on.</summary>
    internal void AddDedicated(DedicatedHostPlan plan, ChangeLog changes)
    {
        var done = plan.Additions.ToList();
        foreach (var setting in plan.Settings)
            try
            {
                Sysctl.Write(setting.Key, setting.Value);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                LogSettingRefused(setting.Name, setting.Value, refused.Message);
                done.Remove(setting.Change);
            }
        var batch = new NetlinkBatch();
        foreach (var network in plan.MissingIpv6)
            batch.UnreachableReplace(network, DedicatedHostPlan.Metric, HostNetworkMarks.RouteProtocol);
        foreach (var network in plan.MissingIpv4)
            batch.UnreachableReplace(network, DedicatedHostPlan.Metric, HostNetworkMarks.RouteProtocol);
        kernel.Netlink.ExecuteAll("An unreachable route could not be added", batch);
        changes.AddDone(done);
    }

    /// <summary>What is configured no more; routes of VMs have networks of their own and stay.</summary>
    internal void RemoveDedicated(DedicatedHostPlan plan, ChangeLog changes)
    {
        var batch = new NetlinkBatch();
        foreach (var route in plan.LeftOverIpv6)
            batch.UnreachableDelete(route.Destination, route.Priority, HostNetworkMarks.RouteProtocol);
        foreach (var route in plan.LeftOverIpv4)
            batch.UnreachableDelete(route.Destination, route.Priority, HostNetworkMarks.RouteProtocol);
        kernel.Netlink.ExecuteAll("An unreachable route could not be removed", batch);
        changes.AddDone(plan.Removals);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Name} could not be made {Value}, which dedicated addresses need: {Why}"
    )]
    private partial void LogSettingRefused(string name, int value, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "IPv4 forwarding was off; {Path} is now 1")]
    private partial void LogForwardingEnabled(string path);
}
