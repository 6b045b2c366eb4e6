using System.Net.Sockets;

namespace MasterController.Cli.Api.Http;

/// <summary>An answer whose body is still to be read; disposing it closes the connection.</summary>
internal sealed class HttpReply(Socket socket, int status, HttpBody body) : IDisposable
{
    public int Status => status;

    public HttpBody Body => body;

    public void Dispose() => socket.Dispose();
}
