using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>The kinds of dedicated addresses by the names that people write.</summary>
public static class AddressKind
{
    public const string Ipv4 = "ipv4";
    public const string Ipv6 = "ipv6";

    public static string Of(IpAddress address) => address.IsIpv6 ? Ipv6 : Ipv4;
}
