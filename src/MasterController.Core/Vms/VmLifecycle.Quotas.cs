using MasterController.Core.External;
using MasterController.Core.Quotas;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>Whether a change would give an owner more dedicated addresses than it may have.</summary>
    internal ExternalOutcome? QuotaAgainst(IReadOnlyList<VmRecord> vms, ExternalDecision decision)
    {
        var refusal = QuotaChanges(vms, decision)
            .Gains.Select(g => quotas.ReasonAgainst(g.Owner, g.Use))
            .FirstOrDefault(r => r is not null);
        return refusal is null ? null : new ExternalOutcome.QuotaExceeded(refusal);
    }

    /// <summary>Which owners have more dedicated addresses after a change, and which have fewer.</summary>
    private static (OwnerShare[] Gains, OwnerShare[] Losses) QuotaChanges(
        IReadOnlyList<VmRecord> vms,
        ExternalDecision decision
    )
    {
        var byOwner = decision
            .Vms.Select(c =>
                (vms.First(v => v.Id == c.Vm).Owner, More: c.After.Addresses().Count() - c.Before.Addresses().Count())
            )
            .Where(c => c.Owner is not null)
            .GroupBy(c => c.Owner, c => c.More, StringComparer.Ordinal)
            .Select(g => (Owner: g.Key!, More: g.Sum()))
            .ToArray();
        return (
            [.. byOwner.Where(o => o.More > 0).Select(o => Share(o.Owner, o.More))],
            [.. byOwner.Where(o => o.More < 0).Select(o => Share(o.Owner, -o.More))]
        );

        static OwnerShare Share(string owner, int count) => new(owner, new QuotaUse(DedicatedAddresses: count));
    }

    private ExternalOutcome? TryTake(OwnerShare[] gains)
    {
        for (var i = 0; i < gains.Length; i++)
        {
            if (quotas.TryTake(gains[i].Owner, gains[i].Use) is not { } refusal)
                continue;
            Give(gains[..i]);
            return new ExternalOutcome.QuotaExceeded(refusal);
        }
        return null;
    }

    private void Give(OwnerShare[] shares)
    {
        foreach (var (owner, use) in shares)
            quotas.Give(owner, use);
    }

    private readonly record struct OwnerShare(string Owner, QuotaUse Use);
}
