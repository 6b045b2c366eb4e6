namespace MasterController.Linux.Addresses;

/// <summary>Interface identifiers that are made of MAC addresses (RFC 4291, appendix A).</summary>
public static class Eui64
{
    private const ulong UniversalBit = 1UL << 57;

    private const ulong MarkMask = 0xffffUL << 24;
    private const ulong Mark = 0xfffeUL << 24;

    /// <summary>The low 64 bits of the addresses that a guest makes for itself.</summary>
    public static ulong InterfaceId(MacAddress mac) =>
        (((mac.Value >> 24) << 40) | (0xfffeUL << 24) | (mac.Value & 0xff_ffff)) ^ UniversalBit;

    /// <summary>The MAC address that an identifier was made of; false where it was made otherwise.</summary>
    public static bool TryReadMac(ulong interfaceId, out MacAddress mac)
    {
        var plain = interfaceId ^ UniversalBit;
        mac = new MacAddress(((plain >> 40) << 24) | (plain & 0xff_ffff));
        return (plain & MarkMask) == Mark;
    }
}
