using System.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// The kernel objects of attachments, made by a process for each, as shell scripts and controllers of the older kind do it.
/// </summary>
internal static class NetworkPrograms
{
    /// <summary>Address translation for all, once for a host; forwarding and a gateway are there.</summary>
    public static async Task PrepareAsync()
    {
        await RunAsync("nft", "add table ip bench");
        await RunAsync("nft", "add set ip bench guests { type ipv4_addr; }");
        await RunAsync("nft", "add chain ip bench postrouting { type nat hook postrouting priority srcnat; }");
        await RunAsync("nft", "add rule ip bench postrouting ip saddr @guests oifname uplink0 masquerade");
    }

    public static async Task<TimeSpan> AttachAsync(Attachment place)
    {
        var began = Stopwatch.GetTimestamp();
        var (name, address) = (place.TapName, place.Address.ToString());
        await RunAsync("ip", "tuntap", "add", "dev", name, "mode", "tap", "user", $"{place.OwnerUid}", "vnet_hdr");
        await RunAsync(
            "sysctl",
            "-q",
            "-w",
            $"net.ipv6.conf.{name}.disable_ipv6=1",
            $"net.ipv4.neigh.{name}.proxy_delay=0",
            $"net.ipv4.conf.{name}.proxy_arp=1",
            $"net.ipv4.conf.{name}.rp_filter=1"
        );
        await RunAsync("ip", "link", "set", "dev", name, "address", $"{HostNetworkMarks.RouterMac}", "up");
        await RunAsync("ip", "route", "add", address, "dev", name, "src", $"{Places.Gateway}");
        await RunAsync(["ip", "neighbour", "add", address, "lladdr", $"{place.Mac}", "dev", name, "nud", "permanent"]);
        await RunAsync("nft", $"add element ip bench guests {{ {address} }}");
        return Stopwatch.GetElapsedTime(began);
    }

    public static async Task<TimeSpan> DetachAsync(Attachment place)
    {
        var began = Stopwatch.GetTimestamp();
        await RunAsync("ip", "link", "delete", "dev", place.TapName);
        await RunAsync("nft", $"delete element ip bench guests {{ {place.Address} }}");
        return Stopwatch.GetElapsedTime(began);
    }

    private static Task RunAsync(params ReadOnlySpan<string> words) =>
        ShortProgram.RunAsync(new ProcessStartInfo(words[0], words[1..].ToArray()));
}
