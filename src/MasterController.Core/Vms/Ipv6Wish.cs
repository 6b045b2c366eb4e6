using MasterController.Linux.Addresses;

namespace MasterController.Core.Vms;

/// <summary>Whether a VM that is to be is to have a dedicated IPv6 address.</summary>
/// <param name="Chosen">Null: the one that goes with its IPv4 address.</param>
internal readonly record struct Ipv6Wish(bool IsWanted, Ipv6Address? Chosen)
{
    public const string AutoWord = "auto";
    public const string NoneWord = "none";
}
