using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>
/// A host whose guests are reached from an "internet" with a second address: 203.0.113.1 and 203.0.113.9, 2001:db8:f::1 and
/// ::9. 203.0.113.32/28 and 2001:db8:1250::/64 are sent to the host.
/// </summary>
internal sealed class ReachedHost : IAsyncDisposable
{
    internal const string Far = "203.0.113.1";
    internal const string OtherFar = "203.0.113.9";
    internal const string Far6 = "2001:db8:f::1";
    internal const string OtherFar6 = "2001:db8:f::9";
    internal const string Address = "203.0.113.2";
    internal const string Public = "203.0.113.33";
    internal const string OtherPublic = "203.0.113.34";

    private readonly List<IDisposable> _things = [];

    private ReachedHost(TestHost host) => Host = host;

    internal TestHost Host { get; }

    /// <param name="attachments">Attached, and each a guest that listens on ports 22, 80 and 81.</param>
    internal static Task<ReachedHost> OpenAsync(params Attachment[] attachments) => OpenAsync(false, attachments);

    internal static async Task<ReachedHost> OpenAsync(bool vmToVm, params Attachment[] attachments)
    {
        var host = await TestHost.StartAsync();
        host.Host("ip -6 address add 2001:db8:f::2/64 dev up0 nodad");
        host.Internet($"ip -6 address add {Far6}/64 dev far0 nodad");
        host.Internet($"ip -6 address add {OtherFar6}/64 dev far0 nodad");
        host.Internet($"ip address add {OtherFar}/24 dev far0");
        host.Internet($"ip route add 203.0.113.32/28 via {Address}");
        host.Internet("ip -6 route add 2001:db8:1250::/64 via 2001:db8:f::2");
        host.Host($"ip -6 route add default via {Far6}");
        host.Host("sysctl -qw net.ipv6.conf.all.forwarding=1");
        // What asks for a neighbour at first may have to wait until its own address counts.
        foreach (var far in (string[])[Far6, OtherFar6])
            host.Host($"ping -c 1 -W 5 {far}");
        await host.ApplyAsync(
            attachments[0].Mode == NetworkMode.Bridge
                ? new DesiredNetwork([TestHost.Bridged(vmToVm)], attachments)
                : TestHost.Desired(vmToVm, attachments)
        );
        var reached = new ReachedHost(host);
        reached._things.Add(new Service(host.FarNamespace, 80));
        foreach (var attachment in attachments)
            await reached.PlugInAsync(attachment);
        return reached;
    }

    internal GuestStack Guest(Attachment attachment) =>
        _things.OfType<GuestStack>().Single(guest => guest.Attachment.Address == attachment.Address);

    internal async Task PlugInAsync(Attachment attachment)
    {
        var guest = await GuestStack.PlugInAsync(Host, attachment);
        _things.Add(guest);
        if (attachment.Mode == NetworkMode.Bridge)
            await Host.ForwardingAsync(attachment.TapName);
        GiveKernelObjects(attachment);
        foreach (var port in (int[])[22, 80, 81])
            _things.Add(new Service(guest.Space, port));
        guest.Run($"ping -c 1 -W 5 {attachment.Gateway}");
    }

    internal string? FarSees(string address, int port, string source) =>
        Caller.Seeing(Host.FarNamespace, address, port, source);

    internal string? FarSees(string address, int port) => Caller.Seeing(Host.FarNamespace, address, port);

    internal bool FarPings(string address) => Pings(() => Host.Internet($"ping -c 1 -W 1 {address}"));

    internal void FilterBridges(bool filters) =>
        Host.Host($"sysctl -qw net.bridge.bridge-nf-call-iptables={(filters ? 1 : 0)}");

    internal static bool Pings(Func<string> ping)
    {
        try
        {
            return ping().Length > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    internal static Attachment With(Attachment attachment, ExternalAccess external) =>
        attachment with
        {
            External = external,
        };

    internal static ExternalAccess Access(
        string? ipv6 = null,
        string? address = null,
        Opening[]? open = null,
        params PortForward[] forwards
    ) =>
        new(
            ipv6 is null ? null : Ipv6Address.Parse(ipv6),
            address is null ? null : Ipv4Address.Parse(address),
            open ?? [],
            forwards
        );

    internal static Opening Tcp(ushort first, ushort? last = null, SourceNetworks? from = null) =>
        new(EgressProtocol.Tcp, new PortRange(first, last ?? first), from ?? SourceNetworks.Everybody);

    internal static PortForward Forward(
        ushort hostPort,
        ushort guestPort,
        ushort count = 1,
        string? hostAddress = null,
        EgressProtocol protocol = EgressProtocol.Tcp,
        SourceNetworks? from = null
    ) =>
        new(
            $"fwd_{hostPort:d12}",
            hostAddress is null ? null : Ipv4Address.Parse(hostAddress),
            protocol,
            new PortRange(hostPort, (ushort)(hostPort + count - 1)),
            guestPort,
            from ?? SourceNetworks.Everybody
        );

    /// <param name="networks">Of either family.</param>
    internal static SourceNetworks From(params string[] networks) =>
        new(
            [.. networks.Where(network => !network.Contains(':')).Select(Ipv4Network.Parse)],
            [.. networks.Where(network => network.Contains(':')).Select(Ipv6Network.Parse)]
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in _things)
            thing.Dispose();
        await Host.DisposeAsync();
    }

    // What is not of the firewall.
    private void GiveKernelObjects(Attachment attachment)
    {
        if (attachment is not { Mode: NetworkMode.Routed, External.Ipv6: { } ipv6 })
            return;
        var tap = attachment.TapName;
        Host.Host($"sysctl -qw net.ipv6.conf.{tap}.addr_gen_mode=1 net.ipv6.conf.{tap}.disable_ipv6=0");
        Host.Host($"sysctl -qw net.ipv6.conf.{tap}.forwarding=1");
        Host.Host($"ip -6 address replace fe80::1/128 dev {tap} nodad");
        foreach (var address in (Ipv6Address[])[ipv6, attachment.LinkLocal])
        {
            Host.Host($"ip -6 route replace {address} dev {tap} proto 252");
            Host.Host($"ip -6 neighbour replace {address} lladdr {attachment.Mac} dev {tap} nud permanent");
        }
    }
}
