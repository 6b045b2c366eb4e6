namespace MasterController.Linux.Netfilter;

/// <summary>Constants of connection tracking (linux/netfilter/nfnetlink_conntrack.h), named as in the header.</summary>
internal static class Ct
{
    private const ushort NFNL_SUBSYS_CTNETLINK = 1;

    internal const ushort IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK << 8;
    internal const ushort IPCTNL_MSG_CT_GET = (NFNL_SUBSYS_CTNETLINK << 8) | 1;
    internal const ushort IPCTNL_MSG_CT_DELETE = (NFNL_SUBSYS_CTNETLINK << 8) | 2;
    internal const ushort IPCTNL_MSG_CT_GET_STATS = (NFNL_SUBSYS_CTNETLINK << 8) | 5;

    internal const ushort CTA_STATS_GLOBAL_ENTRIES = 1;

    internal const ushort CTA_TUPLE_ORIG = 1;
    internal const ushort CTA_TUPLE_REPLY = 2;
    internal const ushort CTA_ID = 12;
    internal const ushort CTA_ZONE = 18;
    internal const ushort CTA_FILTER = 25;

    internal const ushort CTA_TUPLE_IP = 1;
    internal const ushort CTA_TUPLE_PROTO = 2;
    internal const ushort CTA_IP_V4_SRC = 1;
    internal const ushort CTA_IP_V4_DST = 2;
    internal const ushort CTA_IP_V6_SRC = 3;
    internal const ushort CTA_IP_V6_DST = 4;
    internal const ushort CTA_PROTO_NUM = 1;
    internal const ushort CTA_PROTO_SRC_PORT = 2;
    internal const ushort CTA_PROTO_DST_PORT = 3;

    internal const ushort CTA_FILTER_ORIG_FLAGS = 1;
    internal const ushort CTA_FILTER_REPLY_FLAGS = 2;
    internal const uint CTA_FILTER_F_CTA_IP_SRC = 1;
}
