using System.Diagnostics;
using MasterController.Linux.Cgroups;
using MasterController.Linux.Namespaces;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>
/// A "host" with an uplink to an "internet", each a network namespace of its own, and the real controller binary in
/// the first. Everything it made is gone after disposal, VM processes included.
/// </summary>
public sealed class TestHost : IAsyncDisposable
{
    public const string UplinkAddress = "198.51.100.2";
    public const string FarAddress = "203.0.113.10";

    private readonly NetworkNamespace _host = NetworkNamespace.Create();
    private readonly NetworkNamespace _internet = NetworkNamespace.Create();
    private readonly List<string> _log = [];
    private Process? _controller;

    private TestHost()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("mc-e2e-").FullName;
        // VM processes have to reach their own directories below it.
        File.SetUnixFileMode(Directory, File.GetUnixFileMode(Directory) | UnixFileMode.OtherExecute);
    }

    public string Directory { get; }

    public string StateDirectory => Path.Combine(Directory, "state");

    public string Socket => Path.Combine(Directory, "mc.sock");

    public ApiClient Api { get; private set; } = null!;

    public int ControllerPid => _controller!.Id;

    /// <summary>What the controller wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <param name="image">Null: a host that has no image yet.</param>
    /// <param name="launcher">Becomes the controller: a program and its arguments up to the controller's path.</param>
    /// <param name="connect">What more the namespaces need before the controller starts.</param>
    public static async Task<TestHost> StartAsync(
        BuiltImage? image,
        string toml = "",
        IReadOnlyList<string>? launcher = null,
        Action<TestHost>? connect = null
    )
    {
        var host = new TestHost { Launcher = launcher ?? [] };
        try
        {
            host.Connect();
            connect?.Invoke(host);
            System.IO.Directory.CreateDirectory(host.StateDirectory);
            if (image is not null)
                await image.InstallAsync(Path.Combine(host.StateDirectory, "images"), CancellationToken.None);
            await File.WriteAllTextAsync(
                host.ConfigFile,
                $"state_dir = \"{host.StateDirectory}\"\nsocket = \"{host.Socket}\"\n{toml}\n"
            );
            host.Api = new ApiClient(host.Socket);
            await host.StartControllerAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private IReadOnlyList<string> Launcher { get; init; } = [];

    private string ConfigFile => Path.Combine(Directory, "controller.toml");

    public async Task StartControllerAsync()
    {
        _controller = Launch();
        await Eventually.TrueAsync(
            async () =>
            {
                if (_controller.HasExited)
                    throw new InvalidOperationException($"the controller ended with {_controller.ExitCode}:\n{Log}");
                return await Api.IsReadyAsync();
            },
            "the controller is ready"
        );
    }

    /// <summary>Starts a controller that is expected to refuse; what it printed, and its exit code.</summary>
    public async Task<(int ExitCode, string Output)> RunSecondControllerAsync(params string[] arguments)
    {
        using var process = InHost(() => StartProcess(ControllerBinary, ["--config", ConfigFile, .. arguments]));
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return (process.ExitCode, await output + await error);
    }

    public async Task KillControllerAsync()
    {
        _controller!.Kill();
        await _controller.WaitForExitAsync();
        _controller.Dispose();
        _controller = null;
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> TerminateControllerAsync()
    {
        Run("kill", "-TERM", $"{ControllerPid}");
        await _controller!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var exitCode = _controller.ExitCode;
        _controller.Dispose();
        _controller = null;
        return exitCode;
    }

    /// <summary>Runs a program in the host's namespace; its output.</summary>
    public string Run(string program, params string[] arguments) => RunIn(_host, program, arguments);

    public string RunInInternet(string program, params string[] arguments) => RunIn(_internet, program, arguments);

    public static string RunIn(NetworkNamespace space, string program, params string[] arguments)
    {
        using var process = space.Run(() => StartProcess(program, arguments));
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: {output}{error.GetAwaiter().GetResult()}"
            );
    }

    public bool Pings(string address)
    {
        using var ping = InHost(() => StartProcess("ping", ["-q", "-c", "1", "-W", "2", address]));
        ping.WaitForExit();
        return ping.ExitCode == 0;
    }

    /// <summary>Starts a program in the host's namespace.</summary>
    public Process Start(string program, params string[] arguments) => InHost(() => StartProcess(program, arguments));

    /// <summary>The TAPs that carry our name.</summary>
    public IReadOnlyList<string> Taps() =>
        [
            .. Run("ip", "-o", "link", "show")
                .Split('\n')
                .Select(l => l.Split(": "))
                .Where(p => p.Length > 1 && p[1].StartsWith("fc", StringComparison.Ordinal))
                .Select(p => p[1].Split('@')[0])
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Processes whose command line names this host's state directory, the controller left out.</summary>
    public IReadOnlyList<int> VmProcesses() =>
        [
            .. System
                .IO.Directory.EnumerateDirectories("/proc")
                .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
                .Where(pid => pid > 0 && pid != _controller?.Id && CommandLine(pid).Contains($"{StateDirectory}/vms/")),
        ];

    public async ValueTask DisposeAsync()
    {
        if (_controller is not null)
            await KillControllerAsync();
        foreach (var pid in VmProcesses())
            EndProcess(pid);
        await Eventually.TrueAsync(() => Task.FromResult(VmProcesses().Count == 0), "the VM processes are gone");
        Api?.Dispose();
        await RemoveCgroupsAsync();
        _host.Dispose();
        _internet.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>A process that was killed is in its group until its parent has waited for it.</summary>
    private async Task RemoveCgroupsAsync()
    {
        var id = Path.Combine(StateDirectory, "id");
        if (File.Exists(id) && CgroupTree.Open($"master-controller-{File.ReadAllText(id)[..8]}") is { } groups)
            await Eventually.TrueAsync(groups.RemoveAll, "the control groups are removed");
    }

    private static string ControllerBinary => Path.Combine(Repository.Root, "out", "bin", "master-controller");

    private Process Launch()
    {
        string[] command = [.. Launcher, ControllerBinary, "--config", ConfigFile];
        var process = InHost(() => StartProcess(command[0], command[1..]));
        process.OutputDataReceived += (_, line) => Remember(line.Data);
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Remember(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.Add(line);
    }

    private void Connect()
    {
        Run("ip", "link", "add", "uplink0", "type", "veth", "peer", "name", "isp0", "netns", _internet.Path);
        Run("ip", "link", "set", "lo", "up");
        Run("ip", "address", "add", $"{UplinkAddress}/24", "dev", "uplink0");
        Run("ip", "link", "set", "uplink0", "up");
        Run("ip", "route", "add", "default", "via", "198.51.100.1");
        RunInInternet("ip", "link", "set", "lo", "up");
        RunInInternet("ip", "address", "add", "198.51.100.1/24", "dev", "isp0");
        RunInInternet("ip", "address", "add", $"{FarAddress}/32", "dev", "lo");
        RunInInternet("ip", "link", "set", "isp0", "up");
    }

    /// <summary>Makes something in the host's namespace: a child or a socket stays in that of the thread that makes it.</summary>
    public T InHost<T>(Func<T> make) => _host.Run(make);

    public T InInternet<T>(Func<T> make) => _internet.Run(make);

    private static Process StartProcess(string program, IReadOnlyList<string> arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;

    private static void EndProcess(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself meanwhile.
        }
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
