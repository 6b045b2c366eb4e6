using MasterController.Core.Events;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace MasterController.Tests.Configuration;

public class ConfigReloadTests
{
    private const string Before = "[network]\nmode = \"none\"\n[vm]\nmax_vms = 5\n[types.old]\nvcpus = 2\n";
    private const string After =
        "[network]\nmode = \"routed\"\n[vm]\nmax_vms = 6\n[types.fresh]\nvcpus = 3\negress_deny = [\"10.0.0.0/8\"]\n";

    [Fact]
    public async Task Limits_and_types_are_taken_over_and_the_network_waits()
    {
        using var file = new ConfigFile(Before);
        var (live, events) = Start(file);
        File.WriteAllText(file.Path, After);
        live.Reload(NullLogger.Instance);

        Assert.Equal(6, live.Current.Vm.Limits.MaxVms);
        Assert.Equal("none", live.Current.Network.Mode);
        Assert.Equal(3, live.Current.Vm.Types["fresh"].Vcpus);
        Assert.DoesNotContain("old", live.Current.Vm.Types.Keys);
        Assert.Equal("10.0.0.0/8", Assert.Single(live.Current.Vm.Types["fresh"].Egress!.Deny).ToString());
        var pending = await FirstAsync(events, "config.pending");
        Assert.Equal("network.mode", pending.Subject);
        Assert.Contains("none → routed", pending.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_with_errors_changes_nothing()
    {
        using var file = new ConfigFile(Before);
        var (live, events) = Start(file);
        File.WriteAllText(file.Path, "[vm]\nmax_vms = 6\nmax_memory = 5");
        live.Reload(NullLogger.Instance);

        Assert.Equal(5, live.Current.Vm.Limits.MaxVms);
        Assert.Contains(
            "vm.max_memory",
            (await FirstAsync(events, "config.refused")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_change_that_waits_is_reported_again_by_the_next_reload()
    {
        using var before = new ConfigFile(Before);
        using var after = new ConfigFile(After);
        var read = after.Load().Values;
        var (merged, _) = ConfigReload.Merge(before.Load().Values, read);
        var (_, changes) = ConfigReload.Merge(merged, read);
        Assert.Equal(["network.mode"], changes.Select(c => c.Key));
    }

    private static (LiveSettings, EventHub) Start(ConfigFile file)
    {
        var events = new EventHub(TimeProvider.System);
        var loader = file.Loader();
        var config = loader.Load();
        return (new LiveSettings(loader, config.Values, config.Settings!, events), events);
    }

    private static async Task<ControllerEvent> FirstAsync(EventHub events, string type)
    {
        await foreach (var happened in events.SubscribeAsync(afterId: 0, TestContext.Current.CancellationToken))
        {
            if (happened.Type == type)
                return happened;
        }
        throw new InvalidOperationException("the stream of events ended");
    }
}
