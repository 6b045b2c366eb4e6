using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Bridges;

/// <summary>What others change of the bridge and its guests is found, named and repaired.</summary>
public sealed class BridgeDriftTests
{
    private const string Tap = "fcc0a86402";
    private static readonly Attachment[] Two = [TestHost.OnBridge("192.168.100.2"), TestHost.OnBridge("192.168.100.3")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_all_is_right_nothing_is_found()
    {
        await using var host = await StartAsync();

        var observation = await host.Network.ObserveAsync(ObservationScope.All, Token);

        Assert.Equal([], observation.Differences);
        Assert.Equal((2, 2), (observation.Desired, observation.Present));
    }

    [Theory]
    [InlineData($"ip link set {Tap} nomaster", $"bridge {Tap}: no port of fcbr0")]
    [InlineData($"bridge link set dev {Tap} isolated off", $"bridge {Tap}: a port with other settings")]
    [InlineData(
        $"bridge fdb delete 02:fc:c0:a8:64:02 dev {Tap} master",
        $"bridge {Tap}: no forwarding entry of 02:fc:c0:a8:64:02"
    )]
    [InlineData("ip neighbour delete 192.168.100.2 dev fcbr0", $"bridge {Tap}: no such neighbour entry")]
    [InlineData(
        $"nft delete element bridge master_controller guests {{ {Tap} . 02:fc:c0:a8:64:02 . 192.168.100.2 }}",
        $"bridge {Tap}: not in the set guests"
    )]
    [InlineData(
        $"nft add element bridge master_controller open_ports {{ {Tap} }}",
        $"bridge {Tap}: in the set open_ports"
    )]
    [InlineData(
        "nft add element bridge master_controller guests { lan0 . 02:00:00:00:00:05 . 192.168.100.9 }",
        "bridge lan0 . 02:00:00:00:00:05 . 192.168.100.9: there, and no attachment uses it"
    )]
    [InlineData(
        $"bridge fdb add 02:00:00:00:00:05 dev {Tap} master static",
        $"bridge 02:00:00:00:00:05 dev {Tap}: there, and no attachment uses it"
    )]
    [InlineData(
        "ip neighbour add 192.168.100.9 lladdr 02:fc:c0:a8:64:09 dev fcbr0 nud permanent",
        "bridge 192.168.100.9 dev fcbr0: there, and no attachment uses it"
    )]
    [InlineData("nft delete table bridge master_controller", "nftables bridge master_controller: missing")]
    [InlineData(
        "nft insert rule bridge master_controller from_guest accept",
        "nftables bridge master_controller: changed"
    )]
    [InlineData("ip address delete 192.168.100.1/24 dev fcbr0", "address 192.168.100.1/24: missing")]
    [InlineData("ip link set fcbr0 down", "bridge fcbr0: changed")]
    [InlineData("ip link delete fcbr0", "bridge fcbr0: missing")]
    [InlineData($"ip link delete {Tap}", $"tap {Tap}: missing")]
    public async Task It_is_named_and_repaired_as_planned(string damage, string found)
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();
        host.Host(damage);

        var differences = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
        Assert.Contains(
            found,
            differences.Select(difference =>
                $"{DriftNames.Of(difference.Object)} {difference.Name}: {difference.Found}"
            )
        );
        Assert.All(differences, difference => Assert.True(difference.IsOurs));
        Assert.NotEmpty(await host.Network.PlanRepairAsync(differences, Token));
        var outcomes = await host.Network.RepairAsync(differences, Token);

        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.Equal(before, host.Snapshot());
        Assert.Equal([], (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences);
    }

    [Fact]
    public async Task The_kernels_notifications_lead_to_a_comparison()
    {
        await using var host = await StartAsync();
        host.Network.TakeChanges();
        host.Host($"ip link set {Tap} nomaster");

        await host.Network.ChangedAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);

        Assert.Equal(ObservationScope.All, host.Network.TakeChanges());
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(new DesiredNetwork([TestHost.Bridged()], Two));
        return host;
    }
}
