using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MasterController.Core.Events;

namespace MasterController.Core.WebHooks;

/// <summary>An event as receivers get it.</summary>
public delegate byte[] EventBody(ControllerEvent happened);

/// <summary>What came of one attempt.</summary>
/// <param name="Status">Of the answer; null where there was none.</param>
/// <param name="Error">Null where it was delivered.</param>
/// <param name="RetryAfter">As the receiver asks for it.</param>
public sealed record WebHookAttempt(int? Status, string? Error, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Error is null;
}

/// <summary>Posts one event to one receiver, once.</summary>
public sealed class WebHookSender(WebHookTargets targets, EventBody bodyOf, string userAgent, TimeProvider clock)
    : IDisposable
{
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int MostBytes = 64 * 1024;

    // No proxy: it would connect to what is refused here.
    private readonly HttpClient _http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseDrainSize = MostBytes,
            ConnectCallback = (context, cancellationToken) =>
                targets.ConnectAsync(context.DnsEndPoint, cancellationToken),
        }
    )
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    /// <param name="id">The receiver tells by it what it has had before.</param>
    public async Task<WebHookAttempt> SendAsync(
        WebHookRecord hook,
        string id,
        ControllerEvent happened,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = Request(hook, id, bodyOf(happened));
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)answer.StatusCode;
            return answer.IsSuccessStatusCode
                ? new WebHookAttempt(status, Error: null, RetryAfter: null)
                : new WebHookAttempt(status, WhyNot(answer.StatusCode), RetryAfterOf(answer.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebHookAttempt(
                Status: null,
                $"the receiver did not answer within {Timeout.TotalSeconds:0} s",
                RetryAfter: null
            );
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new WebHookAttempt(Status: null, failure.GetBaseException().Message, RetryAfter: null);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(WebHookRecord hook, string id, byte[] body)
    {
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation("Webhook-Id", id);
        request.Headers.TryAddWithoutValidation("Webhook-Timestamp", timestamp);
        request.Headers.TryAddWithoutValidation(
            "Webhook-Signature",
            WebHookSecret.Sign(hook.Secret, id, timestamp, body)
        );
        return request;
    }

    private static string WhyNot(HttpStatusCode status) =>
        (int)status is >= 300 and < 400
            ? $"the receiver answered {(int)status}, and redirects are not followed"
            : $"the receiver answered {(int)status}";

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
}
