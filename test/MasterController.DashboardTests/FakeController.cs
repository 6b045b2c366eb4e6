using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using MasterController.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MasterController.DashboardTests;

/// <summary>
/// An HTTP server on a Unix socket that answers as it is told to, so that parts of pages can be tested without a host:
/// the tests in a browser have the real controller.
/// </summary>
public sealed class FakeController : IAsyncDisposable
{
    public const string Key = "mc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private readonly WebApplication _app;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-dashboard-");
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _routes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Channel<Event>, bool> _followers = [];
    private long _lastEvent;

    private FakeController()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        Reply(
            "GET /api/v1/whoami",
            new WhoAmI("key:test (k-000000000000)", "admin", null, null, null),
            ContractsJson.Default.WhoAmI
        );
        _routes["GET /api/v1/events"] = StreamEventsAsync;
    }

    public string Socket => Path.Combine(_directory.FullName, "controller.sock");

    /// <summary>Requests so far, as "METHOD path?query body".</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<FakeController> StartAsync()
    {
        var fake = new FakeController();
        await fake._app.StartAsync();
        return fake;
    }

    /// <param name="route">"GET /api/v1/vms", without a query.</param>
    public void Reply<T>(string route, T body, JsonTypeInfo<T> type, int status = 200) =>
        _routes[route] = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
            await context.Response.WriteAsync(JsonSerializer.Serialize(body, type));
        };

    public void Refuse(string route, Problem problem) =>
        Reply(route, problem, ContractsJson.Default.Problem, problem.Status);

    public void Handle(string route, Func<HttpContext, Task> handler) => _routes[route] = handler;

    /// <summary>Tells everybody who follows the events.</summary>
    public void Publish(
        string type,
        string subject,
        string message = "",
        IReadOnlyDictionary<string, string>? data = null
    )
    {
        var happened = new Event(
            Interlocked.Increment(ref _lastEvent),
            TimeProvider.System.GetUtcNow(),
            type,
            subject,
            message,
            data
        );
        foreach (var follower in _followers.Keys)
            follower.Writer.TryWrite(happened);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var follower in _followers.Keys)
            follower.Writer.TryComplete();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        Asked.Enqueue(
            $"{request.Method} {request.Path}{request.QueryString} {await reader.ReadToEndAsync()}".TrimEnd()
        );
        if (request.Headers.Authorization != $"Bearer {Key}")
        {
            Problem unknown = new($"/problems/{ProblemTypes.Unauthenticated}", "The key is not known.", 401);
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync(JsonSerializer.Serialize(unknown, ContractsJson.Default.Problem));
        }
        else if (_routes.TryGetValue($"{request.Method} {request.Path}", out var route))
            await route(context);
        else
        {
            Problem none = new(
                $"/problems/{ProblemTypes.NotFound}",
                "There is no such path.",
                404,
                $"There is no {request.Path}."
            );
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync(JsonSerializer.Serialize(none, ContractsJson.Default.Problem));
        }
    }

    private async Task StreamEventsAsync(HttpContext context)
    {
        var channel = Channel.CreateUnbounded<Event>();
        _followers[channel] = true;
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        try
        {
            await foreach (var happened in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                var item = new SseItem<Event>(happened, happened.Type) { EventId = $"{happened.Id}" };
                await SseFormatter.WriteAsync(
                    One(item),
                    context.Response.Body,
                    (i, writer) =>
                    {
                        using var json = new Utf8JsonWriter(writer);
                        JsonSerializer.Serialize(json, i.Data, ContractsJson.Default.Event);
                    },
                    context.RequestAborted
                );
                await context.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The follower hung up.
        }
        finally
        {
            _followers.TryRemove(channel, out _);
        }
    }

    private static async IAsyncEnumerable<SseItem<Event>> One(SseItem<Event> item)
    {
        await Task.CompletedTask;
        yield return item;
    }
}
