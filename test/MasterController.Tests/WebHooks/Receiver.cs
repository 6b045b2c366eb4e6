using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MasterController.Tests.WebHooks;

/// <summary>A real receiver on loopback; it keeps all that it was sent and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Received> _received = [];
    private readonly WebApplication _app;

    private Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Its answer to the n-th request, from 1; 204 when it does nothing.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public string Url => $"{_app.Urls.First()}/hook";

    public IReadOnlyList<Received> All
    {
        get
        {
            lock (_lock)
                return [.. _received];
        }
    }

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        int number;
        lock (_lock)
        {
            _received.Add(
                new Received(
                    context.Request.Headers["Webhook-Id"].ToString(),
                    context.Request.Headers.ToDictionary(
                        h => h.Key,
                        h => h.Value.ToString(),
                        StringComparer.OrdinalIgnoreCase
                    ),
                    body
                )
            );
            number = _received.Count;
        }
        context.Response.StatusCode = 204;
        await Answer(context, number);
    }
}

internal sealed record Received(string Id, IReadOnlyDictionary<string, string> Headers, string Body);
