using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;
using Xunit;

namespace MasterController.Tests.Vms;

public sealed class BackgroundWorkTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly Log _log = new();
    private readonly BackgroundWork _work;

    public BackgroundWorkTests() => _work = new BackgroundWork(_log);

    private List<string> Logged => _log.Lines;

    [Fact]
    public async Task The_end_waits_for_what_is_under_way()
    {
        var gate = new TaskCompletionSource();
        var done = false;
        _work.Run(
            "work",
            async () =>
            {
                await gate.Task;
                done = true;
            }
        );

        var stopped = _work.StopAsync(Long, TimeProvider.System);
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        await stopped;

        Assert.True(done);
        Assert.Empty(Logged);
    }

    [Fact]
    public async Task What_waits_is_ended_and_nothing_begins_after_the_end()
    {
        _work.Run("waiting", () => Task.Delay(Timeout.Infinite, _work.Stopping));

        await _work.StopAsync(Long, TimeProvider.System);
        var ran = false;
        _work.Run("late", () => Task.FromResult(ran = true));
        await _work.StopAsync(Long, TimeProvider.System);

        Assert.False(ran);
        Assert.Empty(Logged);
    }

    [Fact]
    public async Task What_fails_isLogged_with_its_name()
    {
        _work.Run("growing wings", () => throw new InvalidOperationException("no"));

        await _work.StopAsync(Long, TimeProvider.System);

        Assert.Equal(["Error: growing wings failed"], Logged);
    }

    [Fact]
    public async Task What_does_not_end_in_time_is_left_behind_and_told()
    {
        var never = new TaskCompletionSource();
        _work.Run("deaf", () => never.Task);

        await _work.StopAsync(TimeSpan.Zero, TimeProvider.System);

        Assert.StartsWith("Warning: 1 tasks", Assert.Single(Logged));
    }

    private sealed class Log : ILogger<BackgroundWork>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (Lines)
                Lines.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
