using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>What speaks against a plan, and what an operator ought to know of it.</summary>
internal static class PlanConflicts
{
    public static (IReadOnlyList<PlanNotice> Conflicts, IReadOnlyList<PlanNotice> Warnings) Find(
        PoolChangeRequest request,
        PoolDefinition before,
        PoolDefinition after,
        HostSurvey host,
        IReadOnlyList<Lease> outside
    )
    {
        List<PlanNotice> conflicts = [];
        List<PlanNotice> warnings = [];
        foreach (var overlap in host.Overlaps)
            Judge(overlap, before, after, conflicts, warnings);
        if (outside.Count > 0)
            (request.WaitsForLeases ? warnings : conflicts).Add(LeasesOutside(request, outside));
        warnings.AddRange(host.Limits.Select(l => new PlanNotice(l.Name, l.Message, l.Fix)));
        warnings.AddRange(host.Notices.Select(n => new PlanNotice(PlanNotice.Host, n, Fix: null)));
        return (conflicts, warnings);
    }

    /// <summary>
    /// Others' addresses that the pool could lease stand against the change, unless it could lease them all along; those
    /// that are reserved are named.
    /// </summary>
    private static void Judge(
        NetworkOverlap overlap,
        PoolDefinition before,
        PoolDefinition after,
        List<PlanNotice> conflicts,
        List<PlanNotice> warnings
    )
    {
        if (after.Ranges.All(r => !r.Network.Overlaps(overlap.Other)))
            return; // another pool's
        var theirs = AddressStretch.Of(overlap.Other);
        var leasable = CanLease(after, theirs);
        if (leasable && !CanLease(before, theirs))
            conflicts.Add(
                new PlanNotice(
                    PlanNotice.Overlap,
                    $"{overlap.Other} ({overlap.What}) lies among the pool's addresses: VMs there would take them from it",
                    Covers(after, overlap.Other)
                        ? $"keep it out of the pool with --reserve {overlap.Other}, or choose another network"
                        : "choose another network"
                )
            );
        else
            warnings.Add(
                new PlanNotice(
                    PlanNotice.Overlap,
                    leasable
                        ? $"{overlap.Other} ({overlap.What}) has lain among the pool's addresses before this change"
                        : $"{overlap.Other} ({overlap.What}) lies in a network of the pool; its addresses are not leased",
                    leasable ? $"mctl pool reserve {after.Name} {overlap.Other}" : null
                )
            );
    }

    private static bool CanLease(PoolDefinition pool, AddressStretch stretch) =>
        PoolStretches.Leasable(pool with { Drains = [] }, whileGatewaysKept: false).Any(stretch.Overlaps);

    private static bool Covers(PoolDefinition pool, Ipv4Network network) =>
        pool.Ranges.Any(r => r.Network != network && r.Network.Contains(network));

    private static PlanNotice LeasesOutside(PoolChangeRequest request, IReadOnlyList<Lease> outside)
    {
        var where = request.Action == PoolAction.Drain ? "among what is drained" : "outside of what the pool becomes";
        return new PlanNotice(
            PlanNotice.LeasesOutside,
            $"{(outside.Count == 1 ? "1 lease lies" : $"{outside.Count} leases lie")} {where}: {PoolRefusal.Named(outside)}",
            request.WaitsForLeases ? "they are waited for" : "end them, or let the change wait for them with --drain"
        );
    }
}
