using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What the addresses of a network do, to be drawn: a byte a cell, in address order.</summary>
/// <param name="CellPrefix">Prefix length of a cell; there are at most 65,536 cells.</param>
/// <param name="Cells">
/// Of addresses a <see cref="CellState"/>; of larger cells 0 where none of the pool's addresses are in it, 1 where none of
/// them is used, else 2 to 255 for the share that is.
/// </param>
public sealed record PoolMap(Ipv4Network Network, DateTimeOffset Time, int CellPrefix, byte[] Cells);

/// <summary>What an address does, as the API encodes it.</summary>
public enum CellState : byte
{
    NotOfPool,
    Free,
    Leased,
    Cooling,
    Reserved,

    /// <summary>Also one that was, and that guests still use.</summary>
    Gateway,
    Draining,
}

/// <summary>Leases and cool-downs from one address on; 0 where there is neither.</summary>
internal readonly record struct StateRun(uint First, CellState[] States);
