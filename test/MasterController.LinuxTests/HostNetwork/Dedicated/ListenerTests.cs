using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>Ports of the host that a forward must not take away from a program.</summary>
public sealed class ListenerTests : IDisposable
{
    private readonly List<Socket> _sockets = [];

    [Fact]
    public async Task Those_who_take_ipv4_are_found_and_no_others()
    {
        await using var host = await TestHost.StartAsync();
        host.Host("ip -6 address add 2001:db8:f::2/64 dev up0 nodad");
        host.Namespace.Run(() =>
        {
            Bind(SocketType.Stream, "0.0.0.0", 1001);
            Bind(SocketType.Stream, "203.0.113.2", 1002);
            Bind(SocketType.Stream, "127.0.0.1", 1003);
            Bind(SocketType.Stream, "::", 1004, takesBoth: true);
            Bind(SocketType.Stream, "::", 1005);
            Bind(SocketType.Stream, "2001:db8:f::2", 1006);
            Bind(SocketType.Stream, "0.0.0.0", 1007, listens: false);
            Bind(SocketType.Dgram, "0.0.0.0", 2001);
            Bind(SocketType.Dgram, "::", 2002, takesBoth: true);
            Bind(SocketType.Dgram, "::ffff:203.0.113.2", 2003, takesBoth: true);
            Bind(SocketType.Dgram, "0.0.0.0", 2004).Connect(IPAddress.Parse("203.0.113.1"), 53);
        });

        var found = await host.Network.ReadListenersAsync(TestContext.Current.CancellationToken);

        var (uplink, loopback) = (TestHost.HostAddress, Ipv4Address.Parse("127.0.0.1"));
        HostListener[] expected =
        [
            new(EgressProtocol.Tcp, null, 1001),
            new(EgressProtocol.Tcp, uplink, 1002),
            new(EgressProtocol.Tcp, loopback, 1003),
            new(EgressProtocol.Tcp, null, 1004),
            new(EgressProtocol.Udp, null, 2001),
            new(EgressProtocol.Udp, null, 2002),
            new(EgressProtocol.Udp, uplink, 2003),
        ];
        Assert.Equal(expected, found.OrderBy(listener => listener.Port));
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private Socket Bind(SocketType type, string address, int port, bool takesBoth = false, bool listens = true)
    {
        var ip = IPAddress.Parse(address);
        var socket = new Socket(
            ip.AddressFamily,
            type,
            type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp
        );
        _sockets.Add(socket);
        if (ip.AddressFamily == AddressFamily.InterNetworkV6)
            socket.DualMode = takesBoth;
        socket.Bind(new IPEndPoint(ip, port));
        if (type == SocketType.Stream && listens)
            socket.Listen();
        return socket;
    }
}
