using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Tests.Vms;

internal static class TestVms
{
    public static VmRecord Record(string id, string? name = null, VmStatus status = VmStatus.Running, int minute = 0) =>
        new(
            id,
            name ?? id,
            "cli",
            Owner: "ann",
            new Dictionary<string, string> { ["role"] = "web" },
            "golden",
            Vcpus: 1,
            MemoryMib: 256,
            RestartPolicy.Never,
            "default",
            Ipv4Address.Parse("192.168.100.2"),
            Ipv4Network.Parse("192.168.100.0/24"),
            Ipv4Address.Parse("192.168.100.1"),
            status,
            StatusReason: null,
            Hypervisor: null,
            Process: null,
            DateTimeOffset.UnixEpoch.AddMinutes(minute),
            StartedAt: null,
            ReadyAt: null,
            Restarts: 0
        );

    public static VmSpec Spec(string id, string? name = null, int memoryMib = 256)
    {
        var request = new VmRequest(Name: name, MemoryMib: memoryMib);
        return VmSpec.TryCreate(request, id, VmSettings.Default, out _)!;
    }
}
