namespace MasterController.Linux.Addresses;

/// <summary>Interface identifiers that are made of MAC addresses (RFC 4291, appendix A).</summary>
public static class Eui64
{
    private const ulong UniversalBit = 1UL << 57;

    /// <summary>The low 64 bits of the addresses that a guest makes for itself.</summary>
    public static ulong InterfaceId(MacAddress mac) =>
        (((mac.Value >> 24) << 40) | (0xfffeUL << 24) | (mac.Value & 0xff_ffff)) ^ UniversalBit;
}
