using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;

namespace MasterController.Dashboard.Api;

/// <summary>Requests and answers of the controller's API over one client.</summary>
/// <remarks>
/// All calls throw <see cref="ApiException"/> where the controller refuses and
/// <see cref="ControllerUnreachableException"/> where it does not answer.
/// </remarks>
public sealed class ControllerCalls(HttpClient http)
{
    /// <summary>A call that waits for nothing is answered in milliseconds.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, body: null, type, cancellationToken);

    public async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? body,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var response = await AnswerAsync(method, path, body, cancellationToken);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return (await JsonSerializer.DeserializeAsync(stream, type, cancellationToken))!;
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or JsonException)
        {
            throw Unreachable(broken);
        }
    }

    /// <summary>For answers without a body, or whose body does not matter.</summary>
    public async Task SendAsync(
        HttpMethod method,
        string path,
        HttpContent? body,
        CancellationToken cancellationToken
    ) => (await AnswerAsync(method, path, body, cancellationToken)).Dispose();

    /// <summary>A stream that goes on until it is disposed of.</summary>
    public async Task<Stream> StreamAsync(string path, CancellationToken cancellationToken, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } id)
            request.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var response = await HeadersAsync(request, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await AnswerAsync(HttpMethod.Get, path, body: null, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    public static HttpContent Json<T>(T body, JsonTypeInfo<T> type) =>
        new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };

    private async Task<HttpResponseMessage> AnswerAsync(
        HttpMethod method,
        string path,
        HttpContent? body,
        CancellationToken cancellationToken
    )
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ends.CancelAfter(Timeout);
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            return await HeadersAsync(request, ends.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControllerUnreachableException(
                $"The controller has not answered for {Timeout.TotalSeconds} s.",
                late
            );
        }
    }

    private async Task<HttpResponseMessage> HeadersAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException lost)
        {
            throw Unreachable(lost);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new ApiException(await ProblemAsync(response, cancellationToken), (int)response.StatusCode);
    }

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(text, ContractsJson.Default.Problem) is { } problem)
                return problem;
        }
        catch (JsonException)
        {
            // Something between the controller and us, or a controller of another version.
        }
        return new Problem(
            "/problems/unknown",
            $"The controller answered {(int)response.StatusCode}.",
            (int)response.StatusCode
        );
    }

    private static ControllerUnreachableException Unreachable(Exception why) =>
        new("The controller does not answer.", why);
}
