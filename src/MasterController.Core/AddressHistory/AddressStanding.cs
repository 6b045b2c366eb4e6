using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.AddressHistory;

/// <summary>What a pool's definition alone says of an address, whoever has it.</summary>
/// <param name="Reason">Why it is not leased, in the words of a refusal; null where nothing stands against it.</param>
internal readonly record struct AddressStanding(AddressState State, string? Reason)
{
    public static AddressStanding OutsidePools { get; } =
        new(AddressState.OutsidePools, "it is in the network of no pool");

    public static AddressStanding Of(PoolDefinition pool, Ipv4Address address)
    {
        var reason = new RangeMap(pool).ReasonAgainst(address);
        if (pool.Ranges.Any(r => r.Gateway == address))
            return new(AddressState.Gateway, reason);
        if (pool.KeptGateways.Any(k => k.Address == address))
            return new(AddressState.KeptGateway, reason);
        if (pool.Ranges.FirstOrDefault(r => r.Network.Contains(address)) is not { } range)
            return OutsidePools;
        if (address < range.First || range.Last < address)
            return OutsideOf(range, address);
        if (range.Reservations.Any(r => r.Contains(address)))
            return new(AddressState.Reserved, reason);
        return new(reason is null ? AddressState.Free : AddressState.Draining, reason);
    }

    private static AddressStanding OutsideOf(AddressRange range, Ipv4Address address)
    {
        var network = range.Network;
        if (network.PrefixLength < RangeRules.PointToPoint && address == network.Address)
            return new(AddressState.Network, $"it is the network address of {network}");
        if (network.PrefixLength < RangeRules.PointToPoint && address == network.Last)
            return new(AddressState.Broadcast, $"it is the broadcast address of {network}");
        return new(AddressState.OutsideRange, $"of {network} only {range.First}–{range.Last} are leased");
    }
}
