using MasterController.Linux.Cgroups;
using Xunit;

namespace MasterController.Tests.Cgroups;

/// <summary>The hierarchy is played by an ordinary directory.</summary>
public sealed class CgroupTreeTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("mc-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    [Theory]
    [InlineData("/sys/fs/cgroup", "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate")]
    [InlineData("/sys/fs/cgroup/unified", "42 32 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw")]
    [InlineData(null, "33 32 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory")]
    public void The_mount_of_version_2_is_found(string? expected, string line) =>
        Assert.Equal(expected, CgroupTree.FindMount(["22 1 0:20 / /proc rw - proc proc rw", line]));

    [Fact]
    public void The_line_of_version_2_is_found_among_those_of_version_1() =>
        Assert.Equal(
            "/system.slice/x.service",
            CgroupTree.FindMembership(["4:memory:/a", "0::/system.slice/x.service"])
        );

    [Fact]
    public void Groups_are_made_beside_the_controllers_own_subgroup_with_the_limits_that_the_kernel_has()
    {
        MakeGroup("x.service", "cpu memory pids io");
        MakeGroup("x.service/ours", "memory");
        Directory.CreateDirectory(Path.Combine(_mount, "x.service/ours/vm-1"));
        File.WriteAllText(Path.Combine(_mount, "x.service/ours/vm-1/memory.max"), "max");

        var tree = Open("0::/x.service/controller");
        Assert.NotNull(tree?.Create("vm-1", new CgroupLimits(MemoryBytes: 1 << 28, Cpus: 1.5, Processes: 100)));

        Assert.Equal("268435456", Read("x.service/ours/vm-1/memory.max"));
        Assert.False(File.Exists(Path.Combine(_mount, "x.service/ours/vm-1/cpu.max")));
        Assert.Equal("+memory", Read("x.service/ours/cgroup.subtree_control"));
        Assert.NotEqual("", Read("x.service/cgroup.subtree_control"));
    }

    [Fact]
    public void The_root_group_is_never_written()
    {
        MakeGroup(".", "memory");
        MakeGroup("ours", "memory");

        Assert.NotNull(Open("0::/"));

        Assert.Equal("", Read("cgroup.subtree_control"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../other")]
    [InlineData("a/b")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        MakeGroup("ours", "memory");
        var tree = Open("0::/")!;

        Assert.Throws<ArgumentException>(() => tree.Create(name, new CgroupLimits()));
        Assert.Throws<ArgumentException>(() => tree.Remove(name));
    }

    [Fact]
    public void Without_version_2_there_is_none() =>
        Assert.Null(CgroupTree.Open("ours", mounts: [], membership: ["4:memory:/a"]));

    private CgroupTree? Open(string membership) =>
        CgroupTree.Open("ours", [$"35 24 0:30 / {_mount} rw - cgroup2 cgroup2 rw"], [membership]);

    private void MakeGroup(string path, string controllers)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_mount, path)).FullName;
        File.WriteAllText(Path.Combine(directory, "cgroup.controllers"), $"{controllers}\n");
        File.WriteAllText(Path.Combine(directory, "cgroup.subtree_control"), "");
    }

    private string Read(string path) => File.ReadAllText(Path.Combine(_mount, path));
}
