using System.Globalization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>What a change of a definition was, in words.</summary>
internal static class PoolDifference
{
    /// <summary>"192.168.100.0/24 became 192.168.0.0/16; …"; "nothing but its version" where that is all.</summary>
    public static string InWords(PoolDefinition before, PoolDefinition after)
    {
        var gone = before.Ranges.Where(r => after.Ranges.All(a => a.Network != r.Network)).ToList();
        List<string> words = [];
        foreach (var range in after.Ranges)
        {
            if (before.Ranges.FirstOrDefault(r => r.Network == range.Network) is { } same)
            {
                words.AddRange(OfRange(same, range));
                continue;
            }
            var former = gone.Where(r => r.Network.Overlaps(range.Network)).ToArray();
            gone.RemoveAll(former.Contains);
            words.Add(
                former.Length == 0
                    ? $"{range.Network} was added"
                    : $"{string.Join(", ", former.Select(f => f.Network))} became {range.Network}"
            );
            words.AddRange(former.SelectMany(f => OfReservations(f.Reservations, range.Reservations)));
        }
        words.AddRange(gone.Select(r => $"{r.Network} was removed"));
        words.AddRange(
            Added(before.KeptGateways, after.KeptGateways)
                .Select(k => $"{k.Address}, the gateway of {k.Network}, is kept")
        );
        words.AddRange(
            Added(after.KeptGateways, before.KeptGateways)
                .Select(k => $"{k.Address}, once a gateway, is not kept any more")
        );
        words.AddRange(Added(before.Drains, after.Drains).Select(d => $"{d.First}–{d.Last} is being drained"));
        words.AddRange(Added(after.Drains, before.Drains).Select(d => $"{d.First}–{d.Last} is not drained any more"));
        words.AddRange(OfSettings(before, after));
        return words.Count == 0 ? "nothing but its version" : string.Join("; ", words);
    }

    private static IEnumerable<string> OfRange(AddressRange before, AddressRange after)
    {
        if ((before.First, before.Last) != (after.First, after.Last))
            yield return $"{after.Network} leases {after.First}–{after.Last}, not {before.First}–{before.Last}";
        if (before.Gateway != after.Gateway)
            yield return $"the gateway of {after.Network} is {after.Gateway}, not {before.Gateway}";
        foreach (var change in OfReservations(before.Reservations, after.Reservations))
            yield return change;
    }

    private static IEnumerable<string> OfReservations(
        IReadOnlyList<Ipv4Network> before,
        IReadOnlyList<Ipv4Network> after
    ) =>
        [
            .. Added(before, after).Select(r => $"{r} is reserved"),
            .. Added(after, before).Select(r => $"{r} is not reserved any more"),
        ];

    private static IEnumerable<string> OfSettings(PoolDefinition before, PoolDefinition after)
    {
        if (before.Cooldown != after.Cooldown)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"the cool-down is {after.Cooldown.TotalSeconds} s, not {before.Cooldown.TotalSeconds} s"
            );
        if (before.Strategy != after.Strategy)
            yield return $"the strategy is {StrategyName.Of(after.Strategy)}, not {StrategyName.Of(before.Strategy)}";
        if (before.AllowVmToVm != after.AllowVmToVm)
            yield return $"VMs {(after.AllowVmToVm ? "may" : "must not")} reach each other";
        if (before.AllowEarlyReuse != after.AllowEarlyReuse)
            yield return $"an exhausted pool {(after.AllowEarlyReuse ? "reuses" : "does not reuse")} addresses early";
    }

    private static IEnumerable<T> Added<T>(IReadOnlyList<T> before, IReadOnlyList<T> after) => after.Except(before);
}
