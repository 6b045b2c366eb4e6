using System.Net.Sockets;
using System.Text;
using MasterController.Cli.Api;
using MasterController.Cli.Api.Http;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>The HTTP client against literal bytes.</summary>
public sealed class HttpTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mctl-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello and more", "hello")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")]
    [InlineData(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n and more!\r\n0\r\nTrailer: x\r\n\r\n",
        "hello and more!"
    )]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok")]
    public async Task A_body_ends_where_the_daemon_says(string answer, string body)
    {
        foreach (var piece in new[] { 1, 7, 4096 })
        {
            var (http, server) = Serve(answer, piece);
            using var reply = await http.SendAsync(Get, TestContext.Current.CancellationToken);

            Assert.Equal(
                body,
                Encoding.UTF8.GetString(await reply.Body.ReadAllAsync(TestContext.Current.CancellationToken))
            );
            await server;
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nConte")]
    [InlineData("")]
    public async Task An_answer_cut_short_is_a_lost_connection(string answer)
    {
        var (http, server) = Serve(answer, 4096);

        await Assert.ThrowsAsync<ConnectionLostException>(() => ReadAsync(http));
        await server;
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    public async Task What_is_no_http_is_refused(string answer)
    {
        var (http, server) = Serve(answer, 4096);

        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(http));
        await server;
    }

    [Fact]
    public async Task The_request_is_written_as_the_standard_has_it()
    {
        var (http, server) = Serve("HTTP/1.1 204 No Content\r\n\r\n", 4096);
        var call = Get with { Method = "POST", Headers = [("Prefer", "wait=3")], Body = "{}"u8.ToArray() };

        using var reply = await http.SendAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal(204, reply.Status);
        Assert.Equal(
            "POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nPrefer: wait=3\r\n"
                + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            await server
        );
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_in_time_is_unreachable()
    {
        var path = Path.Combine(_directory, "silent");
        using var listener = Listen(path);

        var error = await Assert.ThrowsAsync<DaemonUnreachableException>(() =>
            new UnixHttp(path, TimeProvider.System).SendAsync(
                Get with
                {
                    Timeout = TimeSpan.FromMilliseconds(50),
                },
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(UnreachableReason.NoAnswer, error.Reason);
    }

    private static HttpCall Get { get; } = new("GET", "/x", [], null, TimeSpan.FromMinutes(1));

    private static async Task ReadAsync(UnixHttp http)
    {
        using var reply = await http.SendAsync(Get, TestContext.Current.CancellationToken);
        await reply.Body.ReadAllAsync(TestContext.Current.CancellationToken);
    }

    private static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    /// <returns>A client, and the request that it will have sent.</returns>
    private (UnixHttp Http, Task<string> Server) Serve(string answer, int piece)
    {
        var path = Path.Combine(_directory, Path.GetRandomFileName());
        var listener = Listen(path);
        return (new UnixHttp(path, TimeProvider.System), ServeAsync());

        async Task<string> ServeAsync()
        {
            using var open = listener;
            using var peer = await listener.AcceptAsync();
            var buffer = new byte[4096];
            var count = await peer.ReceiveAsync(buffer);
            foreach (var bytes in Encoding.UTF8.GetBytes(answer).Chunk(piece))
            {
                await peer.SendAsync(bytes);
            }

            peer.Shutdown(SocketShutdown.Both);
            return Encoding.UTF8.GetString(buffer, 0, count);
        }
    }
}
