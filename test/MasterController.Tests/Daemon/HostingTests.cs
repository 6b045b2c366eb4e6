using System.Net.Sockets;
using System.Text;
using MasterController.Daemon.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class HostingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-host-");

    private string SocketPath => Path.Combine(_directory.FullName, "run", "api.sock");

    [Fact]
    public void A_second_controller_on_the_same_state_is_told_who_has_it()
    {
        var state = Path.Combine(_directory.FullName, "state");
        var first = Assert.IsType<StateLockOutcome.Taken>(StateLock.Take(state));
        using (first.Lock)
        {
            var held = Assert.IsType<StateLockOutcome.Held>(StateLock.Take(state));
            Assert.StartsWith($"pid {Environment.ProcessId}: ", held.Holder, StringComparison.Ordinal);
        }
        var again = Assert.IsType<StateLockOutcome.Taken>(StateLock.Take(state));
        again.Lock.Dispose();
    }

    [Fact]
    public void The_state_directory_can_be_passed_through_and_not_listed()
    {
        var state = Path.Combine(_directory.FullName, "state");
        var taken = Assert.IsType<StateLockOutcome.Taken>(StateLock.Take(state));
        using (taken.Lock)
            Assert.Equal("711", Convert.ToString((int)File.GetUnixFileMode(state), 8));
    }

    [Fact]
    public void Everybody_may_connect_to_the_socket()
    {
        using var socket = UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), group: null);
        Assert.Equal("666", Convert.ToString((int)File.GetUnixFileMode(SocketPath), 8));
    }

    [Fact]
    public void A_socket_that_nobody_listens_on_is_replaced()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        // Disposing would remove the file; a killed controller leaves it.
        var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(SocketPath));
        var file = new FileInfo(SocketPath);
        Assert.True(file.Exists);
        using var socket = UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), group: null);
        Assert.True(socket.IsBound);
        killed.Dispose();
    }

    [Fact]
    public void A_socket_that_somebody_listens_on_is_left_alone()
    {
        using var other = UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), group: null);
        other.Listen();
        var refused = Assert.Throws<SocketUnavailableException>(() =>
            UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), group: null)
        );
        Assert.Contains("another process answers", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        File.WriteAllText(SocketPath, "precious");
        Assert.Throws<SocketUnavailableException>(() =>
            UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), group: null)
        );
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public void A_group_that_is_not_there_is_named()
    {
        var refused = Assert.Throws<SocketUnavailableException>(() =>
            UnixSocketBinding.Bind(new UnixDomainSocketEndPoint(SocketPath), "no-such-group")
        );
        Assert.Contains("no-such-group", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_journal_gets_a_field_for_each_value()
    {
        var entry = JournalEntry.Format(
            LogLevel.Warning,
            "Vms",
            "vm-1 failed",
            [new("Vm", "vm-1"), new("{OriginalFormat}", "{Vm} failed")]
        );
        Assert.Equal(
            "PRIORITY=4\nSYSLOG_IDENTIFIER=master-controller\nMC_CATEGORY=Vms\nMC_VM=vm-1\nMESSAGE=vm-1 failed\n",
            Encoding.UTF8.GetString(entry)
        );
    }

    [Fact]
    public void A_message_of_several_lines_goes_to_the_journal_with_its_length()
    {
        var entry = JournalEntry.Format(LogLevel.Error, "c", "a\nb", []);
        byte[] expected = [.. "MESSAGE\n"u8, 3, 0, 0, 0, 0, 0, 0, 0, .. "a\nb\n"u8];
        Assert.Equal(expected, entry[^expected.Length..]);
    }

    [Theory]
    [InlineData("30000000", 15.0)]
    [InlineData("0", null)]
    [InlineData(null, null)]
    public void The_watchdog_is_pinged_twice_as_often_as_systemd_wants(string? microseconds, double? seconds) =>
        Assert.Equal(seconds, ServiceNotifications.PingInterval(microseconds)?.TotalSeconds);

    public void Dispose() => _directory.Delete(recursive: true);
}
