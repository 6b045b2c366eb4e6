using System.Text.Json.Serialization;

namespace MasterController.Core.Hypervisors.Firecracker;

/// <summary>PUT /machine-config: 1–32 vCPUs.</summary>
internal sealed record MachineConfig(int VcpuCount, int MemSizeMib);

/// <summary>PUT /boot-source; the kernel is an ELF file, the arguments replace Firecracker's default.</summary>
internal sealed record BootSource(string KernelImagePath, string InitrdPath, string BootArgs);

/// <summary>PUT /drives/{drive_id}; the guest sees them as vda, vdb, … in the order of the calls.</summary>
internal sealed record Drive(string DriveId, string PathOnHost, bool IsRootDevice, bool IsReadOnly);

/// <summary>PUT /network-interfaces/{iface_id}; opens the TAP.</summary>
/// <param name="RxRateLimiter">Of what the guest is sent; null is without limit, as for the other.</param>
internal sealed record NetworkInterface(
    string IfaceId,
    string HostDevName,
    string GuestMac,
    RateLimiter? RxRateLimiter = null,
    RateLimiter? TxRateLimiter = null
);

/// <summary>PUT /entropy, since 1.4.</summary>
internal sealed record EntropyDevice;

/// <summary>PUT /actions: InstanceStart, SendCtrlAltDel.</summary>
internal sealed record InstanceAction(string ActionType);

internal sealed record VersionReply(string? FirecrackerVersion);

/// <summary>The two shapes of an error: of the API, and of the HTTP server before it.</summary>
internal sealed record Fault(string? FaultMessage = null, string? Error = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(MachineConfig))]
[JsonSerializable(typeof(BootSource))]
[JsonSerializable(typeof(Drive))]
[JsonSerializable(typeof(NetworkInterface))]
[JsonSerializable(typeof(NetworkInterfaceUpdate))]
[JsonSerializable(typeof(EntropyDevice))]
[JsonSerializable(typeof(InstanceAction))]
[JsonSerializable(typeof(VersionReply))]
[JsonSerializable(typeof(Fault))]
internal sealed partial class FirecrackerJson : JsonSerializerContext;
