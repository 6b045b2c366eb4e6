using System.Diagnostics;
using System.Text.RegularExpressions;
using MasterController.Core.Images;
using MasterController.Core.Vms;

namespace MasterController.Bench.Subjects;

/// <summary>
/// The QEMU of a running VM once more, without a controller: the same command with fresh disks, a console of its own,
/// no control socket, and the network card on a hub with nothing else on it.
/// </summary>
internal sealed partial class BareQemu(ImageFiles image, string directory)
{
    /// <summary>As the controller polls consoles, so that neither side is at an advantage.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>From before the fork to the guest's ready line; ends it then.</summary>
    /// <param name="pid">Of the running VM.</param>
    /// <exception cref="InvalidOperationException">QEMU ended before.</exception>
    public async Task<TimeSpan> TimeToReadyAsync(int pid)
    {
        var console = Path.Combine(directory, "console.log");
        File.Delete(console);
        var root = await CopyAsync(image.RootDisk, "root.img");
        var overlay = await CopyAsync(image.OverlayTemplate, "overlay.img");
        var command = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline")).TrimEnd('\0').Split('\0');
        List<string> arguments = [];
        for (var i = 1; i < command.Length; i++)
        {
            var value = command[i];
            if (
                value is "-mon"
                || (value is "-chardev" && command[i + 1].StartsWith("socket,", StringComparison.Ordinal))
            )
                i++;
            else if (value.StartsWith("tap,", StringComparison.Ordinal))
                arguments.Add("hubport,id=net,hubid=0");
            else if (value.StartsWith("file,id=console,", StringComparison.Ordinal))
                arguments.Add($"file,id=console,path={console},append=on");
            else
                arguments.Add(
                    DiskFile().Replace(value, m => $"file.filename={(m.Groups[1].Value == "root" ? root : overlay)}")
                );
        }

        var began = Stopwatch.GetTimestamp();
        using var qemu = Process.Start(new ProcessStartInfo(command[0], arguments))!;
        try
        {
            while (!IsReady(console))
            {
                if (qemu.HasExited || Stopwatch.GetElapsedTime(began) > s_patience)
                    throw new InvalidOperationException(
                        $"the guest of {command[0]} {string.Join(' ', arguments)} did not come up"
                    );
                await Task.Delay(s_poll);
            }
            return Stopwatch.GetElapsedTime(began);
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync();
        }
    }

    private static bool IsReady(string console) =>
        File.Exists(console) && File.ReadAllText(console).Contains(VmConsole.ReadyMark, StringComparison.Ordinal);

    /// <summary>A copy is never measured: a bare script would have made it beforehand.</summary>
    private async Task<string> CopyAsync(string source, string name)
    {
        var copy = Path.Combine(directory, name);
        using var cp = Process.Start("cp", ["--sparse=always", "--reflink=auto", source, copy]);
        await cp.WaitForExitAsync();
        return cp.ExitCode == 0 ? copy : throw new IOException($"{source} could not be copied");
    }

    [GeneratedRegex(@"file\.filename=.*/(root|overlay)\.img$")]
    private static partial Regex DiskFile();
}
