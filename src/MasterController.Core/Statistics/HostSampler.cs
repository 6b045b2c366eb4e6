using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Hosts;
using MasterController.Linux.Netlink;
using MasterController.Linux.Processes;

namespace MasterController.Core.Statistics;

/// <summary>
/// Reads the machine when it is asked, once a second at most, however many ask: percentages and rates are those between
/// two readings, and would mean nothing over a shorter time.
/// </summary>
/// <param name="directory">Whose file system is looked at: that of the state.</param>
public sealed class HostSampler(IHostNetwork network, string directory, TimeProvider clock)
{
    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1);
    private HostReading? _last;
    private long _lastAt;
    private ProcessorTime? _lastTime;

    public async Task<HostReading> ReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && clock.GetElapsedTime(_lastAt) < LeastPause)
                return last;
            return _last = await ReadNowAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<HostReading> ReadNowAsync(CancellationToken cancellationToken)
    {
        var figures = await ReadNetworkAsync(cancellationToken);
        var now = clock.GetTimestamp();
        var passed = clock.GetElapsedTime(_lastAt, now);
        var time = ProcessorTime.Read();
        var (former, counters) = (_last?.Network, figures?.UplinkTraffic);
        var isSame = former?.UplinkTraffic?.Index is { } index && index == counters?.Index;
        var reading = new HostReading(
            clock.GetUtcNow(),
            MachineUptime.Read(),
            Environment.ProcessorCount,
            time is { } current && _lastTime is { } before ? current.PercentSince(before) : null,
            LoadAverage.Read(),
            MemoryUse.Read(),
            DiskUse.Read(directory),
            figures,
            isSame ? PerSecond(former!.UplinkTraffic!.Value.Received, counters!.Value.Received) : null,
            isSame ? PerSecond(former!.UplinkTraffic!.Value.Sent, counters!.Value.Sent) : null,
            Environment.WorkingSet,
            OpenFiles.Count()
        );
        (_lastAt, _lastTime) = (now, time);
        return reading;

        double PerSecond(LinkCounters from, LinkCounters to) =>
            Math.Max(0, to.Bytes - from.Bytes) / passed.TotalSeconds;
    }

    private async Task<NetworkFigures?> ReadNetworkAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await network.ReadFiguresAsync(cancellationToken);
        }
        catch (HostNetworkException)
        {
            return null;
        }
    }
}
