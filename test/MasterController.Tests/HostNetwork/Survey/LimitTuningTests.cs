using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Tests.Images;
using Xunit;

namespace MasterController.Tests.HostNetwork.Survey;

public sealed class LimitTuningTests : IDisposable
{
    private readonly ScratchDirectory _sysctls = new();

    public void Dispose() => _sysctls.Dispose();

    [Fact]
    public void What_is_writable_is_raised_and_nothing_else_is_written()
    {
        var conntrack = Setting("net/netfilter/nf_conntrack_max", "262144");
        var pids = Setting("kernel/pid_max", "32768");

        var raised = new LimitTuning(_sysctls.Path).Raise([
            Limit("net.netfilter.nf_conntrack_max", 262_144, 4_194_112),
            Limit("kernel.pid_max", 32_768, 264_180),
            Limit("MemTotal", 1, 2),
        ]);

        Assert.Equal([new LimitRaise("net.netfilter.nf_conntrack_max", 262_144, 4_194_112, null)], raised);
        Assert.Equal("4194112", File.ReadAllText(conntrack));
        Assert.Equal("32768", File.ReadAllText(pids));
    }

    [Fact]
    public void What_belongs_to_the_first_namespace_is_left_alone_and_said()
    {
        var path = Setting("net/netfilter/nf_conntrack_max", "262144");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var raised = Assert.Single(
            new LimitTuning(_sysctls.Path).Raise([Limit("net.netfilter.nf_conntrack_max", 262_144, 4_194_112)])
        );

        Assert.Contains("first network namespace", raised.Failure);
        Assert.Equal("262144", File.ReadAllText(path));
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        var raised = Assert.Single(new LimitTuning(_sysctls.Path).Raise([Limit("net.core.somaxconn", 128, 512)]));

        Assert.NotNull(raised.Failure);
    }

    private string Setting(string key, string value)
    {
        var path = Path.Combine(_sysctls.Path, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, value);
        return path;
    }

    private static HostLimit Limit(string name, long value, long needed) => new(name, value, needed, "", "");
}
