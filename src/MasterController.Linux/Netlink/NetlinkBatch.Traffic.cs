namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary><c>ip -s link show</c> of the interface with this index, nothing but the counters.</summary>
    public void LinkTrafficGet(int index)
    {
        var writer = Begin(Rt.RTM_GETSTATS, 0);
        StatisticsBody(ref writer, index);
        End(writer);
    }

    // struct if_stats_msg
    internal static void StatisticsBody(ref NetlinkWriter writer, int index)
    {
        writer.Byte(Libc.AF_UNSPEC);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.UInt32(1u << (Rt.IFLA_STATS_LINK_64 - 1)); // IFLA_STATS_FILTER_BIT
    }
}
