namespace MasterController.Contracts;

/// <summary>
/// <c>GET /api/v1/pools/{pool}/map</c>: what the addresses of a network do, for drawing: a byte a cell, in address order.
/// </summary>
/// <param name="Network">What is shown; the smallest network around all ranges of the pool when none was asked for.</param>
/// <param name="CellPrefix">Prefix length of a cell: 32 where cells are addresses, else 24 or 16.</param>
/// <param name="Cells">
/// Base64. Of addresses a code: 0 not of the pool, 1 free, 2 leased, 3 cooling, 4 reserved, 5 gateway or former gateway,
/// 6 draining. Of networks how much is used: 0 none of it is the pool's, 1 none is used, 2 to 255 used / total.
/// </param>
public sealed record AddressMap(string Pool, DateTimeOffset Time, string Network, int CellPrefix, string Cells);
