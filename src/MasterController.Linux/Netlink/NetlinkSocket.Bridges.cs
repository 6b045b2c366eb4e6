namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkSocket
{
    /// <summary><c>bridge fdb show br BRIDGE</c>, without the entries that are not the bridge's.</summary>
    public bool DumpForwarding(int bridge, Action<ForwardingEntry> visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETNEIGH, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(Libc.AF_BRIDGE);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32(0);
        writer.UInt32(0);
        writer.Attribute(Rt.NDA_MASTER, (uint)bridge);
        writer.EndMessage();
        return Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWNEIGH && ForwardingEntry.Read(message) is { } entry)
                    visit(entry);
            }
        );
    }
}
