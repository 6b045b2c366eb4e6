using System.Globalization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// How our objects are told from others'. A TAP is ours when it is one, carries our interface group and has a name made
/// from an address; a name alone is not enough, since anyone may call an interface "fc…".
/// </summary>
public static class HostNetworkMarks
{
    /// <summary>
    /// The interface group of our TAPs, "fc" in ASCII. It is set before a TAP is brought up or made persistent, and the
    /// firewall goes by it: one number compared per packet, and bridges such as fcbr0 are not matched by accident.
    /// </summary>
    public const uint LinkGroup = 0x6663;

    /// <summary>TAPs on their way out, which are deleted together; the firewall drops whatever comes from them.</summary>
    public const uint DyingLinkGroup = 0x6664;

    /// <summary>
    /// The host's end of every TAP. The same for all: a guest that is restored from a snapshot, or whose TAP was made
    /// anew, goes on with the gateway's hardware address that it remembers.
    /// </summary>
    public static readonly MacAddress RouterMac = new(0x02fc_0000_0001);

    /// <summary>The host's IPv6 address on every TAP of a guest that has one; what the guest calls its gateway.</summary>
    public static readonly Ipv6Address Gateway6 = Ipv6Address.Parse("fe80::1");

    /// <summary>The protocol number of our routes (<c>ip route show proto 252</c>); none of rt_protos has it.</summary>
    public const byte RouteProtocol = 0xfc;

    /// <summary>The label of gateway addresses on the loopback interface.</summary>
    public const string AddressLabel = "lo:fc";

    /// <summary>Family inet.</summary>
    public const string FirewallTable = "master_controller";

    /// <summary>The address that a TAP's name was made from: "fc" and eight lower-case hex digits, exactly.</summary>
    public static bool TryReadTapName(ReadOnlySpan<char> name, out Ipv4Address address)
    {
        address = default;
        if (name.Length != 10 || !name.StartsWith(Attachment.InterfacePrefix))
            return false;
        var digits = name[2..];
        if (
            digits.ContainsAnyInRange('A', 'F')
            || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out var value)
        )
            return false;
        address = new Ipv4Address(value);
        return true;
    }
}
