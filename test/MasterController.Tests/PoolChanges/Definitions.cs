using MasterController.Core.Addressing;
using MasterController.Core.PoolChanges;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.PoolChanges;

/// <summary>Definitions without a directory behind them.</summary>
internal static class Definitions
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static PoolDefinition Pool(params RangeRequest[] ranges) =>
        Assert.IsType<PoolOutcome.Done>(PoolRules.Check(new PoolRequest("default", ranges), existing: [])).Pool;

    public static PoolDefinition Pool(string cidr) => Pool(new RangeRequest(cidr));

    public static PoolDefinition Planned(
        this PoolDefinition pool,
        PoolChangeRequest request,
        params PoolVersion[] versions
    )
    {
        var outcome = new PoolPlanner(pool, versions, Now, "op-1").Plan(request, out var summary);
        Assert.NotEmpty(summary);
        return Assert.IsType<PoolOutcome.Done>(outcome).Pool;
    }

    /// <summary>The one field that is refused, and why.</summary>
    public static (string Field, string Why) Refusal(
        this PoolDefinition pool,
        PoolChangeRequest request,
        params PoolVersion[] versions
    )
    {
        var outcome = new PoolPlanner(pool, versions, Now, "op-1").Plan(request, out _);
        var (field, reasons) = Assert.Single(Assert.IsType<PoolOutcome.Invalid>(outcome).Errors);
        return (field, Assert.Single(reasons));
    }

    public static PoolVersion Version(this PoolDefinition pool, string action = "expand") =>
        new(pool, Now, action, null);

    public static string[] Networks(this PoolDefinition pool) => [.. pool.Ranges.Select(r => r.Network.ToString())];

    public static string[] Kept(this PoolDefinition pool) => [.. pool.KeptGateways.Select(k => k.Address.ToString())];

    public static Ipv4Address Address(string text) => Ipv4Address.Parse(text);
}
