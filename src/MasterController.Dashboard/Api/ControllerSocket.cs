using System.Net.Http.Headers;
using System.Net.Sockets;

namespace MasterController.Dashboard.Api;

/// <summary>Connections to the controller, shared by all sessions; each request carries its session's key.</summary>
public sealed class ControllerSocket : IDisposable
{
    private readonly SocketsHttpHandler _handler;

    public ControllerSocket(string path)
    {
        Path = path;
        var endPoint = new UnixDomainSocketEndPoint(path);
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(endPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            AllowAutoRedirect = false,
            UseCookies = false,
        };
    }

    public string Path { get; }

    /// <summary>The caller disposes of it; the connections stay.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public void Dispose() => _handler.Dispose();
}
