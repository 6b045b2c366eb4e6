using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using MasterController.Core.Events;
using MasterController.Core.Operations;
using MasterController.Daemon.Telemetry;
using MasterController.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Xunit;

namespace MasterController.Tests.Telemetry;

public sealed class TracesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_are_sent_by_otlp_to_whom_the_configuration_names()
    {
        var bodies = new ConcurrentQueue<(string Path, string? Type, byte[] Body)>();
        await using var receiver = await ReceiverAsync(bodies);
        var services = new ServiceCollection();
        TelemetryServices.AddTraces(
            services,
            new TelemetrySettings(new Uri(receiver.Urls.First()), TelemetrySettings.Http)
        );
        await using var provider = services.BuildServiceProvider();
        var traces = provider.GetRequiredService<TracerProvider>();
        var journal = new OperationJournal(
            new InMemoryStateStore(),
            new EventHub(TimeProvider.System),
            TimeProvider.System
        );

        var run = journal.Begin("pool.expand", "pool-of-this-test", "commit the pool of this test");
        await run.StepAsync("commit the pool of this test", _ => Task.CompletedTask, undo: null, Token);
        await run.SucceedAsync();
        Assert.True(traces.ForceFlush(10_000));
        // What was flushed has left the queue, and may still be on its way.
        while (!Encoding.UTF8.GetString([.. bodies.SelectMany(b => b.Body)]).Contains("pool.expand"))
            await Task.Delay(20, Token);

        Assert.All(bodies, b => Assert.Equal(("/v1/traces", "application/x-protobuf"), (b.Path, b.Type)));
        var sent = Encoding.UTF8.GetString([.. bodies.SelectMany(b => b.Body)]);
        Assert.Contains("master-controller", sent);
        Assert.Contains("pool.expand", sent);
        Assert.Contains("pool-of-this-test", sent);
        Assert.Contains("commit the pool of this test", sent);
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_made()
    {
        var services = new ServiceCollection();
        TelemetryServices.AddTraces(services, TelemetrySettings.None);

        Assert.Empty(services);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces")]
    [InlineData("https://collector.example.org/otlp/", "https://collector.example.org/otlp/v1/traces")]
    public void Over_http_each_signal_has_its_path(string endpoint, string path) =>
        Assert.Equal(path, TelemetryServices.TracesOf(new Uri(endpoint)).AbsoluteUri);

    private static async Task<WebApplication> ReceiverAsync(ConcurrentQueue<(string, string?, byte[])> bodies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            bodies.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }
}
