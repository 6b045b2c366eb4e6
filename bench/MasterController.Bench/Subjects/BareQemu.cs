using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MasterController.Core.Images;
using MasterController.Core.Vms;

namespace MasterController.Bench.Subjects;

/// <summary>
/// The QEMU of a running VM once more, without a controller: the same command with fresh disks, a console and a
/// control socket of its own, and the network card on a hub with nothing else on it.
/// </summary>
internal sealed partial class BareQemu(ImageFiles image, string directory)
{
    /// <summary>As the controller polls consoles, so that neither side is at an advantage.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it until the guest's ready line.</summary>
    /// <param name="pid">Of the running VM.</param>
    /// <exception cref="InvalidOperationException">QEMU ended before.</exception>
    public async Task<BareTimes> TimeAsync(int pid)
    {
        var files = new Files(
            Path.Combine(directory, "console.log"),
            Path.Combine(directory, "qmp.sock"),
            await CopyAsync(image.RootDisk, "root.img"),
            await CopyAsync(image.OverlayTemplate, "overlay.img")
        );
        File.Delete(files.Console);
        File.Delete(files.Control);
        var command = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline")).TrimEnd('\0').Split('\0');
        // A session of its own, which the scheduler treats as a group, is what the controller gives to VMs.
        var start = new ProcessStartInfo("setsid", command.Select(word => Changed(word, files)))
        {
            RedirectStandardError = true,
        };
        var began = Stopwatch.GetTimestamp();
        using var qemu = Process.Start(start)!;
        try
        {
            await UntilAsync(qemu, began, Controller.Poll, () => Answers(files.Control));
            var answers = Stopwatch.GetElapsedTime(began);
            await UntilAsync(qemu, began, PollInterval, () => IsReady(files.Console));
            return new BareTimes(answers, Stopwatch.GetElapsedTime(began));
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync();
        }
    }

    private static string Changed(string word, Files files) =>
        word switch
        {
            _ when word.StartsWith("tap,", StringComparison.Ordinal) => "hubport,id=net,hubid=0",
            _ when word.StartsWith("file,id=console,", StringComparison.Ordinal) =>
                $"file,id=console,path={files.Console},append=on",
            _ when word.StartsWith("socket,id=qmp,", StringComparison.Ordinal) =>
                $"socket,id=qmp,path={files.Control},server=on,wait=off",
            _ => DiskFile()
                .Replace(word, m => $"file.filename={(m.Groups[1].Value == "root" ? files.Root : files.Overlay)}"),
        };

    private static async Task UntilAsync(Process qemu, long began, TimeSpan poll, Func<bool> condition)
    {
        while (!condition())
        {
            if (qemu.HasExited)
                throw new InvalidOperationException(await qemu.StandardError.ReadToEndAsync());
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new TimeoutException("the guest of the bare QEMU did not come up");
            await Task.Delay(poll);
        }
    }

    /// <summary>QEMU greets a connection when it has set the machine up.</summary>
    private static bool Answers(string path)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(path));
            return connection.Receive(new byte[1]) == 1;
        }
        catch (SocketException)
        {
            return false;
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

    private sealed record Files(string Console, string Control, string Root, string Overlay);
}

/// <summary>Both from before the fork.</summary>
/// <param name="Answers">To the greeting on the control socket.</param>
/// <param name="Ready">To the guest's ready line.</param>
internal sealed record BareTimes(TimeSpan Answers, TimeSpan Ready);
