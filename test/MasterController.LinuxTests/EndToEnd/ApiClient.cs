using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The API over the controller's Unix socket, as the tests speak it.</summary>
public sealed class ApiClient(string socket) : IDisposable
{
    private readonly HttpClient _http = new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), token);
                return new NetworkStream(connection, ownsSocket: true);
            },
        }
    )
    {
        BaseAddress = new Uri("http://localhost/api/v1/"),
        Timeout = TimeSpan.FromMinutes(3),
    };

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync("/readyz");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Creates a VM and waits until it runs or has failed.</summary>
    public Task<Vm> CreateAsync(CreateVmRequest? request = null, int waitSeconds = 60) =>
        SendAsync(
            HttpMethod.Post,
            "vms",
            HttpStatusCode.Accepted,
            ContractsJson.Default.Vm,
            Body(request ?? new CreateVmRequest(), ContractsJson.Default.CreateVmRequest),
            waitSeconds
        );

    public Task<Vm> VmAsync(string id) => GetAsync($"vms/{id}", ContractsJson.Default.Vm);

    /// <summary>Waits until the guest has said on its console that it is ready.</summary>
    public Task WaitReadyAsync(string id) =>
        Eventually.TrueAsync(async () => (await VmAsync(id)).ReadyAt is not null, $"{id} is ready");

    public async Task<IReadOnlyList<Vm>> VmsAsync() =>
        (await GetAsync("vms?limit=1000", ContractsJson.Default.VmList)).Items;

    public Task<Pool> PoolAsync(string name = "default") => GetAsync($"pools/{name}", ContractsJson.Default.Pool);

    public Task<Vm> ChangeAsync(string id, string action, int? timeoutSeconds = null) =>
        SendAsync(
            HttpMethod.Post,
            $"vms/{id}/{action}",
            HttpStatusCode.Accepted,
            ContractsJson.Default.Vm,
            timeoutSeconds is null
                ? null
                : Body(new StopVmRequest(timeoutSeconds), ContractsJson.Default.StopVmRequest),
            waitSeconds: 90
        );

    public Task DeleteAsync(string id, int waitSeconds = 60) => DeletePathAsync($"vms/{id}", waitSeconds);

    public async Task DeletePathAsync(string path, int waitSeconds = 60)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        request.Headers.Add("Prefer", $"wait={waitSeconds}");
        using var response = await _http.SendAsync(request);
        Assert.True(
            response.IsSuccessStatusCode,
            $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}"
        );
    }

    public Task<string> ConsoleAsync(string id, int tail = 1000) =>
        _http.GetStringAsync($"vms/{id}/console?tail={tail}");

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) =>
        SendAsync(HttpMethod.Get, path, HttpStatusCode.OK, type);

    public Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpStatusCode expected,
        JsonTypeInfo<T> type,
        HttpContent? content = null,
        int? waitSeconds = null,
        string? idempotencyKey = null
    ) => SendAnyAsync(method, path, [expected], type, content, waitSeconds, idempotencyKey);

    public async Task<T> SendAnyAsync<T>(
        HttpMethod method,
        string path,
        HttpStatusCode[] expected,
        JsonTypeInfo<T> type,
        HttpContent? content = null,
        int? waitSeconds = null,
        string? idempotencyKey = null
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (waitSeconds is not null)
            request.Headers.Add("Prefer", $"wait={waitSeconds}");
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected.Contains(response.StatusCode), $"{method} {path}: {response.StatusCode}: {text}");
        return System.Text.Json.JsonSerializer.Deserialize(text, type)!;
    }

    public static JsonContent Body<T>(T body, JsonTypeInfo<T> type) => JsonContent.Create(body, type);

    public void Dispose() => _http.Dispose();
}
