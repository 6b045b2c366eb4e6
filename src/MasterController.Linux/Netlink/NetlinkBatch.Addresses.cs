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

    /// <summary>
    /// <c>ip -6 address replace ADDRESS/128 dev INDEX nodad noprefixroute</c>: there at once, nobody is asked whether it is
    /// taken, and no route comes with it but that to the address itself.
    /// </summary>
    public void AddressReplace(int index, Ipv6Address address)
    {
        var writer = Begin(Rt.RTM_NEWADDR, Nl.Create | Nl.Replace);
        Ipv6Address(ref writer, index, address);
        writer.Attribute(Rt.IFA_FLAGS, Rt.IFA_F_NODAD | Rt.IFA_F_NOPREFIXROUTE);
        End(writer);
    }

    /// <summary><c>ip -6 address delete ADDRESS/128 dev INDEX</c></summary>
    public void AddressDelete(int index, Ipv6Address address)
    {
        var writer = Begin(Rt.RTM_DELADDR, 0);
        Ipv6Address(ref writer, index, address);
        End(writer);
    }

    /// <summary>Asks for one address of an interface; answered with one <see cref="Ipv6AddressEntry"/>, or EADDRNOTAVAIL.</summary>
    public void AddressGet(int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        var writer = Begin(Rt.RTM_GETADDR, 0);
        AddressBody(ref writer, Libc.AF_INET6, 0, index);
        writer.Attribute(Rt.IFA_ADDRESS, bytes);
        End(writer);
    }

    private static void Ipv6Address(ref NetlinkWriter writer, int index, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        AddressBody(ref writer, Libc.AF_INET6, 128, index);
        writer.Attribute(Rt.IFA_LOCAL, bytes);
        writer.Attribute(Rt.IFA_ADDRESS, bytes);
    }

    // struct ifaddrmsg
    private static void AddressBody(ref NetlinkWriter writer, byte family, int prefixLength, int index)
    {
        writer.Byte(family);
        writer.Byte((byte)prefixLength);
        writer.Byte(0);
        writer.Byte(Rt.RT_SCOPE_UNIVERSE);
        writer.UInt32((uint)index);
    }

    private void Address(ushort type, ushort flags, int index, Ipv4Address address, string label, int prefixLength)
    {
        var writer = Begin(type, flags);
        AddressBody(ref writer, Libc.AF_INET, prefixLength, index);
        writer.NetworkOrderAttribute(Rt.IFA_LOCAL, address.Value);
        writer.NetworkOrderAttribute(Rt.IFA_ADDRESS, address.Value);
        writer.Attribute(Rt.IFA_LABEL, label);
        End(writer);
    }
}
