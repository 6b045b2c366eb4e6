using MasterController.Linux.Netfilter;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary><c>conntrack -C</c></summary>
    internal void ConntrackCount()
    {
        var writer = Begin(Ct.IPCTNL_MSG_CT_GET_STATS, 0);
        NfNetlink.Body(ref writer, NfNetlink.NFPROTO_UNSPEC);
        End(writer);
    }

    /// <summary><c>conntrack -D</c> of one connection, told by attributes that the kernel gave for it.</summary>
    /// <param name="family">A number of NFPROTO_*.</param>
    /// <param name="id">So that one which began anew with the same ends is not meant.</param>
    /// <param name="zone">Empty for the default one.</param>
    internal void ConntrackDelete(
        byte family,
        scoped ReadOnlySpan<byte> originalTuple,
        scoped ReadOnlySpan<byte> id,
        scoped ReadOnlySpan<byte> zone
    )
    {
        var writer = Begin(Ct.IPCTNL_MSG_CT_DELETE, 0);
        NfNetlink.Body(ref writer, family);
        writer.Attribute(Nl.Nested | Ct.CTA_TUPLE_ORIG, originalTuple);
        writer.Attribute(Ct.CTA_ID, id);
        if (!zone.IsEmpty)
            writer.Attribute(Ct.CTA_ZONE, zone);
        End(writer);
    }
}
