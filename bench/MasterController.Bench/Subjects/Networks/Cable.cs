using System.Diagnostics;
using MasterController.Linux.Namespaces;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// A veth pair with one end in a namespace. The kernel removes all interfaces of a namespace together, and with the inner
/// end goes the outer: so it can be seen from outside when a namespace is gone.
/// </summary>
internal sealed class Cable(string outer)
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static int _made;

    public static Cable Into(NetworkNamespace space)
    {
        var outer = $"cable{_made++}";
        using var process = Process.Start(
            new ProcessStartInfo(
                "ip",
                ["link", "add", outer, "type", "veth", "peer", "name", "cable", "netns", space.Path]
            )
        )!;
        process.WaitForExit();
        return process.ExitCode == 0 ? new Cable(outer) : throw new InvalidOperationException("no cable");
    }

    /// <summary>To be called when nobody holds the namespace any more; how long it takes from then on.</summary>
    public async Task<TimeSpan> TimeRemovalAsync()
    {
        var began = Stopwatch.GetTimestamp();
        // Of this process's namespace, which /sys is not: that is of the one who mounted it.
        while (Directory.Exists($"/proc/sys/net/ipv4/conf/{outer}"))
        {
            if (Stopwatch.GetElapsedTime(began) > _patience)
                throw new TimeoutException("a namespace does not go away; somebody holds it");
            await Task.Delay(_poll);
        }
        return Stopwatch.GetElapsedTime(began);
    }
}
