using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

public sealed partial class NetlinkBatch
{
    /// <summary><c>ip address add ADDRESS/LENGTH dev INDEX label LABEL</c>; refused with EEXIST where it is there.</summary>
    /// <param name="label">The interface's name, or that with a colon and more: at most 15 bytes.</param>
    /// <param name="prefixLength">Of the network that the kernel makes a route for; with 32 it makes none.</param>
    public void AddressAdd(int index, Ipv4Address address, string label, int prefixLength = 32) =>
        Address(Rt.RTM_NEWADDR, Nl.Create | Nl.Exclusive, index, address, label, prefixLength);

    /// <summary><c>ip address delete ADDRESS/LENGTH dev INDEX label LABEL</c></summary>
    public void AddressDelete(int index, Ipv4Address address, string label, int prefixLength = 32) =>
        Address(Rt.RTM_DELADDR, 0, index, address, label, prefixLength);

    private void Address(ushort type, ushort flags, int index, Ipv4Address address, string label, int prefixLength)
    {
        var writer = Begin(type, flags);
        writer.Byte(Libc.AF_INET);
        writer.Byte((byte)prefixLength);
        writer.Byte(0);
        writer.Byte(Rt.RT_SCOPE_UNIVERSE);
        writer.UInt32((uint)index);
        writer.NetworkOrderAttribute(Rt.IFA_LOCAL, address.Value);
        writer.NetworkOrderAttribute(Rt.IFA_ADDRESS, address.Value);
        writer.Attribute(Rt.IFA_LABEL, label);
        End(writer);
    }
}
