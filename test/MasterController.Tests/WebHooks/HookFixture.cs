using System.Text;
using MasterController.Core.Events;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;
using MasterController.Tests.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MasterController.Tests.WebHooks;

/// <summary>A controller's web hooks over a store that may outlive it, with a clock of the test's own.</summary>
internal sealed class HookFixture : IAsyncDisposable
{
    private readonly BackgroundWork _work = new(NullLogger<BackgroundWork>.Instance);
    private readonly WebHookSender _sender;
    private readonly EventJournal _journal;

    private HookFixture(InMemoryStateStore store, FakeTimeProvider clock, EventHub events, EventJournal journal)
    {
        (Store, Clock, Events, _journal) = (store, clock, events, journal);
        var targets = new WebHookTargets(() => null);
        _sender = new WebHookSender(targets, e => Encoding.UTF8.GetBytes($"{e.Type} {e.Message}"), "test/1", clock);
        Hooks = new WebHookDirectory(store, events, _sender, targets, _work, clock, new Logger(this));
    }

    public InMemoryStateStore Store { get; }

    public FakeTimeProvider Clock { get; }

    public EventHub Events { get; }

    public WebHookDirectory Hooks { get; }

    /// <summary>All that was logged.</summary>
    public StringBuilder Log { get; } = new();

    public static async Task<HookFixture> StartAsync(HookFixture? before = null)
    {
        var store = before?.Store ?? new InMemoryStateStore();
        var clock = before?.Clock ?? new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var events = new EventHub(clock);
        var journal = await EventJournal.OpenAsync(
            store,
            store,
            events,
            () => new EventSettings(TimeSpan.FromDays(30)),
            TimeProvider.System,
            NullLogger<EventJournal>.Instance
        );
        var fixture = new HookFixture(store, clock, events, journal);
        await fixture.Hooks.LoadAsync(store, CancellationToken.None);
        return fixture;
    }

    public async Task<WebHookRecord> CreateAsync(string name, string url, params string[] events)
    {
        var outcome = await Hooks.CreateAsync(new WebHookRequest(name, url, events, Secret: null));
        return Xunit.Assert.IsType<WebHookOutcome.Done>(outcome).Status.Hook;
    }

    /// <summary>Lets time pass to a hook's next attempts until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, string name)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Xunit.Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "it never held");
            if (Hooks.Find(name)?.NextAttemptAt is { } next)
            {
                var left = next - Clock.GetUtcNow();
                Clock.Advance(left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            }
            await Task.Delay(5, Xunit.TestContext.Current.CancellationToken);
        }
    }

    public async Task StopAsync()
    {
        await _work.StopAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await _journal.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _sender.Dispose();
    }

    private sealed class Logger(HookFixture fixture) : ILogger<WebHookDirectory>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (fixture.Log)
                fixture.Log.AppendLine($"{formatter(state, exception)} {exception}");
        }
    }
}
