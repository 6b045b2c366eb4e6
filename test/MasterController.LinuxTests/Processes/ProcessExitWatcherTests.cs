using System.Diagnostics;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Processes;

public sealed class ProcessExitWatcherTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly ProcessExitWatcher _exits = new();
    private readonly TestProcess _process = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _exits.Dispose();
        _process.Dispose();
    }

    [Fact]
    public async Task The_exit_status_of_a_child_is_told()
    {
        Assert.Equal(new ProcessExit(42, null), await ExitAsync(_process.Start("exit 42")));
    }

    [Fact]
    public async Task A_signal_that_ended_a_child_is_told()
    {
        var started = _process.Start("exec sleep 1000");
        var exit = ExitAsync(started);

        Assert.True(started.Signal(UnixSignal.Terminate));

        Assert.Equal(new ProcessExit(null, 15), await exit);
    }

    [Fact]
    public async Task Everyone_who_asks_is_told_during_and_after()
    {
        var started = _process.Start("sleep 0.1; exit 7");
        var during = await Task.WhenAll(ExitAsync(started), ExitAsync(started));

        var after = await ExitAsync(started);

        Assert.All([.. during, after], exit => Assert.Equal(new ProcessExit(7, null), exit));
    }

    [Fact]
    public async Task Two_hundred_at_once_are_all_told_and_none_stays_a_zombie()
    {
        var started = Enumerable.Range(0, 200).Select(i => _process.Start($"exit {i}")).ToList();

        var exits = await Task.WhenAll(started.Select(ExitAsync));

        Assert.Equal(Enumerable.Range(0, 200), exits.Select(exit => exit.Code!.Value));
        Assert.All(started, process => Assert.NotEqual(process, ProcessIdentity.Read(process.Pid)));
    }

    [Fact]
    public async Task It_and_the_processes_of_the_base_library_do_not_take_each_others_exits()
    {
        var ours = Task.WhenAll(Enumerable.Range(1, 40).Select(i => ExitAsync(_process.Start($"sleep 0.1; exit {i}"))));
        var theirs = Task.WhenAll(
            Enumerable
                .Range(1, 40)
                .Select(async i =>
                {
                    var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"sleep 0.1; exit {i}" } };
                    using var process = Process.Start(start)!;
                    await process.WaitForExitAsync(Token);
                    return process.ExitCode;
                })
        );

        Assert.Equal(Enumerable.Range(1, 40), (await ours).Select(exit => exit.Code!.Value));
        Assert.Equal(Enumerable.Range(1, 40), await theirs);
    }

    [Fact]
    public async Task The_end_of_an_adopted_process_is_noticed()
    {
        var adopted = await OtherProcess.StartDetachedAsync("exec sleep 1000", Token);
        var exit = ExitAsync(adopted);
        Assert.False(exit.IsCompleted);

        Assert.True(adopted.Signal(UnixSignal.Kill));

        // Whether the status can be known depends on the kernel and on who waits for orphans here.
        var told = await exit;
        Assert.True(told == new ProcessExit(null, 9) || told == ProcessExit.Unknown, told.ToString());
    }

    [Fact]
    public async Task A_process_that_had_ended_before_is_unknown()
    {
        var started = _process.Start("exit 3");
        await ExitAsync(started);
        using var later = new ProcessExitWatcher();

        Assert.Equal(ProcessExit.Unknown, await later.WatchAsync(started, Token));
        Assert.Equal(ProcessExit.Unknown, await later.WatchAsync(started with { StartTicks = 1 }, Token));
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_others_waiting()
    {
        var started = _process.Start("exec sleep 1000");
        using var giveUp = new CancellationTokenSource();
        var impatient = _exits.WatchAsync(started, giveUp.Token);
        var patient = ExitAsync(started);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.True(started.Signal(UnixSignal.Kill));

        Assert.Equal(new ProcessExit(null, 9), await patient);
    }

    [Fact]
    public async Task Its_end_ends_all_waiting()
    {
        var started = _process.Start("exec sleep 1000");
        var other = new ProcessExitWatcher();
        var waiting = other.WatchAsync(started, Token);

        other.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.True(started.Signal(UnixSignal.Kill));
        await ExitAsync(started);
    }

    private Task<ProcessExit> ExitAsync(ProcessIdentity process) =>
        _exits.WatchAsync(process, Token).WaitAsync(Patience, Token);
}
