using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MasterController.Daemon.Access;

/// <param name="RequestsPerSecond">Of one key; 0 for no limit.</param>
/// <param name="Burst">How many may come at once.</param>
public sealed record RequestRates(int RequestsPerSecond, int Burst);

/// <summary>How often callers may ask: each key so often, and each address may fail so often to show one.</summary>
internal sealed class RequestLimits(Func<RequestRates> rates, TimeProvider clock)
{
    private const int FailuresAtOnce = 10;
    private static readonly TimeSpan FailureInterval = TimeSpan.FromSeconds(6);

    /// <summary>Of addresses and keys; when there are more, those that could be made anew are forgotten.</summary>
    private const int MostBuckets = 4096;

    private readonly ConcurrentDictionary<(string Actor, RequestRates Rates), TokenBucket> _callers = new();
    private readonly ConcurrentDictionary<UInt128, TokenBucket> _addresses = new();

    /// <summary>Null where the request may pass; else how long to wait.</summary>
    public TimeSpan? TryTake(Caller caller)
    {
        var now = rates();
        if (!caller.IsLimited || now.RequestsPerSecond == 0)
            return null;
        Trim(_callers);
        // The rates are part of what it is known by: with others it begins anew.
        return _callers
            .GetOrAdd(
                (caller.Actor, now),
                _ => new TokenBucket(now.Burst, TimeSpan.FromSeconds(1) / now.RequestsPerSecond, clock)
            )
            .TryTake();
    }

    /// <summary>Counts a request without a valid key; null where it is to be answered as such, else how long to wait.</summary>
    /// <param name="address">Null on a Unix socket, where nothing is counted.</param>
    public TimeSpan? TryFail(IPAddress? address)
    {
        if (address is null)
            return null;
        Trim(_addresses);
        return _addresses
            .GetOrAdd(Place(address), _ => new TokenBucket(FailuresAtOnce, FailureInterval, clock))
            .TryTake();
    }

    /// <summary>An IPv4 address, or the /64 of an IPv6 one, all of which a single host may have.</summary>
    private static UInt128 Place(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
            ? whole >> 64 << 64
            : whole;
    }

    private static void Trim<T>(ConcurrentDictionary<T, TokenBucket> buckets)
        where T : notnull
    {
        if (buckets.Count < MostBuckets)
            return;
        foreach (var (key, _) in buckets.Where(b => b.Value.IsFull))
            buckets.TryRemove(key, out _);
        // All of them are in use: with new ones it would grow without end, so all begin anew.
        if (buckets.Count >= MostBuckets)
            buckets.Clear();
    }
}
