using System.Net;
using System.Net.Sockets;
using MasterController.Daemon.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ConnectionLimitTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_connections_than_may_be_are_closed_and_others_take_the_place_of_those_that_end()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.LimitConnections(2, _ => 7))
        );
        await using var app = builder.Build();
        app.MapGet("/", () => "hello");
        await app.StartAsync(Cancelled);
        var address = new Uri(app.Urls.Single());

        using var first = await AnsweredAsync(address);
        using var second = await AnsweredAsync(address);
        Assert.NotNull(first);
        Assert.NotNull(second);
        using (var third = await AnsweredAsync(address))
            Assert.Null(third);
        first.Dispose();
        while (true)
        {
            using var next = await AnsweredAsync(address);
            if (next is not null)
                break;
            await Task.Delay(10, Cancelled);
        }
        await app.StopAsync(Cancelled);
    }

    /// <summary>A connection that stays open after an answer; null where it was closed without one.</summary>
    private static async Task<TcpClient?> AnsweredAsync(Uri address)
    {
        var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(address.Host, address.Port, Cancelled);
            var stream = connection.GetStream();
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancelled);
            if (await stream.ReadAsync(new byte[1024], Cancelled) > 0)
                return connection;
        }
        catch (Exception reset) when (reset is IOException or SocketException)
        {
            // It was closed before all was sent.
        }
        connection.Dispose();
        return null;
    }
}
