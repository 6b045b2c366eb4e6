using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Makes and removes the kernel objects of attachments, many at a time. Never lists or scans: the price of one does not
/// depend on how many there are.
/// </summary>
/// <param name="networks">Those of the pools, for guests of the bridge.</param>
/// <param name="uplink">Where dedicated addresses are asked for.</param>
internal sealed class AttachmentSetup(
    HostNetworkKernel kernel,
    IReadOnlyList<PoolNetwork> networks,
    DedicatedUplink uplink
)
{
    // What each attachment asks of netlink, in this order: settings go first so that no link is ever up without them.
    private const string SettingsRequest = "settings";
    private static readonly string[] Requests = ["link up", "route", "neighbour"];

    /// <summary>Of every interface that leads to guests; the bridge has them too.</summary>
    internal static readonly LinkSettings Settings = new(Forwarding: true, ProxyArp: true, ReversePathFilter: 1);

    private readonly NetlinkBatch _batch = new();

    /// <summary>
    /// Makes attachments, or completes those that are there in part:
    /// 1. create the TAP, not yet persistent, or open what is there and correct it; one with IPv6 is marked and let go of;
    /// 2. mark and configure it, bring it up, add route and neighbour, or plug it into the bridge; what dedicated addresses
    ///    need comes last;
    /// 3. make it persistent, so that only a complete one outlives this process, or delete what was let go of in vain.
    /// </summary>
    /// <param name="attachments">Of different addresses.</param>
    /// <param name="fallbackSource">The routes' preferred source where an attachment has no gateway.</param>
    /// <returns>Each one's failure, or null.</returns>
    internal HostNetworkException?[] Attach(IReadOnlyList<Attachment> attachments, Ipv4Address? fallbackSource)
    {
        var work = new Work[attachments.Count];
        try
        {
            for (var i = 0; i < work.Length; i++)
                work[i] = Create(attachments[i]);
            Adopt(work);
            LetGo([.. work.Where(item => item is { NewTap: not null, Attachment.RoutedIpv6: not null })]);
            Configure(work, fallbackSource);
            foreach (var item in work)
                if (!item.IsLetGo)
                    Persist(item);
            DeleteLinks([
                .. work.Where(item => item is { IsLetGo: true, Failure: not null })
                    .Select(item => (item.Index, item.Attachment.Address)),
            ]);
            return Array.ConvertAll(work, item => item.Failure);
        }
        finally
        {
            foreach (var item in work)
                item?.NewTap?.Dispose();
        }
    }

    /// <summary>
    /// Deletes the TAPs of attachments, with which routes and neighbours go, after what of theirs is elsewhere; what is not
    /// ours stays.
    /// </summary>
    internal HostNetworkException?[] Detach(
        IReadOnlyList<Attachment> attachments,
        DedicatedSetup.IsOfAnother isOfAnother
    )
    {
        var failures = new DedicatedSetup(kernel, uplink, fallbackSource: null).Remove(attachments, isOfAnother);
        Unplug(attachments, failures);
        var links = FindLinks(attachments);
        var found = new List<(int Index, Ipv4Address Address)>(links.Length);
        var owners = new List<int>(links.Length);
        for (var i = 0; i < links.Length; i++)
            if (links[i] is { } link && IsOurs(link))
            {
                found.Add((link.Index, attachments[i].Address));
                owners.Add(i);
            }
        var errors = DeleteLinks(found);
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { } error)
                failures[owners[i]] = new HostNetworkException(
                    $"TAP {attachments[owners[i]].TapName} could not be deleted: {error}"
                );
        return failures;
    }

    /// <summary>Deletes links of ours; one that is gone already counts as deleted.</summary>
    internal NetlinkError?[] DeleteLinks(IReadOnlyList<(int Index, Ipv4Address Address)> links)
    {
        _batch.Clear();
        // A link that takes routes with it makes the kernel search all of them (fib_table_flush).
        foreach (var (index, address) in links)
            _batch.RouteDelete(new Ipv4Network(address, 32), index, HostNetworkMarks.RouteProtocol);
        if (links.Count <= 1)
        {
            foreach (var (index, _) in links)
                _batch.LinkDelete(index);
            return Array.ConvertAll(kernel.Netlink.Execute(_batch)[links.Count..], IgnoreMissing);
        }
        // Each deletion makes the kernel wait for all processors (synchronize_net, rcu_barrier), a whole group's only once.
        // Not down before: that would be a wait for each again. The firewall drops what the dying group still sends.
        foreach (var (index, _) in links)
            _batch.LinkGroup(index, HostNetworkMarks.DyingLinkGroup);
        _batch.LinkDeleteGroup(HostNetworkMarks.DyingLinkGroup);
        var errors = kernel.Netlink.Execute(_batch);
        var result = new NetlinkError?[links.Count];
        for (var i = 0; i < result.Length; i++)
            result[i] = IgnoreMissing(errors[links.Count + i]) ?? IgnoreMissing(errors[^1]);
        return result;
    }

    // Of the dying group where this process ended in the middle of a deletion.
    internal static bool IsOurs(LinkEntry link) =>
        link is { Tap: not null, Group: HostNetworkMarks.LinkGroup or HostNetworkMarks.DyingLinkGroup };

    /// <summary>
    /// As <see cref="IsOurs(LinkEntry)"/>; also where somebody took our group from a TAP that is an attachment's in all
    /// else. The firewall knows guests by the group, so it has to get it back.
    /// </summary>
    internal static bool IsOurs(LinkEntry link, Attachment attachment) =>
        IsOurs(link)
        || (
            link is { Tap: { VnetHeader: true } tap }
            && tap.OwnerUid == attachment.OwnerUid
            && link.Mac == HostNetworkMarks.RouterMac
        );

    private static NetlinkError? IgnoreMissing(NetlinkError? error) =>
        error is { Code: NetlinkError.NoSuchDevice } ? null : error;

    private static Work Create(Attachment attachment)
    {
        try
        {
            return new Work(attachment) { NewTap = Tap.TryCreate(attachment.TapName, attachment.OwnerUid) };
        }
        catch (TapException exception)
        {
            return new Work(attachment) { Failure = Failed(attachment, exception.Message, exception) };
        }
    }

    private void Adopt(Work[] work)
    {
        var existing = work.Where(item => item is { NewTap: null, Failure: null }).ToArray();
        if (existing.Length == 0)
            return;
        var links = FindLinks(Array.ConvertAll(existing, item => item.Attachment));
        _batch.Clear();
        for (var i = 0; i < existing.Length; i++)
        {
            var (item, attachment) = (existing[i], existing[i].Attachment);
            if (links[i] is not { } link)
                item.Failure = Failed(attachment, $"interface {attachment.TapName} went away meanwhile");
            else if (!IsOurs(link, attachment))
                item.Failure = Failed(
                    attachment,
                    $"an interface {attachment.TapName} is there that is not ours (no TAP of group {HostNetworkMarks.LinkGroup})"
                );
            else
            {
                item.Index = Correct(item, link);
                if (link.Master != 0 && attachment.Mode == NetworkMode.Routed)
                    _batch.LinkMaster(link.Index, bridge: 0);
            }
        }
        if (_batch.Count > 0)
            kernel.Netlink.ExecuteAll("A TAP could not be taken out of a bridge", _batch);
    }

    /// <summary>
    /// When an interface with IPv6 is up, the kernel walks all IPv6 routes each time that it gets or loses its carrier, or is
    /// made persistent (rt6_sync_up and rt6_sync_down_dev, from addrconf_notify). So these are done before it is up, with our
    /// mark, by which one is found that a crash leaves.
    /// </summary>
    private void LetGo(Work[] made)
    {
        if (made.Length == 0)
            return;
        _batch.Clear();
        foreach (var item in made)
        {
            item.Index = Tap.IndexOf(kernel.Control, item.Attachment.TapName);
            AskForSettings(item);
        }
        var errors = kernel.Netlink.Execute(_batch);
        for (var i = 0; i < made.Length; i++)
        {
            if (errors[i] is { } error)
                made[i].Failure = Failed(
                    made[i].Attachment,
                    $"{SettingsRequest} of {made[i].Attachment.TapName}: {error}"
                );
            Persist(made[i]);
            if (made[i].Failure is not null)
                continue;
            made[i].NewTap!.Dispose();
            made[i].IsLetGo = true;
        }
    }

    private static int Correct(Work item, LinkEntry link)
    {
        var wanted = item.Attachment;
        if (link.Tap is { VnetHeader: true, Persistent: true } tap && tap.OwnerUid == wanted.OwnerUid)
            return link.Index;
        try
        {
            using var opened = Tap.Open(wanted.TapName);
            Tap.SetOwner(opened, wanted.TapName, wanted.OwnerUid);
        }
        catch (TapException exception)
        {
            item.Failure = Failed(wanted, exception.Message, exception);
        }
        return link.Index;
    }

    private LinkEntry?[] FindLinks(IReadOnlyList<Attachment> attachments)
    {
        _batch.Clear();
        foreach (var attachment in attachments)
            _batch.LinkGet(attachment.TapName);
        return kernel.Netlink.GetLinks(_batch);
    }

    private void Configure(Work[] work, Ipv4Address? fallbackSource)
    {
        _batch.Clear();
        var asked = new List<(Work Item, string What)>(work.Length * (1 + Requests.Length));
        var ports = new List<Work>();
        var dedicated = new DedicatedSetup(kernel, uplink, fallbackSource);
        foreach (var item in work)
        {
            if (item.Failure is null)
                SetThroughProc(item);
            if (item.Failure is not null)
                continue;
            var attachment = item.Attachment;
            if (item is { NewTap: not null, Index: 0 })
                item.Index = Tap.IndexOf(kernel.Control, attachment.TapName);
            if (attachment.Mode == NetworkMode.Bridge)
                ports.Add(item);
            else
            {
                if (!item.IsLetGo)
                {
                    AskForSettings(item);
                    asked.Add((item, SettingsRequest));
                }
                _batch.LinkUp(item.Index);
                _batch.RouteReplace(
                    new Ipv4Network(attachment.Address, 32),
                    item.Index,
                    attachment.Gateway ?? fallbackSource,
                    HostNetworkMarks.RouteProtocol
                );
                _batch.NeighbourReplace(item.Index, attachment.Address, attachment.Mac);
                foreach (var request in Requests)
                    asked.Add((item, request));
            }
            foreach (var words in dedicated.Add(_batch, attachment, item.Index))
                asked.Add((item, words));
        }
        var errors = kernel.Netlink.Execute(_batch);
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { } error)
                asked[i].Item.Failure ??= Failed(
                    asked[i].Item.Attachment,
                    $"{asked[i].What} of {asked[i].Item.Attachment.TapName}: {error}"
                );
        PlugIn([.. ports.Where(port => port.Failure is null)]);
    }

    private void AskForSettings(Work item) =>
        _batch.LinkConfigure(item.Index, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup, Settings);

    private void PlugIn(List<Work> ports)
    {
        var failures = new BridgePorts(kernel, networks).Connect(
            ports.ConvertAll(item => (item.Attachment, item.Index))
        );
        for (var i = 0; i < failures.Length; i++)
            if (failures[i] is { } why)
                ports[i].Failure = Failed(ports[i].Attachment, why);
    }

    private void Unplug(IReadOnlyList<Attachment> attachments, HostNetworkException?[] failures)
    {
        try
        {
            new BridgePorts(kernel, networks).Disconnect([
                .. attachments.Where(attachment => attachment.Mode == NetworkMode.Bridge),
            ]);
        }
        catch (NftablesException refused)
        {
            for (var i = 0; i < failures.Length; i++)
                if (attachments[i].Mode == NetworkMode.Bridge)
                    failures[i] = new HostNetworkException(
                        $"{attachments[i].Address} is let through still: {refused.Message}",
                        refused
                    );
        }
    }

    private static void Persist(Work item)
    {
        if (item is not { NewTap: { } tap, Failure: null })
            return;
        var name = item.Attachment.TapName;
        try
        {
            Tap.MakePersistent(tap, name);
        }
        catch (TapException exception)
        {
            item.Failure = Failed(item.Attachment, exception.Message, exception);
        }
    }

    /// <summary>
    /// What netlink cannot set, or only by a walk over all interfaces: IPv6; and no delay before answers to ARP for other
    /// hosts' addresses, by default up to 0.8 s at random (arp(7), proxy_delay).
    /// </summary>
    /// <exception cref="IOException">There is no such interface, or /proc is read-only.</exception>
    internal static void SetThroughProc(HostNetworkKernel kernel, string name, bool ipv6 = false)
    {
        DedicatedSetup.SetIpv6(kernel, name, ipv6);
        Sysctl.Write($"net/ipv4/neigh/{name}/proxy_delay", 0);
    }

    private void SetThroughProc(Work item)
    {
        try
        {
            SetThroughProc(kernel, item.Attachment.TapName, ipv6: item.Attachment.RoutedIpv6 is not null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            item.Failure = Failed(item.Attachment, exception.Message, exception);
        }
    }

    private static HostNetworkException Failed(Attachment attachment, string why, Exception? inner = null) =>
        new($"{attachment.Address} could not be attached: {why}", inner);

    private sealed class Work(Attachment attachment)
    {
        internal Attachment Attachment { get; } = attachment;

        internal SafeFileHandle? NewTap { get; init; }

        internal int Index { get; set; }

        /// <summary>Persistent, and no longer open.</summary>
        internal bool IsLetGo { get; set; }

        internal HostNetworkException? Failure { get; set; }
    }
}
