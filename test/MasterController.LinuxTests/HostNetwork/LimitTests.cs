using MasterController.Core.HostNetwork;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>Limits in a network namespace of its own, where some settings are its own and others only shown.</summary>
public sealed class LimitTests
{
    private const string Conntrack = "net.netfilter.nf_conntrack_max";
    private const string Backlog = "net.core.somaxconn";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_the_namespaces_own_is_raised_there_and_nowhere_else()
    {
        await using var host = await TestHost.StartAsync();
        host.Host($"sysctl -q -w {Backlog}=128");
        var outside = Outside(Backlog);
        Assert.Equal((Backlog, 128), NameAndValue(await host.Network.ReadLimitsAsync(vms: 1, Token)));

        var raised = Assert.Single(await host.Network.RaiseLimitsAsync(vms: 1, Token));

        Assert.Equal(new LimitRaise(Backlog, 128, 512, null), raised);
        Assert.Equal("512", host.Host($"sysctl -n {Backlog}").Trim());
        Assert.Equal(outside, Outside(Backlog));
        Assert.Empty(await host.Network.ReadLimitsAsync(vms: 1, Token));
    }

    [Fact]
    public async Task What_all_namespaces_share_is_told_and_left_alone()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        var outside = Outside(Conntrack);
        const long Vms = 1_000_000;
        Assert.Contains(await host.Network.ReadLimitsAsync(Vms, Token), limit => limit.Name == Conntrack);

        // Of this process itself that is more than fs.nr_open, so that its own limit stays as it is.
        var raised = (await host.Network.RaiseLimitsAsync(Vms, Token)).Single(raise => raise.Name == Conntrack);

        Assert.Contains("first network namespace", raised.Failure);
        Assert.Equal(outside, Outside(Conntrack));
    }

    private static (string, long) NameAndValue(IReadOnlyList<HostLimit> limits)
    {
        var limit = Assert.Single(limits);
        return (limit.Name, limit.Value);
    }

    private static string Outside(string key) => File.ReadAllText($"/proc/sys/{key.Replace('.', '/')}");
}
