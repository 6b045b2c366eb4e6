using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Checks one range of a request.</summary>
internal static class RangeRules
{
    /// <summary>A wider network is a slip of the pen; the largest private one is 10.0.0.0/8.</summary>
    public const int MinPrefixLength = 8;

    /// <summary>From this prefix on there is neither network nor broadcast address (RFC 3021), nor a gateway inside.</summary>
    public const int PointToPoint = 31;

    // Special-purpose blocks of RFC 6890 that no guest can have an address from.
    private static readonly (Ipv4Network Network, string Name)[] _unusable =
    [
        (Ipv4Network.Parse("0.0.0.0/8"), "\"this network\""),
        (Ipv4Network.Parse("127.0.0.0/8"), "loopback"),
        (Ipv4Network.Parse("169.254.0.0/16"), "link-local"),
        (Ipv4Network.Parse("224.0.0.0/4"), "multicast"),
        (Ipv4Network.Parse("240.0.0.0/4"), "reserved (class E and broadcast)"),
    ];

    /// <summary>The range with its defaults, or null; then <paramref name="errors"/> has the reasons.</summary>
    /// <param name="prefix">What stands before the names of fields: "ranges[0].", or nothing.</param>
    public static AddressRange? Check(RangeRequest request, string prefix, FieldErrors errors)
    {
        var reservations = ReadReservations(request.Reservations ?? [], prefix, errors);
        if (ReadNetwork(request.Cidr, $"{prefix}cidr", errors) is not { } network)
            return null;
        var isPointToPoint = network.PrefixLength >= PointToPoint;
        var margin = isPointToPoint ? 0U : 1;

        var gateway = isPointToPoint ? (Ipv4Address?)null : new Ipv4Address(network.Address.Value + 1);
        if (request.Gateway is not null && isPointToPoint)
            errors.Add($"{prefix}gateway", $"{network} has no room for a gateway; leave it out");
        else if (request.Gateway is not null)
            gateway = ReadHost(request.Gateway, network, $"{prefix}gateway", errors);

        var first = request.First is null
            ? new Ipv4Address(network.Address.Value + (2 * margin))
            : ReadHost(request.First, network, $"{prefix}first", errors);
        var last = request.Last is null
            ? new Ipv4Address(network.Last.Value - margin)
            : ReadHost(request.Last, network, $"{prefix}last", errors);
        if (first is not { } from || last is not { } to || reservations is null)
            return null;
        if (to < from)
        {
            errors.Add($"{prefix}{(request.Last is null ? "first" : "last")}", $"last {to} is before first {from}");
            return null;
        }
        return gateway is null && !isPointToPoint ? null : new AddressRange(network, from, to, gateway, reservations);
    }

    private static Ipv4Network? ReadNetwork(string? text, string field, FieldErrors errors)
    {
        if (!Ipv4Network.TryParse(text, out var network, out var error))
        {
            errors.Add(field, error);
            return null;
        }
        if (network.PrefixLength < MinPrefixLength)
        {
            errors.Add(field, $"{network} is too wide; the prefix length must be {MinPrefixLength} to 32");
            return null;
        }
        foreach (var (unusable, name) in _unusable)
        {
            if (!unusable.Overlaps(network))
                continue;
            errors.Add(field, $"{network} lies in {unusable}, which is {name}");
            return null;
        }
        return network;
    }

    /// <summary>An address that a host in the network can have.</summary>
    private static Ipv4Address? ReadHost(string text, Ipv4Network network, string field, FieldErrors errors)
    {
        if (!Ipv4Address.TryParse(text, out var address))
            errors.Add(field, $"\"{text}\" is not an IPv4 address");
        else if (!network.Contains(address))
            errors.Add(field, $"{address} is outside {network}");
        else if (network.PrefixLength < PointToPoint && (address == network.Address || address == network.Last))
            errors.Add(field, $"{address} is the network or broadcast address of {network}");
        else
            return address;
        return null;
    }

    private static List<Ipv4Network>? ReadReservations(IReadOnlyList<string> texts, string prefix, FieldErrors errors)
    {
        List<Ipv4Network> reservations = [];
        for (var i = 0; i < texts.Count; i++)
        {
            string? error = null;
            if (Ipv4Address.TryParse(texts[i], out var single))
                reservations.Add(new Ipv4Network(single, 32));
            else if (Ipv4Network.TryParse(texts[i], out var network, out error))
                reservations.Add(network);
            if (error is not null)
                errors.Add($"{prefix}reservations[{i}]", error);
        }
        return reservations.Count == texts.Count ? reservations : null;
    }
}
