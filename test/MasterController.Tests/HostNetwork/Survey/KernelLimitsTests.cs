using MasterController.Core.HostNetwork.Survey;
using Xunit;

namespace MasterController.Tests.HostNetwork.Survey;

public sealed class KernelLimitsTests
{
    private static readonly KernelFigures Roomy = new(
        ConntrackMax: 4_194_304,
        PidMax: 4_194_304,
        ThreadsMax: 4_194_304,
        FileMax: long.MaxValue,
        MemoryBytes: 64L << 30,
        NeighbourMax: 1_024,
        Neighbours: 10,
        OldBridgePorts: 0
    );

    [Fact]
    public void A_roomy_host_has_nothing_to_say_about_a_small_pool_or_a_large_one()
    {
        Assert.Empty(KernelLimits.Check(Roomy, 253));
        Assert.Empty(KernelLimits.Check(Roomy, 65_533));
    }

    [Fact]
    public void A_kernel_that_does_not_tell_hits_no_limit()
    {
        Assert.Empty(KernelLimits.Check(new KernelFigures(null, null, null, null, null, null, 0, 0), 65_533));
    }

    [Fact]
    public void Connection_tracking_is_too_small_for_a_sixteen()
    {
        var limit = Assert.Single(KernelLimits.Check(Roomy with { ConntrackMax = 262_144 }, 65_533));

        Assert.Equal("net.netfilter.nf_conntrack_max", limit.Name);
        Assert.Equal((262_144, 4_194_112), (limit.Value, limit.Needed));
        Assert.Equal(
            "connection tracking holds 262,144 connections for all VMs together, 4,194,112 are worth having for "
                + "65,533 VMs; a full table drops new connections",
            limit.Message
        );
        Assert.Equal("sysctl -w net.netfilter.nf_conntrack_max=4194112", limit.Fix);
    }

    [Fact]
    public void Routes_of_IPv6_are_limited_on_old_kernels_alone()
    {
        var limit = Assert.Single(KernelLimits.Check(Roomy with { Ipv6RouteMax = 4_096 }, 65_533));

        Assert.Equal(("net.ipv6.route.max_size", 4_096, 524_264), (limit.Name, limit.Value, limit.Needed));
        Assert.Equal("sysctl -w net.ipv6.route.max_size=524264", limit.Fix);
        Assert.Empty(KernelLimits.Check(Roomy with { Ipv6RouteMax = 4_096 }, 253));
        Assert.DoesNotContain(
            KernelLimits.Check(Roomy with { Ipv6RouteMax = int.MaxValue }, 16_777_213),
            other => other.Name == "net.ipv6.route.max_size"
        );
    }

    [Fact]
    public void This_process_needs_two_descriptors_a_vm_and_some()
    {
        var limits = KernelLimits.Check(Roomy with { OpenFilesMax = 20_000, NrOpen = 65_536 }, 65_533);

        Assert.Equal(["RLIMIT_NOFILE", "fs.nr_open"], limits.Select(limit => limit.Name));
        Assert.Equal((20_000, 133_114), (limits[0].Value, limits[0].Needed));
        Assert.Equal("set LimitNOFILE=133114 in the controller's unit", limits[0].Fix);
        Assert.Equal("sysctl -w fs.nr_open=133114", limits[1].Fix);
        Assert.Empty(KernelLimits.Check(Roomy with { OpenFilesMax = 20_000, NrOpen = 65_536 }, 253));
    }

    [Fact]
    public void Clients_that_wait_for_the_api_are_as_many_as_the_server_asks_for()
    {
        var limit = Assert.Single(KernelLimits.Check(Roomy with { ListenBacklogMax = 128 }, 1));

        Assert.Equal(("net.core.somaxconn", 128, 512), (limit.Name, limit.Value, limit.Needed));
        Assert.Empty(KernelLimits.Check(Roomy with { ListenBacklogMax = 4096 }, 1));
    }

    [Fact]
    public void What_no_kernel_takes_is_not_told_as_a_fix()
    {
        var limits = KernelLimits.Check(Roomy, 16_777_213);

        Assert.Equal(["kernel.pid_max", "kernel.threads-max", "MemTotal"], limits.Select(limit => limit.Name));
        Assert.Equal(
            "kernel.pid_max is 4,194,304: about 1,048,064 VMs of 4 threads each run at once, and no kernel takes more",
            limits[0].Message
        );
        Assert.DoesNotContain("sysctl", limits[0].Fix);
    }

    [Fact]
    public void Each_number_that_is_too_small_is_named_with_its_fix()
    {
        var limits = KernelLimits.Check(
            Roomy with
            {
                PidMax = 32_768,
                ThreadsMax = 127_000,
                FileMax = 100_000,
                MemoryBytes = 1L << 30,
                Neighbours = 800,
                OldBridgePorts = 40,
            },
            65_533
        );

        Assert.Equal(
            [
                "net.ipv4.neigh.default.gc_thresh3: sysctl -w net.ipv4.neigh.default.gc_thresh3=1600",
                "kernel.pid_max: sysctl -w kernel.pid_max=264180",
                "kernel.threads-max: sysctl -w kernel.threads-max=264180",
                "fs.file-max: sysctl -w fs.file-max=2105248",
                "MemTotal: add memory, or spread the VMs over hosts",
                "fcbr0 ports: start its VMs anew here, then: ip link delete fcbr0",
            ],
            limits.Select(limit => $"{limit.Name}: {limit.Fix}")
        );
        Assert.Equal(
            "65,533 TAPs alone take 3,839 MiB of kernel memory, the host has 1,024 MiB: at most 17,476 VMs are attached "
                + "at once",
            limits[4].Message
        );
    }

    [Fact]
    public void An_old_bridge_is_no_limit_while_it_has_room()
    {
        Assert.Empty(KernelLimits.Check(Roomy with { OldBridgePorts = 40 }, 1_023));
    }
}
