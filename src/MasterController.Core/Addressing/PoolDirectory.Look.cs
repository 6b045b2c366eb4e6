using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

public sealed partial class PoolDirectory
{
    /// <summary>
    /// Who has an address or, while it cools down, had it last; durable, so that it waits for what is under way. Null
    /// where nobody does, and where there is no such pool.
    /// </summary>
    public async Task<AddressUse?> UseOfAsync(string pool, Ipv4Address address, CancellationToken cancellationToken) =>
        Loaded.TryGetValue(pool, out var stored) ? await stored.UseOfAsync(address, cancellationToken) : null;
}
