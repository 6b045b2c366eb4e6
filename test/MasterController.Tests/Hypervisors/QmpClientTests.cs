using System.Net.Sockets;
using System.Text;
using MasterController.Core.Hypervisors;
using MasterController.Core.Hypervisors.Qemu;
using Xunit;

namespace MasterController.Tests.Hypervisors;

/// <summary>Against a server that says what it was told to, one answer for each line it gets.</summary>
public sealed class QmpClientTests : IDisposable
{
    private const string Greeting =
        """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": []}}""";
    private const string Done = """{"return": {}}""";
    private const string Event =
        """{"event": "RTC_CHANGE", "timestamp": {"seconds": 1, "microseconds": 2}, "data": {"offset": 0}}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("mc-qmp-").FullName;
    private readonly List<string> _received = [];

    private string SocketPath => Path.Combine(_directory, "control.sock");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_status_is_read_past_events()
    {
        const string status = """{"return": {"status": "running", "running": true}}""";
        var server = ServeAsync(Greeting, $"{Event}\r\n{Done}", $"{Event}\r\n{status}");
        using var qmp = await QmpClient.ConnectAsync(SocketPath, Token);

        Assert.Equal("running", await qmp.QueryStatusAsync(Token));

        await server;
        Assert.Equal(["""{"execute":"qmp_capabilities"}""", """{"execute":"query-status"}"""], _received);
    }

    [Fact]
    public async Task The_power_button_and_the_end_are_commands()
    {
        var server = ServeAsync(Greeting, Done, Done, Done);
        using var qmp = await QmpClient.ConnectAsync(SocketPath, Token);

        await qmp.PowerDownAsync(Token);
        await qmp.QuitAsync(Token);

        await server;
        Assert.Equal(["""{"execute":"system_powerdown"}""", """{"execute":"quit"}"""], _received[1..]);
    }

    [Fact]
    public async Task A_refusal_carries_the_words_of_qemu()
    {
        var server = ServeAsync(
            Greeting,
            Done,
            """{"error": {"class": "CommandNotFound", "desc": "no such command"}}"""
        );
        using var qmp = await QmpClient.ConnectAsync(SocketPath, Token);

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => qmp.PowerDownAsync(Token));

        Assert.Equal("QMP system_powerdown: no such command (CommandNotFound)", refused.Message);
        await server;
    }

    [Theory]
    [InlineData("not json", "not a message")]
    [InlineData("""{"event": "SHUTDOWN"}""", "does not greet")]
    [InlineData("null", "null")]
    public async Task What_is_not_qmp_is_refused(string greeting, string reason)
    {
        var server = ServeAsync(greeting);

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => QmpClient.ConnectAsync(SocketPath, Token));

        Assert.Contains(reason, refused.Message);
        await server;
    }

    [Fact]
    public async Task A_line_without_end_is_given_up()
    {
        var server = ServeAsync(new string('x', 200_000));

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => QmpClient.ConnectAsync(SocketPath, Token));

        Assert.Contains("65536 bytes", refused.Message);
        await server;
    }

    [Fact]
    public async Task A_server_that_goes_away_is_an_error()
    {
        var server = ServeAsync(Greeting, Done);
        using var qmp = await QmpClient.ConnectAsync(SocketPath, Token);
        await server;

        await Assert.ThrowsAsync<HypervisorException>(() => qmp.QueryStatusAsync(Token));
    }

    [Fact]
    public async Task Nobody_on_the_socket_is_an_error() =>
        await Assert.ThrowsAsync<HypervisorException>(() => QmpClient.ConnectAsync(SocketPath, Token));

    /// <summary>Sends the first text at once, each further one after a line has come, and hangs up.</summary>
    private Task ServeAsync(string greeting, params string[] answers)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(1);
        return Task.Run(
            async () =>
            {
                using var _ = listener;
                using var connection = await listener.AcceptAsync(Token);
                await using var stream = new NetworkStream(connection);
                using var reader = new StreamReader(stream);
                try
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes($"{greeting}\r\n"), Token);
                    foreach (var answer in answers)
                    {
                        _received.Add(await reader.ReadLineAsync(Token) ?? "");
                        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{answer}\r\n"), Token);
                    }
                }
                // The client hung up first.
                catch (IOException) { }
            },
            Token
        );
    }
}
