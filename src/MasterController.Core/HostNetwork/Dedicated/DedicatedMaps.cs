namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// The sets and maps of our table that have elements for dedicated addresses: an element for each address and each port,
/// no rule. Whether a packet of a conversation that was begun from outside gets through is decided for each packet alone, by
/// what the conversation was begun with; numbers lead to who may come in, as with <see cref="Policies.EgressChain"/>.
/// </summary>
internal static class DedicatedMaps
{
    /// <summary>From a protocol and a port of any address of the host to a guest's address and port.</summary>
    internal const string Forwards = "forwards";

    /// <summary>From an address of the host, a protocol and a port to a guest's address and port.</summary>
    internal const string AddressForwards = "address_forwards";

    /// <summary>From one-to-one addresses to their guests.</summary>
    internal const string PublicGuests = "public_guests";

    /// <summary>From guests to their one-to-one addresses.</summary>
    internal const string PublicSources = "public_sources";

    /// <summary>The keys of <see cref="PublicGuests"/>: a map cannot be asked whether it has one.</summary>
    internal const string PublicAddresses = "public_addresses";

    /// <summary>From a guest to the gateway that it sees where it calls itself by an address of the host's.</summary>
    internal const string HairpinSources = "hairpin_sources";

    /// <summary>From the address, protocol and port that was called to a number of <see cref="Sources"/>.</summary>
    internal const string Open = "open";
    internal const string Open6 = "open6";

    /// <summary>From the address that an echo request was sent to.</summary>
    internal const string OpenPings = "open_pings";
    internal const string OpenPings6 = "open_pings6";

    /// <summary>From addresses that let everything in.</summary>
    internal const string OpenHosts = "open_hosts";
    internal const string OpenHosts6 = "open_hosts6";

    /// <summary>From the guest, the protocol and the port of any address of the host that was called.</summary>
    internal const string OpenForwards = "open_forwards";

    /// <summary>From numbers to chains that say who may come in.</summary>
    internal const string Sources = "open_sources";

    /// <summary>The number for everybody, as nft writes it; those of chains are greater.</summary>
    internal const string Everybody = "0:1";

    internal const uint EverybodyId = 1;

    /// <summary>What names of chains and sets of single source lists begin with, and no others.</summary>
    internal const string SourcePrefix = "source_";

    /// <summary>Where those chains lead to for who may come in.</summary>
    internal const string Accepted = "opened_accepted";

    /// <summary>
    /// In a packet's priority from the forward hook to postrouting: it goes back to the interface that it came from.
    /// </summary>
    internal const string HairpinPriority = "6663:1";
}
