using System.Text.Json.Serialization;
using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;

namespace MasterController.Core.Store;

/// <summary>
/// The documents of the store. Written by one version and read by the next: what is unknown is passed over, what is
/// missing gets its default.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    UseStringEnumConverter = true,
    Converters = [
        typeof(Ipv4AddressConverter),
        typeof(Ipv4NetworkConverter),
        typeof(Ipv6AddressConverter),
        typeof(Ipv6NetworkConverter),
        typeof(EgressRuleConverter),
    ]
)]
[JsonSerializable(typeof(PoolDefinition))]
[JsonSerializable(typeof(PoolChange))]
[JsonSerializable(typeof(IReadOnlyList<ForeignRule>))]
[JsonSerializable(typeof(VmRecord))]
[JsonSerializable(typeof(Operation))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(IReadOnlyList<ExternalVmChange>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(WebHookRecord))]
[JsonSerializable(typeof(OwnerQuota))]
internal sealed partial class StoreJson : JsonSerializerContext;
