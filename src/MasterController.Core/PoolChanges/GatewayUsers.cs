using MasterController.Core.Addressing;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>Finds who still uses a gateway that is no longer the one of its range.</summary>
public sealed class GatewayUsers(PoolDirectory pools, Func<IReadOnlyList<VmRecord>> vms)
{
    /// <summary>A gateway is marked as replaced shortly before the commit that replaces it.</summary>
    private static readonly TimeSpan CommitSlack = TimeSpan.FromSeconds(5);

    /// <summary>VMs by name, other leases by owner; empty when it can retire.</summary>
    public IReadOnlyList<string> Of(string pool, KeptGateway gateway)
    {
        var all = vms();
        return
        [
            .. all.Where(v => v.Pool == pool && Uses(v, gateway.Address))
                .Select(v => v.Name)
                .Order(StringComparer.Ordinal),
            .. OtherOwners(pool, gateway),
        ];
    }

    /// <summary>What a guest is told is in its record before it boots.</summary>
    private static bool Uses(VmRecord vm, Ipv4Address gateway) =>
        vm.Gateway == gateway && vm.Status is not (VmStatus.Stopped or VmStatus.Failed);

    /// <summary>Whoever leased an address by itself was told then, and nobody knows when it asks again.</summary>
    private IEnumerable<string> OtherOwners(string pool, KeptGateway gateway) =>
        pools
            .LeasesIn(pool, gateway.Network.Address, gateway.Network.Last)
            .Where(l => l.Since <= gateway.Since + CommitSlack && !VmId.HasForm(l.Owner))
            .Select(l => l.Owner);
}
