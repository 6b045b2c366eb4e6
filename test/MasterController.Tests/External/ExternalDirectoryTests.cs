using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.External;

public sealed class ExternalDirectoryTests
{
    private static readonly ExternalAccess Public33 = ExternalAccess.None with
    {
        PublicIpv4 = Ipv4Address.Parse("203.0.113.33"),
    };

    private readonly DirectoryFixture _fixture = new();

    private ExternalDirectory Directory => _fixture.Directory;

    [Fact]
    public void The_lowest_public_address_that_is_no_hosts_is_chosen()
    {
        Directory.Know(ExternalSurvey.Nothing with { HostIpv4 = [Ipv4Address.Parse("203.0.113.33")] });
        Assert.Null(Directory.ChooseIpv4("vm-a", "address", out var address));
        Assert.Equal("203.0.113.34", $"{address}");
    }

    [Fact]
    public async Task Of_a_network_with_ends_those_are_left_out_and_when_all_are_given_there_is_none()
    {
        for (var i = 0; i < 6; i++)
        {
            _fixture.Vm($"vm-{i}");
            Assert.Null(Directory.ChooseIpv4($"vm-{i}", "address", out var address));
            Assert.Equal($"203.0.113.{33 + i}", $"{address}");
            Assert.Null(await _fixture.ChangeAsync(($"vm-{i}", ExternalAccess.None with { PublicIpv4 = address })));
        }
        var none = Assert.IsType<ExternalRefusal.NoneFree>(Directory.ChooseIpv4("vm-x", "address", out _));
        Assert.Contains("203.0.113.32/29", none.Words, StringComparison.Ordinal);
        var counts = Directory.Counts([]).Single(c => c.Kind == "ipv4");
        Assert.Equal(new ExternalCounts("ipv4", 8, 6, 0, 2, 0), counts);
    }

    [Theory]
    [InlineData("203.0.113.32", "network address")]
    [InlineData("203.0.113.39", "broadcast address")]
    [InlineData("203.0.113.38", "this host or its router")]
    public async Task What_no_VM_may_have_is_refused_by_name(string address, string why)
    {
        Directory.Know(ExternalSurvey.Nothing with { HostIpv4 = [Ipv4Address.Parse("203.0.113.38")] });
        _fixture.Vm("vm-a");
        var refused = await _fixture.ChangeAsync(
            ("vm-a", ExternalAccess.None with { PublicIpv4 = Ipv4Address.Parse(address) })
        );
        var reserved = Assert.IsType<ExternalRefusal.Reserved>(refused);
        Assert.Contains(why, reserved.Words, StringComparison.Ordinal);
        Assert.Contains(address, reserved.Words, StringComparison.Ordinal);
        Assert.Empty(Directory.Leases);
    }

    [Theory]
    [InlineData("2001:db8:1250::", "all routers of the subnet")]
    [InlineData("2001:db8:1250::1", "this host or its router")]
    public void Of_the_prefix_neither(string address, string why)
    {
        Directory.Know(ExternalSurvey.Nothing with { HostIpv6 = [Ipv6Address.Parse("2001:db8:1250::1")] });
        var refused = Directory.ChooseIpv6(_fixture.Vm("vm-a"), Ipv6Address.Parse(address), false, "ipv6", out _);
        Assert.Contains(why, Assert.IsType<ExternalRefusal.Reserved>(refused).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2001:db8:9::1", "2001:db8:9::1 is not in external.ipv6, which is 2001:db8:1250::/64")]
    public void Outside_of_the_prefix_is_refused(string address, string why) =>
        Assert.Equal(
            new ExternalRefusal.Invalid("ipv6", why),
            Directory.ChooseIpv6(_fixture.Vm("vm-a"), Ipv6Address.Parse(address), false, "ipv6", out _)
        );

    [Fact]
    public void A_VM_of_a_bridge_pool_has_no_IPv6()
    {
        var vm = _fixture.Vm("vm-a") with { NetworkMode = NetworkMode.Bridge };
        var refused = Assert.IsType<ExternalRefusal.Invalid>(Directory.ChooseIpv6(vm, null, false, "ipv6", out _));
        Assert.Equal("ipv6", refused.Field);
        Assert.Contains("\"default\" is in bridge mode", refused.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_derived_address_is_anothers_its_replacement_is_given()
    {
        _fixture.Vm("vm-thief", "192.168.100.9");
        Assert.Null(
            await _fixture.ChangeAsync(
                ("vm-thief", ExternalAccess.None with { Ipv6 = Ipv6Address.Parse("2001:db8:1250::100:2") })
            )
        );
        Assert.Null(Directory.ChooseIpv6(_fixture.Vm("vm-a"), null, false, "ipv6", out var address));
        Assert.Equal("2001:db8:1250:0:f000:0:c0a8:6402", $"{address}");
        Assert.IsType<ExternalRefusal.AddressInUse>(
            Directory.ChooseIpv6(_fixture.Vm("vm-a"), Ipv6Address.Parse("2001:db8:1250::100:2"), false, "ipv6", out _)
        );
    }

    [Fact]
    public void A_guest_that_makes_its_address_by_itself_gets_that_and_no_other()
    {
        var vm = _fixture.Vm("vm-a");
        Assert.Null(Directory.ChooseIpv6(vm, null, advertised: true, "ipv6", out var made));
        Assert.Equal("2001:db8:1250:0:fc:c0ff:fea8:6402", $"{made}");
        Assert.IsType<ExternalRefusal.Invalid>(
            Directory.ChooseIpv6(vm, Ipv6Address.Parse("2001:db8:1250::5"), advertised: true, "ipv6", out _)
        );
        var small = new DirectoryFixture("2001:db8:1250::/96");
        Assert.IsType<ExternalRefusal.Invalid>(
            small.Directory.ChooseIpv6(small.Vm("vm-a"), null, advertised: true, "ipv6", out _)
        );
    }

    [Fact]
    public async Task An_address_that_was_given_back_waits_for_others_and_not_for_the_VM_that_had_it()
    {
        _fixture.Vm("vm-a");
        _fixture.Vm("vm-b");
        Assert.Null(await _fixture.ChangeAsync(("vm-a", Public33)));
        Assert.IsType<ExternalRefusal.AddressInUse>(await _fixture.ChangeAsync(("vm-b", Public33)));
        Assert.Null(await _fixture.ChangeAsync(("vm-a", ExternalAccess.None)));

        var cooling = Assert.IsType<ExternalRefusal.Cooling>(await _fixture.ChangeAsync(("vm-b", Public33)));
        Assert.Equal(_fixture.Clock.GetUtcNow().AddSeconds(30), cooling.Until);
        Assert.Null(Directory.ChooseIpv4("vm-b", "address", out var other));
        Assert.Equal("203.0.113.34", $"{other}");
        Assert.Null(Directory.ChooseIpv4("vm-a", "address", out var own));
        Assert.Equal("203.0.113.33", $"{own}");

        _fixture.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await _fixture.ChangeAsync(("vm-b", Public33)));
    }

    [Fact]
    public async Task What_the_kernel_may_have_yet_is_nobody_elses_before_it_is_settled()
    {
        _fixture.Settings = _fixture.Settings with { Cooldown = TimeSpan.Zero };
        var vm = _fixture.Vm("vm-a");
        _fixture.Vm("vm-b");
        Assert.Null(await _fixture.ChangeAsync(("vm-a", Public33)));
        ExternalVmChange[] loses = [ExternalVmChange.Of(vm with { External = Public33 }, ExternalAccess.None)];
        Assert.Null(Directory.TryBegin(loses, "address", out var reservation));
        await _fixture.Store.CommitAsync([.. reservation.Rows]);
        Directory.Commit(reservation);

        Assert.IsType<ExternalRefusal.AddressInUse>(await _fixture.ChangeAsync(("vm-b", Public33)));
        Directory.Settle("vm-a");
        Assert.Null(await _fixture.ChangeAsync(("vm-b", Public33)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "198.51.100.1")]
    [InlineData("198.51.100.1", null)]
    [InlineData("198.51.100.1", "198.51.100.1")]
    public async Task Two_forwards_cannot_have_one_port(string? one, string? other)
    {
        _fixture.Vm("vm-a");
        _fixture.Vm("vm-b");
        var first = ExternalAccess.None with { Forwards = [DirectoryFixture.Forward("fwd_1", 8000, 8010, one)] };
        Assert.Null(await _fixture.ChangeAsync(("vm-a", first)));
        var second = ExternalAccess.None with { Forwards = [DirectoryFixture.Forward("fwd_2", 8010, 8020, other)] };
        var refused = Assert.IsType<ExternalRefusal.PortInUse>(await _fixture.ChangeAsync(("vm-b", second)));
        Assert.Equal("hostPorts", refused.Field);
        Assert.Contains("fwd_1", refused.Words, StringComparison.Ordinal);
        Assert.Null(Directory.HolderOf("fwd_2"));
    }

    [Fact]
    public async Task Different_addresses_of_the_host_have_ports_of_their_own()
    {
        _fixture.Vm("vm-a");
        Assert.Null(
            await _fixture.ChangeAsync(
                (
                    "vm-a",
                    ExternalAccess.None with
                    {
                        Forwards =
                        [
                            DirectoryFixture.Forward("fwd_1", 8000, 8000, "198.51.100.1"),
                            DirectoryFixture.Forward("fwd_2", 8000, 8000, "198.51.100.2"),
                        ],
                    }
                )
            )
        );
        Assert.Equal("vm-a", Directory.HolderOf("fwd_2"));
    }

    [Fact]
    public async Task Ports_are_chosen_beside_forwards_and_programs_and_run_out()
    {
        _fixture.Vm("vm-a");
        Assert.Null(
            await _fixture.ChangeAsync(
                ("vm-a", ExternalAccess.None with { Forwards = [DirectoryFixture.Forward("fwd_1", 20_000, 20_001)] })
            )
        );
        HostListener[] listeners = [new(EgressProtocol.Tcp, null, 20_003)];
        Assert.Null(Directory.ChoosePorts(EgressProtocol.Tcp, null, 1, listeners, out var one));
        Assert.Equal("20002", $"{one}");
        Assert.Null(Directory.ChoosePorts(EgressProtocol.Tcp, null, 3, listeners, out var three));
        Assert.Equal("20004-20006", $"{three}");
        Assert.Null(Directory.ChoosePorts(EgressProtocol.Udp, null, 10, listeners, out var udp));
        Assert.Equal("20000-20009", $"{udp}");
        var none = Assert.IsType<ExternalRefusal.PortInUse>(
            Directory.ChoosePorts(EgressProtocol.Tcp, null, 7, listeners, out _)
        );
        Assert.Contains(
            "no 7 ports in a row of external.forward_ports, 20000-20009",
            none.Words,
            StringComparison.Ordinal
        );
        Assert.Equal(
            new ExternalCounts("forward-port", 20, 2, 0, 1, 17),
            Directory.Counts(listeners).Single(c => c.Kind == "forward-port")
        );
    }

    [Fact]
    public async Task A_store_that_says_two_VMs_have_the_same_is_refused()
    {
        var (a, b) = (_fixture.Vm("vm-a"), _fixture.Vm("vm-b"));
        await _fixture.Store.CommitAsync(
            new StoreChange.VmSaved(a with { External = Public33 }),
            new StoreChange.VmSaved(b with { External = Public33 })
        );
        var contradiction = await Assert.ThrowsAsync<InvalidDataException>(_fixture.ReloadAsync);
        Assert.Contains("203.0.113.33", contradiction.Message, StringComparison.Ordinal);
    }
}
