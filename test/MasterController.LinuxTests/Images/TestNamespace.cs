using System.Diagnostics;
using Xunit;

namespace MasterController.LinuxTests.Images;

/// <summary>A network namespace with one TAP that holds the gateway address; gone with the test.</summary>
internal sealed class TestNamespace : IDisposable
{
    public const string Tap = "tap0";
    public const string Gateway = "192.168.0.1";

    public TestNamespace()
    {
        Run("ip", "netns", "add", Name);
        Run("ip", "-n", Name, "tuntap", "add", "dev", Tap, "mode", "tap", "vnet_hdr");
        Run("ip", "-n", Name, "address", "add", $"{Gateway}/16", "dev", Tap);
        Run("ip", "-n", Name, "link", "set", Tap, "up");
    }

    public string Name { get; } = $"mc-image-{Guid.NewGuid():n}"[..20];

    /// <summary>The host's side of a guest with an IPv6 address, as attachments have it; the host's own is 2001:db8:f::2.</summary>
    public void GiveGateway6(string guest)
    {
        Run("ip", "-n", Name, "link", "set", "lo", "up");
        Run("ip", "-n", Name, "-6", "address", "add", "2001:db8:f::2/128", "dev", "lo");
        Run("ip", "-n", Name, "-6", "address", "add", "fe80::1/128", "dev", Tap, "nodad");
        Run("ip", "-n", Name, "-6", "route", "add", guest, "dev", Tap);
        Run("ip", "-n", Name, "-6", "neighbour", "add", guest, "lladdr", "02:fc:c0:a8:00:02", "dev", Tap);
    }

    /// <summary>Asks up to 30 times, for a loaded machine.</summary>
    public bool Pings(string address) =>
        Start("ip", "netns", "exec", Name, "ping", "-c", "1", "-w", "30", address).WaitForStatus() == 0;

    /// <summary>What the guest's web server says.</summary>
    public string Fetch(string url) =>
        Run("ip", "netns", "exec", Name, "curl", "-sS", "--retry", "10", "--retry-connrefused", "-m", "30", url);

    public void Dispose() => Run("ip", "netns", "delete", Name);

    internal static Process Start(params string[] command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command[1..])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    internal static string Run(params string[] command)
    {
        using var process = Start(command);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {errors.GetAwaiter().GetResult()}");
        return output;
    }
}

internal static class ProcessStatus
{
    internal static int WaitForStatus(this Process process)
    {
        using (process)
        {
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
