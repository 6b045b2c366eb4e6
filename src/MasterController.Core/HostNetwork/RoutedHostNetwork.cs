using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using MasterController.Linux.Taps;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Mode "routed": each VM has a TAP of its own with a /32 route; the host answers ARP for everything else. All kernel work
/// happens on one thread, in order; work that waits is done together.
/// </summary>
public sealed partial class RoutedHostNetwork : IHostNetwork
{
    private readonly NetworkThread _thread;
    private readonly HostNetworkOptions _options;
    private readonly ILogger<RoutedHostNetwork> _logger;
    private readonly NetworkThread.BatchedWork _attach;
    private readonly NetworkThread.BatchedWork _detach;
    private readonly DesiredState _desired = new();
    private volatile string? _uplink;

    // Of the network thread alone.
    private string? _warnedAboutUplink;
    private bool _warnedAboutBridge;

    private RoutedHostNetwork(NetworkThread thread, HostNetworkOptions options, ILogger<RoutedHostNetwork> logger)
    {
        _thread = thread;
        _options = options;
        _logger = logger;
        _uplink = options.Uplink;
        _attach = Translated(
            (kernel, items) =>
            {
                _desired.Add(items);
                return new AttachmentSetup(kernel, _desired.Networks).Attach(items, _desired.FallbackSource);
            }
        );
        _detach = Translated(
            (kernel, items) =>
            {
                _desired.Remove(items);
                return new AttachmentSetup(kernel, _desired.Networks).Detach(items);
            }
        );
    }

    public bool CanAttach => true;

    public string? Uplink => _uplink;

    /// <summary>Starts the network thread; the host is not changed before the first call.</summary>
    /// <exception cref="HostNetworkException">No netlink, no libnftables, or the namespace cannot be entered.</exception>
    public static async Task<RoutedHostNetwork> OpenAsync(HostNetworkOptions options, ILogger<RoutedHostNetwork> logger)
    {
        try
        {
            return new RoutedHostNetwork(await NetworkThread.StartAsync(options.NamespacePath), options, logger);
        }
        catch (Exception exception) when (IsKernelRefusal(exception))
        {
            throw new HostNetworkException($"The host network cannot be used: {exception.Message}", exception);
        }
    }

    public Task<IReadOnlyList<string>> ApplyAsync(DesiredNetwork desired, CancellationToken cancellationToken) =>
        RunAsync(kernel => Apply(kernel, desired.Networks, replaced: [], desired.Attachments), cancellationToken);

    public Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        CancellationToken cancellationToken
    ) => RunAsync(kernel => Apply(kernel, networks, replaced, attachments: null), cancellationToken);

    public Task AttachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        _thread.RunBatchedAsync(_attach, attachment, cancellationToken);

    public Task DetachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        _thread.RunBatchedAsync(_detach, attachment, cancellationToken);

    public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
        RunAsync(_ => Tap.Open(attachment.TapName), cancellationToken);

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    /// <summary>
    /// The full comparison:
    /// 1. forwarding, uplink, the bridge where a pool needs one, gateway addresses that are missing;
    /// 2. the firewall, before there is anyone to protect from, and the rules of others that it replaces;
    /// 3. those in files, which count from the next boot on;
    /// 4. attachments: made, mended, removed; left alone when null;
    /// 5. gateway addresses that nobody uses any more, and the bridge without a pool.
    /// </summary>
    private IReadOnlyList<string> Apply(
        HostNetworkKernel kernel,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        IReadOnlyCollection<Attachment>? attachments
    )
    {
        _desired.Networks = networks;
        if (attachments is not null)
            _desired.Replace(attachments);
        var changes = new ChangeLog();
        var host = new HostSetup(kernel, _logger);
        var plan = ReadPlan(kernel, host, networks, replaced);
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
            plan = ReadPlan(kernel, host, networks, replaced);
            firewall.Run(plan.Firewall);
        }
        changes.AddDone(plan.Firewall.Changes);
        new BridgeFirewall(kernel.Nftables).Run(plan.BridgeFirewall);
        changes.AddDone(plan.BridgeFirewall.Changes);

        // 3
        foreach (var file in plan.Files)
        {
            file.Run();
            changes.AddDone(file.Changes);
        }

        // 4
        var reconciliation = new Reconciliation(kernel, new AttachmentSetup(kernel, networks), networks, changes);
        var failures = attachments is null ? [] : reconciliation.Apply(attachments, _desired.FallbackSource);

        // 5
        host.RemoveGateways(plan.Gateways, changes);
        bridge.Remove(plan.Bridge, changes);

        foreach (var change in changes.ToList())
            LogChange(change);
        return failures.Count switch
        {
            0 => changes.ToList(),
            1 => throw failures[0],
            _ => throw new HostNetworkException($"{failures[0].Message} (and {failures.Count - 1} more)", failures[0]),
        };
    }

    private HostPlan ReadPlan(
        HostNetworkKernel kernel,
        HostSetup host,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        bool adopts = false
    ) =>
        HostPlan.Read(
            kernel,
            host,
            _options,
            networks,
            _desired.Attachments.Select(entry => entry.Attachment),
            replaced,
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
        _thread.RunAsync(
            kernel =>
            {
                try
                {
                    return work(kernel);
                }
                catch (Exception exception) when (IsKernelRefusal(exception))
                {
                    throw new HostNetworkException(exception.Message, exception);
                }
            },
            cancellationToken
        );

    private static NetworkThread.BatchedWork Translated(NetworkThread.BatchedWork work) =>
        (kernel, attachments) =>
        {
            try
            {
                return work(kernel, attachments);
            }
            catch (Exception exception) when (IsKernelRefusal(exception))
            {
                throw new HostNetworkException(exception.Message, exception);
            }
        };

    private static bool IsKernelRefusal(Exception exception) =>
        exception
            is NetlinkException
                or NftablesException
                or System.ComponentModel.Win32Exception
                or IOException
                or UnauthorizedAccessException;
}
