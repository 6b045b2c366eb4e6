using MasterController.Daemon.Configuration;
using Xunit;

namespace MasterController.Tests.Configuration;

public class HostResolversTests
{
    [Fact]
    public void Only_servers_that_a_guest_can_reach_are_taken_and_two_of_a_family_at_most() =>
        Assert.Equal(
            ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"],
            HostResolvers
                .Parse([
                    "# a comment",
                    "search example.org",
                    "nameserver 127.0.0.53",
                    "nameserver ::1",
                    "nameserver 192.0.2.1",
                    "nameserver\t192.0.2.2",
                    "nameserver 192.0.2.3",
                    "nameserver fe80::1%eth0",
                    "nameserver fe80::1",
                    "nameserver 2001:db8::1",
                    "nameserver 2001:db8::2",
                    "nameserver 2001:db8::3",
                ])
                .Select(server => server.ToString())
        );

    [Fact]
    public void A_missing_file_means_no_servers() => Assert.Empty(HostResolvers.Read("/nonexistent/resolv.conf"));
}
