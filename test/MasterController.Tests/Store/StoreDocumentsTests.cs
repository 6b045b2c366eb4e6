using System.Text.Json;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class StoreDocumentsTests
{
    private static readonly DateTimeOffset _time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void An_operation_of_a_version_that_measured_no_steps_is_read()
    {
        var operation = StoreDocuments.ReadOperation(
            """
            {"id":"op-1","kind":"vm.create","subject":"vm-1","status":"Running","progress":0.5,
             "steps":[{"name":"disks","status":"Done"},{"name":"boot","status":"Running"}],
             "startedAt":"2026-01-02T03:04:05+00:00"}
            """
        );
        Assert.Equal(
            [new OperationStep("disks", StepStatus.Done), new OperationStep("boot", StepStatus.Running)],
            operation.Steps
        );
    }

    [Fact]
    public void A_VM_of_a_version_without_policies_is_read_and_one_with_a_policy_as_it_was_written()
    {
        const string Old = """
            {"id":"vm-1","name":"web","type":"cli","image":"golden","vcpus":1,"memoryMib":256,"restart":"Never",
             "pool":"default","address":"192.168.100.2","network":"192.168.100.0/24","status":"Running",
             "createdAt":"2026-01-02T03:04:05+00:00","restarts":0}
            """;
        var policy = new EgressPolicy(
            false,
            [EgressRule.Parse("0.0.0.0/0:443/tcp"), EgressRule.Parse("[::/0]:443/tcp")],
            [EgressRule.Parse("10.0.0.0/8"), EgressRule.Parse("2001:db8::/32")]
        );

        var old = StoreDocuments.ReadVm(Old);
        Assert.Null(old.Egress);
        var written = JsonSerializer.Serialize(old with { Egress = policy }, StoreJson.Default.VmRecord);

        Assert.Contains(
            """
            "egress":{"allowsByDefault":false,"allow":["0.0.0.0/0:443/tcp","[::/0]:443/tcp"],"deny":["10.0.0.0/8","2001:db8::/32"]}
            """.Trim(),
            written
        );
        Assert.Equal(policy, StoreDocuments.ReadVm(written).Egress);
    }

    [Fact]
    public void A_change_of_a_pool_is_read_as_it_was_written()
    {
        var pool = new PoolDefinition(
            "default",
            [
                new AddressRange(
                    Ipv4Network.Parse("192.168.100.0/24"),
                    Ipv4Address.Parse("192.168.100.2"),
                    Ipv4Address.Parse("192.168.100.254"),
                    Ipv4Address.Parse("192.168.100.1"),
                    [Ipv4Network.Parse("192.168.100.9/32")]
                ),
            ],
            TimeSpan.FromSeconds(30.5),
            AllocationStrategy.Random,
            AllowVmToVm: true,
            Version: 4,
            AllowEarlyReuse: true,
            [new KeptGateway(Ipv4Address.Parse("192.168.100.1"), Ipv4Network.Parse("192.168.100.0/24"), _time)],
            [new Drain(Ipv4Address.Parse("192.168.100.2"), Ipv4Address.Parse("192.168.100.9"), "op-1")],
            NetworkMode.Bridge
        );
        var change = new PoolChange(
            "op-1",
            "default",
            new PoolChangeRequest(PoolAction.AddRange, "10.0.0.0/8", null, null, "10.0.0.1", ["10.1.0.0/16"], 3, true),
            pool,
            pool with
            {
                Version = 5,
            },
            PoolChangePhase.AwaitingConfirmation,
            [
                new ForeignRule("ip nat POSTROUTING", "-A POSTROUTING -j MASQUERADE", "AAEC"),
                new ForeignRule("/etc/iptables/rules.v4", "-A POSTROUTING -j MASQUERADE", null),
            ],
            ["op-0"],
            [Ipv4Address.Parse("192.168.100.7")],
            TimeSpan.FromMinutes(5),
            _time,
            "no answer"
        );
        var json = JsonSerializer.Serialize(change, StoreJson.Default.PoolChange);
        Assert.Equivalent(change, StoreDocuments.ReadPoolChange(json), strict: true);
    }

    [Fact]
    public void A_change_of_a_pool_that_lacks_collections_has_empty_ones()
    {
        var change = StoreDocuments.ReadPoolChange(
            """
            {"operationId":"op-1","pool":"p","request":{"action":"Expand","novelty":1},"before":{"name":"p"},
             "after":{"name":"p","ranges":[{"network":"10.0.0.0/8","first":"10.0.0.2","last":"10.0.0.9"}]},
             "phase":"Preparing"}
            """
        );
        Assert.Empty(change.Replaced);
        Assert.Empty(change.Answered);
        Assert.Null(change.ConfirmWithin);
        Assert.Empty(change.Before.Ranges);
        Assert.Empty(change.Before.KeptGateways);
        Assert.Empty(Assert.Single(change.After.Ranges).Reservations);
        Assert.Empty(change.After.Drains);
        Assert.Equal(NetworkMode.Routed, change.After.Network);
    }

    [Theory]
    [InlineData("request")]
    [InlineData("before")]
    [InlineData("after")]
    public void A_change_of_a_pool_without_what_it_is_about_cannot_be_read(string missing)
    {
        var json = """{"operationId":"o","pool":"p","request":{"action":"Expand"},"before":{},"after":{}}""".Replace(
            missing,
            "novelty",
            StringComparison.Ordinal
        );
        Assert.Contains(missing, Assert.Throws<JsonException>(() => StoreDocuments.ReadPoolChange(json)).Message);
    }
}
