using System.Diagnostics;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// Works out the definition that a change leads to, from definitions alone: the kernel, leases and VMs are looked at
/// elsewhere. The result has the next version.
/// </summary>
/// <param name="versions">The pool's history, for rollbacks.</param>
/// <param name="operationId">The operation that drains; empty while it is only planned.</param>
internal sealed class PoolPlanner(
    PoolDefinition pool,
    IReadOnlyList<PoolVersion> versions,
    DateTimeOffset now,
    string operationId
)
{
    private const string CidrField = "cidr";

    private readonly FieldErrors _errors = new();

    /// <summary><see cref="PoolOutcome.Done"/> with the definition, or the refusal; <paramref name="summary"/> says what it is.</summary>
    public PoolOutcome Plan(PoolChangeRequest request, out string summary)
    {
        var (after, words) = request.Action switch
        {
            PoolAction.Expand => Expand(request),
            PoolAction.Shrink => Shrink(request),
            PoolAction.AddRange => AddRange(request),
            PoolAction.RemoveRange => RemoveRange(request),
            PoolAction.Drain => Drain(request),
            PoolAction.Undrain => Undrain(request),
            PoolAction.Reserve => Reserve(request),
            PoolAction.Unreserve => Unreserve(request),
            PoolAction.Rollback => Rollback(request),
            _ => throw new UnreachableException(),
        };
        summary = words;
        return after is null || _errors.Any
            ? new PoolOutcome.Invalid(_errors.ByField)
            : new PoolOutcome.Done(after with { Version = pool.Version + 1 });
    }

    /// <summary>
    /// The definition that a rollback goes to: that of a version, else that before the last change. For the latter what
    /// operators did counts; that a gateway was no longer needed does not.
    /// </summary>
    public static PoolDefinition? RollbackTarget(IReadOnlyList<PoolVersion> versions, long? version)
    {
        if (version is not null)
            return versions.FirstOrDefault(v => v.Definition.Version == version)?.Definition;
        var last = versions.LastOrDefault(v => v.Action is not (PoolVersion.Create or PoolVersion.RetireGateway));
        return versions.LastOrDefault(v => v.Definition.Version < last?.Definition.Version)?.Definition;
    }

    private (PoolDefinition?, string) Expand(PoolChangeRequest request)
    {
        if (CheckRange(request) is not { } grown)
            return default;
        var within = pool.Ranges.Where(r => grown.Network.Contains(r.Network)).ToArray();
        foreach (var range in pool.Ranges.Except(within).Where(r => r.Network.Overlaps(grown.Network)))
            Refuse(CidrField, $"{grown.Network} overlaps {range.Network} of this pool without containing it");
        if (within.Any(r => r.Network == grown.Network))
            Refuse(CidrField, $"{grown.Network} is a range of this pool already");
        if (_errors.Any)
            return default;
        if (within.Length == 0)
            return (
                With([.. pool.Ranges, grown]),
                $"Adds the range {grown.Network} to the pool {pool.Name}; it contains none of the pool's ranges, so none of them grows"
            );
        var networks = string.Join(" and ", within.Select(r => r.Network));
        grown = grown with { Reservations = [.. grown.Reservations.Union(within.SelectMany(r => r.Reservations))] };
        return (
            With([.. pool.Ranges.Except(within), grown]),
            $"Grows {networks} of the pool {pool.Name} to {grown.Network}, gateway {GatewayOf(grown)}"
        );
    }

    private (PoolDefinition?, string) Shrink(PoolChangeRequest request)
    {
        if (ReadNetwork(request.Cidr) is not { } network)
            return default;
        if (pool.Ranges.FirstOrDefault(r => r.Network != network && r.Network.Contains(network)) is not { } range)
            return Refuse(CidrField, $"{network} lies in no wider range of this pool: {RangesText()}");
        // Where guests know a gateway of the smaller network already, that is the one to go on with.
        var known = pool.KeptGateways.FirstOrDefault(k => k.Network == network)?.Address;
        var inherited = range.Gateway is { } present && network.Contains(present) ? present : (Ipv4Address?)null;
        if (
            CheckRange(request with { Gateway = request.Gateway ?? (known ?? inherited)?.ToString() })
            is not { } smaller
        )
            return default;
        smaller = smaller with
        {
            Reservations = [.. range.Reservations.Where(network.Overlaps).Union(smaller.Reservations)],
        };
        return (
            With([.. pool.Ranges.Where(r => r != range), smaller]),
            $"Shrinks {range.Network} of the pool {pool.Name} to {network}, gateway {GatewayOf(smaller)}"
        );
    }

    private (PoolDefinition?, string) AddRange(PoolChangeRequest request) =>
        CheckRange(request) is { } range
            ? (
                With([.. pool.Ranges, range]),
                $"Adds the range {range.Network} to the pool {pool.Name}, gateway {GatewayOf(range)}"
            )
            : default;

    private (PoolDefinition?, string) RemoveRange(PoolChangeRequest request)
    {
        if (ReadNetwork(request.Cidr) is not { } network)
            return default;
        var left = pool.Ranges.Where(r => r.Network != network).ToArray();
        if (left.Length == pool.Ranges.Count)
            return Refuse(CidrField, $"{network} is no range of this pool: {RangesText()}");
        return left.Length == 0
            ? Refuse(CidrField, $"{network} is the pool's only range; delete the pool instead")
            : (With(left), $"Removes the range {network} from the pool {pool.Name}");
    }

    private (PoolDefinition?, string) Drain(PoolChangeRequest request)
    {
        if (ReadNetwork(request.Cidr) is not { } network)
            return default;
        var wanted = AddressStretch.Intersect(PoolStretches.All(pool), [AddressStretch.Of(network)]);
        if (wanted.Count == 0)
            return Refuse(CidrField, $"{network} has no address of this pool: {RangesText()}");
        return pool.Drains.Any(d => wanted.Any(w => w.Overlaps(new AddressStretch(d.First, d.Last))))
            ? Refuse(CidrField, $"{network} is being drained already, in part at least: {DrainsText()}")
            : (Draining(wanted), $"Leases nothing new from {network} of the pool {pool.Name}");
    }

    private (PoolDefinition?, string) Undrain(PoolChangeRequest request)
    {
        if (ReadNetwork(request.Cidr) is not { } network)
            return default;
        var left = pool.Drains.Where(d => !(network.Contains(d.First) && network.Contains(d.Last))).ToArray();
        return left.Length == pool.Drains.Count
            ? Refuse(CidrField, $"{network} holds nothing that is being drained: {DrainsText()}")
            : (pool with { Drains = left }, $"Leases from {network} of the pool {pool.Name} again");
    }

    private (PoolDefinition?, string) Reserve(PoolChangeRequest request)
    {
        if (ReadReservation(request.Cidr) is not { } network)
            return default;
        var index = pool.Ranges.ToList().FindIndex(r => r.Network.Contains(network));
        if (index < 0)
            return Refuse(CidrField, $"{Text(network)} lies in no range of this pool: {RangesText()}");
        if (pool.Ranges[index].Reservations.Where(r => r.Contains(network)).ToArray() is [var there, ..])
            return Refuse(CidrField, $"{Text(network)} is reserved already, by {Text(there)}");
        return (
            WithReservations(index, [.. pool.Ranges[index].Reservations, network]),
            $"Reserves {Text(network)} in the pool {pool.Name}"
        );
    }

    private (PoolDefinition?, string) Unreserve(PoolChangeRequest request)
    {
        if (ReadReservation(request.Cidr) is not { } network)
            return default;
        var index = pool.Ranges.ToList().FindIndex(r => r.Reservations.Contains(network));
        if (index >= 0)
            return (
                WithReservations(index, [.. pool.Ranges[index].Reservations.Where(r => r != network)]),
                $"Ends the reservation of {Text(network)} in the pool {pool.Name}"
            );
        var present = pool.Ranges.SelectMany(r => r.Reservations).Select(Text).ToArray();
        return Refuse(
            CidrField,
            $"{Text(network)} is no reservation of this pool: {(present.Length == 0 ? "it has none" : string.Join(", ", present))}"
        );
    }

    private (PoolDefinition?, string) Rollback(PoolChangeRequest request)
    {
        const string field = "version";
        if (request.Version is { } wanted && versions.All(v => v.Definition.Version != wanted))
            return Refuse(field, $"the pool {pool.Name} never had a version {wanted}; see its history");
        if (RollbackTarget(versions, request.Version) is not { } target)
            return Refuse(field, $"the pool {pool.Name} has not been changed since it was made");
        if (target.Version == pool.Version)
            return Refuse(field, $"version {target.Version} is what the pool {pool.Name} is now");
        return (
            BackTo(target),
            $"Takes the pool {pool.Name} back to version {target.Version}: {string.Join(", ", target.Ranges.Select(r => r.Network))}"
        );
    }

    /// <summary>
    /// An earlier definition made the present one: gateways that guests have been told of since are kept, and what
    /// drains now and did not then is leased again.
    /// </summary>
    public PoolDefinition BackTo(PoolDefinition target) =>
        With(target.Ranges) with
        {
            Cooldown = target.Cooldown,
            Strategy = target.Strategy,
            AllowVmToVm = target.AllowVmToVm,
            AllowEarlyReuse = target.AllowEarlyReuse,
            Drains = [.. pool.Drains.Where(target.Drains.Contains)],
            Version = pool.Version + 1,
        };

    /// <summary>The pool as it is, except that these addresses lease nothing new.</summary>
    public PoolDefinition Draining(IEnumerable<AddressStretch> stretches) =>
        pool with
        {
            Drains = [.. pool.Drains, .. stretches.Select(s => new Drain(s.First, s.Last, operationId))],
            Version = pool.Version + 1,
        };

    /// <summary>The pool with other ranges. A gateway that is not one any longer is kept until nobody uses it.</summary>
    private PoolDefinition With(IReadOnlyList<AddressRange> ranges)
    {
        var gateways = ranges.Select(r => r.Gateway).OfType<Ipv4Address>().ToHashSet();
        var replaced = pool
            .Ranges.Where(r => r.Gateway is not null)
            .Select(r => new KeptGateway(r.Gateway!.Value, r.Network, now));
        return pool with
        {
            Ranges = [.. ranges.OrderBy(r => r.First)],
            KeptGateways =
            [
                .. pool
                    .KeptGateways.Concat(replaced)
                    .Where(k => !gateways.Contains(k.Address))
                    .DistinctBy(k => k.Address),
            ],
            Drains = [.. pool.Drains.Where(d => ranges.Any(r => d.First <= r.Last && r.First <= d.Last))],
        };
    }

    private PoolDefinition WithReservations(int index, IReadOnlyList<Ipv4Network> reservations)
    {
        var ranges = pool.Ranges.ToArray();
        ranges[index] = ranges[index] with { Reservations = reservations };
        return pool with { Ranges = ranges };
    }

    private AddressRange? CheckRange(PoolChangeRequest request) =>
        RangeRules.Check(
            new RangeRequest(request.Cidr ?? "", request.First, request.Last, request.Gateway, request.Reservations),
            prefix: "",
            _errors
        );

    private Ipv4Network? ReadNetwork(string? text)
    {
        if (Ipv4Network.TryParse(text, out var network, out var error))
            return network;
        _errors.Add(CidrField, error);
        return null;
    }

    private Ipv4Network? ReadReservation(string? text) =>
        Ipv4Address.TryParse(text, out var single) ? new Ipv4Network(single, 32) : ReadNetwork(text);

    private (PoolDefinition?, string) Refuse(string field, string why)
    {
        _errors.Add(field, why);
        return (null, "");
    }

    private string RangesText() => string.Join(", ", pool.Ranges.Select(r => r.Network));

    private string DrainsText() =>
        pool.Drains.Count == 0
            ? "nothing is"
            : string.Join(", ", pool.Drains.Select(d => new AddressStretch(d.First, d.Last)));

    private static string GatewayOf(AddressRange range) => range.Gateway?.ToString() ?? "none";

    private static string Text(Ipv4Network network) =>
        network.PrefixLength == 32 ? network.Address.ToString() : network.ToString();
}
