using System.Text.RegularExpressions;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Turns an operator's request into a pool, or says what is wrong with it: all of it at once, by field.</summary>
internal static partial class PoolRules
{
    public const int MaxCooldownSeconds = 86_400;
    public static readonly TimeSpan DefaultCooldown = TimeSpan.FromSeconds(30);

    /// <summary>Of all pools in bridge mode together: each may need a port.</summary>
    public const long MostBridgeAddresses = GuestBridge.MostPorts;

    /// <summary><see cref="PoolOutcome.Done"/> with the pool as it would be, or the refusal.</summary>
    public static PoolOutcome Check(PoolRequest request, IReadOnlyList<PoolDefinition> existing)
    {
        var errors = new FieldErrors();
        if (request.Name is null || !DnsLabel.IsMatch(request.Name))
            errors.Add("name", $"\"{request.Name}\" is not 1 to 63 of a-z, 0-9 and -, with no - at either end");
        if (
            request.Cooldown is { } cooldown
            && (cooldown < TimeSpan.Zero || cooldown.TotalSeconds > MaxCooldownSeconds)
        )
            errors.Add("cooldownSeconds", $"{cooldown.TotalSeconds} is not 0 to {MaxCooldownSeconds}");
        var strategy = request.Strategy is null ? AllocationStrategy.LowestFree : StrategyName.Parse(request.Strategy);
        if (strategy is null)
            errors.Add("strategy", $"\"{request.Strategy}\" is none of {StrategyName.All}");
        var mode = request.Network is null ? NetworkMode.Routed : NetworkModeName.Parse(request.Network);
        if (mode is null)
            errors.Add("network", $"\"{request.Network}\" is none of {NetworkModeName.All}");

        List<(string Field, AddressRange Range)> ranges = [];
        for (var i = 0; i < (request.Ranges?.Count ?? 0); i++)
        {
            if (RangeRules.Check(request.Ranges![i], $"ranges[{i}].", errors) is { } range)
                ranges.Add(($"ranges[{i}]", range));
        }
        if (mode == NetworkMode.Bridge)
            CheckBridged(ranges, errors);
        if (request.Ranges is null or [])
            errors.Add("ranges", "a pool needs at least one range");
        CheckAmongThemselves(ranges, errors);
        if (errors.Any)
            return new PoolOutcome.Invalid(errors.ByField);

        if (existing.Any(p => p.Name == request.Name))
            return new PoolOutcome.NameTaken(request.Name!);
        var pool = new PoolDefinition(
            request.Name!,
            [.. ranges.Select(r => r.Range)],
            request.Cooldown ?? DefaultCooldown,
            strategy!.Value,
            request.AllowVmToVm,
            Version: 1,
            request.AllowEarlyReuse,
            KeptGateways: [],
            Drains: [],
            mode!.Value
        );
        return CheckBeside(pool, existing, errors);
    }

    /// <summary>
    /// As <see cref="Check"/>, for a definition whose ranges have been checked each by itself. Fields are "ranges[i]" by
    /// the index in <see cref="PoolDefinition.Ranges"/>, and "keptGateways[i]".
    /// </summary>
    /// <param name="others">All pools but this one.</param>
    public static PoolOutcome CheckRedefinition(PoolDefinition next, IReadOnlyList<PoolDefinition> others)
    {
        var errors = new FieldErrors();
        if (next.Ranges is [])
            errors.Add("ranges", "a pool needs at least one range");
        List<(string Field, AddressRange Range)> ranges = [.. next.Ranges.Select((r, i) => ($"ranges[{i}]", r))];
        if (next.Network == NetworkMode.Bridge)
            CheckBridged(ranges, errors);
        CheckAmongThemselves(ranges, errors);
        return errors.Any ? new PoolOutcome.Invalid(errors.ByField) : CheckBeside(next, others, errors);
    }

    private static PoolOutcome CheckBeside(
        PoolDefinition pool,
        IReadOnlyList<PoolDefinition> others,
        FieldErrors errors
    )
    {
        if (OverlapWith(others, pool.Ranges) is { } overlap)
            return overlap;
        if (TooManyForBridge(pool, others) is { } tooMany)
            return tooMany;
        foreach (var other in others)
            CheckGateways(pool, other, errors);
        return errors.Any
            ? new PoolOutcome.Invalid(errors.ByField)
            : new PoolOutcome.Done(pool with { Ranges = [.. pool.Ranges.OrderBy(r => r.First)] });
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel { get; }

    private static void CheckAmongThemselves(List<(string Field, AddressRange Range)> ranges, FieldErrors errors)
    {
        for (var i = 0; i < ranges.Count; i++)
        for (var j = 0; j < i; j++)
        {
            var (field, range) = ranges[i];
            var (otherField, other) = ranges[j];
            if (Overlap(range, other))
                errors.Add($"{field}.cidr", $"{Text(range)} overlaps {Text(other)} of {otherField}");
            else if (LeasesGatewayOf(other, range) || LeasesGatewayOf(range, other))
                errors.Add($"{field}.gateway", $"{Text(range)} and {otherField} hold each other's gateway");
        }
    }

    private static void CheckBridged(List<(string Field, AddressRange Range)> ranges, FieldErrors errors)
    {
        foreach (var (field, range) in ranges)
        {
            if (range.Gateway is null)
                errors.Add($"{field}.cidr", $"{range.Network} has no room for a gateway, which bridge mode needs");
        }
    }

    /// <summary>Each address of a pool in bridge mode may need a port of the one bridge; what drains does for a while.</summary>
    private static PoolOutcome.BridgeFull? TooManyForBridge(PoolDefinition pool, IReadOnlyList<PoolDefinition> others)
    {
        if (pool.Network != NetworkMode.Bridge)
            return null;
        var own = Leasable(pool);
        var taken = others.Where(other => other.Network == NetworkMode.Bridge).Sum(Leasable);
        return own + taken > MostBridgeAddresses
            ? new PoolOutcome.BridgeFull(pool.Name, own, taken, MostBridgeAddresses)
            : null;

        static long Leasable(PoolDefinition bridged)
        {
            var map = new RangeMap(bridged with { KeptGateways = [], Drains = [] });
            return map.Total - map.Reserved;
        }
    }

    private static PoolOutcome.Overlap? OverlapWith(
        IReadOnlyList<PoolDefinition> others,
        IReadOnlyList<AddressRange> ranges
    )
    {
        for (var i = 0; i < ranges.Count; i++)
            foreach (var pool in others)
            foreach (var other in pool.Ranges)
            {
                if (Overlap(ranges[i], other))
                    return new PoolOutcome.Overlap($"ranges[{i}].cidr", ranges[i].Network, pool.Name, other.Network);
            }
        return null;
    }

    private static void CheckGateways(PoolDefinition pool, PoolDefinition other, FieldErrors errors)
    {
        for (var i = 0; i < pool.Ranges.Count; i++)
        {
            if (pool.Ranges[i].Gateway is { } gateway && RangeThatLeases(other, gateway) is { } leasing)
                errors.Add($"ranges[{i}].gateway", Among(gateway, leasing));
        }
        for (var i = 0; i < pool.KeptGateways.Count; i++)
        {
            var kept = pool.KeptGateways[i].Address;
            if (RangeThatLeases(other, kept) is { } leasing)
                errors.Add($"keptGateways[{i}]", Among(kept, leasing));
        }
        foreach (var gateway in other.Ranges.Select(r => r.Gateway).OfType<Ipv4Address>())
            CheckHolds(gateway, "the gateway");
        foreach (var kept in other.KeptGateways)
            CheckHolds(kept.Address, "once the gateway and still in use");

        string Among(Ipv4Address gateway, AddressRange leasing) =>
            $"{gateway} is among the addresses {Text(leasing)} of pool {other.Name}";

        void CheckHolds(Ipv4Address gateway, string what)
        {
            if (RangeThatLeases(pool, gateway) is not { } range)
                return;
            var field = $"ranges[{pool.Ranges.ToList().IndexOf(range)}].cidr";
            errors.Add(field, $"{Text(range)} holds {gateway}, {what} of pool {other.Name}");
        }
    }

    /// <summary>The range of a pool that could give away what answers as a gateway elsewhere, or null.</summary>
    private static AddressRange? RangeThatLeases(PoolDefinition pool, Ipv4Address gateway) =>
        pool.KeptGateways.Any(kept => kept.Address == gateway)
            ? null
            : pool.Ranges.FirstOrDefault(range => Leases(range, gateway));

    /// <summary>What counts is what could be leased twice: two ranges may share a network, one after the other.</summary>
    private static bool Overlap(AddressRange one, AddressRange other) =>
        one.First <= other.Last && other.First <= one.Last;

    private static bool LeasesGatewayOf(AddressRange leasing, AddressRange other) =>
        other.Gateway is { } gateway && Leases(leasing, gateway);

    private static bool Leases(AddressRange range, Ipv4Address gateway) =>
        range.First <= gateway && gateway <= range.Last && range.Gateway != gateway;

    private static string Text(AddressRange range) => $"{range.First}–{range.Last}";
}

/// <summary>What is wrong, by the field as the caller wrote it.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = [];

    public bool Any => _errors.Count > 0;

    public IReadOnlyDictionary<string, string[]> ByField => _errors.ToDictionary(e => e.Key, e => e.Value.ToArray());

    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages))
            _errors[field] = messages = [];
        messages.Add(message);
    }
}
