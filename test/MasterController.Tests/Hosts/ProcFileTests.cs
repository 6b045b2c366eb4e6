using MasterController.Linux.Hosts;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Hosts;

public sealed class ProcFileTests
{
    [Fact]
    public void Processor_time_is_busy_or_idle_and_guests_count_once()
    {
        var before = ProcessorTime.Parse("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3\n")!.Value;
        var after = ProcessorTime.Parse("cpu  130 20 30 440 50 6 7 38 190 10\ncpu0 1 2 3\n")!.Value;

        Assert.Equal(new ProcessorTime(171, 450), before);
        Assert.Equal(60, after.PercentSince(before));
        Assert.Null(before.PercentSince(before));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4 5 6")]
    [InlineData("cpu 1 2")]
    public void What_is_no_processor_time_is_none(string text) => Assert.Null(ProcessorTime.Parse(text));

    [Fact]
    public void Time_that_waits_for_disks_may_go_back() =>
        Assert.Equal(100, new ProcessorTime(20, 90).PercentSince(new ProcessorTime(10, 100)));

    [Fact]
    public void Memory_is_in_bytes() =>
        Assert.Equal(
            new MemoryUse(2048, 1024, 512 * 1024, 0),
            MemoryUse.Parse("MemTotal:   2 kB\nMemFree: 9 kB\nMemAvailable:  1 kB\nSwapTotal: 512 kB\nSwapFree: 0 kB\n")
        );

    [Fact]
    public void Load_and_uptime_are_decimal()
    {
        Assert.Equal(new LoadAverage(0.52, 1, 12.25), LoadAverage.Parse("0.52 1.00 12.25 3/411 9876\n"));
        Assert.Equal(TimeSpan.FromSeconds(350735.47), MachineUptime.Parse("350735.47 234388.90\n"));
        Assert.Equal(default, LoadAverage.Parse(""));
        Assert.Equal(default, MachineUptime.Parse(""));
    }

    [Fact]
    public void Neighbours_are_counted_in_hexadecimal_and_once()
    {
        var text = """
            entries  allocs   destroys hash_grows lookups  hits
            0000fffd  00000a2f 00000a21 00000001 000001 000002
            0000fffd  00000a2f 00000a21 00000001 000001 000002

            """;

        Assert.Equal(65533, NeighbourTable.Parse(text));
        Assert.Null(NeighbourTable.Parse("entries allocs\n"));
        Assert.Null(NeighbourTable.Parse("something else\n1 2\n"));
    }

    [Fact]
    public void This_machine_is_read()
    {
        Assert.NotNull(ProcessorTime.Read());
        Assert.True(MemoryUse.Read() is { Total: > 0, Available: > 0 });
        Assert.True(MachineUptime.Read() > TimeSpan.Zero);
        Assert.NotEmpty(KernelRelease.Read());
        using var _ = File.OpenRead("/proc/self/status");
        Assert.InRange(OpenFiles.Count(), 3, 1_000_000);
    }
}
