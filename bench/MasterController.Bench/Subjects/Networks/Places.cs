using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>Where the VMs of these measurements are: the largest pool that one /16 makes.</summary>
internal static class Places
{
    public const string Cidr = "192.168.0.0/16";

    /// <summary>192.168.0.2 to 192.168.255.254.</summary>
    public const int All = 65_533;

    public static readonly Ipv4Network Network = Ipv4Network.Parse(Cidr);
    public static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.0.1");

    /// <summary>The n-th that a pool gives, from 0.</summary>
    public static Ipv4Address Address(int number) => new(Gateway.Value + 1 + (uint)number);

    /// <summary>All have the same policy, as VMs of one type do.</summary>
    public static EgressPolicy Policy { get; } =
        new(AllowsByDefault: true, [], [EgressRule.Parse("10.0.0.0/8"), EgressRule.Parse("0.0.0.0/0:25/tcp")]);

    public static Attachment At(Ipv4Address address) =>
        new(address, Gateway, HypervisorUser.Of(address)) { Egress = Policy };

    /// <summary>What the host has, whatever VMs there are.</summary>
    public static DesiredNetwork Desired(IReadOnlyCollection<Attachment> attachments) =>
        new([new PoolNetwork(Network, [Gateway], AllowVmToVm: false)], attachments);
}
