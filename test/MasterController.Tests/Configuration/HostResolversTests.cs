using MasterController.Daemon.Configuration;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Configuration;

public class HostResolversTests
{
    [Fact]
    public void Only_servers_that_a_guest_can_reach_are_taken_and_two_at_most() =>
        Assert.Equal(
            [Ipv4Address.Parse("192.0.2.1"), Ipv4Address.Parse("192.0.2.2")],
            HostResolvers.Parse([
                "# a comment",
                "search example.org",
                "nameserver 127.0.0.53",
                "nameserver ::1",
                "nameserver 192.0.2.1",
                "nameserver\t192.0.2.2",
                "nameserver 192.0.2.3",
            ])
        );

    [Fact]
    public void A_missing_file_means_no_servers() => Assert.Empty(HostResolvers.Read("/nonexistent/resolv.conf"));
}
