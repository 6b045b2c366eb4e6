using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Statistics;

/// <summary>What all VMs have been given and have sent since the controller knows of them.</summary>
/// <param name="In">To guests; never less than before: what VMs that are gone had counts on.</param>
/// <param name="InPerSecond">Bytes since the reading before; null for the first.</param>
/// <param name="Latest">Of each VM that is attached, since it started.</param>
public sealed record TrafficReading(
    DateTimeOffset Time,
    LinkCounters In,
    LinkCounters Out,
    double? InPerSecond,
    double? OutPerSecond,
    IReadOnlyDictionary<Ipv4Address, GuestTraffic> Latest
);

/// <summary>
/// Sums of all VMs' traffic for who watches it. Reading takes a dump of every TAP, so nobody waits for it: whoever asks gets
/// the last reading, and where that is <see cref="FreshFor"/> old the next one is begun beside. Who never asks costs nothing.
/// </summary>
public sealed partial class TrafficTotals(
    IHostNetwork network,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<TrafficTotals> logger
)
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private TrafficReading? _last;
    private long _readAt;
    private bool _isReading;

    /// <summary>Null before the first reading, which this begins.</summary>
    public TrafficReading? Ask()
    {
        lock (_lock)
        {
            if (!_isReading && (_last is null || clock.GetElapsedTime(_readAt) >= FreshFor))
            {
                _isReading = true;
                work.Run("reading the traffic of all VMs", RefreshAsync);
            }
            return _last;
        }
    }

    private async Task RefreshAsync()
    {
        var reading = _last;
        try
        {
            var traffic = await network.ReadTrafficAsync(work.Stopping);
            reading = Next(reading, traffic, clock.GetUtcNow());
        }
        catch (HostNetworkException failure)
        {
            LogNotRead(failure);
        }
        finally
        {
            lock (_lock)
            {
                _last = reading;
                _readAt = clock.GetTimestamp();
                _isReading = false;
            }
        }
    }

    /// <summary>A counter that went back is that of a VM that was started anew: all of it is new.</summary>
    internal static TrafficReading Next(
        TrafficReading? before,
        IReadOnlyDictionary<Ipv4Address, GuestTraffic> traffic,
        DateTimeOffset now
    )
    {
        var (sumIn, sumOut) = (before?.In ?? default, before?.Out ?? default);
        foreach (var (address, counted) in traffic)
        {
            var known = before?.Latest.GetValueOrDefault(address) ?? default;
            sumIn += Gained(known.In, counted.In);
            sumOut += Gained(known.Out, counted.Out);
        }
        return new TrafficReading(
            now,
            sumIn,
            sumOut,
            PerSecond(before?.In, sumIn),
            PerSecond(before?.Out, sumOut),
            traffic
        );

        double? PerSecond(LinkCounters? former, LinkCounters sum) =>
            former is { } known && (now - before!.Time).TotalSeconds is > 0 and var seconds
                ? (sum.Bytes - known.Bytes) / seconds
                : null;
    }

    private static LinkCounters Gained(LinkCounters before, LinkCounters after) =>
        after.Packets < before.Packets || after.Bytes < before.Bytes
            ? after
            : new LinkCounters(
                after.Packets - before.Packets,
                after.Bytes - before.Bytes,
                Math.Max(0, after.Dropped - before.Dropped)
            );

    [LoggerMessage(Level = LogLevel.Warning, Message = "The traffic of VMs could not be read")]
    private partial void LogNotRead(Exception failure);
}
