using System.Diagnostics;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.LinuxTests.Netlink;

public sealed class NetlinkSocketTests
{
    private const int Loopback = 1;

    [Fact]
    public void Thousands_of_requests_in_one_batch_are_all_carried_out()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        var batch = new NetlinkBatch();
        batch.LinkUp(Loopback);
        for (uint i = 0; i < 5000; i++)
            batch.AddressAdd(Loopback, new Ipv4Address(0x0a00_0000 + i), "lo:test");

        Assert.All(netlink.Execute(batch), Assert.Null);

        var seen = new HashSet<Ipv4Address>();
        Assert.True(netlink.DumpAddresses(Loopback, entry => seen.Add(entry.Address)));
        Assert.Equal(5001, seen.Count);
    }

    [Fact]
    public void A_refused_request_does_not_stop_the_next_and_is_told_with_the_kernels_words()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        var batch = new NetlinkBatch();
        batch.LinkUp(Loopback);
        batch.RouteReplace(Ipv4Network.Parse("10.0.0.1/32"), 4711, null, 252);
        batch.AddressAdd(Loopback, Ipv4Address.Parse("10.0.0.9"), "lo:test");
        batch.AddressAdd(Loopback, Ipv4Address.Parse("10.0.0.9"), "lo:test");

        var errors = netlink.Execute(batch);

        Assert.Null(errors[0]);
        Assert.Equal(NetlinkError.NoSuchDevice, errors[1]!.Code);
        Assert.Null(errors[2]);
        Assert.StartsWith("EEXIST (File exists): ", errors[3]!.ToString());
    }

    [Fact]
    public void Refusals_among_hundreds_of_requests_are_told_of_the_right_ones()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        var batch = new NetlinkBatch();
        for (var i = 0; i < 600; i++)
            if (i % 7 == 3)
                batch.LinkUp(4711);
            else
                batch.LinkUp(Loopback);

        var errors = netlink.Execute(batch);

        Assert.Equal(600, errors.Length);
        for (var i = 0; i < errors.Length; i++)
            Assert.Equal(i % 7 == 3 ? NetlinkError.NoSuchDevice : null, errors[i]?.Code);
        Assert.Equal("lo", netlink.FindLink(Loopback)?.Name);
    }

    [Fact]
    public void The_kernel_filters_routes_by_protocol_and_links_by_kind()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);
        Ip(space, "link", "set", "lo", "up");
        Ip(space, "tuntap", "add", "dev", "tap0", "mode", "tap", "user", "7");
        Ip(space, "tuntap", "add", "dev", "tun0", "mode", "tun");
        Ip(space, "link", "add", "br0", "type", "bridge");
        Ip(space, "route", "add", "10.1.0.0/16", "dev", "lo", "proto", "252", "src", "127.0.0.1");
        Ip(space, "route", "add", "10.2.0.0/16", "dev", "lo", "proto", "99");

        var routes = new List<RouteEntry>();
        netlink.DumpRoutes(252, routes.Add);
        var route = Assert.Single(routes);
        Assert.Equal(
            (Ipv4Network.Parse("10.1.0.0/16"), (byte)252, Loopback, Ipv4Address.Parse("127.0.0.1")),
            (route.Destination, route.Protocol, route.Index, route.PreferredSource!.Value)
        );

        var links = new List<LinkEntry>();
        netlink.DumpLinks("tun", links.Add);
        Assert.Equal(["tap0", "tun0"], links.Select(link => link.Name).Order());
        Assert.Equal(new TapDetails(7, false, true), links.Single(link => link.Name == "tap0").Tap);
        Assert.Null(links.Single(link => link.Name == "tun0").Tap);
    }

    [Fact]
    public void A_link_is_found_by_name_and_by_index_and_a_missing_one_is_null()
    {
        using var space = NetworkNamespace.Create();
        using var netlink = space.Run(NetlinkSocket.Open);

        Assert.Equal(Loopback, netlink.FindLink("lo")?.Index);
        Assert.Equal("lo", netlink.FindLink(Loopback)?.Name);
        Assert.Null(netlink.FindLink("nothing0"));
        Assert.Null(netlink.FindLink(4711));
    }

    private static void Ip(NetworkNamespace space, params string[] words) =>
        space.Run(() =>
        {
            var start = new ProcessStartInfo("ip");
            foreach (var word in words)
                start.ArgumentList.Add(word);
            using var process = Process.Start(start)!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        });
}
