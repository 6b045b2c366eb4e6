using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.Vms;

/// <summary>A VM size with its image.</summary>
/// <param name="Vcpus">1 to 32.</param>
/// <param name="MemoryMib">MiB of guest memory, 64 at least.</param>
/// <param name="RateLimit">Of its VMs that have no limit of their own; null where there is none.</param>
/// <param name="Egress">Where its VMs may send to that have no policy of their own; null where no more is refused.</param>
/// <param name="Ipv6">Whether its VMs have a dedicated IPv6 address where nothing is said of it.</param>
/// <param name="RouterAdvertisements">Whether its guests make their IPv6 address by themselves of a prefix that they are told (SLAAC).</param>
public sealed record VmType(
    string Name,
    int Vcpus,
    int MemoryMib,
    string Image = VmType.DefaultImage,
    EgressPolicy? Egress = null,
    RateLimit? RateLimit = null,
    bool Ipv6 = false,
    bool RouterAdvertisements = false
)
{
    public const string DefaultImage = "golden";

    public static IReadOnlyList<VmType> BuiltIn { get; } =
    [new VmType("cli", Vcpus: 1, MemoryMib: 256), new VmType("browser", Vcpus: 2, MemoryMib: 2048)];
}

/// <summary>What one host may carry; 0 means without limit.</summary>
public sealed record VmLimits(int MaxVms = 0, int MaxMemoryMib = 0);
