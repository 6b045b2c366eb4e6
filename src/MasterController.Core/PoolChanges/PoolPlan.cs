using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>What a change of a pool would do, worked out without doing it.</summary>
/// <param name="Id">"plan-" and twelve hex digits; known until the controller ends or many others were made.</param>
/// <param name="Before">The definition it was worked out against; applied to another version, it is refused.</param>
/// <param name="Restored">Rules of others that changes since then replaced, and a rollback behind those puts back.</param>
/// <param name="LeasesOutside">Leases on addresses that the change takes away or drains, in address order.</param>
/// <param name="Conflicts">What has to be out of the way first.</param>
/// <param name="Steps">Of the operation that would apply it.</param>
public sealed record PoolPlan(
    string Id,
    DateTimeOffset CreatedAt,
    PoolChangeRequest Request,
    string Summary,
    PoolDefinition Before,
    PoolDefinition After,
    PoolCapacity Capacity,
    IReadOnlyList<PlannedGateway> Gateways,
    HostSurvey Host,
    IReadOnlyList<RestoredRule> Restored,
    IReadOnlyList<Lease> LeasesOutside,
    IReadOnlyList<PlanNotice> Conflicts,
    IReadOnlyList<PlanNotice> Warnings,
    IReadOnlyList<string> Steps
)
{
    public string Pool => Before.Name;
}

/// <param name="OperationId">That replaced it.</param>
public sealed record RestoredRule(string OperationId, ForeignRule Rule)
{
    /// <summary>What putting it back changes of the host.</summary>
    public HostChange Change =>
        new(
            Rule.IsLive ? "iptables" : "file",
            HostChangeKind.Add,
            $"put back \"{Rule.Text}\" in {Rule.Place}, which {OperationId} replaced",
            Rule.IsLive
                ? $"iptables -t nat {Rule.Text}"
                : $"sed -i '/^\\*nat$/,/^COMMIT$/s|^COMMIT$|{Rule.Text}\\nCOMMIT|' {Rule.Place}"
        );
}

/// <summary>How many addresses can be leased.</summary>
/// <param name="WhileGatewaysKept">After the change, for as long as former gateways are kept.</param>
public sealed record PoolCapacity(long Before, long After, long WhileGatewaysKept);

/// <param name="Users">Who was told of it, for one that is kept: VMs by name, other leases by owner.</param>
public sealed record PlannedGateway(Ipv4Address Address, GatewayChange Change, IReadOnlyList<string> Users);

public enum GatewayChange
{
    Add,
    Keep,
    Remove,
}

/// <param name="Code">Stable: "overlap", "leases-outside", "nf_conntrack_max".</param>
/// <param name="Fix">One line; null where there is nothing to do.</param>
public sealed record PlanNotice(string Code, string Message, string? Fix)
{
    public const string LeasesOutside = "leases-outside";
    public const string Overlap = "overlap";
    public const string Host = "host";
    public const string External = "external";
}
