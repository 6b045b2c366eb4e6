using System.Net;
using System.Net.Sockets;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>VMs of the older controller, which go on while its rules are replaced.</summary>
public sealed class OldBridgeTests
{
    private const int Port = 5354;

    [Fact]
    public async Task A_tcp_connection_of_a_vm_on_the_old_bridge_outlives_the_change_and_its_undoing()
    {
        await using var old = await OldSetup.StartAsync();
        using var vm = old.StartBridgedVm("192.168.100.50/24");
        old.AddRule(OldSetup.Rule);
        using var server = old.Host.AcceptOnInternet(Port);
        using var client = vm.Run(() => Connect(Port));
        using var accepted = await server.AcceptAsync(TestContext.Current.CancellationToken);
        Exchange(client, accepted);

        var rules = (await old.SurveyAsync()).ForeignRules;
        await old.BackUpAsync(rules);
        await old.SetAsync(rules);
        Assert.DoesNotContain("MASQUERADE", old.Saved());
        Exchange(client, accepted);
        using var second = vm.Run(() => Connect(Port));
        using var secondAccepted = await server.AcceptAsync(TestContext.Current.CancellationToken);
        Exchange(second, secondAccepted);

        await old.RestoreAsync(rules);
        Exchange(client, accepted);
        Exchange(second, secondAccepted);
        Assert.All(
            [accepted, secondAccepted],
            socket => Assert.Equal(IPAddress.Parse("203.0.113.2"), ((IPEndPoint)socket.RemoteEndPoint!).Address)
        );
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(TestHost.InternetAddress.ToIPAddress(), port);
        return socket;
    }

    private static void Exchange(Socket one, Socket other)
    {
        var buffer = new byte[16];
        (one.ReceiveTimeout, other.ReceiveTimeout) = (10_000, 10_000);
        one.Send("question"u8);
        Assert.Equal("question"u8, buffer.AsSpan(0, other.Receive(buffer)));
        other.Send("answer"u8);
        Assert.Equal("answer"u8, buffer.AsSpan(0, one.Receive(buffer)));
    }
}
