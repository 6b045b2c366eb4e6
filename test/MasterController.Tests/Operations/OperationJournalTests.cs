using MasterController.Core.Events;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Tests.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Operations;

public sealed class OperationJournalTests
{
    private readonly InMemoryStateStore _store = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly OperationJournal _journal;

    public OperationJournalTests() => _journal = Journal();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operation_that_succeeds_goes_through_its_steps_and_is_stored()
    {
        var run = _journal.Begin("vm.create", "vm-1", "lease", "start");
        await _store.CommitAsync(run.Record);
        await run.StepAsync("lease", _ => Task.CompletedTask, undo: null, Cancelled);
        Assert.Equal([StepStatus.Done, StepStatus.Pending], run.Current.Steps.Select(s => s.Status));
        Assert.Equal(0.5, run.Current.Progress);
        await run.StepAsync("start", _ => Task.CompletedTask, undo: null, Cancelled);
        await run.SucceedAsync(new StoreChange.SettingSaved("alongside", "yes"));

        var stored = await _store.LoadAsync(Cancelled);
        var operation = Assert.Single(stored.Operations);
        Assert.Equal(OperationStatus.Succeeded, operation.Status);
        Assert.Equal(1, operation.Progress);
        Assert.Equal(_clock.GetUtcNow(), operation.EndedAt);
        Assert.Equal("yes", stored.Settings["alongside"]);
        Assert.Null(_journal.FindRunning("vm.create", "vm-1"));
    }

    [Fact]
    public async Task A_step_that_fails_is_marked_and_all_that_began_is_undone_last_first()
    {
        List<string> undone = [];
        var run = _journal.Begin("k", "s", "one", "two", "three");
        await run.StepAsync("one", _ => Task.CompletedTask, Undo("one"), Cancelled);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            run.StepAsync("two", _ => throw new TimeZoneNotFoundException(), Undo("two"), Cancelled)
        );
        Assert.Equal(StepStatus.Failed, run.Current.Steps[1].Status);
        await run.UndoAsync();
        await run.UndoAsync();
        Assert.Equal(["two", "one"], undone);
        Assert.Equal(
            [StepStatus.Undone, StepStatus.Undone, StepStatus.Pending],
            run.Current.Steps.Select(s => s.Status)
        );

        Func<Task> Undo(string step) =>
            () =>
            {
                undone.Add(step);
                return Task.CompletedTask;
            };
    }

    [Fact]
    public async Task Undoing_goes_on_past_a_failure_and_tells_them_all()
    {
        var run = _journal.Begin("k", "s", "one", "two", "three");
        var reached = false;
        await run.StepAsync("one", _ => Task.CompletedTask, () => Task.FromResult(reached = true), Cancelled);
        await run.StepAsync("two", _ => Task.CompletedTask, () => throw new InvalidOperationException("b"), Cancelled);
        await run.StepAsync(
            "three",
            _ => Task.CompletedTask,
            () => throw new InvalidOperationException("a"),
            Cancelled
        );
        var failure = await Assert.ThrowsAsync<AggregateException>(run.UndoAsync);
        Assert.Equal(["a", "b"], failure.InnerExceptions.Select(e => e.Message));
        Assert.True(reached);
    }

    [Fact]
    public async Task Steps_say_how_long_they_took_by_the_journals_clock()
    {
        var run = _journal.Begin("k", "s", "one", "two", "three");
        await run.StepAsync("one", _ => Pass(1_250), () => Pass(7_000), Cancelled);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            run.StepAsync(
                "two",
                async _ =>
                {
                    Assert.Null(run.Current.Steps[1].Milliseconds);
                    await Pass(30.04);
                    throw new TimeZoneNotFoundException();
                },
                undo: null,
                Cancelled
            )
        );
        await run.UndoAsync();
        Assert.Equal(
            [
                new OperationStep("one", StepStatus.Undone, 1_250),
                new OperationStep("two", StepStatus.Failed, 30),
                new OperationStep("three", StepStatus.Pending),
            ],
            run.Current.Steps
        );

        Task Pass(double milliseconds)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_cancelled_operation_begins_no_further_step()
    {
        var run = _journal.Begin("k", "s", "one");
        var began = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            run.StepAsync("one", _ => Task.FromResult(began = true), undo: null, new CancellationToken(true))
        );
        Assert.False(began);
        Assert.Equal(StepStatus.Pending, run.Current.Steps[0].Status);
    }

    [Fact]
    public async Task A_journalled_step_is_in_the_store_when_it_is_done()
    {
        var run = _journal.Begin("k", "s", "one", "two");
        await run.StepAsync("one", _ => Task.CompletedTask, undo: null, Cancelled, journalled: true);
        await run.StepAsync("two", _ => Task.CompletedTask, undo: null, Cancelled);
        var stored = Assert.Single((await _store.LoadAsync(Cancelled)).Operations);
        Assert.Equal([StepStatus.Done, StepStatus.Pending], stored.Steps.Select(s => s.Status));
    }

    [Fact]
    public async Task Waiting_ends_with_the_operation()
    {
        var run = _journal.Begin("k", "s");
        var waiting = _journal.WaitAsync(run.Id, Cancelled);
        Assert.False(waiting.IsCompleted);
        await run.FailAsync("it broke");
        Assert.Equal("it broke", (await waiting)!.Error);
        Assert.Null(await _journal.WaitAsync("op-unknown", Cancelled));
    }

    [Fact]
    public async Task Waiting_ends_even_when_the_end_cannot_be_stored()
    {
        var run = _journal.Begin("k", "s");
        var waiting = _journal.WaitAsync(run.Id, Cancelled);
        _store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => run.SucceedAsync());
        Assert.Equal(OperationStatus.Succeeded, (await waiting)!.Status);
    }

    [Fact]
    public async Task After_a_restart_running_operations_are_taken_up_and_ended_ones_shown()
    {
        var ended = _journal.Begin("k", "ended");
        await ended.RolledBackAsync("no room");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var running = _journal.Begin("image.build", "golden", "download", "install");
        await running.StepAsync("download", _ => Task.CompletedTask, undo: null, Cancelled, journalled: true);

        var next = Journal();
        next.Load(await _store.LoadAsync(Cancelled));
        Assert.Equal([running.Id, ended.Id], next.List().Select(o => o.Id));
        Assert.Equal(OperationStatus.RolledBack, (await next.WaitAsync(ended.Id, Cancelled))!.Status);
        var found = next.FindRunning("image.build", "golden");
        var resumed = next.Resume(found!);
        await resumed.StepAsync("install", _ => Task.CompletedTask, undo: null, Cancelled);
        await resumed.SucceedAsync();
        Assert.Equal(OperationStatus.Succeeded, next.Find(running.Id)!.Status);
    }

    [Fact]
    public async Task Ended_operations_beyond_the_limit_are_forgotten_oldest_first_here_and_in_the_store()
    {
        var first = _journal.Begin("k", "first");
        await first.SucceedAsync();
        for (var i = 0; i < OperationJournal.Remembered; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await _journal.Begin("k", $"{i}").SucceedAsync();
        }
        Assert.Null(_journal.Find(first.Id));
        Assert.Equal(OperationJournal.Remembered, _journal.List().Count);
        Assert.Equal(OperationJournal.Remembered, (await _store.LoadAsync(Cancelled)).Operations.Count);
    }

    [Fact]
    public async Task Progress_is_bounded_shown_at_once_and_never_falls_with_a_step()
    {
        var run = _journal.Begin("k", "s", "one", "two");
        run.Report(7, "linux-image 12 of 26 MB");
        Assert.Equal((1, "linux-image 12 of 26 MB"), (run.Current.Progress, run.Current.Detail));
        run.Report(0.8);
        await run.StepAsync("one", _ => Task.CompletedTask, undo: null, Cancelled);
        Assert.Equal(0.8, run.Current.Progress);
    }

    [Fact]
    public void An_abandoned_operation_was_never_there()
    {
        var run = _journal.Begin("k", "s");
        _journal.Abandon(run);
        Assert.Null(_journal.Find(run.Id));
        Assert.Empty(_journal.List());
    }

    private OperationJournal Journal() => new(_store, new EventHub(_clock), _clock);
}
