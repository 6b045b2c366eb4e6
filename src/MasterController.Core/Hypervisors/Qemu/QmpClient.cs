using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MasterController.Core.Hypervisors.Qemu;

/// <summary>
/// Talks QMP over a Unix socket: a greeting, then one answer a line, events between them. QEMU serves one connection at
/// a time, so a client is disposed soon. The peer may be under a guest's control, so a line has a greatest length.
/// </summary>
internal sealed class QmpClient : IDisposable
{
    private const int LongestLine = 64 * 1024;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[LongestLine];
    private int _filled;

    private QmpClient() { }

    /// <exception cref="HypervisorException">Nobody listens, or what listens is not QEMU.</exception>
    public static async Task<QmpClient> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var client = new QmpClient();
        try
        {
            await client._socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            if ((await client.ReceiveAsync(cancellationToken)).Greeting is null)
                throw new HypervisorException($"{path} does not greet as QMP does");
            await client.ExecuteAsync("qmp_capabilities", cancellationToken);
            return client;
        }
        catch (SocketException e)
        {
            client.Dispose();
            throw new HypervisorException($"{path}: {e.Message}", e);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>"running", "paused", "internal-error", … (RunState in qapi/run-state.json).</summary>
    /// <exception cref="HypervisorException">Refused, or the connection broke.</exception>
    public async Task<string> QueryStatusAsync(CancellationToken cancellationToken)
    {
        var answer = await ExecuteAsync("query-status", cancellationToken);
        return answer.Deserialize(QmpJson.Default.QmpStatus)?.Status ?? "unknown";
    }

    /// <summary>Presses the guest's power button.</summary>
    /// <exception cref="HypervisorException">Refused, or the connection broke.</exception>
    public Task PowerDownAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("system_powerdown", cancellationToken);

    /// <summary>Ends QEMU.</summary>
    /// <exception cref="HypervisorException">Refused, or the connection broke.</exception>
    public Task QuitAsync(CancellationToken cancellationToken) => ExecuteAsync("quit", cancellationToken);

    public void Dispose() => _socket.Dispose();

    private async Task<JsonElement> ExecuteAsync(string command, CancellationToken cancellationToken)
    {
        try
        {
            var request = JsonSerializer.SerializeToUtf8Bytes(new QmpCommand(command), QmpJson.Default.QmpCommand);
            await _socket.SendAsync((byte[])[.. request, (byte)'\n'], cancellationToken);
        }
        catch (SocketException e)
        {
            throw new HypervisorException($"QMP {command}: {e.Message}", e);
        }
        while (true)
        {
            var message = await ReceiveAsync(cancellationToken);
            if (message.Error is { } error)
                throw new HypervisorException($"QMP {command}: {error.Description} ({error.Class})");
            if (message.Return is { } answer)
                return answer;
        }
    }

    private async Task<QmpMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
            if (end >= 0)
                return Take(end);
            if (_filled == _buffer.Length)
                throw new HypervisorException($"QMP: a line of more than {LongestLine} bytes");
            int received;
            try
            {
                received = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellationToken);
            }
            catch (SocketException e)
            {
                throw new HypervisorException($"QMP: {e.Message}", e);
            }
            if (received == 0)
                throw new HypervisorException("QMP: the connection was closed");
            _filled += received;
        }
    }

    private QmpMessage Take(int end)
    {
        var line = _buffer.AsSpan(0, end);
        try
        {
            return JsonSerializer.Deserialize(line, QmpJson.Default.QmpMessage)
                ?? throw new HypervisorException("QMP: null instead of a message");
        }
        catch (JsonException e)
        {
            throw new HypervisorException($"QMP: not a message: {Encoding.UTF8.GetString(line)}", e);
        }
        finally
        {
            _filled -= end + 1;
            _buffer.AsSpan(end + 1, _filled).CopyTo(_buffer);
        }
    }
}
