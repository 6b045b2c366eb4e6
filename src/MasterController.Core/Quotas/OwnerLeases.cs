using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Quotas;

/// <summary>Leases that callers take by a key of their own, within the limit of the owner of that name.</summary>
public sealed class OwnerLeases(PoolDirectory pools, QuotaLedger quotas)
{
    /// <summary>As the pools do it.</summary>
    /// <exception cref="StoreException">Nothing was leased.</exception>
    public async Task<(LeaseOutcome? Outcome, QuotaRefusal? Refusal)> LeaseAsync(
        string pool,
        string owner,
        Ipv4Address? wanted,
        CancellationToken cancellationToken
    )
    {
        using var turn = await quotas.AddressTurnAsync(owner, cancellationToken);
        if (turn is null)
            return (await pools.LeaseAsync(pool, owner, wanted, alongside: null, cancellationToken), null);
        var refusal = quotas.TryTake(owner, new QuotaUse(Addresses: 1), pools.HeldBy(owner));
        try
        {
            // One that has a lease already is given it again, whatever the limit.
            return (
                await pools.LeaseAsync(
                    pool,
                    owner,
                    wanted,
                    _ => refusal is null ? [] : throw new RefusedException(),
                    cancellationToken
                ),
                null
            );
        }
        catch (RefusedException)
        {
            return (null, refusal);
        }
        finally
        {
            // The pool counts it from here on.
            if (refusal is null)
                quotas.Give(owner, new QuotaUse(Addresses: 1));
        }
    }

    /// <summary>Ends a lease that was as good as given.</summary>
    private sealed class RefusedException : Exception;
}
