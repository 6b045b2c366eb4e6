using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MasterController.Core.Images;
using Xunit;

namespace MasterController.LinuxTests.Images;

/// <summary>A guest under QEMU's microvm machine without KVM, started with the plainest command line that boots it.</summary>
internal sealed partial class GuestMachine : IAsyncDisposable
{
    /// <summary>For a loaded machine; a boot takes 2 s on an idle one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>BusyBox asks the terminal for its cursor after it.</summary>
    private const string Prompt = @"# (\x1b\[6n)?$";

    private readonly string _directory;
    private readonly Process _process;
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private Socket? _console;
    private Task _draining = Task.CompletedTask;

    private GuestMachine(string directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    public string Console => File.Exists(ConsolePath) ? File.ReadAllText(ConsolePath).ReplaceLineEndings("\n") : "";

    private string ConsolePath => Path.Combine(_directory, "console.log");

    /// <param name="directory">For the console's log and the sockets.</param>
    /// <param name="parameters">Appended to the kernel's command line.</param>
    public static GuestMachine Start(
        string directory,
        TestNamespace network,
        ImageFiles image,
        VmDisks disks,
        string parameters,
        bool bzImage = false
    )
    {
        File.Delete(Path.Combine(directory, "console.log"));
        List<string> command =
        [
            "ip",
            "netns",
            "exec",
            network.Name,
            "qemu-system-x86_64",
            "-M",
            "microvm,acpi=on,accel=tcg",
            "-cpu",
            "max",
            "-m",
            "256",
            "-smp",
            "1",
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-no-reboot",
            "-kernel",
            bzImage ? image.KernelBzImage : image.KernelElf,
            "-initrd",
            image.Initramfs,
            "-append",
            $"console=ttyS0 quiet panic=1 reboot=t pci=off tsc_early_khz={TscKilohertz()} tsc=reliable {parameters}",
            "-chardev",
            $"socket,id=console,path={directory}/console.sock,server=on,wait=off,logfile={directory}/console.log",
            "-serial",
            "chardev:console",
            "-qmp",
            $"unix:{directory}/qmp.sock,server=on,wait=off",
            "-global",
            "virtio-mmio.force-legacy=false",
            "-drive",
            $"id=root,if=none,format=raw,file={disks.Root},readonly={(disks.RootReadOnly ? "on" : "off")}",
            "-device",
            "virtio-blk-device,drive=root",
        ];
        if (disks.Overlay is { } overlay)
            command.AddRange([
                "-drive",
                $"id=overlay,if=none,format=raw,file={overlay}",
                "-device",
                "virtio-blk-device,drive=overlay",
            ]);
        command.AddRange([
            "-netdev",
            $"tap,id=net,ifname={TestNamespace.Tap},script=no,downscript=no",
            "-device",
            "virtio-net-device,netdev=net,mac=02:fc:c0:a8:00:02",
        ]);
        return new GuestMachine(directory, TestNamespace.Start([.. command]));
    }

    /// <summary>The text after <paramref name="pattern"/>'s first group, when the console has it.</summary>
    public async Task<string> WaitForAsync([StringSyntax("Regex")] string pattern, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            if (Regex.Match(Console, pattern, RegexOptions.Multiline) is { Success: true } match)
                return match.Groups[1].Value;
            if (_process.HasExited || waiting.Elapsed > Patience)
                Assert.Fail($"no \"{pattern}\" on the console: {Console}");
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>The address that the guest says it is ready with.</summary>
    public async Task<string> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var address = await WaitForAsync("^master-controller: guest ready (.+)$", cancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"ready after {_running.Elapsed.TotalSeconds:0.00} s");
        return address;
    }

    /// <summary>Runs a command in the shell that mc.shell=1 gives, and gives what it printed.</summary>
    public async Task<string> ShellAsync(string command, CancellationToken cancellationToken)
    {
        var mark = Guid.NewGuid().ToString("n");
        // In the echo of the line the mark's halves are apart.
        await SendAsync(
            $"echo {mark[..16]}''{mark[16..]}; {command}; echo {mark[16..]}''{mark[..16]}",
            cancellationToken
        );
        return await WaitForAsync($@"^{mark}\n((?:.*\n)*?){mark[16..]}{mark[..16]}$", cancellationToken);
    }

    /// <summary>Types a line at the shell's prompt.</summary>
    public async Task SendAsync(string line, CancellationToken cancellationToken)
    {
        await WaitForAsync(Prompt, cancellationToken);
        if (_console is null)
        {
            _console = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await _console.ConnectAsync(new UnixDomainSocketEndPoint($"{_directory}/console.sock"), cancellationToken);
            _draining = DrainAsync(_console);
        }
        await _console.SendAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);
    }

    /// <summary>
    /// The serial port is written a byte at a time, and some 270 writes fill a Unix socket that nobody reads: the guest
    /// would stand still.
    /// </summary>
    private static async Task DrainAsync(Socket console)
    {
        var buffer = new byte[4096];
        try
        {
            while (await console.ReceiveAsync(buffer) > 0) { }
        }
        catch (SocketException)
        {
            // The machine has ended, or the test.
        }
    }

    /// <summary>Presses the power button: QMP "system_powerdown".</summary>
    public async Task PressPowerButtonAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{_directory}/qmp.sock"), cancellationToken);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await reader.ReadLineAsync(cancellationToken);
        foreach (var command in (string[])["qmp_capabilities", "system_powerdown"])
        {
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($$"""{"execute":"{{command}}"}""" + "\n"),
                cancellationToken
            );
            await reader.ReadLineAsync(cancellationToken);
        }
    }

    /// <summary>The exit status of the machine's process, which ends when the guest resets.</summary>
    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _draining;
        _console?.Dispose();
        _process.Dispose();
    }

    /// <summary>Without it the kernel measures the clock against a timer, which fails now and then without KVM.</summary>
    private static long TscKilohertz() =>
        (long)(
            double.Parse(
                Megahertz().Match(File.ReadAllText("/proc/cpuinfo")).Groups[1].Value,
                CultureInfo.InvariantCulture
            ) * 1000
        );

    [GeneratedRegex(@"^cpu MHz\s*: (\d+\.\d+)$", RegexOptions.Multiline)]
    private static partial Regex Megahertz();
}
