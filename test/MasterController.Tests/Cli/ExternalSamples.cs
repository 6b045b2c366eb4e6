using MasterController.Contracts;

namespace MasterController.Tests.Cli;

internal static class ExternalSamples
{
    public static readonly Forward Forward = new(
        "fwd_1",
        "vm-web-1",
        "web-1",
        "203.0.113.7",
        "8080",
        "192.168.100.2",
        "80",
        "tcp",
        ["198.51.100.0/24"]
    );

    public static readonly VmExternal Nothing = new(null, null, [], []);

    public static readonly VmExternal Reached = new(
        "2001:db8:1250::100:2",
        "203.0.113.33",
        [new VmOpening("tcp/22", ["2001:db8:77::/48"]), new VmOpening("icmp", [])],
        [Forward]
    );

    public static Vm Vm() =>
        Samples.Vm() with
        {
            Ipv6 = Reached.Ipv6,
            PublicIpv4 = Reached.PublicIpv4,
            Open = Reached.Open,
            Forwards = Reached.Forwards,
        };

    public static ExternalChange Change(string action, bool planned) =>
        new(
            planned ? null : "ext_1",
            planned ? null : Samples.Start,
            action,
            planned,
            "web-1 is reached by all of it",
            [new ExternalVmChange("vm-web-1", "web-1", Nothing, Reached)],
            planned
                ?
                [
                    new PlanChange(
                        "nftables",
                        "add",
                        "add 192.168.100.2 to public_guests",
                        "nft add element inet master_controller public_guests { 203.0.113.33 : 192.168.100.2 }"
                    ),
                ]
                : [],
            planned ? null : "uid:0 (root)"
        );
}
