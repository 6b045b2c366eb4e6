using System.Runtime.CompilerServices;
using System.Text;
using MasterController.Linux;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Processes;

public sealed class ProcessTests
{
    private const string Rest = " S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 999 0";

    [Theory]
    [InlineData("(cat)")]
    [InlineData("(two words)")]
    [InlineData("(a) b) S (c)")]
    public void The_start_time_is_found_behind_any_name(string name)
    {
        Assert.True(ProcessIdentity.TryParseStat($"42 {name}{Rest}\n", out var ticks, out var state));
        Assert.Equal(123_456_789UL, ticks);
        Assert.Equal('S', state);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 (cat) S 1 2 3")]
    [InlineData("42 cat S 1")]
    public void What_is_not_a_stat_line_is_refused(string text) =>
        Assert.False(ProcessIdentity.TryParseStat(text, out _, out _));

    [Fact]
    public void This_process_is_alive_and_one_of_its_number_from_another_time_is_not()
    {
        var self = ProcessIdentity.Read(Environment.ProcessId);

        Assert.True(self?.IsAlive);
        Assert.False((self!.Value with { StartTicks = 1 }).IsAlive);
        Assert.False((self.Value with { StartTicks = 1 }).Signal(UnixSignal.Kill));
        Assert.Null(ProcessIdentity.Read(int.MaxValue));
    }

    [Fact]
    public void The_status_word_of_wait_is_understood()
    {
        Assert.Equal(new ProcessExit(42, null), ProcessExit.OfWaitStatus(42 << 8));
        Assert.Equal(new ProcessExit(null, 9), ProcessExit.OfWaitStatus(9));
        Assert.Equal(new ProcessExit(null, 11), ProcessExit.OfWaitStatus(11 | 0x80));
        Assert.Equal(new ProcessExit(0, null), ProcessExit.OfWaitStatus(0));
    }

    [Fact]
    public void An_exit_is_told_in_words()
    {
        Assert.Equal("exit status 3", new ProcessExit(3, null).ToString());
        Assert.Equal("killed by signal 9", new ProcessExit(null, 9).ToString());
        Assert.Equal("ended with unknown status", ProcessExit.Unknown.ToString());
    }

    [Fact]
    public void A_variable_is_found_by_its_whole_name()
    {
        var environment = Encoding.UTF8.GetBytes("XA=0\0A=1=2\0AB=3\0");

        Assert.Equal("1=2", MarkedProcesses.ValueOf(environment, "A"));
        Assert.Equal("3", MarkedProcesses.ValueOf(environment, "AB"));
        Assert.Null(MarkedProcesses.ValueOf(environment, "B"));
    }

    [Fact]
    public void An_unprivileged_process_passes_through_prlimit_and_setpriv()
    {
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        var spec = new DetachedProcessSpec(
            "/usr/bin/program",
            ["-a", "b c"],
            new Dictionary<string, string>(),
            nothing,
            nothing,
            [],
            new UnprivilegedUser(1_890_000_000, Group: 107)
        );

        Assert.Equal(
            "prlimit|--core=0|--nofile=1024|--|setpriv|--reuid|1890000000|--regid|1890000000|--groups|107|--no-new-privs|--bounding-set=-all|--inh-caps=-all|--|/usr/bin/program|-a|b c",
            string.Join('|', spec.CommandLine())
        );
        Assert.Contains("--clear-groups", (spec with { User = new UnprivilegedUser(5) }).CommandLine());
        Assert.DoesNotContain("setpriv", (spec with { User = null }).CommandLine());
    }

    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(128, Unsafe.SizeOf<Libc.SignalInfo>());
        Assert.Equal(64, Unsafe.SizeOf<Libc.PidfdInfo>());
        Assert.Equal(256, Unsafe.SizeOf<Libc.FileStatus>());
    }
}
