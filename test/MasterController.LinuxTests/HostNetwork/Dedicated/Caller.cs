using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Linux.Namespaces;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>A connection to a <see cref="Service"/> that was taken.</summary>
internal sealed class Caller : IDisposable
{
    private const int Refused = 700;
    private const int Patience = 5_000;

    private readonly Socket _socket;

    private Caller(Socket socket, string seen) => (_socket, Seen) = (socket, seen);

    /// <summary>Which address the far side sees.</summary>
    internal string Seen { get; }

    /// <summary>Whose address answers; of TCP always the one that was called.</summary>
    internal IPAddress Answering => ((IPEndPoint)_socket.RemoteEndPoint!).Address;

    /// <summary>Which address is seen by TCP; null where nobody takes the call.</summary>
    internal static string? Seeing(NetworkNamespace from, string address, int port, string? source = null)
    {
        using var caller = Call(from, address, port, source);
        return caller?.Seen;
    }

    /// <summary>Null where nobody takes the call soon.</summary>
    internal static Caller? Call(NetworkNamespace from, string address, int port, string? source = null)
    {
        var to = IPAddress.Parse(address);
        var socket = from.Run(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.ReceiveTimeout = Patience;
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            using var limit = new CancellationTokenSource(Refused);
            socket.ConnectAsync(new IPEndPoint(to, port), limit.Token).AsTask().GetAwaiter().GetResult();
            var buffer = new byte[256];
            return new Caller(socket, Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The same by UDP.</summary>
    internal static string? SeeingUdp(NetworkNamespace from, string address, int port, string? source = null)
    {
        var to = IPAddress.Parse(address);
        using var socket = from.Run(() => new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = Refused;
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            socket.Connect(to, port);
            socket.Send("hello"u8);
            var buffer = new byte[256];
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Whether what is sent now comes back.</summary>
    internal bool GoesOn()
    {
        try
        {
            _socket.ReceiveTimeout = Refused;
            _socket.Send("still"u8);
            return _socket.Receive(new byte[64]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();
}
