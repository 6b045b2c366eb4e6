using System.Collections.Concurrent;
using MasterController.Core.HostNetwork.Advertisements;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Connections;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using MasterController.Linux.Taps;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Mode "routed": each VM has a TAP of its own with a /32 route; the host answers ARP for everything else. VMs of pools in
/// bridge mode are ports of a bridge instead. All kernel work happens on one thread, in order; work that waits is done
/// together.
/// </summary>
public sealed partial class RoutedHostNetwork : IHostNetwork, IExternalNetwork
{
    private readonly NetworkThread _thread;
    private readonly HostNetworkOptions _options;
    private readonly ILogger<RoutedHostNetwork> _logger;
    private readonly NetworkThread.BatchedWork _attach;
    private readonly NetworkThread.BatchedWork _change;
    private readonly NetworkThread.BatchedWork _detach;
    private readonly ConnectionTable _connections;
    private readonly TrafficReader _traffic;
    private readonly DesiredState _desired;
    private readonly NetworkObserver _observer;
    private readonly ChangeWatch _changes;

    // What attachments that were just changed have lost, until the kernel is told to forget it.
    private readonly ConcurrentDictionary<Attachment, IReadOnlyList<ConnectionsOf>> _lost = new(
        ReferenceEqualityComparer.Instance
    );
    private volatile string? _uplink;

    // Of the network thread alone.
    private readonly PolicedGuests _policed;
    private readonly DedicatedGuests _dedicated = new();
    private readonly RouterAdvertiser _advertiser;
    private string? _warnedAboutUplink;
    private bool _warnedAboutBridge;

    private RoutedHostNetwork(
        NetworkThread thread,
        ConnectionTable connections,
        TrafficReader traffic,
        DesiredState desired,
        NetworkObserver observer,
        ChangeWatch changes,
        HostNetworkOptions options,
        TimeProvider clock,
        ILogger<RoutedHostNetwork> logger
    )
    {
        _thread = thread;
        _connections = connections;
        _traffic = traffic;
        _desired = desired;
        _observer = observer;
        _changes = changes;
        _options = options;
        _logger = logger;
        _uplink = options.Uplink;
        _policed = new PolicedGuests(options.Refused);
        _advertiser = new RouterAdvertiser(clock, logger);
        _attach = Translated(
            (kernel, items) =>
            {
                _desired.Add(items);
                // Before the links are up.
                _policed.Put(kernel.Nftables, items);
                _dedicated.Put(kernel.Nftables, items);
                var setup = new AttachmentSetup(kernel, _desired.Networks, _desired.Uplink);
                var failures = setup.Attach(items, _desired.FallbackSource);
                List<Attachment> made = [.. items.Where((_, i) => failures[i] is null)];
                Announce(kernel, made.SelectMany(attachment => DedicatedEntry.Of(attachment, _desired.Uplink)));
                _advertiser.Put(made);
                return failures;
            }
        );
        _change = Translated(
            (kernel, items) =>
            {
                var changes = _desired.Update(items);
                List<Attachment> present = [.. changes.Select(change => change.After)];
                _policed.Put(kernel.Nftables, present);
                foreach (var (before, after) in _dedicated.Put(kernel.Nftables, present))
                    _lost[after] = LostWays.Of(before, after);
                var failures = ChangeDedicated(kernel, items, changes);
                _advertiser.Put(present);
                // Only where nobody can send from them any more.
                if (Array.TrueForAll(failures, failure => failure is null))
                    _policed.Settle(kernel.Nftables);
                return failures;
            }
        );
        _detach = Translated(
            (kernel, items) =>
            {
                var known = _desired.Remove(items);
                _advertiser.Remove(items);
                var setup = new AttachmentSetup(kernel, _desired.Networks, _desired.Uplink);
                var failures = setup.Detach(known, _desired.IsOfAnother);
                List<Attachment> gone = [.. items.Where((_, i) => failures[i] is null)];
                _policed.Remove(kernel.Nftables, gone);
                _dedicated.Remove(kernel.Nftables, gone);
                return failures;
            }
        );
    }

    public bool CanAttach => true;

    public string? Uplink => _uplink;

    /// <summary>Starts the network's threads; the host is not changed before the first call.</summary>
    /// <exception cref="HostNetworkException">No netlink, no libnftables, or the namespace cannot be entered.</exception>
    public static Task<RoutedHostNetwork> OpenAsync(HostNetworkOptions options, ILogger<RoutedHostNetwork> logger) =>
        OpenAsync(options, TimeProvider.System, logger);

    /// <inheritdoc cref="OpenAsync(HostNetworkOptions, ILogger{RoutedHostNetwork})"/>
    public static async Task<RoutedHostNetwork> OpenAsync(
        HostNetworkOptions options,
        TimeProvider clock,
        ILogger<RoutedHostNetwork> logger
    )
    {
        NetworkThread? thread = null;
        NetworkThread? observing = null;
        try
        {
            var desired = new DesiredState { External = options.External };
            thread = await NetworkThread.StartAsync(options.NamespacePath);
            observing = await NetworkThread.StartAsync(options.NamespacePath, "network-observer");
            // Sockets belong to the namespace of the thread that opens them, and work from any.
            var (connections, traffic) = await thread.RunAsync(
                _ => (ConntrackSocket.Open(), NetlinkSocket.Open()),
                CancellationToken.None
            );
            return new RoutedHostNetwork(
                thread,
                new ConnectionTable(connections, logger),
                new TrafficReader(traffic),
                desired,
                new NetworkObserver(observing, thread, desired, options, clock, logger),
                ChangeWatch.Start(options.NamespacePath, desired, thread.Id, clock, logger),
                options,
                clock,
                logger
            );
        }
        catch (Exception exception)
        {
            foreach (var started in new[] { observing, thread })
                if (started is not null)
                    await started.DisposeAsync();
            if (!IsKernelRefusal(exception))
                throw;
            throw new HostNetworkException($"The host network cannot be used: {exception.Message}", exception);
        }
    }

    public Task<IReadOnlyList<string>> TakeOverAsync(DesiredNetwork desired, CancellationToken cancellationToken) =>
        RunAsync(
            kernel =>
            {
                _desired.Replace(desired.Attachments);
                _advertiser.Replace(desired.Attachments);
                return Apply(kernel, desired.Networks, replaced: [], withGuests: false, removesLeftOvers: false);
            },
            cancellationToken
        );

    public Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        CancellationToken cancellationToken
    ) => RunAsync(kernel => Apply(kernel, networks, replaced, withGuests: false), cancellationToken);

    public Task AttachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        _thread.RunBatchedAsync(_attach, attachment, cancellationToken);

    public async Task UpdateAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        try
        {
            await _thread.RunBatchedAsync(_change, attachment, cancellationToken);
        }
        finally
        {
            // Also where a later step failed.
            if (_lost.TryRemove(attachment, out var connections))
                await Task.WhenAll(connections.Select(_connections.ForgetAsync));
        }
    }

    public async Task DetachAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        await _thread.RunBatchedAsync(_detach, attachment, cancellationToken);
        // Only now: a packet that was still on its way would begin an entry anew.
        await Task.WhenAll(GuestAddresses.Of(attachment).Select(address => _connections.ForgetAsync(new(address))));
    }

    public Task ForgetConnectionsAsync(Ipv4Address address, CancellationToken cancellationToken) =>
        _connections.ForgetAsync(new(address)).WaitAsync(cancellationToken);

    public Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadTrafficAsync(CancellationToken cancellationToken) =>
        TranslatedAsync(Task.Run(_traffic.ReadAll, cancellationToken));

    public Task<GuestTraffic?> ReadTrafficAsync(Attachment attachment, CancellationToken cancellationToken) =>
        TranslatedAsync(Task.Run(() => _traffic.Read(attachment), cancellationToken));

    public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
        RunAsync(_ => Tap.Open(attachment.TapName), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _changes.DisposeAsync();
        await _observer.DisposeAsync();
        await _thread.DisposeAsync();
        await _advertiser.DisposeAsync();
        _policed.Dispose();
        _dedicated.Dispose();
        await _connections.DisposeAsync();
        _traffic.Dispose();
    }

    private IReadOnlyList<string> Apply(
        HostNetworkKernel kernel,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        bool withGuests,
        bool removesLeftOvers = true
    )
    {
        _desired.Networks = networks;
        return CarryOut(kernel, Read(), Read, removesLeftOvers);

        HostPlan Read() => ReadPlan(kernel, networks, replaced, withGuests);
    }

    /// <summary>
    /// What all attachments share:
    /// 1. forwarding, uplink, the bridge where a pool needs one, gateway addresses that are missing;
    /// 2. the firewall, before there is anyone to protect from, and the rules of others that it replaces; then what makes
    ///    the host a router of IPv6;
    /// 3. those in files, which count from the next boot on;
    /// 4. gateway addresses that nobody uses any more, and the bridge without a pool: where no route is to be mended first.
    /// </summary>
    private IReadOnlyList<string> CarryOut(
        HostNetworkKernel kernel,
        HostPlan plan,
        Func<HostPlan> readAgain,
        bool removesLeftOvers
    )
    {
        var changes = new ChangeLog();
        var host = new HostSetup(kernel, _logger);
        var bridge = new BridgeSetup(kernel);

        // 1
        host.EnableForwarding(plan.Forwarding, changes);
        _uplink = plan.Uplink;
        WarnAboutUplink(kernel);
        WarnAboutBridge(plan.Bridge);
        bridge.Add(plan.Bridge, changes);
        host.AddGateways(plan.Gateways, changes);

        // 2
        var firewall = new Firewall(kernel.Nftables);
        try
        {
            firewall.Run(plan.Firewall);
        }
        catch (NftablesException) when (plan.Firewall.RemovesOthers)
        {
            // A rule that its owner took away meanwhile makes the whole transaction void.
            plan = readAgain();
            firewall.Run(plan.Firewall);
        }
        _policed.Take(plan.Firewall.Egress, _desired.All);
        _dedicated.Take(plan.Firewall.Dedicated, _desired.All);
        changes.AddDone(plan.Firewall.Changes);
        new BridgeFirewall(kernel.Nftables).Run(plan.BridgeFirewall);
        changes.AddDone(plan.BridgeFirewall.Changes);
        _desired.Uplink = plan.Dedicated.Uplink;
        host.AddDedicated(plan.Dedicated, changes);

        // 3
        foreach (var file in plan.Files)
        {
            file.Run();
            changes.AddDone(file.Changes);
        }

        // 4
        if (removesLeftOvers)
        {
            host.RemoveGateways(plan.Gateways, changes);
            bridge.Remove(plan.Bridge, changes);
            host.RemoveDedicated(plan.Dedicated, changes);
        }

        foreach (var change in changes.ToList())
            LogChange(change);
        return changes.ToList();
    }

    private HostPlan ReadPlan(
        HostNetworkKernel kernel,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        bool withGuests,
        bool adopts = false
    ) =>
        HostPlan.Read(
            kernel,
            new HostSetup(kernel, _logger),
            _options,
            networks,
            _desired.All,
            replaced,
            withGuests,
            _desired.Uplink,
            adopts
        );

    private void WarnAboutBridge(BridgePlan bridge)
    {
        if (bridge.IsObstructed && !_warnedAboutBridge)
            LogBridgeObstructed(GuestBridge.Obstacle);
        _warnedAboutBridge = bridge.IsObstructed;
    }

    private void WarnAboutUplink(HostNetworkKernel kernel)
    {
        var problem =
            _uplink is null ? ""
            : kernel.Netlink.FindLink(_uplink) is null ? _uplink
            : null;
        if (problem is not null && problem != _warnedAboutUplink)
        {
            if (problem.Length == 0)
                LogNoUplink();
            else
                LogUplinkMissing(problem);
        }
        _warnedAboutUplink = problem;
    }

    private Task<T> RunAsync<T>(Func<HostNetworkKernel, T> work, CancellationToken cancellationToken) =>
        _thread.RunAsync(kernel => Translated(() => work(kernel)), cancellationToken);

    private static T Translated<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (IsKernelRefusal(exception))
        {
            throw new HostNetworkException(exception.Message, exception);
        }
    }

    private static NetworkThread.BatchedWork Translated(NetworkThread.BatchedWork work) =>
        (kernel, attachments) => Translated(() => work(kernel, attachments));

    private static bool IsKernelRefusal(Exception exception) =>
        exception
            is NetlinkException
                or NftablesException
                or System.ComponentModel.Win32Exception
                or IOException
                or UnauthorizedAccessException;
}
