using System.Runtime.InteropServices;

namespace MasterController.Linux.Netlink;

/// <summary>What an interface has carried, as the host counts it, since it was made.</summary>
/// <param name="Received">From the other side: of a TAP what its guest has sent.</param>
/// <param name="Sent">To the other side: of a TAP what its guest was given.</param>
public readonly record struct LinkTraffic(int Index, LinkCounters Received, LinkCounters Sent);

/// <param name="Dropped">Packets that the interface could not take or hand over.</param>
public readonly record struct LinkCounters(long Packets, long Bytes, long Dropped)
{
    public static LinkCounters operator +(LinkCounters a, LinkCounters b) =>
        new(a.Packets + b.Packets, a.Bytes + b.Bytes, a.Dropped + b.Dropped);
}

public sealed partial class NetlinkSocket
{
    /// <summary><c>ip -s link show</c>, of every interface and with nothing but the counters.</summary>
    public void DumpTraffic(Action<LinkTraffic> visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETSTATS, Nl.Request | Nl.Dump, ++_sequence);
        NetlinkBatch.StatisticsBody(ref writer, 0);
        writer.EndMessage();
        Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWSTATS)
                    visit(ReadTraffic(message));
            }
        );
    }

    /// <summary>The answer to one <c>LinkTrafficGet</c>; null where there is no such interface.</summary>
    /// <exception cref="NetlinkException">Refused for another reason.</exception>
    public LinkTraffic? FindTraffic(int index)
    {
        var batch = new NetlinkBatch();
        batch.LinkTrafficGet(index);
        LinkTraffic? traffic = null;
        var error = Execute(batch, (_, message) => traffic = ReadTraffic(message))[0];
        return error is { IsMissing: false }
            ? throw new NetlinkException("The counters of an interface could not be read", error)
            : traffic;
    }

    // struct rtnl_link_stats64 (linux/if_link.h): packets, bytes, errors, dropped, received before sent.
    private static LinkTraffic ReadTraffic(NetlinkMessage message)
    {
        var index = MemoryMarshal.Read<int>(message.Payload[4..]);
        var attributes = message.Attributes(Rt.StatisticsBody);
        while (attributes.TryRead())
            if (attributes.Type == Rt.IFLA_STATS_LINK_64 && attributes.Value.Length >= 8 * sizeof(long))
            {
                // Attributes begin at multiples of four.
                Span<long> counters = stackalloc long[8];
                attributes.Value[..(8 * sizeof(long))].CopyTo(MemoryMarshal.AsBytes(counters));
                return new LinkTraffic(
                    index,
                    new LinkCounters(counters[0], counters[2], counters[6]),
                    new LinkCounters(counters[1], counters[3], counters[7])
                );
            }
        return new LinkTraffic(index, default, default);
    }
}
