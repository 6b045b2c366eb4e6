using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Bridges;

/// <summary>What an older controller left on its bridge is taken over while its VMs run on.</summary>
public sealed class AdoptionTests
{
    private const string Address = "192.168.100.50";
    private const string Owner = $"adopted:{OldController.Tap}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_plan_says_what_there_is_and_changes_nothing()
    {
        await using var old = await OldController.StartAsync();
        using var guest = await old.PlugInAsync(OldController.Tap, Address);
        Assert.True(guest.Ping(OldController.Gateway));
        var before = old.Host.Snapshot();

        var plan = await old.PlanAsync();

        Assert.Equal(BridgeOwner.Others, plan.Bridge);
        var planned = Assert.Single(plan.Ports);
        Assert.Equal((AdoptionAction.Adopt, "default", null), (planned.Action, planned.Pool, planned.Reason));
        Assert.Equal((Address, guest.Mac), (planned.Port.Address.ToString(), planned.Port.Mac));
        Assert.Equal(Environment.ProcessId, planned.Port.User?.Pid);
        Assert.Equal(
            [
                $"ip link set {OldController.Tap} alias \"master-controller guest {guest.Mac} {Address}\" group 26211",
                $"ip link set fcbr0 address {old.BridgeMac} group 26211",
            ],
            plan.Changes.Select(change => change.Command)
        );
        Assert.Empty(plan.Ended);
        Assert.Null(old.OwnerOf(Address));
        Assert.Equal(before, old.Host.Snapshot());
    }

    [Fact]
    public async Task A_guest_goes_on_without_a_loss_while_it_is_adopted_and_sends_as_itself_alone_from_then_on()
    {
        await using var old = await OldController.StartAsync();
        using var guest = await old.PlugInAsync(OldController.Tap, Address);
        Assert.True(guest.Ping(OldController.Gateway));
        var (sent, lost, ended) = (0, 0, false);
        var pinging = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref ended))
                {
                    lost += guest.Ping(TestHost.InternetAddress) ? 0 : 1;
                    lost += guest.Ping(OldController.Gateway) ? 0 : 1;
                    Interlocked.Add(ref sent, 2);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        while (Volatile.Read(ref sent) < 20)
            await Task.Delay(5, Token);

        var done = await old.AdoptAsync();
        var during = Volatile.Read(ref sent);
        while (Volatile.Read(ref sent) < during + 20)
            await Task.Delay(5, Token);
        Volatile.Write(ref ended, true);
        await pinging;

        Assert.Equal(0, lost);
        Assert.Equal(AdoptionAction.Adopt, Assert.Single(done.Ports).Action);
        Assert.Equal(Owner, old.OwnerOf(Address));
        Assert.Contains($"link/ether {old.BridgeMac}", old.Host.Host("ip link show fcbr0"));
        Assert.False(guest.Ping(TestHost.InternetAddress, source: Ipv4Address.Parse("192.168.100.51")));
        guest.Send(Frames.RouterSolicitation(guest.Mac));
        Assert.Contains(
            "ether type != ip counter packets 1 ",
            old.Host.Host("nft list chain bridge master_controller from_guest")
        );
    }

    [Fact]
    public async Task A_second_time_and_after_a_restart_nothing_is_left_to_do()
    {
        await using var old = await OldController.StartAsync();
        using var guest = await old.PlugInAsync(OldController.Tap, Address);
        Assert.True(guest.Ping(OldController.Gateway));
        await old.AdoptAsync();
        var before = old.Host.Snapshot();

        var again = await old.AdoptAsync();
        Assert.Equal((BridgeOwner.Us, AdoptionAction.Keep), (again.Bridge, Assert.Single(again.Ports).Action));
        Assert.Empty(again.Changes);
        Assert.Equal(before, old.Host.Snapshot());

        await using var second = await old.Host.OpenAsync();
        Assert.Empty(await second.ApplyAsync(new DesiredNetwork(old.Networks.Desired, []), Token));
        Assert.Equal(before, old.Host.Snapshot());
        var observation = await old.Host.Network.ObserveAsync(ObservationScope.All, Token);
        Assert.DoesNotContain(observation.Differences, difference => difference.IsOurs);

        old.Host.Host("nft delete table bridge master_controller");
        await second.ApplyAsync(new DesiredNetwork(old.Networks.Desired, []), Token);
        Assert.Equal(before, old.Host.Snapshot());
        old.Host.Host($"nft flush set bridge master_controller guests");
        await second.ApplyAsync(new DesiredNetwork(old.Networks.Desired, []), Token);
        Assert.Equal(before, old.Host.Snapshot());
        Assert.True(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task What_cannot_be_adopted_is_named_with_the_reason_and_left_alone()
    {
        await using var old = await OldController.StartAsync();
        using var silent = await old.PlugInAsync(OldController.Tap, Address);
        foreach (var tap in new[] { "fc-several", "fc-nobody", "fc-leased", "fc-gateway", "tap7" })
            old.AddTap(tap);
        old.Host.Host("ip link add veth7 type veth peer name veth8");
        old.Host.Host("ip link set veth7 master fcbr0");
        using var several = await old.PlugInAsync("fc-several", "192.168.100.60");
        using var nobody = await old.PlugInAsync("fc-nobody", "192.168.100.61");
        using var leased = await old.PlugInAsync("fc-leased", "192.168.100.62");
        using var gateway = await old.PlugInAsync("fc-gateway", "192.168.100.1");
        Assert.True(several.Ping(OldController.Gateway));
        several.Send(Frames.ArpRequest(new MacAddress(0x0200_0000_0007), several.Address, OldController.Gateway));
        nobody.Send(
            Frames.Udp(Frames.Broadcast, nobody.Mac, nobody.Address, Ipv4Address.Parse("255.255.255.255"), 9, "x")
        );
        Assert.True(leased.Ping(OldController.Gateway));
        await old.Pools.LeaseAsync("default", "printer", leased.Address, alongside: null, Token);
        old.Host.Host($"ip neighbour replace 192.168.100.1 lladdr {gateway.Mac} dev fcbr0");
        gateway.Send(Frames.Echo(old.BridgeMac, gateway.Mac, gateway.Address, OldController.Gateway, 1));

        var plan = await old.PlanAsync();
        var links = old.Host.Host("ip -o link show group default");
        var done = await old.AdoptAsync();

        Assert.All(plan.Ports, port => Assert.Equal(AdoptionAction.Leave, port.Action));
        var reasons = plan.Ports.ToDictionary(port => port.Port.Name, port => port.Reason!);
        Assert.Equal(7, reasons.Count);
        Assert.StartsWith("the bridge has heard nothing of it lately", reasons[OldController.Tap]);
        Assert.StartsWith("frames of 2 hardware addresses come from it", reasons["fc-several"]);
        Assert.StartsWith($"no address is known of {nobody.Mac}", reasons["fc-nobody"]);
        Assert.Equal("192.168.100.62 of the pool default is leased to printer", reasons["fc-leased"]);
        Assert.Contains("it is the gateway of 192.168.100.0/24", reasons["fc-gateway"]);
        Assert.Equal("its name does not begin with fc-: it is another program's", reasons["tap7"]);
        Assert.Equal("it is no TAP, and so another program's", reasons["veth7"]);
        Assert.Equal(["ip"], done.Changes.Select(change => change.Command.Split(' ')[0]));
        Assert.Equal(
            links.Split('\n').Where(line => !line.Contains("fcbr0:")),
            old.Host.Host("ip -o link show group default").Split('\n')
        );
        Assert.True(several.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task A_pool_in_bridge_mode_is_refused_before_the_adoption_and_shares_the_bridge_after_it()
    {
        await using var old = await OldController.StartAsync();
        using var guest = await old.PlugInAsync(OldController.Tap, Address);
        Assert.True(guest.Ping(OldController.Gateway));
        var request = new PoolRequest("lan", [new RangeRequest("192.168.200.0/24")], Network: "bridge");

        var refusal = Assert.IsType<PoolOutcome.BridgeNotOurs>(await old.Networks.CreateAsync(request, Token));
        Assert.Contains("adopt it with \"mctl net adopt\"", refusal.Obstacle);
        Assert.Null(old.Pools.Find("lan"));

        await old.AdoptAsync();
        Assert.IsType<PoolOutcome.Done>(await old.Networks.CreateAsync(request, Token));
        var attachment = new Attachment(
            Ipv4Address.Parse("192.168.200.2"),
            Ipv4Address.Parse("192.168.200.1"),
            TestHost.Owner
        )
        {
            Mode = NetworkMode.Bridge,
        };
        await old.Host.AttachAsync(attachment);
        using var ours = await old.Host.PlugInAsync(attachment, old.BridgeMac);
        Assert.True(ours.Ping(TestHost.InternetAddress));
        Assert.True(guest.Ping(TestHost.InternetAddress));
        Assert.Contains($"link/ether {old.BridgeMac}", old.Host.Host("ip link show fcbr0"));

        await old.Host.DetachAsync(attachment);
        Assert.IsType<PoolOutcome.Done>(await old.Networks.DeleteAsync("lan", Token));
        Assert.True(guest.Ping(TestHost.InternetAddress));
        Assert.DoesNotContain("192.168.200.1", old.Host.Host("ip address show fcbr0"));
    }

    [Fact]
    public async Task An_adoption_whose_tap_is_gone_is_named_and_what_it_had_is_removed()
    {
        await using var old = await OldController.StartAsync();
        using (var guest = await old.PlugInAsync(OldController.Tap, Address))
        {
            Assert.True(guest.Ping(OldController.Gateway));
            await old.AdoptAsync();
        }
        old.Host.Host($"ip link delete {OldController.Tap}");

        var plan = await old.PlanAsync();
        Assert.Empty(plan.Ports);
        Assert.Empty(plan.Changes);
        Assert.Equal(
            (Address, Owner),
            Assert.Single(plan.Ended) is var lease ? (lease.Address.ToString(), lease.Owner) : default
        );
        var changes = await old.Host.ApplyAsync(new DesiredNetwork(old.Networks.Desired, []));
        Assert.Contains(changes, change => change.StartsWith($"removed {OldController.Tap} . "));

        Assert.IsType<ReleaseOutcome.Released>(
            await old.Pools.ReleaseAsync("default", Ipv4Address.Parse(Address), Owner, alongside: null, Token)
        );
        Assert.Empty((await old.PlanAsync()).Ended);
    }

    [Fact]
    public async Task A_tap_that_is_not_there_or_not_known_is_refused_before_anything_is_changed()
    {
        await using var old = await OldController.StartAsync();
        var before = old.Host.Snapshot();
        var mac = new MacAddress(0x0200_0000_0001);

        var failure = await Assert.ThrowsAsync<HostNetworkException>(() =>
            old.Host.Network.AdoptAsync([new AdoptedTap("fc-absent", mac, Ipv4Address.Parse(Address))], Token)
        );
        Assert.Equal("fc-absent is no port of fcbr0", failure.Message);
        failure = await Assert.ThrowsAsync<HostNetworkException>(() =>
            old.Host.Network.AdoptAsync([new AdoptedTap(OldController.Tap, mac, Ipv4Address.Parse(Address))], Token)
        );
        Assert.StartsWith($"{OldController.Tap} cannot be adopted: the bridge has heard nothing", failure.Message);

        Assert.Equal(before, old.Host.Snapshot());
    }

    [Fact]
    public async Task Where_there_is_no_bridge_there_is_nothing_to_adopt()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal(BridgeSurvey.Nothing, await host.Network.SurveyBridgeAsync(Token));
        await Assert.ThrowsAsync<HostNetworkException>(() => host.Network.AdoptAsync([], Token));
    }
}
