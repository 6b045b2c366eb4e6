using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Traffic;

/// <summary>
/// Reads the counters of all TAPs in one dump, beside the network thread. The dump tells interfaces by their numbers only;
/// which address each belongs to is asked once for each and remembered.
/// </summary>
internal sealed class TrafficReader(NetlinkSocket socket) : IDisposable
{
    private const int AskedAtOnce = 1024;

    private readonly Lock _lock = new();

    // Null: an interface that is none of ours.
    private Dictionary<int, Ipv4Address?> _addresses = [];

    /// <summary>Of every TAP of ours.</summary>
    internal IReadOnlyDictionary<Ipv4Address, GuestTraffic> ReadAll()
    {
        lock (_lock)
        {
            var counters = new List<LinkTraffic>(_addresses.Count);
            socket.DumpTraffic(counters.Add);
            LearnLocked([.. counters.Select(link => link.Index).Where(index => !_addresses.ContainsKey(index))]);
            var present = new Dictionary<int, Ipv4Address?>(counters.Count);
            var traffic = new Dictionary<Ipv4Address, GuestTraffic>(counters.Count);
            foreach (var link in counters)
                if (_addresses.TryGetValue(link.Index, out var known))
                {
                    present[link.Index] = known;
                    if (known is { } address)
                        traffic[address] = GuestTraffic.Of(link);
                }
            _addresses = present;
            return traffic;
        }
    }

    /// <summary>Null where the VM has no TAP.</summary>
    internal GuestTraffic? Read(Attachment attachment)
    {
        lock (_lock)
            return
                socket.FindLink(attachment.TapName) is { } link
                && AttachmentSetup.IsOurs(link)
                && socket.FindTraffic(link.Index) is { } traffic
                ? GuestTraffic.Of(traffic)
                : null;
    }

    public void Dispose() => socket.Dispose();

    private void LearnLocked(int[] indexes)
    {
        var batch = new NetlinkBatch();
        foreach (var some in indexes.Chunk(AskedAtOnce))
        {
            batch.Clear();
            foreach (var index in some)
                batch.LinkGet(index);
            var links = socket.GetLinks(batch);
            for (var i = 0; i < some.Length; i++)
                if (links[i] is not { } link)
                    continue;
                else if (!HostNetworkMarks.TryReadTapName(link.Name, out var address))
                    _addresses[some[i]] = null;
                // One that is just being made has no mark yet and is asked for again.
                else if (AttachmentSetup.IsOurs(link))
                    _addresses[some[i]] = address;
        }
    }
}
