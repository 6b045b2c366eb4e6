using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

internal sealed partial class StoredPool
{
    /// <summary>As <see cref="PoolDirectory.UseOfAsync"/>.</summary>
    public async Task<AddressUse?> UseOfAsync(Ipv4Address address, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? inFlight;
            lock (_lock)
            {
                inFlight = InFlightLocked(address);
                if (inFlight is null)
                    return memory.UseOf(address, clock.GetUtcNow());
            }
            await EndOfAsync(inFlight, cancellationToken);
        }
    }
}
