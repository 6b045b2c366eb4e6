using MasterController.Contracts;

namespace MasterController.Tests.Cli;

/// <summary>The plan that the product is for, and what its operation looks like.</summary>
internal static class PlanSamples
{
    public static readonly PoolRange Small = new(
        "192.168.100.0/24",
        "192.168.100.2",
        "192.168.100.254",
        "192.168.100.1",
        []
    );

    public static readonly PoolRange Large = new("192.168.0.0/16", "192.168.0.2", "192.168.255.254", "192.168.0.1", []);

    public static PoolPlan Expand() =>
        new(
            "plan-3",
            "default",
            "expand",
            "The range 192.168.100.0/24 of default grows to 192.168.0.0/16; new VMs get the gateway 192.168.0.1.",
            7,
            Samples.Start,
            new PlanCapacity(253, 65_533, 65_532),
            [Small],
            [Large],
            [
                new PlanGateway("192.168.0.1", "add", [], 0),
                new PlanGateway("192.168.100.1", "keep", ["web-1", "web-2", "printer"], 3),
            ],
            [
                new PlanChange(
                    "address",
                    "add",
                    "add 192.168.0.1/32 to lo",
                    "ip address add 192.168.0.1/32 dev lo label lo:fc"
                ),
                new PlanChange(
                    "nftables",
                    "add",
                    "add 192.168.0.0/16 to the set pool_networks",
                    "nft add element inet master_controller pool_networks '{ 192.168.0.0/16 }'"
                ),
                new PlanChange(
                    "nftables",
                    "remove",
                    "remove 192.168.100.0/24 from the set pool_networks",
                    "nft delete element inet master_controller pool_networks '{ 192.168.100.0/24 }'"
                ),
                new PlanChange(
                    "iptables",
                    "remove",
                    "remove the MASQUERADE rule for 192.168.100.0/24, which our table replaces",
                    "iptables -t nat -D POSTROUTING -s 192.168.100.0/24 -o enp1s0f0np0 -m comment --comment 'old microvm NAT' -j MASQUERADE"
                ),
                new PlanChange(
                    "file",
                    "change",
                    "take the same rule out of /etc/iptables/rules.v4",
                    "sed -i '/-A POSTROUTING -s 192.168.100.0\\/24 .* -j MASQUERADE/d' /etc/iptables/rules.v4"
                ),
            ],
            [],
            [
                new PlanNotice(
                    "conntrack",
                    "65,533 VMs with 64 connections each need 4,194,112 entries; net.netfilter.nf_conntrack_max is 262,144",
                    "sysctl -w net.netfilter.nf_conntrack_max=4194304"
                ),
            ],
            0,
            [],
            0,
            [
                "check the plan again",
                "save the intent",
                "back up rules and definition",
                "gateway addresses",
                "address translation, routes and forwarding",
                "commit the pool",
                "probe",
            ],
            true
        );

    public static PoolPlan Blocked() =>
        Expand() with
        {
            Conflicts =
            [
                new PlanNotice(
                    "overlap",
                    "192.168.32.0/20 on br-2f1c (Docker) lies in 192.168.0.0/16",
                    "docker network rm shop_default, or choose another network"
                ),
            ],
            Applicable = false,
        };

    /// <summary>Back to the /24 while twelve leases lie outside of it.</summary>
    public static PoolPlan Shrink(bool applicable) =>
        Expand() with
        {
            Action = "shrink",
            Summary = "The range 192.168.0.0/16 of default shrinks to 192.168.100.0/24.",
            Capacity = new PlanCapacity(65_533, 253, 253),
            RangesBefore = [Large],
            RangesAfter = [Small],
            Gateways = [],
            Warnings = [],
            LeasesOutside = [.. Enumerable.Range(2, 12).Select(i => Samples.Lease($"192.168.0.{i}", $"vm-{i}"))],
            LeasesOutsideCount = 12,
            Conflicts = applicable
                ? []
                : [new PlanNotice("leases-outside", "12 leases lie outside of 192.168.100.0/24", "wait with --drain")],
            Applicable = applicable,
        };

    public static Operation Operation(string status, string? result = null, string? error = null) =>
        new(
            "op-12",
            "pool.expand",
            "default",
            status,
            [
                new OperationStep("commit the pool", "done", 12),
                new OperationStep("probe", status == "running" ? "running" : "done", null),
            ],
            status == "running" ? 0.5 : 1,
            null,
            error,
            Samples.Start,
            status == "running" ? null : Samples.Start.AddSeconds(2),
            result
        );
}
