using MasterController.Bench.Subjects.Networks;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects.External;

/// <summary>VMs that are reached from outside: each with an IPv6 address and some ports of the host.</summary>
internal static class ReachedPlaces
{
    public const int ForwardsEach = 5;
    public const ushort FirstPort = 20_000;

    public static readonly Ipv6Network Prefix = Ipv6Network.Parse("2001:db8:1250::/64");

    public static ExternalNetworks Networks { get; } = new(Prefix, PrefixDelivery.OnLink, []);

    public static Attachment At(int number) =>
        Places.At(Places.Address(number)) with
        {
            Egress = null,
            External = new ExternalAccess(
                Ipv6Of(number),
                PublicIpv4: null,
                [new Opening(EgressProtocol.Tcp, new PortRange(443, 443), SourceNetworks.Everybody)],
                [.. Enumerable.Range(0, ForwardsEach).Select(i => Forward(number, i))]
            ),
        };

    public static Ipv6Address Ipv6Of(int number) => new(Prefix.Address.Value + (uint)number + 0x1_0000);

    public static PortForward Forward(int number, int i)
    {
        var port = (ushort)(FirstPort + (number * ForwardsEach) + i);
        return new PortForward(
            $"fwd_{port}",
            HostAddress: null,
            EgressProtocol.Tcp,
            new PortRange(port, port),
            GuestFirst: (ushort)(80 + i),
            SourceNetworks.Everybody
        );
    }
}
