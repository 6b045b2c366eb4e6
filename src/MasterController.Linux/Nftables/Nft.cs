namespace MasterController.Linux.Nftables;

/// <summary>Constants of nfnetlink and nf_tables (linux/netfilter/nfnetlink.h, nf_tables.h), named as in the headers.</summary>
internal static class Nft
{
    internal const ushort NFNL_MSG_BATCH_BEGIN = 0x10;
    internal const ushort NFNL_MSG_BATCH_END = 0x11;
    internal const ushort NFNL_SUBSYS_NFTABLES = 10;

    // The subsystem is the upper byte of a message's type.
    internal const ushort NFT_MSG_NEWCHAIN = (NFNL_SUBSYS_NFTABLES << 8) | 3;
    internal const ushort NFT_MSG_GETCHAIN = (NFNL_SUBSYS_NFTABLES << 8) | 4;
    internal const ushort NFT_MSG_NEWRULE = (NFNL_SUBSYS_NFTABLES << 8) | 6;
    internal const ushort NFT_MSG_GETRULE = (NFNL_SUBSYS_NFTABLES << 8) | 7;
    internal const ushort NFT_MSG_NEWSET = (NFNL_SUBSYS_NFTABLES << 8) | 9;
    internal const ushort NFT_MSG_GETSET = (NFNL_SUBSYS_NFTABLES << 8) | 10;
    internal const ushort NFT_MSG_NEWSETELEM = (NFNL_SUBSYS_NFTABLES << 8) | 12;
    internal const ushort NFT_MSG_GETSETELEM = (NFNL_SUBSYS_NFTABLES << 8) | 13;
    internal const ushort NFT_MSG_DELSETELEM = (NFNL_SUBSYS_NFTABLES << 8) | 14;

    internal const ushort NFT_MSG_NEWGEN = (NFNL_SUBSYS_NFTABLES << 8) | 15;

    internal const int NFNLGRP_NFTABLES = 7;

    internal const ushort NFTA_CHAIN_TABLE = 1;
    internal const ushort NFTA_CHAIN_NAME = 3;
    internal const ushort NFTA_CHAIN_HOOK = 4;
    internal const ushort NFTA_CHAIN_POLICY = 5;
    internal const ushort NFTA_CHAIN_TYPE = 7;
    internal const ushort NFTA_HOOK_HOOKNUM = 1;
    internal const uint NF_INET_POST_ROUTING = 4; // linux/netfilter.h

    internal const ushort NFTA_RULE_TABLE = 1;
    internal const ushort NFTA_RULE_CHAIN = 2;
    internal const ushort NFTA_RULE_HANDLE = 3;
    internal const ushort NFTA_RULE_EXPRESSIONS = 4;
    internal const ushort NFTA_RULE_POSITION = 6;
    internal const ushort NFTA_RULE_USERDATA = 7;

    internal const ushort NFTA_GEN_PROC_PID = 2;
    internal const ushort NFTA_GEN_PROC_NAME = 3;
    internal const byte NFTNL_UDATA_RULE_COMMENT = 0; // libnftnl/udata.h

    internal const ushort NFTA_SET_TABLE = 1;
    internal const ushort NFTA_SET_NAME = 2;
    internal const ushort NFTA_SET_FLAGS = 3;
    internal const ushort NFTA_SET_KEY_TYPE = 4;
    internal const ushort NFTA_SET_DATA_TYPE = 6;

    internal const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    internal const ushort NFTA_SET_ELEM_LIST_SET = 2;
    internal const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    internal const ushort NFTA_SET_ELEM_KEY = 1;
    internal const ushort NFTA_SET_ELEM_DATA = 2;
    internal const ushort NFTA_SET_ELEM_FLAGS = 3;
    internal const ushort NFTA_SET_ELEM_EXPR = 7;

    internal const ushort NFTA_LIMIT_RATE = 1;
    internal const ushort NFTA_LIMIT_UNIT = 2;
    internal const ushort NFTA_LIMIT_BURST = 3;
    internal const ushort NFTA_LIMIT_TYPE = 4;
    internal const ushort NFTA_LIMIT_FLAGS = 5;
    internal const uint NFT_LIMIT_PKT_BYTES = 1;
    internal const uint NFT_LIMIT_F_INV = 1;

    internal const ushort NFTA_LIST_ELEM = 1;
    internal const ushort NFTA_EXPR_NAME = 1;
    internal const ushort NFTA_EXPR_DATA = 2;
    internal const ushort NFTA_DATA_VALUE = 1;
    internal const ushort NFTA_DATA_VERDICT = 2;
    internal const ushort NFTA_VERDICT_CHAIN = 2;

    internal const ushort NFTA_META_KEY = 2;
    internal const uint NFT_META_OIFNAME = 7;
    internal const uint NFT_META_NFPROTO = 15;

    internal const ushort NFTA_PAYLOAD_BASE = 2;
    internal const ushort NFTA_PAYLOAD_OFFSET = 3;
    internal const ushort NFTA_PAYLOAD_LEN = 4;
    internal const uint NFT_PAYLOAD_NETWORK_HEADER = 1;

    internal const ushort NFTA_BITWISE_MASK = 4;
    internal const ushort NFTA_BITWISE_XOR = 5;

    internal const ushort NFTA_CMP_OP = 2;
    internal const ushort NFTA_CMP_DATA = 3;
    internal const uint NFT_CMP_EQ = 0;
    internal const uint NFT_CMP_NEQ = 1;

    internal const ushort NFTA_MASQ_FLAGS = 1;
    internal const ushort NFTA_MASQ_REG_PROTO_MIN = 2;
    internal const ushort NFTA_NAT_TYPE = 1;
    internal const uint NFT_NAT_SNAT = 0;

    internal const ushort NFTA_XT_NAME = 1; // NFTA_MATCH_NAME and NFTA_TARGET_NAME
    internal const ushort NFTA_XT_INFO = 3; // NFTA_MATCH_INFO and NFTA_TARGET_INFO

    // linux/netfilter/nf_nat.h
    internal const uint NF_NAT_RANGE_PROTO_RANDOM = 4;
    internal const uint NF_NAT_RANGE_PERSISTENT = 8;
    internal const uint NF_NAT_RANGE_PROTO_RANDOM_FULLY = 16;
}
