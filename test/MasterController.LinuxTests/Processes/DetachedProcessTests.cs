using System.Runtime.InteropServices;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Processes;

public sealed class DetachedProcessTests : IDisposable
{
    private readonly ProcessExitWatcher _exits = new();
    private readonly TestProcess _process = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _exits.Dispose();
        _process.Dispose();
    }

    [Fact]
    public async Task It_is_the_leader_of_its_own_session_and_reads_nothing()
    {
        var started = _process.Start("read line || echo end; ps=$(cat /proc/self/stat); cut -d' ' -f1,6 /proc/$$/stat");

        await _exits.WatchAsync(started, Token);

        Assert.Equal($"end\n{started.Pid} {started.Pid}\n", _process.Output);
    }

    [Fact]
    public async Task The_environment_is_what_was_given_and_no_more()
    {
        var variables = new Dictionary<string, string> { ["A"] = "1", ["B"] = "two words" };
        var started = _process.Start(
            "",
            spec => spec with { Program = "/usr/bin/env", Arguments = [], Environment = variables }
        );

        await _exits.WatchAsync(started, Token);

        Assert.Equal("A=1\nB=two words\n", _process.Output);
    }

    [Fact]
    public async Task Descriptors_arrive_in_order_and_no_others_with_them()
    {
        using var first = File.OpenHandle("/etc/hostname");
        using var second = File.OpenHandle("/etc/passwd");

        var started = _process.Start("readlink /proc/$$/fd/3 /proc/$$/fd/4; ls /proc/$$/fd", Give(second, first));
        await _exits.WatchAsync(started, Token);

        Assert.Equal("/etc/passwd\n/etc/hostname\n0\n1\n2\n3\n4\n", _process.Output);
    }

    [Fact]
    public async Task No_signal_is_ignored_or_blocked()
    {
        var started = _process.Start(
            "",
            spec => spec with { Program = "/bin/grep", Arguments = ["^Sig[BI]", "/proc/self/status"] }
        );

        await _exits.WatchAsync(started, Token);

        // Signals 32 and 33 are glibc's own, and its sigaction(2) leaves them alone.
        var output = _process.Output.Replace("0000000180000000", "0000000000000000");
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", output);
    }

    [Fact]
    public async Task A_user_without_an_entry_in_passwd_has_no_right_at_all()
    {
        var started = _process.Start(
            "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/$$/status; ulimit -c; ulimit -n",
            spec => spec with { User = new UnprivilegedUser(1_900_000_000), OpenFiles = 512 }
        );

        await _exits.WatchAsync(started, Token);

        Assert.Equal(
            """
            Uid:	1900000000	1900000000	1900000000	1900000000
            Gid:	1900000000	1900000000	1900000000	1900000000
            Groups:	 
            CapInh:	0000000000000000
            CapPrm:	0000000000000000
            CapEff:	0000000000000000
            CapBnd:	0000000000000000
            CapAmb:	0000000000000000
            NoNewPrivs:	1
            0
            512

            """,
            _process.Output
        );
    }

    [Fact]
    public async Task A_supplementary_group_can_be_had()
    {
        var started = _process.Start(
            "id -G",
            spec => spec with { User = new UnprivilegedUser(1_900_000_001, Group: 65_000) }
        );

        await _exits.WatchAsync(started, Token);

        Assert.Equal("1900000001 65000\n", _process.Output);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named_in_the_error_output()
    {
        var started = _process.Start("", spec => spec with { Program = "/nonexistent/program" });

        Assert.Equal(127, (await _exits.WatchAsync(started, Token)).Code);
        Assert.Contains("/nonexistent/program", _process.Error);
    }

    [Fact]
    public void A_closed_descriptor_is_refused_before_anything_is_started()
    {
        var closed = File.OpenHandle("/etc/hostname");
        closed.Dispose();

        Assert.ThrowsAny<ObjectDisposedException>(() => _process.Start("exit 0", Give(closed)));
    }

    private static Func<DetachedProcessSpec, DetachedProcessSpec> Give(params SafeHandle[] descriptors) =>
        spec => spec with { Descriptors = descriptors };
}
