using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// Proves a change on the wire: VMs that answered before still answer, and an address that is new can be leased.
/// </summary>
public sealed class PoolProof(IHostNetwork network, PoolDirectory pools, Func<IReadOnlyList<VmRecord>> vms)
{
    /// <summary>All VMs are asked where there are no more than these, else so many of them by chance.</summary>
    private const int Sample = 256;
    private const int Tries = 3;
    private const int MissingNamed = 10;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>Those of a pool's running VMs, or of a sample of them, that answer now.</summary>
    public async Task<IReadOnlyList<Ipv4Address>> AnsweringAsync(string pool, CancellationToken cancellationToken)
    {
        var running = Running(pool);
        if (running.Length > Sample)
            running = Random.Shared.GetItems(running, Sample).DistinctBy(v => v.Address).ToArray();
        return await AskAsync(running, cancellationToken);
    }

    /// <summary>What was proven, in words.</summary>
    /// <exception cref="PoolChangeFailedException">It was not; the message says which VM or address.</exception>
    public async Task<string> ProveAsync(PoolChange change, CancellationToken cancellationToken)
    {
        var vmsAnswer = await VmsAnswerAsync(change, cancellationToken);
        return await LeaseAsync(change, cancellationToken) is { } leased
            ? $"{vmsAnswer}; {leased} was leased and given back"
            : vmsAnswer;
    }

    private async Task<string> VmsAnswerAsync(PoolChange change, CancellationToken cancellationToken)
    {
        var answered = change.Answered.ToHashSet();
        VmRecord[] missing = [];
        var asked = 0;
        for (var tries = 0; tries < Tries; tries++)
        {
            // Whoever was stopped or deleted meanwhile need not answer.
            var expected = Running(change.Pool).Where(v => answered.Contains(v.Address)).ToArray();
            asked = expected.Length;
            var present = (await AskAsync(expected, cancellationToken)).ToHashSet();
            missing = [.. expected.Where(v => !present.Contains(v.Address))];
            if (missing.Length == 0)
                return asked == 0
                    ? "no VM of the pool answered before, so none was asked"
                    : $"{asked} of {asked} VMs that answered before answer now";
        }
        var named = string.Join(", ", missing.Take(MissingNamed).Select(v => $"{v.Name} ({v.Address})"));
        throw new PoolChangeFailedException(
            $"{missing.Length} of {asked} VMs that answered before do not any more: {named}"
        );
    }

    /// <summary>The address, or null where the change brought none.</summary>
    private async Task<Ipv4Address?> LeaseAsync(PoolChange change, CancellationToken cancellationToken)
    {
        var fresh = PoolStretches.NewlyLeasable(change.Before, change.After);
        if (fresh.Count == 0)
            return null;
        var (first, last) = fresh.MaxBy(s => s.Count);
        var outcome = await pools.TryOutAsync(change.Pool, first, last, change.OperationId, cancellationToken);
        return outcome is LeaseOutcome.Granted granted
            ? granted.Lease.Address
            : throw new PoolChangeFailedException($"no address from {first} to {last} could be leased: {outcome}");
    }

    private VmRecord[] Running(string pool) => [.. vms().Where(v => v.Pool == pool && v.Status == VmStatus.Running)];

    private async Task<IReadOnlyList<Ipv4Address>> AskAsync(VmRecord[] asked, CancellationToken cancellationToken)
    {
        if (asked.Length == 0)
            return [];
        var answers = await network.ProbeAsync(
            [.. asked.Select(VmRuntime.AttachmentOf)],
            AnswerWithin,
            cancellationToken
        );
        return [.. answers.Where(a => a.Value.Any).Select(a => a.Key).Order()];
    }
}
