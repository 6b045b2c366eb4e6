namespace MasterController.Core.PoolChanges;

/// <summary>A change of a pool's definition as an operator writes it, unchecked.</summary>
/// <param name="Cidr">The network, or for reservations the address, that it is about.</param>
/// <param name="First">First address to lease, of a range that is added or grown.</param>
/// <param name="Last">Last address to lease, of a range that is added or grown.</param>
/// <param name="Gateway">Network+1 when null.</param>
/// <param name="Reservations">Reserved along with a range that is added or grown.</param>
/// <param name="Version">For a rollback: the version to go back to; that before the last change when null.</param>
/// <param name="Drain">
/// Whether a change that takes addresses away waits until their leases have ended, instead of being refused.
/// </param>
public sealed record PoolChangeRequest(
    PoolAction Action,
    string? Cidr = null,
    string? First = null,
    string? Last = null,
    string? Gateway = null,
    IReadOnlyList<string>? Reservations = null,
    long? Version = null,
    bool Drain = false
)
{
    /// <summary>Whether leases on addresses that it takes away are waited for.</summary>
    public bool WaitsForLeases => Drain || Action == PoolAction.Drain;
}

public enum PoolAction
{
    Expand,
    Shrink,
    AddRange,
    RemoveRange,
    Drain,
    Undrain,
    Reserve,
    Unreserve,
    Rollback,
}
