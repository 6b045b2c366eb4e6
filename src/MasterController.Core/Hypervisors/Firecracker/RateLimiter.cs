using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.Hypervisors.Firecracker;

/// <summary>A bucket that is filled at an even rate, in <paramref name="RefillTime"/> from empty.</summary>
/// <param name="Size">Bytes or packets; with 0 nothing is limited any more.</param>
/// <param name="RefillTime">Milliseconds.</param>
internal sealed record TokenBucket(long Size, long RefillTime)
{
    private const long Second = 1000;

    private static readonly TokenBucket Unlimited = new(0, 0);

    /// <summary>Holds the rate of a second and the burst, as the kernel's does.</summary>
    internal static TokenBucket Of(long? perSecond, long burst) =>
        perSecond is { } rate
            ? new TokenBucket(rate + burst, (long)((rate + burst) * (decimal)Second / rate))
            : Unlimited;
}

/// <param name="Bandwidth">Of bytes.</param>
/// <param name="Ops">Of packets.</param>
internal sealed record RateLimiter(TokenBucket Bandwidth, TokenBucket Ops)
{
    internal static RateLimiter Outgoing(RateLimit? limit) =>
        Of(limit?.OutBytesPerSecond, limit?.OutBurstBytes, limit?.OutPacketsPerSecond, limit?.OutBurstPackets);

    internal static RateLimiter Incoming(RateLimit? limit) =>
        Of(limit?.InBytesPerSecond, limit?.InBurstBytes, limit?.InPacketsPerSecond, limit?.InBurstPackets);

    private static RateLimiter Of(long? bytes, long? burstBytes, long? packets, long? burstPackets) =>
        new(TokenBucket.Of(bytes, burstBytes ?? RateLimit.LeastBurstBytes), TokenBucket.Of(packets, burstPackets ?? 0));
}

/// <summary>PATCH /network-interfaces/{iface_id}, of a running guest.</summary>
internal sealed record NetworkInterfaceUpdate(string IfaceId, RateLimiter RxRateLimiter, RateLimiter TxRateLimiter)
{
    internal static NetworkInterfaceUpdate Of(RateLimit? limit) =>
        new(FirecrackerBoot.InterfaceId, RateLimiter.Incoming(limit), RateLimiter.Outgoing(limit));
}
