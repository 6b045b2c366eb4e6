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
    private readonly RoutedHostNetwork _network;

    private ReachedHost(NetworkNamespace space, RoutedHostNetwork network) => (_space, _network) = (space, network);

    public static async Task<ReachedHost> MakeAsync()
    {
        var space = MakeSpace();
        var network = await RoutedHostNetwork.OpenAsync(
            new HostNetworkOptions(NamespacePath: space.Path) { External = ReachedPlaces.Networks },
            NullLogger<RoutedHostNetwork>.Instance
        );
        await network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        return new ReachedHost(space, network);
    }

    /// <summary>With an uplink that leads nowhere.</summary>
    public static NetworkNamespace MakeSpace()
    {
        var space = NetworkNamespace.Create();
        Run("ip", "link", "add", Uplink, "type", "veth", "peer", "name", "far0");
        Run("ip", "address", "add", "198.51.100.2/24", "dev", Uplink);
        Run("ip", "-6", "address", "add", "2001:db8:1250::fffe/64", "dev", Uplink, "nodad");
        Run("ip", "link", "set", Uplink, "up");
        Run("ip", "link", "set", "far0", "up");
        Run("ip", "route", "add", "default", "via", "198.51.100.1");
        Run("ip", "-6", "route", "add", "default", "via", "2001:db8:1250::ffff");
        return space;

        void Run(params string[] words)
        {
            using var process = space.Run(() => Process.Start(words[0], words[1..]));
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
    }
}
