using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Taps;
using MasterController.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Bridges;

/// <summary>
/// A host as an older controller left it: the bridge fcbr0 with its gateway, TAPs in it and an iptables rule; beside it this
/// controller with the pool "default", which has the old network.
/// </summary>
internal sealed class OldController : IAsyncDisposable
{
    internal const string Tap = "fc-1a2b3c4d";
    internal static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.100.254");

    private readonly InMemoryStateStore _store = new();

    private OldController(TestHost host)
    {
        Host = host;
        Pools = new PoolDirectory(_store, Events, TimeProvider.System);
        Networks = new PoolNetworks(
            Pools,
            host.Network,
            new ExternalDirectory(() => ExternalSettings.None, TimeProvider.System)
        );
        Adoption = new BridgeAdoption(Pools, host.Network, Events, NullLogger<BridgeAdoption>.Instance);
    }

    internal TestHost Host { get; }

    internal EventHub Events { get; } = new(TimeProvider.System);

    internal PoolDirectory Pools { get; }

    internal PoolNetworks Networks { get; }

    internal BridgeAdoption Adoption { get; }

    internal MacAddress BridgeMac { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static async Task<OldController> StartAsync()
    {
        var host = await TestHost.StartAsync();
        var old = new OldController(host);
        host.Host("ip link add fcbr0 type bridge");
        host.Host($"ip address add {Gateway}/24 dev fcbr0");
        host.Host("ip link set fcbr0 up");
        host.Host("sh -c", "iptables-nft -t nat -A POSTROUTING -s 192.168.100.0/24 -o up0 -j MASQUERADE");
        old.AddTap(Tap);
        old.Pools.Load(await old._store.LoadAsync(Token));
        await old.Networks.CreateAsync(new PoolRequest("default", [new RangeRequest("192.168.100.0/24")]), Token);
        return old;
    }

    internal void AddTap(string name)
    {
        Host.Host($"ip tuntap add dev {name} mode tap vnet_hdr");
        Host.Host($"ip link set {name} master fcbr0");
        Host.Host($"ip link set {name} up");
    }

    /// <summary>The VM of a TAP, which runs.</summary>
    internal async Task<Guest> PlugInAsync(string tap, string address)
    {
        var attachment = new Attachment(Ipv4Address.Parse(address), Gateway, 0) { Mode = NetworkMode.Bridge };
        var handle = Host.Namespace.Run(() => Linux.Taps.Tap.Open(tap));
        await Host.ForwardingAsync(tap);
        // The lowest of its ports', until somebody sets one.
        BridgeMac = MacOf(Host.Host("ip -o link show fcbr0"));
        return new Guest(attachment, handle) { BridgeMac = BridgeMac, AnswersArp = true };
    }

    internal Task<AdoptionPlan> PlanAsync() => Adoption.PlanAsync(Token);

    internal Task<AdoptionPlan> AdoptAsync() => Adoption.AdoptAsync(Token);

    internal string? OwnerOf(string address)
    {
        var leased = Ipv4Address.Parse(address);
        return Pools.LeasesIn("default", leased, leased).Select(lease => lease.Owner).SingleOrDefault();
    }

    public async ValueTask DisposeAsync()
    {
        Pools.Dispose();
        await Host.DisposeAsync();
    }

    private static MacAddress MacOf(string link)
    {
        var words = link.Split(' ');
        return MacAddress.TryParse(words[Array.IndexOf(words, "link/ether") + 1], out var mac)
            ? mac
            : throw new InvalidOperationException(link);
    }
}
