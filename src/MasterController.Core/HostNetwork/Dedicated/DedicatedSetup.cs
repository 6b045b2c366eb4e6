using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// Makes, changes and removes what attachments have for dedicated addresses, many at a time. Lists nothing: the price of
/// one does not depend on how many there are. For one batch of work: it looks interfaces up once.
/// </summary>
internal sealed class DedicatedSetup(HostNetworkKernel kernel, DedicatedUplink uplink, Ipv4Address? fallbackSource)
{
    /// <summary>Whether an entry that was the guest's at an address is another's by now: it stays where both share a link.</summary>
    internal delegate bool IsOfAnother(DedicatedEntry entry, Ipv4Address guest);

    private readonly NetlinkBatch _batch = new();
    private readonly Dictionary<string, int?> _links = [];

    /// <summary>
    /// IPv6 on a TAP, or off it: before the link is up, since every interface with IPv6 has a multicast route in one list of
    /// the kernel, which it walks for each interface that comes or goes. One that is switched on makes no address by itself,
    /// which would have a route for a prefix that leads to all such links, and heeds no guest's advertisements.
    /// </summary>
    /// <exception cref="IOException">There is no such interface, IPv6 is off altogether, or /proc is read-only.</exception>
    internal static void SetIpv6(HostNetworkKernel kernel, string link, bool on)
    {
        if (!on && !kernel.HasIpv6)
            return;
        var settings = $"net/ipv6/conf/{link}";
        if (on)
        {
            Sysctl.Write($"{settings}/addr_gen_mode", LinkEntry.NoAddressGeneration);
            Sysctl.Write($"{settings}/accept_ra", 0);
        }
        Sysctl.Write($"{settings}/disable_ipv6", on ? 0 : 1);
    }

    /// <summary>Adds the requests for one attachment; gives the words for each, in their order.</summary>
    /// <param name="tap">Where its TAP is.</param>
    internal IEnumerable<string> Add(NetlinkBatch batch, Attachment attachment, int tap)
    {
        foreach (var entry in DedicatedEntry.Of(attachment, uplink))
            // An uplink that is not there yet gets its proxies when it comes: they are then found missing.
            if (IndexFor(entry, attachment, tap) is { } index)
            {
                entry.Add(batch, index, attachment, fallbackSource);
                yield return entry.Words;
            }
    }

    /// <summary>
    /// Changes attachments that there are:
    /// 1. find their TAPs, and switch IPv6 on where it is new;
    /// 2. make what is new or wrong, then remove what is no longer to be;
    /// 3. switch IPv6 off where it is gone.
    /// </summary>
    /// <returns>Each one's failure, or null.</returns>
    internal HostNetworkException?[] Change(
        IReadOnlyList<(Attachment Before, Attachment After)> changes,
        IsOfAnother isOfAnother
    )
    {
        var failures = new HostNetworkException?[changes.Count];

        // 1
        _batch.Clear();
        foreach (var (_, after) in changes)
            _batch.LinkGet(after.TapName);
        var links = kernel.Netlink.GetLinks(_batch);
        for (var i = 0; i < failures.Length; i++)
            if (IsThere(i) && changes[i].After.RoutedIpv6 is not null)
                failures[i] = Switch(changes[i].After, on: true);

        // 2
        _batch.Clear();
        var asked = new List<(int Change, string Words, bool Removes)>();
        for (var i = 0; i < failures.Length; i++)
        {
            if (!IsThere(i))
                continue;
            var ((before, after), tap) = (changes[i], links[i]!.Value.Index);
            foreach (var words in Add(_batch, after, tap))
                asked.Add((i, words, Removes: false));
            foreach (var entry in DedicatedEntry.Of(before, uplink).Except(DedicatedEntry.Of(after, uplink)).Reverse())
                if (IndexFor(entry, before, tap) is { } index && (index == tap || !isOfAnother(entry, before.Address)))
                {
                    entry.Remove(_batch, index);
                    asked.Add((i, entry.Words, Removes: true));
                }
        }
        var errors = kernel.Netlink.Execute(_batch);
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { } error && !(asked[i].Removes && error.IsMissing))
                failures[asked[i].Change] ??= Failed(changes[asked[i].Change].After, $"{asked[i].Words}: {error}");

        // 3
        for (var i = 0; i < failures.Length; i++)
            if (IsThere(i) && changes[i] is { Before.RoutedIpv6: not null, After.RoutedIpv6: null })
                failures[i] = Switch(changes[i].After, on: false);
        return failures;

        // One that somebody deleted is made again as a whole.
        bool IsThere(int i) =>
            failures[i] is null && links[i] is { } link && AttachmentSetup.IsOurs(link, changes[i].After);
    }

    /// <summary>Removes what does not go with a TAP, and routes whose removal by the kernel would be a search of all.</summary>
    /// <returns>Each one's failure, or null.</returns>
    internal HostNetworkException?[] Remove(IReadOnlyList<Attachment> attachments, IsOfAnother isOfAnother)
    {
        var failures = new HostNetworkException?[attachments.Count];
        var asked = new List<(int Attachment, string Words)>();
        _batch.Clear();
        for (var i = 0; i < failures.Length; i++)
            foreach (var entry in DedicatedEntry.Of(attachments[i], uplink))
                if (
                    (entry.IsProxy || entry.Part == DedicatedParts.PublicRoute)
                    && entry.LinkOf(attachments[i], uplink) is { } link
                    && (link == attachments[i].TapName || !isOfAnother(entry, attachments[i].Address))
                    && IndexOf(link) is { } index
                )
                {
                    entry.Remove(_batch, index);
                    asked.Add((i, entry.Words));
                }
        if (asked.Count == 0)
            return failures;
        var errors = kernel.Netlink.Execute(_batch);
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { IsMissing: false } error)
                failures[asked[i].Attachment] ??= Failed(
                    attachments[asked[i].Attachment],
                    $"{asked[i].Words}: {error}"
                );
        return failures;
    }

    private int? IndexFor(DedicatedEntry entry, Attachment attachment, int tap) =>
        entry.LinkOf(attachment, uplink) is not { } link ? null
        : link == attachment.TapName ? tap
        : IndexOf(link);

    private int? IndexOf(string link) =>
        _links.TryGetValue(link, out var known)
            ? known
            : _links[link] =
                link == GuestBridge.Name
                    ? GuestBridge.FindOurs(kernel.Netlink)?.Index
                    : kernel.Netlink.FindLink(link)?.Index;

    private HostNetworkException? Switch(Attachment attachment, bool on)
    {
        try
        {
            SetIpv6(kernel, attachment.TapName, on);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return Failed(attachment, refused.Message, refused);
        }
    }

    private static HostNetworkException Failed(Attachment attachment, string why, Exception? inner = null) =>
        new($"The dedicated addresses of {attachment.Address} could not be changed: {why}", inner);
}
