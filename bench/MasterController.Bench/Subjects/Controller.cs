using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MasterController.Bench.Subjects;

/// <summary>A controller with a state directory, a socket and a log of its own.</summary>
internal sealed class Controller : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);

    /// <summary>Between two questions; the resolution of what is waited for.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly Process _process;
    private readonly string _directory;

    private Controller(Process process, string directory, string socket)
    {
        (_process, _directory, Socket) = (process, directory, socket);
        Http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, token) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    try
                    {
                        await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), token);
                        return new NetworkStream(connection, ownsSocket: true);
                    }
                    catch
                    {
                        connection.Dispose();
                        throw;
                    }
                },
            }
        )
        {
            BaseAddress = new Uri("http://localhost"),
        };
    }

    public HttpClient Http { get; }

    /// <summary>The path of its Unix socket.</summary>
    public string Socket { get; }

    public int Pid => _process.Id;

    /// <summary>From before the fork to the first 200 of /readyz.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Returns when it is ready.</summary>
    /// <param name="directory">Holds everything of it, and may hold the state of a former one.</param>
    /// <exception cref="InvalidOperationException">It is not to become ready; the message ends with its log.</exception>
    public static async Task<Controller> StartAsync(Workplace workplace, string directory)
    {
        var socket = Path.Combine(directory, "controller.sock");
        var configuration = Path.Combine(directory, "master-controller.toml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            state_dir = "{Path.Combine(directory, "state")}"
            socket = "{socket}"
            [log]
            format = "json"
            [image]
            packages = "{workplace.Packages}"
            """
        );
        // The shell becomes the controller: .NET could not send its output to a file without standing in between.
        var start = new ProcessStartInfo(
            "sh",
            ["-c", "exec \"$0\" --config \"$1\" >>\"$2\" 2>&1", workplace.Controller, configuration, Log(directory)]
        );
        var began = Stopwatch.GetTimestamp();
        var controller = new Controller(Process.Start(start)!, directory, socket);
        try
        {
            await controller.WaitUntilReadyAsync();
        }
        catch
        {
            await controller.DisposeAsync();
            throw;
        }
        controller.ReadyAfter = Stopwatch.GetElapsedTime(began);
        return controller;
    }

    /// <summary>Ends it in order; its VMs run on.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (_process)
        {
            if (_process.HasExited)
                return;
            using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
                await kill.WaitForExitAsync();
            using var deadline = new CancellationTokenSource(EndTime);
            try
            {
                await _process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                throw new TimeoutException($"the controller did not end within {EndTime.TotalSeconds} s");
            }
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        using var deadline = new CancellationTokenSource(ReadyTime);
        while (!await IsReadyAsync(deadline.Token))
        {
            if (_process.HasExited || deadline.IsCancellationRequested)
                throw new InvalidOperationException($"not ready: {await File.ReadAllTextAsync(Log(_directory))}");
            await Task.Delay(Poll);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync("/readyz", cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Log(string directory) => Path.Combine(directory, "controller.log");
}
