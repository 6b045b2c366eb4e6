using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MasterController.Cli.Api.Http;

/// <summary>
/// HTTP/1.1 over a Unix socket, one connection for each request (<c>curl --unix-socket</c>). <c>HttpClient</c> doubles
/// both the size of the binary and the time of a short command: proxies, TLS, HTTP/2 and pooling that nothing here uses.
/// </summary>
/// <param name="key">An API key; null to be known by the socket.</param>
internal sealed class UnixHttp(string socketPath, TimeProvider time, string? key = null)
{
    public string SocketPath => socketPath;

    /// <exception cref="DaemonUnreachableException">No connection, or no answer in time.</exception>
    /// <exception cref="ConnectionLostException">The connection ended before the answer did.</exception>
    public async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancel)
    {
        var socket = await ConnectAsync(cancel);
        using var patience = new CancellationTokenSource(call.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            await SendHeadAndBodyAsync(socket, call, both.Token);
            return await ReadReplyAsync(socket, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new DaemonUnreachableException(
                socketPath,
                UnreachableReason.NoAnswer,
                $"no answer within {call.Timeout.TotalSeconds:0} s"
            );
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task SendHeadAndBodyAsync(Socket socket, HttpCall call, CancellationToken cancel)
    {
        var head = new StringBuilder(256);
        head.Append(call.Method).Append(' ').Append(call.Target).Append(" HTTP/1.1\r\n");
        head.Append("Host: localhost\r\nConnection: close\r\n");
        if (key is not null)
        {
            head.Append("Authorization: Bearer ").Append(key).Append("\r\n");
        }

        foreach (var (name, value) in call.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (call.Body is { } body)
        {
            head.Append(
                CultureInfo.InvariantCulture,
                $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n"
            );
        }

        head.Append("\r\n");
        byte[] message = [.. Encoding.Latin1.GetBytes(head.ToString()), .. (call.Body ?? default).Span];
        try
        {
            for (var sent = 0; sent < message.Length; )
            {
                sent += await socket.SendAsync(message.AsMemory(sent), cancel);
            }
        }
        catch (SocketException)
        {
            throw new ConnectionLostException();
        }
    }

    private static async Task<HttpReply> ReadReplyAsync(Socket socket, CancellationToken cancel)
    {
        var reader = new SocketReader(socket);
        while (true)
        {
            var statusLine = await reader.ReadLineAsync(cancel);
            if (
                statusLine.Length < 12
                || !statusLine.StartsWith("HTTP/1.", StringComparison.Ordinal)
                || !int.TryParse(
                    statusLine.AsSpan(9, 3),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var status
                )
            )
            {
                throw new InvalidDataException($"no HTTP: '{statusLine}'");
            }

            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(cancel) is { Length: > 0 } line)
            {
                var colon = line.IndexOf(':');
                if (colon > 0)
                {
                    headers[line[..colon]] = line[(colon + 1)..].Trim();
                }
            }

            if (status >= 200)
            {
                return new HttpReply(socket, status, HttpBody.Of(reader, status, headers));
            }
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Unreachable(e.SocketErrorCode);
        }
        catch (ArgumentException)
        {
            socket.Dispose();
            throw new DaemonUnreachableException(
                socketPath,
                UnreachableReason.Other,
                "the path is too long for a socket (107 bytes at most)"
            );
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private DaemonUnreachableException Unreachable(SocketError error) =>
        error switch
        {
            SocketError.AccessDenied => new(socketPath, UnreachableReason.PermissionDenied, "permission denied"),
            _ when !File.Exists(socketPath) => new(socketPath, UnreachableReason.NoSocket, "the socket does not exist"),
            SocketError.ConnectionRefused => new(
                socketPath,
                UnreachableReason.Refused,
                "connection refused: nothing listens on it"
            ),
            _ => new(socketPath, UnreachableReason.Other, $"{error}"),
        };
}
