using System.Text.Json.Serialization;

namespace MasterController.Contracts;

/// <summary>Every body of the API, generated at build time: no reflection, so that it works under NativeAOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(CreateVmRequest))]
[JsonSerializable(typeof(StopVmRequest))]
[JsonSerializable(typeof(EgressPolicy))]
[JsonSerializable(typeof(RateLimit))]
[JsonSerializable(typeof(Vm))]
[JsonSerializable(typeof(VmList))]
[JsonSerializable(typeof(CreatePoolRequest))]
[JsonSerializable(typeof(Pool))]
[JsonSerializable(typeof(PoolList))]
[JsonSerializable(typeof(CreatePlanRequest))]
[JsonSerializable(typeof(PoolPlan))]
[JsonSerializable(typeof(ApplyPlanRequest))]
[JsonSerializable(typeof(PoolVersionList))]
[JsonSerializable(typeof(PoolStats))]
[JsonSerializable(typeof(SubnetList))]
[JsonSerializable(typeof(FreeAddresses))]
[JsonSerializable(typeof(UtilisationSeries))]
[JsonSerializable(typeof(Adoption))]
[JsonSerializable(typeof(CreateLeaseRequest))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(LeaseList))]
[JsonSerializable(typeof(AddressInfo))]
[JsonSerializable(typeof(AddressHistoryList))]
[JsonSerializable(typeof(VmTraffic))]
[JsonSerializable(typeof(NetworkTraffic))]
[JsonSerializable(typeof(NetworkStatus))]
[JsonSerializable(typeof(NetworkDriftList))]
[JsonSerializable(typeof(RepairNetworkRequest))]
[JsonSerializable(typeof(NetworkRepair))]
[JsonSerializable(typeof(Operation))]
[JsonSerializable(typeof(OperationList))]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(BuildImageRequest))]
[JsonSerializable(typeof(Image))]
[JsonSerializable(typeof(ImageList))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ContractsJson : JsonSerializerContext;
