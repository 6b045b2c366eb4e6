using MasterController.Linux.Cgroups;
using MasterController.Linux.Processes;
using MasterController.LinuxTests.Processes;
using Xunit;

namespace MasterController.LinuxTests.Cgroups;

public sealed class CgroupTreeTests
{
    [Fact]
    public async Task A_process_is_moved_into_its_group_and_the_group_goes_after_it()
    {
        var name = $"mc-test-{Guid.NewGuid():N}";
        var tree = CgroupTree.Open(name);
        Assert.SkipWhen(tree is null, "no cgroup v2 that can be written");
        using var exits = new ProcessExitWatcher();
        using var process = new TestProcess();
        var started = process.Start("exec sleep 1000");

        var group = tree.Create("vm-1", new CgroupLimits(MemoryBytes: 64 << 20, Cpus: 1.5, Processes: 10));

        Assert.True(group?.Add(started));
        Assert.Contains($"/{name}/vm-1", File.ReadAllText($"/proc/{started.Pid}/cgroup"));
        Assert.Equal(["vm-1"], tree.List());
        Assert.False(tree.Remove("vm-1"));

        started.Signal(UnixSignal.Kill);
        await exits.WatchAsync(started, TestContext.Current.CancellationToken);
        Assert.True(tree.Remove("vm-1"));
        Assert.True(tree.Remove("vm-1"));
        Assert.Empty(tree.List());
        Assert.True(tree.RemoveAll());
    }
}
