using System.Net;
using System.Net.Sockets;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// The API's sockets, bound before anything else is made: a second controller, or a port in use, is then a message
/// and not a failed start. They refuse callers until the server listens on them.
/// </summary>
internal sealed class ApiSockets : IDisposable
{
    private readonly List<(EndPoint EndPoint, Socket Socket)> _sockets = [];

    /// <exception cref="SocketUnavailableException">Nothing is left bound.</exception>
    public static ApiSockets Bind(ControllerSettings settings)
    {
        var sockets = new ApiSockets();
        try
        {
            var unix = new UnixDomainSocketEndPoint(settings.Socket);
            sockets._sockets.Add((unix, UnixSocketBinding.Bind(unix, settings.SocketGroup)));
            if (settings.Listen is { } endPoint)
                sockets._sockets.Add((endPoint, BindTcp(endPoint)));
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>The socket that was bound for an end point; the server owns it from then on.</summary>
    public Socket Take(EndPoint endPoint)
    {
        var index = _sockets.FindIndex(s => s.EndPoint.ToString() == endPoint.ToString());
        var socket = _sockets[index].Socket;
        _sockets.RemoveAt(index);
        return socket;
    }

    public void Dispose()
    {
        foreach (var (_, socket) in _sockets)
            socket.Dispose();
        _sockets.Clear();
    }

    private static Socket BindTcp(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return socket;
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new SocketUnavailableException($"cannot listen on {endPoint}: {refused.Message}", refused);
        }
    }
}
