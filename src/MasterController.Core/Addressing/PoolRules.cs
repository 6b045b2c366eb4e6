using System.Text.RegularExpressions;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Turns an operator's request into a pool, or says what is wrong with it: all of it at once, by field.</summary>
internal static partial class PoolRules
{
    public const int MaxCooldownSeconds = 86_400;
    public static readonly TimeSpan DefaultCooldown = TimeSpan.FromSeconds(30);

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
        if (request.Strategy is not (null or "lowest-free"))
            errors.Add("strategy", $"\"{request.Strategy}\" is not \"lowest-free\"");

        List<(string Field, AddressRange Range)> ranges = [];
        for (var i = 0; i < (request.Ranges?.Count ?? 0); i++)
        {
            if (RangeRules.Check(request.Ranges![i], $"ranges[{i}].", errors) is { } range)
                ranges.Add(($"ranges[{i}]", range));
        }
        if (request.Ranges is null or [])
            errors.Add("ranges", "a pool needs at least one range");
        CheckAmongThemselves(ranges, errors);
        if (errors.Any)
            return new PoolOutcome.Invalid(errors.ByField);

        if (existing.Any(p => p.Name == request.Name))
            return new PoolOutcome.NameTaken(request.Name!);
        if (OverlapWith(existing, ranges) is { } overlap)
            return overlap;
        CheckGateways(existing, ranges, errors);
        if (errors.Any)
            return new PoolOutcome.Invalid(errors.ByField);

        return new PoolOutcome.Done(
            new PoolDefinition(
                request.Name!,
                [.. ranges.Select(r => r.Range).OrderBy(r => r.First)],
                request.Cooldown ?? DefaultCooldown,
                AllocationStrategy.LowestFree,
                request.AllowVmToVm,
                Version: 1,
                request.AllowEarlyReuse,
                KeptGateways: [],
                Drains: []
            )
        );
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

    private static PoolOutcome.Overlap? OverlapWith(
        IReadOnlyList<PoolDefinition> existing,
        List<(string Field, AddressRange Range)> ranges
    )
    {
        foreach (var (field, range) in ranges)
        foreach (var pool in existing)
        foreach (var other in pool.Ranges)
        {
            if (Overlap(range, other))
                return new PoolOutcome.Overlap($"{field}.cidr", range.Network, pool.Name, other.Network);
        }
        return null;
    }

    private static void CheckGateways(
        IReadOnlyList<PoolDefinition> existing,
        List<(string Field, AddressRange Range)> ranges,
        FieldErrors errors
    )
    {
        foreach (var (field, range) in ranges)
        foreach (var pool in existing)
        foreach (var other in pool.Ranges)
        {
            if (LeasesGatewayOf(other, range))
                errors.Add(
                    $"{field}.gateway",
                    $"{range.Gateway} is among the addresses {Text(other)} of pool {pool.Name}"
                );
            if (LeasesGatewayOf(range, other))
                errors.Add($"{field}.cidr", $"{Text(range)} holds {other.Gateway}, the gateway of pool {pool.Name}");
        }
    }

    /// <summary>What counts is what could be leased twice: two ranges may share a network, one after the other.</summary>
    private static bool Overlap(AddressRange one, AddressRange other) =>
        one.First <= other.Last && other.First <= one.Last;

    /// <summary>Whether <paramref name="leasing"/> could give away what answers as a gateway elsewhere.</summary>
    private static bool LeasesGatewayOf(AddressRange leasing, AddressRange other) =>
        other.Gateway is { } gateway
        && leasing.First <= gateway
        && gateway <= leasing.Last
        && leasing.Gateway != gateway;

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
