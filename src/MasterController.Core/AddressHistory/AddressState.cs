namespace MasterController.Core.AddressHistory;

/// <summary>What an address is to the pools.</summary>
public enum AddressState
{
    /// <summary>Anyone may have it.</summary>
    Free,
    Leased,

    /// <summary>Given back a short time ago; its last owner alone may have it.</summary>
    Cooling,
    Reserved,
    Gateway,

    /// <summary>No gateway any more, but guests still use it as theirs.</summary>
    KeptGateway,

    /// <summary>Leased to nobody any more.</summary>
    Draining,
    Network,
    Broadcast,

    /// <summary>In a range's network, but not from its first to its last address.</summary>
    OutsideRange,

    /// <summary>In no pool's network.</summary>
    OutsidePools,
}
