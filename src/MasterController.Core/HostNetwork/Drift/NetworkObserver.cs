using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Compares the kernel with the desired state on a thread and with sockets of its own, so that a comparison of 65,533
/// attachments holds up no call. Reads and changes nothing.
/// </summary>
internal sealed class NetworkObserver(
    NetworkThread observer,
    NetworkThread network,
    DesiredState desired,
    HostNetworkOptions options,
    TimeProvider clock,
    ILogger logger
) : IAsyncDisposable
{
    // Each is a file of its own in /proc: 65,533 of them are gone through in half an hour of comparisons.
    private const int DelaysAtATime = 2_048;

    // Of the observer's thread alone.
    private int _nextDelay;

    /// <summary>
    /// 1. take what is desired between two pieces of work of the network thread: nothing is half made then;
    /// 2. compare the host, its table and others' rules; with all, the attachments and others' networks;
    /// 3. pass over what was changed by ourselves since 1.
    /// </summary>
    /// <param name="rulesBy">Who last changed rules of nftables, where that was not us.</param>
    internal async Task<NetworkObservation> RunAsync(
        ObservationScope scope,
        Func<string?> rulesBy,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        // 1
        using var watch = await network.RunAsync(_ => desired.Watch(), cancellationToken);
        // 2, 3
        return await observer.RunAsync(kernel => Observe(kernel, watch, scope, rulesBy, began), cancellationToken);
    }

    /// <summary>Runs a reading of something else on the observer's thread.</summary>
    internal Task<T> ReadAsync<T>(Func<HostNetworkKernel, T> read, CancellationToken cancellationToken) =>
        observer.RunAsync(read, cancellationToken);

    public ValueTask DisposeAsync() => observer.DisposeAsync();

    private NetworkObservation Observe(
        HostNetworkKernel kernel,
        DesiredWatch watch,
        ObservationScope scope,
        Func<string?> rulesBy,
        long began
    )
    {
        var plan = HostPlan.Read(
            kernel,
            new HostSetup(kernel, logger),
            options,
            watch.Networks,
            watch.Attachments,
            replaced: [],
            withGuests: true,
            desired.Uplink
        );
        var uplink = plan.Dedicated.Uplink;
        List<Difference> host = [.. HostDifferences.Of(plan, rulesBy(), plan.Firewall.ChangedSince(watch))];
        List<Difference> others = [.. ForeignDifferences.OfSettings(), .. ForeignDifferences.OfRules(kernel.Nftables)];
        List<Difference> attachments = [];
        int? present = null;
        if (scope == ObservationScope.All)
        {
            var routes = new List<RouteEntry>();
            var guests = BridgeReconciliation.Read(kernel, watch.Attachments, watch.Networks);
            var comparison = AttachmentComparison.Read(
                kernel,
                watch.Attachments,
                watch.FallbackSource,
                uplink,
                guests,
                route =>
                {
                    if (HostNetworkOfOthers.IsOfNetwork(route))
                        routes.Add(route);
                }
            );
            present = comparison.Present;
            comparison.ReadProxyDelays(_nextDelay, DelaysAtATime);
            _nextDelay = (_nextDelay + DelaysAtATime) & int.MaxValue;
            attachments.AddRange(
                new AttachmentDifferences(kernel, watch.Networks, watch.FallbackSource, uplink).Of(
                    comparison,
                    watch.HasChanged
                )
            );
            attachments.AddRange(guests.Orphans);
            others.AddRange(
                ForeignDifferences.OfNetworks(
                    HostNetworkOfOthers.Read(kernel.Netlink, plan.Uplink, routes),
                    watch.Networks
                )
            );
            // A TAP of ours has no mark yet while it is made.
            others.AddRange(
                comparison
                    .Namesakes.Where(link =>
                        HostNetworkMarks.TryReadTapName(link.Name, out var address) && !watch.HasChanged(address)
                    )
                    .Select(ForeignDifferences.OfNamesake)
            );
        }
        attachments.RemoveAll(difference =>
            (difference.Address is { } address && watch.HasChanged(address))
            || (difference.Dedicated?.Ipv6 is { } ipv6 && watch.HasChanged(ipv6))
            || (difference.Dedicated?.Ipv4 is { } given && watch.HasChanged(given))
        );
        if (watch.HaveNetworksChanged)
            host.Clear();
        return new NetworkObservation(
            scope,
            clock.GetElapsedTime(began),
            watch.Attachments.Count,
            present,
            [.. host, .. attachments, .. others.DistinctBy(difference => difference.Key)]
        );
    }
}
