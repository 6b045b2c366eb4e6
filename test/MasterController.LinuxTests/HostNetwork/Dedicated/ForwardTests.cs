using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Dedicated.ReachedHost;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>Ports of the host that lead to guests, with guests that have a kernel of their own.</summary>
public sealed class ForwardTests
{
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)] // a pool in bridge mode
    [InlineData(true, true)] // and a kernel that takes frames between ports for packets
    public async Task A_forward_leads_to_the_guest_from_everywhere(bool onBridge, bool filtersBridges)
    {
        var mode = onBridge ? NetworkMode.Bridge : NetworkMode.Routed;
        var a = With(
            A with
            {
                Mode = mode,
            },
            Access(forwards: [Forward(8080, 80), Forward(8053, 81, protocol: EgressProtocol.Udp)])
        );
        await using var host = await OpenAsync(a, B with { Mode = mode });
        host.FilterBridges(filtersBridges);

        Assert.Equal(Far, host.FarSees(Address, 8080));
        Assert.Equal(Far, Caller.SeeingUdp(host.Host.FarNamespace, Address, 8053));
        Assert.Null(host.FarSees(Address, 8081));
        Assert.Null(host.FarSees(Address, 8053));
        // The host itself, by any of its addresses but those of loopback.
        Assert.Equal(Address, Caller.Seeing(host.Host.Namespace, Address, 8080));
        Assert.Equal("192.168.100.1", Caller.Seeing(host.Host.Namespace, "192.168.100.1", 8080));
        Assert.Null(Caller.Seeing(host.Host.Namespace, "127.0.0.1", 8080));
        // Another VM, which may not reach this one by its own address; and the VM itself. On the bridge both are on the same
        // interface of the host's; a kernel that translates frames between ports passes them on as such, and ports are
        // isolated.
        var toNeighbour = onBridge ? "192.168.100.1" : "192.168.100.3";
        Assert.Equal(filtersBridges ? null : toNeighbour, Caller.Seeing(host.Guest(B).Space, Address, 8080));
        Assert.Null(Caller.Seeing(host.Guest(B).Space, "192.168.100.2", 80));
        Assert.Equal(filtersBridges ? null : "192.168.100.1", Caller.Seeing(host.Guest(a).Space, Address, 8080));
        Assert.Equal(filtersBridges ? null : "192.168.100.1", Caller.SeeingUdp(host.Guest(a).Space, Address, 8053));
    }

    [Fact]
    public async Task Ranges_lead_one_to_one_and_nothing_beside_them()
    {
        await using var host = await OpenAsync(With(A, Access(forwards: Forward(9000, 80, 2))), B);

        Assert.Equal(Far, host.FarSees(Address, 9000));
        Assert.Equal(Far, host.FarSees(Address, 9001));
        Assert.Null(host.FarSees(Address, 8999));
        Assert.Null(host.FarSees(Address, 9002));
    }

    [Fact]
    public async Task A_forward_of_one_address_is_not_one_of_another()
    {
        await using var host = await OpenAsync(
            With(A, Access(forwards: [Forward(8080, 80, 1, Address), Forward(8081, 81)])),
            B
        );
        host.Host.Host("ip address add 203.0.113.3/24 dev up0");

        Assert.Equal(Far, host.FarSees(Address, 8080));
        Assert.Null(host.FarSees("203.0.113.3", 8080));
        Assert.Equal(Far, host.FarSees("203.0.113.3", 8081));
    }

    [Fact]
    public async Task Only_those_who_may_come_in_do()
    {
        await using var host = await OpenAsync(
            With(
                A,
                Access(
                    forwards:
                    [
                        Forward(8080, 80, from: From("203.0.113.9/32", "198.51.100.0/24")),
                        Forward(8081, 80, 1, Address, from: From("203.0.113.9/32")),
                        Forward(8082, 80, from: From("2001:db8::/32")),
                    ]
                )
            ),
            B
        );

        foreach (var port in (int[])[8080, 8081])
        {
            Assert.Equal(OtherFar, host.FarSees(Address, port, OtherFar));
            Assert.Null(host.FarSees(Address, port, Far));
            Assert.Null(Caller.Seeing(host.Guest(B).Space, Address, port));
            // The host may reach its guests.
            Assert.Equal(Address, Caller.Seeing(host.Host.Namespace, Address, port));
        }
        Assert.Null(host.FarSees(Address, 8082));
    }

    [Fact]
    public async Task Taking_a_forward_away_ends_its_connections_and_no_others()
    {
        var both = With(A, Access(forwards: [Forward(8080, 80), Forward(8081, 81)]));
        await using var host = await OpenAsync(both, B);
        using var ended = Caller.Call(host.Host.FarNamespace, Address, 8080)!;
        using var kept = Caller.Call(host.Host.FarNamespace, Address, 8081)!;
        using var own = Caller.Call(host.Guest(A).Space, Far, 80)!;

        await host.Host.ChangeAsync(With(A, Access(forwards: Forward(8081, 81))));

        Assert.False(ended.GoesOn());
        Assert.True(kept.GoesOn());
        Assert.True(own.GoesOn());
        Assert.DoesNotContain("dport=8080", host.Host.Host("cat /proc/thread-self/net/nf_conntrack"));
        Assert.Contains("dport=8081", host.Host.Host("cat /proc/thread-self/net/nf_conntrack"));
        Assert.Null(host.FarSees(Address, 8080));

        await host.Host.ChangeAsync(both);
        Assert.Equal(Far, host.FarSees(Address, 8080));
    }

    [Fact]
    public async Task Whoever_may_come_in_no_more_is_cut_off_and_others_are_not()
    {
        await using var host = await OpenAsync(With(A, Access(forwards: Forward(8080, 80))), B);
        using var kept = Caller.Call(host.Host.FarNamespace, Address, 8080, OtherFar)!;
        using var ended = Caller.Call(host.Host.FarNamespace, Address, 8080, Far)!;

        await host.Host.ChangeAsync(With(A, Access(forwards: Forward(8080, 80, from: From("203.0.113.9/32")))));

        Assert.True(kept.GoesOn());
        Assert.False(ended.GoesOn());
    }

    [Fact]
    public async Task A_forward_that_leads_elsewhere_ends_connections_to_where_it_led()
    {
        await using var host = await OpenAsync(With(A, Access(forwards: Forward(8080, 80))), B);
        using var ended = Caller.Call(host.Host.FarNamespace, Address, 8080)!;

        await host.Host.ChangeAsync(With(A, Access(forwards: Forward(8080, 81))));

        Assert.False(ended.GoesOn());
        Assert.Equal(Far, host.FarSees(Address, 8080));
    }

    [Fact]
    public async Task A_forward_moves_to_another_guest()
    {
        var forward = Access(forwards: Forward(8080, 80, from: From("203.0.113.0/24")));
        await using var host = await OpenAsync(With(A, forward), B);

        await host.Host.ChangeAsync(A);
        Assert.Null(host.FarSees(Address, 8080));
        await host.Host.ChangeAsync(With(B, forward));

        Assert.Equal(Far, host.FarSees(Address, 8080));
        host.Guest(A).Run("ip link set eth0 down");
        Assert.Equal(Far, host.FarSees(Address, 8080));
    }

    [Fact]
    public async Task A_forward_opens_nothing_of_the_guests_own_address()
    {
        await using var host = await OpenAsync(
            With(A, Access("2001:db8:1250::100:2", Public, open: null, Forward(80, 80), Forward(22, 22))),
            B
        );

        Assert.Equal(Far, host.FarSees(Address, 80));
        Assert.Null(host.FarSees(Public, 80));
        Assert.Null(host.FarSees(Public, 22));
        Assert.Null(host.FarSees("2001:db8:1250::100:2", 80));
        // Nor does it lead to the guest's address inside.
        host.Host.Internet("ip route add 192.168.100.0/24 via 203.0.113.2");
        Assert.Null(host.FarSees("192.168.100.2", 80));
    }

    [Theory]
    [InlineData("deny", "", "")]
    [InlineData("allow", "", "203.0.113.0/24")]
    public async Task A_policy_says_nothing_about_what_is_begun_from_outside(string rest, string allow, string deny)
    {
        var a = With(A, Access(null, Public, [Tcp(80)], Forward(8080, 80))) with { Egress = Policy(rest, allow, deny) };
        await using var host = await OpenAsync(a, B);

        Assert.Equal(Far, host.FarSees(Address, 8080));
        Assert.Equal(Far, host.FarSees(Public, 80));
        Assert.Null(Caller.Seeing(host.Guest(a).Space, Far, 80));
    }

    [Fact]
    public async Task A_policy_decides_about_what_a_guest_begins_to_a_forward()
    {
        var b = B with { Egress = Policy("allow", "", "203.0.113.2:8080/tcp") };
        await using var host = await OpenAsync(With(A, Access(forwards: [Forward(8080, 80), Forward(8081, 81)])), b);

        Assert.Null(Caller.Seeing(host.Guest(b).Space, Address, 8080));
        Assert.Equal("192.168.100.3", Caller.Seeing(host.Guest(b).Space, Address, 8081));
    }

    [Fact]
    public async Task A_detached_guests_forward_leads_nowhere()
    {
        await using var host = await OpenAsync(With(A, Access(forwards: Forward(8080, 80))), B);
        using var caller = Caller.Call(host.Host.FarNamespace, Address, 8080)!;

        await host.Host.DetachAsync(With(A, Access(forwards: Forward(8080, 80))));

        Assert.False(caller.GoesOn());
        Assert.DoesNotContain("dport=8080", host.Host.Host("cat /proc/thread-self/net/nf_conntrack"));
        using var service = new Service(host.Host.Namespace, 8080);
        Assert.Equal(Far, host.FarSees(Address, 8080));
    }
}
