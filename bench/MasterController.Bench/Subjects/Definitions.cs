using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects;

/// <summary>Pools as an operator defines them.</summary>
internal static class Definitions
{
    /// <param name="cidr">With the default gateway, first and last address.</param>
    public static PoolDefinition Of(string name, string cidr, TimeSpan cooldown) =>
        PoolRules.Check(new PoolRequest(name, [new RangeRequest(cidr)], cooldown), []) switch
        {
            PoolOutcome.Done done => done.Pool,
            var refusal => throw new InvalidOperationException(refusal.ToString()),
        };

    /// <summary>The next version of a pool of one range, grown to a network that contains it.</summary>
    public static PoolDefinition Grown(PoolDefinition pool, string cidr, DateTimeOffset now)
    {
        var wide = Of(pool.Name, cidr, pool.Cooldown);
        var former = pool.Ranges[0];
        return pool with
        {
            Version = pool.Version + 1,
            Ranges = wide.Ranges,
            KeptGateways =
                former.Gateway is { } gateway && gateway != wide.Ranges[0].Gateway
                    ? [new KeptGateway(gateway, former.Network, now)]
                    : [],
        };
    }
}
