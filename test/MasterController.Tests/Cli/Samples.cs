using MasterController.Contracts;

namespace MasterController.Tests.Cli;

internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Vm Vm(string name = "web-1", string status = "running", string? reason = null) =>
        new(
            $"vm-{name}",
            name,
            "cli",
            "ci",
            new Dictionary<string, string> { ["app"] = "shop" },
            status,
            reason,
            "192.168.100.2",
            "192.168.100.1",
            "02:fc:c0:a8:64:02",
            "fcc0a86402",
            "default",
            "golden",
            1,
            256,
            "never",
            0,
            "qemu",
            4711,
            Start,
            Start,
            Start.AddSeconds(1.5),
            new VmEgress("type", "deny", ["0.0.0.0/0:443/tcp"], ["10.0.0.0/8"]),
            new VmRateLimit("vm", new RateLimit(1_250_000, InPacketsPerSecond: 5_000, InBurstPackets: 100))
        );

    public static VmList Vms(params Vm[] vms) => new(vms, vms.Length, null);

    public static Pool Pool(string name = "default") =>
        new(
            name,
            [new PoolRange("192.168.100.0/24", "192.168.100.2", "192.168.100.254", "192.168.100.1", ["192.168.100.9"])],
            253,
            3,
            1,
            1,
            248,
            30,
            "lowest-free",
            AllowVmToVm: false,
            AllowEarlyReuse: false,
            KeptGateways: [],
            Drains: [],
            AwaitsConfirmation: null,
            Version: 7,
            Network: "routed"
        );

    public static Lease Lease(string address = "192.168.100.2", string owner = "printer") =>
        new(address, owner, "default", "192.168.100.0/24", "192.168.100.1", Start);

    public static Operation Operation(string status, double progress, params string[] steps) =>
        new(
            "op-12",
            "image.build",
            "golden",
            status,
            [
                new OperationStep("fetch the kernel", steps.ElementAtOrDefault(0) ?? "done", 12_300),
                new OperationStep("build the root", steps.ElementAtOrDefault(1) ?? "done", null),
            ],
            progress,
            null,
            status == "failed" ? "no space left" : null,
            Start,
            status == "running" ? null : Start.AddSeconds(34)
        );
}
