using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Listens to the kernel's notifications on a thread of its own, and says when something may differ from what is
/// desired. Most of what is told is our own doing: it is known by being as desired, or on its way there.
/// </summary>
internal sealed partial class ChangeWatch : IAsyncDisposable
{
    /// <summary>So long a TAP of ours may take from its creation until it is up and complete, with others in its batch.</summary>
    private static readonly TimeSpan LinkPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>What changes one thing often changes more: a little later all of it is seen at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>A firewall that is loaded anew does it in few transactions, and guests are open to each other meanwhile.</summary>
    private static readonly TimeSpan RulesPatience = TimeSpan.FromMilliseconds(50);

    private const int PollMilliseconds = 50;

    // More than are in flight at a time: it is no longer worth while to tell them apart.
    private const int MostSuspects = 4096;

    private readonly Lock _lock = new();
    private readonly NetworkNotifications _notifications;
    private readonly DesiredState _desired;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly int _ownThread;
    private readonly NetworkNotificationHandlers _handlers;
    private readonly Task _ended;
    private readonly Dictionary<Ipv4Address, long> _links = [];

    // Interfaces that lost the host's IPv6 address: one that is deleted loses it first.
    private readonly Dictionary<int, long> _withoutGateway = [];
    private TaskCompletionSource _changed = New();
    private long? _attachments;
    private long? _host;
    private long? _rules;
    private volatile string? _rulesBy;
    private volatile bool _isEnding;

    private ChangeWatch(
        NetworkNotifications notifications,
        DesiredState desired,
        int ownThread,
        TimeProvider clock,
        ILogger logger
    )
    {
        (_notifications, _desired, _ownThread) = (notifications, desired, ownThread);
        (_clock, _logger) = (clock, logger);
        _handlers = new(
            SeeLink,
            SeeAddress,
            SeeRoute,
            SeeNeighbour,
            SeeAddress,
            SeeRoute,
            SeeNeighbour,
            index =>
            {
                if (index < 0)
                    Suspect(ref _host);
                else
                    Suspect(ref _attachments);
            },
            SeeRules,
            () =>
            {
                Suspect(ref _attachments);
                Suspect(ref _rules);
            }
        );
        _ended = Task.Factory.StartNew(
            Run,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>Who last changed rules of nftables, where that was not us: "nft (process 4711)".</summary>
    internal string? RulesBy => _rulesBy;

    /// <param name="ownThread">The kernel's id of the network thread: what it does with nftables is told with that.</param>
    /// <exception cref="NetlinkException">The kernel has no such notifications, or no descriptor is free.</exception>
    internal static ChangeWatch Start(
        string? namespacePath,
        DesiredState desired,
        int ownThread,
        TimeProvider clock,
        ILogger logger
    )
    {
        // The sockets belong to the namespace of the thread that opens them, and work from any.
        if (namespacePath is null)
            return new ChangeWatch(NetworkNotifications.Open(), desired, ownThread, clock, logger);
        using var space = NetworkNamespace.Open(namespacePath);
        return new ChangeWatch(space.Run(NetworkNotifications.Open), desired, ownThread, clock, logger);
    }

    /// <summary>Completes when something has been out of place for longer than our own doing explains.</summary>
    internal Task ChangedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _changed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>What has to be compared because of it; from now on only what is told later counts.</summary>
    internal ObservationScope Take()
    {
        lock (_lock)
        {
            var scope = DueLocked(_clock.GetTimestamp());
            if (scope == ObservationScope.All)
            {
                _links.Clear();
                _withoutGateway.Clear();
                _attachments = null;
            }
            if (scope != ObservationScope.None)
                (_host, _rules) = (null, null);
            if (_changed.Task.IsCompleted)
                _changed = New();
            return scope;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        _notifications.EndWaits();
        await _ended;
        _notifications.Dispose();
    }

    private void Run()
    {
        while (!_isEnding)
        {
            bool pending;
            lock (_lock)
            {
                pending =
                    _links.Count > 0
                    || _withoutGateway.Count > 0
                    || _attachments is not null
                    || _host is not null
                    || _rules is not null;
                if (pending && DueLocked(_clock.GetTimestamp()) != ObservationScope.None)
                    _changed.TrySetResult();
            }
            try
            {
                _notifications.Wait(pending ? PollMilliseconds : -1, _handlers);
            }
            catch (NetlinkException failure)
            {
                // What is compared each minute is compared all the same.
                LogDeaf(failure);
                return;
            }
        }
    }

    private ObservationScope DueLocked(long now)
    {
        if (
            IsOver(_attachments, Patience)
            || _links.Values.Any(since => IsOver(since, LinkPatience))
            || _withoutGateway.Values.Any(since => IsOver(since, LinkPatience))
        )
            return ObservationScope.All;
        return IsOver(_host, Patience) || IsOver(_rules, RulesPatience) ? ObservationScope.Host : ObservationScope.None;

        bool IsOver(long? since, TimeSpan patience) =>
            since is { } began && _clock.GetElapsedTime(began, now) >= patience;
    }

    private void Suspect(ref long? since)
    {
        lock (_lock)
            since ??= _clock.GetTimestamp();
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The kernel's notifications can no longer be read; changes by others are seen once a minute"
    )]
    private partial void LogDeaf(Exception failure);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
