using System.Diagnostics;
using MasterController.Bench.Subjects.Networks;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.Bench.Subjects.External;

/// <summary>A host that answers for a prefix on its uplink's link, by the controller's own code.</summary>
internal sealed class ReachedHost : IAsyncDisposable
{
    public const string Uplink = "up0";

    private readonly NetworkNamespace _space;
    private readonly NetworkNamespace _far;
    private readonly RoutedHostNetwork _network;

    private ReachedHost(NetworkNamespace space, NetworkNamespace far, RoutedHostNetwork network) =>
        (_space, _far, _network) = (space, far, network);

    public static async Task<ReachedHost> MakeAsync()
    {
        var (space, far) = MakeSpace();
        var network = await RoutedHostNetwork.OpenAsync(
            new HostNetworkOptions(NamespacePath: space.Path) { External = ReachedPlaces.Networks },
            NullLogger<RoutedHostNetwork>.Instance
        );
        await network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        return new ReachedHost(space, far, network);
    }

    /// <summary>With an uplink to a namespace that has nothing but the other end.</summary>
    public static (NetworkNamespace Host, NetworkNamespace Far) MakeSpace()
    {
        var (space, far) = (NetworkNamespace.Create(), NetworkNamespace.Create());
        Run(space, "ip", "link", "add", Uplink, "type", "veth", "peer", "name", "far0", "netns", far.Path);
        Run(space, "ip", "address", "add", "198.51.100.2/24", "dev", Uplink);
        Run(space, "ip", "-6", "address", "add", "2001:db8:1250::fffe/64", "dev", Uplink, "nodad");
        Run(space, "ip", "link", "set", Uplink, "up");
        Run(far, "ip", "link", "set", "far0", "up");
        Run(space, "ip", "route", "add", "default", "via", "198.51.100.1");
        Run(space, "ip", "-6", "route", "add", "default", "via", "2001:db8:1250::ffff");
        return (space, far);

        static void Run(NetworkNamespace where, params string[] words)
        {
            using var process = where.Run(() => Process.Start(words[0], words[1..]));
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException(string.Join(' ', words));
        }
    }

    public Task AttachAsync(int number) => _network.AttachAsync(ReachedPlaces.At(number), CancellationToken.None);

    public Task DetachAsync(int number) => _network.DetachAsync(ReachedPlaces.At(number), CancellationToken.None);

    /// <exception cref="InvalidOperationException">The kernel has not what it should have.</exception>
    public async Task CompareAsync()
    {
        var observation = await _network.ObserveAsync(ObservationScope.All, CancellationToken.None);
        if (observation.Differences.FirstOrDefault(difference => difference.IsOurs) is { } difference)
            throw new InvalidOperationException($"the host is not as it should be: {difference}");
    }

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _space.Dispose();
        _far.Dispose();
    }
}
