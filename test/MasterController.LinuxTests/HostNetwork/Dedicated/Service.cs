using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Linux.Namespaces;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>
/// A service of TCP and UDP of both families in a namespace, that says which address it sees and sends back what it is sent.
/// </summary>
internal sealed class Service : IDisposable
{
    private readonly Socket _tcp;
    private readonly Socket _udp;

    internal Service(NetworkNamespace space, int port)
    {
        (_tcp, _udp) = space.Run(() =>
            (Bound(SocketType.Stream, ProtocolType.Tcp, port), Bound(SocketType.Dgram, ProtocolType.Udp, port))
        );
        _tcp.Listen(64);
        new Thread(AcceptAll) { IsBackground = true }.Start();
        new Thread(AnswerAll) { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
    }

    private static Socket Bound(SocketType type, ProtocolType protocol, int port)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        return socket;
    }

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                var accepted = _tcp.Accept();
                new Thread(() => Answer(accepted)) { IsBackground = true }.Start();
            }
        }
        catch (SocketException) { }
        catch (ObjectDisposedException) { }
    }

    private static void Answer(Socket accepted)
    {
        using (accepted)
            try
            {
                var buffer = new byte[1024];
                accepted.Send(Encoding.ASCII.GetBytes(Text(accepted.RemoteEndPoint!)));
                while (accepted.Receive(buffer) is > 0 and var length)
                    accepted.Send(buffer, length, SocketFlags.None);
            }
            catch (SocketException) { }
    }

    private void AnswerAll()
    {
        try
        {
            var buffer = new byte[1024];
            while (true)
            {
                EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
                _udp.ReceiveFrom(buffer, ref from);
                _udp.SendTo(Encoding.ASCII.GetBytes(Text(from)), from);
            }
        }
        catch (SocketException) { }
        catch (ObjectDisposedException) { }
    }

    private static string Text(EndPoint end)
    {
        var address = ((IPEndPoint)end).Address;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }
}
