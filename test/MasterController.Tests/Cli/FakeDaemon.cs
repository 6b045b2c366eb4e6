using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MasterController.Tests.Cli;

/// <summary>A daemon on a real Unix socket whose answers a test scripts; everything it was asked is kept.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly Dictionary<string, RequestDelegate> _routes = [];
    private readonly Lock _lock = new();
    private readonly List<Asked> _asked = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("mctl-").FullName;
    private readonly WebApplication _app;

    private FakeDaemon(string? socket)
    {
        Socket = socket ?? Path.Combine(_directory, "s");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Socket { get; }

    public IReadOnlyList<Asked> AskedFor
    {
        get
        {
            lock (_lock)
            {
                return [.. _asked];
            }
        }
    }

    /// <param name="socket">Where to listen; somewhere of its own when null.</param>
    /// <param name="script">Its answers, for a caller that is knocking already.</param>
    public static async Task<FakeDaemon> StartAsync(string? socket = null, Action<FakeDaemon>? script = null)
    {
        var daemon = new FakeDaemon(socket);
        script?.Invoke(daemon);
        await daemon._app.StartAsync();
        return daemon;
    }

    /// <param name="route">"GET /api/v1/vms", without the query.</param>
    public FakeDaemon On(string route, RequestDelegate answer)
    {
        _routes[route] = answer;
        return this;
    }

    public FakeDaemon On<T>(string route, JsonTypeInfo<T> type, T body, int status = 200) =>
        On(route, context => WriteAsync(context, type, body, status));

    /// <summary>An answer after another; the last one stays.</summary>
    public FakeDaemon On<T>(string route, JsonTypeInfo<T> type, params T[] bodies)
    {
        var next = -1;
        return On(
            route,
            context =>
                WriteAsync(context, type, bodies[Math.Min(Interlocked.Increment(ref next), bodies.Length - 1)], 200)
        );
    }

    public FakeDaemon Refuse(string route, Problem problem) =>
        On(
            route,
            async context =>
            {
                context.Response.StatusCode = problem.Status;
                context.Response.ContentType = "application/problem+json";
                await context.Response.Body.WriteAsync(
                    JsonSerializer.SerializeToUtf8Bytes(problem, ContractsJson.Default.Problem)
                );
            }
        );

    public static Task WriteAsync<T>(HttpContext context, JsonTypeInfo<T> type, T body, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, type)).AsTask();
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        var asked = new Asked(
            $"{context.Request.Method} {context.Request.Path}",
            context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
            await body.ReadToEndAsync()
        );
        lock (_lock)
        {
            _asked.Add(asked);
        }

        if (_routes.TryGetValue(asked.Route, out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = 404;
            var problem = new Problem("/problems/not-found", "Not found", 404, $"there is no {context.Request.Path}");
            await WriteAsync(context, ContractsJson.Default.Problem, problem, 404);
        }
    }
}

internal sealed record Asked(string Route, string Query, IReadOnlyDictionary<string, string> Headers, string Body);
