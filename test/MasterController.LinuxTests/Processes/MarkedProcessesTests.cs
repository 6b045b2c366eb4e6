using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Processes;

public sealed class MarkedProcessesTests : IDisposable
{
    private readonly ProcessExitWatcher _exits = new();
    private readonly TestProcess _process = new();
    private readonly string _scope = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _exits.Dispose();
        _process.Dispose();
    }

    [Fact]
    public async Task Only_those_with_the_mark_of_this_scope_are_found_with_their_user()
    {
        var marked = Start(_scope, "one", new UnprivilegedUser(1_900_000_002));
        var other = Start(Guid.NewGuid().ToString("N"), "two", user: null);

        var found = MarkedProcesses.Find("MC_TEST_SCOPE", _scope, "MC_TEST_ID");

        Assert.Equal([new MarkedProcess("one", marked, 1_900_000_002)], found);
        await EndAsync(marked);
        await EndAsync(other);
        Assert.Empty(MarkedProcesses.Find("MC_TEST_SCOPE", _scope, "MC_TEST_ID"));
    }

    [Fact]
    public async Task A_process_is_found_after_the_one_that_started_it_has_ended()
    {
        var started = await OtherProcess.StartDetachedAsync("exec sleep 1000", Token, _scope);

        var found = MarkedProcesses.Find("MC_TEST_MARK", _scope, "MC_TEST_MARK");

        Assert.Equal([new MarkedProcess(_scope, started, 0)], found);
        await EndAsync(started);
    }

    private ProcessIdentity Start(string scope, string id, UnprivilegedUser? user)
    {
        var environment = new Dictionary<string, string> { ["MC_TEST_SCOPE"] = scope, ["MC_TEST_ID"] = id };
        var started = _process.Start(
            "",
            spec => spec with { Program = "/bin/sleep", Arguments = ["1000"], Environment = environment, User = user }
        );
        // prlimit and setpriv become the program; each step keeps pid and environment, but the user comes with the second.
        SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{started.Pid}/comm") == "sleep\n", TimeSpan.FromSeconds(60));
        return started;
    }

    private async Task EndAsync(ProcessIdentity process)
    {
        process.Signal(UnixSignal.Kill);
        await _exits.WatchAsync(process, Token);
    }
}
