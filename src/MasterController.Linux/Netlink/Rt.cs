namespace MasterController.Linux.Netlink;

/// <summary>Constants of rtnetlink (linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h), named as in the headers.</summary>
internal static class Rt
{
    internal const ushort RTM_NEWLINK = 16;
    internal const ushort RTM_DELLINK = 17;
    internal const ushort RTM_GETLINK = 18;
    internal const ushort RTM_SETLINK = 19;
    internal const ushort RTM_NEWADDR = 20;
    internal const ushort RTM_DELADDR = 21;
    internal const ushort RTM_GETADDR = 22;
    internal const ushort RTM_NEWROUTE = 24;
    internal const ushort RTM_DELROUTE = 25;
    internal const ushort RTM_GETROUTE = 26;
    internal const ushort RTM_NEWNEIGH = 28;
    internal const ushort RTM_DELNEIGH = 29;
    internal const ushort RTM_GETNEIGH = 30;
    internal const ushort RTM_NEWNETCONF = 80;
    internal const ushort RTM_NEWSTATS = 92;
    internal const ushort RTM_GETSTATS = 94;

    internal const int RTNLGRP_LINK = 1;
    internal const int RTNLGRP_NEIGH = 3;
    internal const int RTNLGRP_IPV4_IFADDR = 5;
    internal const int RTNLGRP_IPV4_ROUTE = 7;
    internal const int RTNLGRP_IPV6_IFADDR = 9;
    internal const int RTNLGRP_IPV6_ROUTE = 11;
    internal const int RTNLGRP_IPV4_NETCONF = 24;
    internal const int RTNLGRP_IPV6_NETCONF = 25;

    internal const int LinkBody = 16; // struct ifinfomsg
    internal const int AddressBody = 8; // struct ifaddrmsg
    internal const int RouteBody = 12; // struct rtmsg
    internal const int NeighbourBody = 12; // struct ndmsg
    internal const int StatisticsBody = 12; // struct if_stats_msg
    internal const int NetconfBody = 4; // struct netconfmsg, padded

    internal const ushort IFLA_ADDRESS = 1;
    internal const ushort IFLA_IFNAME = 3;
    internal const ushort IFLA_MASTER = 10;
    internal const ushort IFLA_PROTINFO = 12;
    internal const ushort IFLA_LINKINFO = 18;
    internal const ushort IFLA_IFALIAS = 20;
    internal const ushort IFLA_AF_SPEC = 26;
    internal const ushort IFLA_GROUP = 27;
    internal const ushort IFLA_EXT_MASK = 29;
    internal const ushort IFLA_INFO_KIND = 1;
    internal const ushort IFLA_INFO_DATA = 2;
    internal const ushort IFLA_INFO_SLAVE_KIND = 4;
    internal const ushort IFLA_INFO_SLAVE_DATA = 5;
    internal const ushort IFLA_BR_MCAST_SNOOPING = 23;
    internal const ushort IFLA_BRPORT_LEARNING = 8;
    internal const ushort IFLA_BRPORT_UNICAST_FLOOD = 9;
    internal const ushort IFLA_BRPORT_ISOLATED = 33;
    internal const ushort IFLA_TUN_OWNER = 1;
    internal const ushort IFLA_TUN_TYPE = 3;
    internal const ushort IFLA_TUN_VNET_HDR = 5;
    internal const ushort IFLA_TUN_PERSIST = 6;
    internal const ushort IFLA_INET_CONF = 1;
    internal const ushort IFLA_INET6_CONF = 2;
    internal const ushort IFLA_INET6_ADDR_GEN_MODE = 8;
    internal const uint RTEXT_FILTER_SKIP_STATS = 8;

    internal const ushort IPV4_DEVCONF_FORWARDING = 1; // linux/ip.h
    internal const ushort IPV4_DEVCONF_PROXY_ARP = 3;
    internal const ushort IPV4_DEVCONF_RP_FILTER = 8;

    internal const int DEVCONF_ACCEPT_RA = 3; // linux/ipv6.h, from 0
    internal const int DEVCONF_PROXY_NDP = 22;
    internal const int DEVCONF_DISABLE_IPV6 = 26;
    internal const byte IN6_ADDR_GEN_MODE_NONE = 1;

    internal const uint IFF_UP = 1;

    internal const ushort IFLA_STATS_LINK_64 = 1;

    internal const ushort IFA_ADDRESS = 1;
    internal const ushort IFA_LOCAL = 2;
    internal const ushort IFA_LABEL = 3;
    internal const ushort IFA_FLAGS = 8;
    internal const uint IFA_F_NODAD = 0x02;
    internal const uint IFA_F_NOPREFIXROUTE = 0x200;

    internal const ushort RTA_DST = 1;
    internal const ushort RTA_OIF = 4;
    internal const ushort RTA_GATEWAY = 5;
    internal const ushort RTA_PRIORITY = 6;
    internal const ushort RTA_PREFSRC = 7;
    internal const ushort RTA_TABLE = 15;
    internal const uint RTM_F_LOOKUP_TABLE = 0x1000;
    internal const uint RTM_F_FIB_MATCH = 0x2000;
    internal const byte RT_TABLE_UNSPEC = 0;
    internal const byte RT_TABLE_MAIN = 254;
    internal const byte RT_SCOPE_UNIVERSE = 0;
    internal const byte RT_SCOPE_LINK = 253;
    internal const byte RTN_UNICAST = 1;
    internal const byte RTN_LOCAL = 2;
    internal const byte RTN_MULTICAST = 5;
    internal const byte RTN_UNREACHABLE = 7;

    internal const ushort NDA_DST = 1;
    internal const ushort NDA_LLADDR = 2;
    internal const ushort NDA_IFINDEX = 8;
    internal const ushort NDA_MASTER = 9;
    internal const ushort NDA_PROTOCOL = 12;
    internal const ushort NUD_NOARP = 0x40;
    internal const ushort NUD_PERMANENT = 0x80;
    internal const byte NTF_MASTER = 4;
    internal const byte NTF_PROXY = 8;

    internal const ushort NETCONFA_IFINDEX = 1; // linux/netconf.h
}
