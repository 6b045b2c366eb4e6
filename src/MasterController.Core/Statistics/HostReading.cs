using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Hosts;

namespace MasterController.Core.Statistics;

/// <summary>How the machine is at one time, with what changed since the reading before.</summary>
/// <param name="CpuPercent">Of all processors; null for the first reading.</param>
/// <param name="Network">Null where it could not be read.</param>
/// <param name="InPerSecond">Bytes over the uplink; null for the first reading, and where the uplink is another one now.</param>
public sealed record HostReading(
    DateTimeOffset Time,
    TimeSpan Uptime,
    int Processors,
    double? CpuPercent,
    LoadAverage Load,
    MemoryUse Memory,
    DiskUse? Disk,
    NetworkFigures? Network,
    double? InPerSecond,
    double? OutPerSecond,
    long ResidentBytes,
    int OpenFiles
);

/// <param name="Free">What a process without privileges may still write.</param>
public readonly record struct DiskUse(string Path, long Total, long Free)
{
    /// <summary>The file system that a directory is on; null where it cannot be looked at.</summary>
    public static DiskUse? Read(string directory)
    {
        try
        {
            var drive = new DriveInfo(directory);
            return new DiskUse(directory, drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception unreadable)
            when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
