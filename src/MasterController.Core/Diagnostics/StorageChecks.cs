using System.Diagnostics;

namespace MasterController.Core.Diagnostics;

/// <param name="FreeBytes">Null where the directory cannot be looked at.</param>
/// <param name="SyncMilliseconds">The median of some durable writes; null where none could be made.</param>
public sealed record StorageFacts(string Directory, long? FreeBytes, double? SyncMilliseconds)
{
    private const int Writes = 9;
    private const int BlockBytes = 4096;

    /// <summary>Writes a small file of its own beside the database and removes it.</summary>
    public static StorageFacts Read(string directory, TimeProvider clock)
    {
        try
        {
            var free = new DriveInfo(directory).AvailableFreeSpace;
            return new StorageFacts(directory, free, Measure(directory, clock));
        }
        catch (Exception unreadable)
            when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new StorageFacts(directory, FreeBytes: null, SyncMilliseconds: null);
        }
    }

    private static double? Measure(string directory, TimeProvider clock)
    {
        var path = Path.Combine(directory, $".doctor-{Environment.ProcessId}-{Stopwatch.GetTimestamp():x}");
        try
        {
            using var file = new FileStream(
                path,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                bufferSize: 0,
                FileOptions.DeleteOnClose
            );
            var times = new double[Writes];
            var block = new byte[BlockBytes];
            for (var i = 0; i < Writes; i++)
            {
                var began = clock.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                times[i] = clock.GetElapsedTime(began).TotalMilliseconds;
            }
            Array.Sort(times);
            return times[Writes / 2];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Room and speed of the disk that holds the state.</summary>
public static class StorageChecks
{
    private const long GiB = 1L << 30;

    /// <summary>An image build needs about this much.</summary>
    private const long Least = 1 * GiB;
    private const long Comfortable = 10 * GiB;

    /// <summary>Every acknowledged change waits for one sync; group commit shares it, but nobody is faster than it.</summary>
    private const double SlowSyncMilliseconds = 20;

    public static IReadOnlyList<Finding> Check(StorageFacts facts) => [Room(facts), Speed(facts)];

    private static Finding Room(StorageFacts facts)
    {
        const string Code = "disk-space";
        if (facts.FreeBytes is not { } free)
            return Finding.Skip(Code, $"{facts.Directory} cannot be looked at");
        var message = $"{(double)free / GiB:F1} GiB free in {facts.Directory}";
        return free switch
        {
            < Least => Finding.Fail(Code, message, $"make room: {Least / GiB} GiB at least, for the image and disks"),
            < Comfortable => Finding.Warn(Code, message, "VMs' disks grow as guests write; make room"),
            _ => Finding.Pass(Code, message),
        };
    }

    private static Finding Speed(StorageFacts facts)
    {
        const string Code = "disk-sync";
        return facts.SyncMilliseconds switch
        {
            null => Finding.Skip(Code, $"{facts.Directory} cannot be written to"),
            > SlowSyncMilliseconds => Finding.Warn(
                Code,
                $"a durable write takes {facts.SyncMilliseconds:F1} ms in {facts.Directory}",
                "put state_dir on an SSD with power-loss protection"
            ),
            _ => Finding.Pass(Code, $"a durable write takes {facts.SyncMilliseconds:F1} ms"),
        };
    }
}
