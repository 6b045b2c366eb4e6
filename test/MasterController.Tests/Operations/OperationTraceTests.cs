using System.Collections.Concurrent;
using System.Diagnostics;
using MasterController.Core.Events;
using MasterController.Core.Operations;
using MasterController.Tests.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Operations;

public sealed class OperationTraceTests : IDisposable
{
    // Other tests' operations are heard as well: those of this one have a subject of their own.
    private readonly string _subject = $"vm-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly OperationJournal _journal;

    public OperationTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OperationTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        var clock = new FakeTimeProvider();
        _journal = new OperationJournal(new InMemoryStateStore(), new EventHub(clock), clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task An_operation_is_a_span_of_its_callers_trace_and_its_steps_are_its_children()
    {
        using var request = new Activity("request")
            .SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .Start();
        var run = _journal.Begin("vm.create", _subject, "lease", "start");
        Assert.Same(request, Activity.Current);
        await run.StepAsync("lease", _ => Task.CompletedTask, undo: null, Token);
        Assert.Same(request, Activity.Current);
        // It goes on when the request is over.
        request.Stop();
        await run.StepAsync("start", _ => Task.CompletedTask, undo: null, Token);
        await run.SucceedAsync();

        var span = Assert.Single(_ended, a => _subject.Equals(a.GetTagItem("operation.subject")));
        Assert.Equal(
            ("vm.create", "0af7651916cd43dd8448eb211c80319c"),
            (span.OperationName, span.TraceId.ToHexString())
        );
        Assert.Equal(request.SpanId, span.ParentSpanId);
        Assert.Equal(
            ("vm.create", run.Id, "succeeded"),
            (span.GetTagItem("operation.kind"), span.GetTagItem("operation.id"), span.GetTagItem("operation.status"))
        );
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Equal(["lease", "start"], _ended.Where(a => a.ParentSpanId == span.SpanId).Select(a => a.OperationName));
    }

    [Fact]
    public async Task What_fails_says_why()
    {
        var run = _journal.Begin("vm.create", _subject, "start");
        await Assert.ThrowsAsync<IOException>(() =>
            run.StepAsync("start", _ => throw new IOException("no kernel"), undo: null, Token)
        );
        await run.RolledBackAsync("the VM did not start");

        var span = Assert.Single(_ended, a => _subject.Equals(a.GetTagItem("operation.subject")));
        Assert.Equal((ActivityStatusCode.Error, "the VM did not start"), (span.Status, span.StatusDescription));
        Assert.Equal("rolled-back", span.GetTagItem("operation.status"));
        var step = Assert.Single(_ended, a => a.ParentSpanId == span.SpanId);
        Assert.Equal((ActivityStatusCode.Error, "no kernel"), (step.Status, step.StatusDescription));
    }

    [Fact]
    public async Task Work_that_is_no_operation_is_a_span_that_failed_until_it_succeeds()
    {
        using (var work = new MeasuredWork("vm.delete", _subject, TimeProvider.System))
        {
            await Assert.ThrowsAsync<IOException>(() =>
                work.StepAsync("take down", () => throw new IOException("busy"))
            );
            await work.StepAsync("take down", () => Task.CompletedTask);
            work.Succeed();
        }
        using (var work = new MeasuredWork("vm.delete", _subject, TimeProvider.System))
            await Assert.ThrowsAsync<IOException>(() =>
                work.StepAsync("take down", () => throw new IOException("busy"))
            );

        Activity[] spans = [.. _ended.Where(a => _subject.Equals(a.GetTagItem("operation.subject")))];
        Assert.Equal(["succeeded", "failed"], spans.Select(s => s.GetTagItem("operation.status")));
        Assert.Equal([null, "busy"], spans.Select(s => s.StatusDescription));
        Assert.Equal(
            [ActivityStatusCode.Error, ActivityStatusCode.Unset],
            _ended.Where(a => a.ParentSpanId == spans[0].SpanId).Select(a => a.Status)
        );
    }

    [Fact]
    public void One_that_was_never_stored_is_not_recorded()
    {
        var run = _journal.Begin("vm.start", _subject, "start");
        _journal.Abandon(run);

        Assert.False(Assert.Single(_ended, a => _subject.Equals(a.GetTagItem("operation.subject"))).Recorded);
    }
}
