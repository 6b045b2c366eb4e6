using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MasterController.Core.Hypervisors.Firecracker;

/// <summary>
/// Talks HTTP/1.1 to one Firecracker process over its Unix socket. A reply comes when the action is done. The peer may
/// be under a guest's control, so an answer has a greatest length.
/// </summary>
internal sealed class FirecrackerClient : IDisposable
{
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(5);

    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public FirecrackerClient(string socketPath, TimeProvider clock)
    {
        _clock = clock;
        var endPoint = new UnixDomainSocketEndPoint(socketPath);
        var handler = new SocketsHttpHandler
        {
            // Of the ten connections that it serves at most.
            MaxConnectionsPerServer = 1,
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(endPoint, token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <summary>Waits for the process to make its socket, and says its version.</summary>
    /// <exception cref="HypervisorException">What answers is not Firecracker.</exception>
    public async Task<Version> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await GetVersionAsync(cancellationToken);
            }
            catch (HypervisorException e)
                when (e.InnerException is HttpRequestException { InnerException: SocketException })
            {
                await Task.Delay(PollTime, _clock, cancellationToken);
            }
        }
    }

    /// <exception cref="HypervisorException">Not reached, or what answers is not Firecracker.</exception>
    public async Task<Version> GetVersionAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "version");
        var body = await SendAsync(request, cancellationToken);
        return
            Parse(body, FirecrackerJson.Default.VersionReply)?.FirecrackerVersion is { } text
            && HypervisorBinary.ParseVersion(text) is { } version
            ? version
            : throw new HypervisorException($"GET /version: no version in {body}");
    }

    /// <exception cref="HypervisorException">Refused, with what Firecracker said, or not reached.</exception>
    public Task PutAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, body, type, cancellationToken);

    /// <inheritdoc cref="PutAsync"/>
    public Task PatchAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, body, type, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task SendAsync<T>(
        HttpMethod method,
        string path,
        T body,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        // Its server reads a chunked body as an empty one; a string is sent with its length.
        using var content = new StringContent(JsonSerializer.Serialize(body, type), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(method, path) { Content = content };
        await SendAsync(request, cancellationToken);
    }

    private async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var what = $"{request.Method} /{request.RequestUri}";
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return body;
            var fault = Parse(body, FirecrackerJson.Default.Fault);
            var reason = fault?.FaultMessage ?? fault?.Error ?? body;
            throw new HypervisorException($"{what}: {(int)response.StatusCode}: {reason.Trim()}");
        }
        catch (HttpRequestException e)
        {
            throw new HypervisorException($"{what}: {e.Message}", e);
        }
    }

    private static T? Parse<T>(string body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
