using System.Collections.Concurrent;
using System.Diagnostics;
using MasterController.Tests.Daemon;
using Xunit;

namespace MasterController.Tests.Telemetry;

public sealed class RequestSpansTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_request_goes_on_where_its_caller_says_and_is_named_by_its_route()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var api = await ApiUnderTest.StartAsync();

        await api.RefusedAsync("GET", "api/v1/pools/gone", header: ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"));

        Activity? span;
        while ((span = ended.FirstOrDefault(a => a.TraceId.ToHexString() == Trace)) is null)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal("GET /api/v1/pools/{pool}", span.DisplayName);
        Assert.Equal(
            (404, "/api/v1/pools/{pool}"),
            (span.GetTagItem("http.response.status_code"), span.GetTagItem("http.route"))
        );
    }
}
