using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>Mode "none": addresses are leased to another orchestrator, the host's network is left alone.</summary>
public sealed class NoHostNetwork : IHostNetwork, IExternalNetwork
{
    public bool CanAttach => false;

    public string? Uplink => null;

    public Task<IReadOnlyList<string>> TakeOverAsync(DesiredNetwork desired, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<HostSurvey> SurveyAsync(
        IReadOnlyList<PoolNetwork> desired,
        long vms,
        CancellationToken cancellationToken
    ) => Task.FromResult(HostSurvey.Nothing);

    public Task BackUpAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task RestoreAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
        IReadOnlyList<Attachment> attachments,
        TimeSpan atMost,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>>(new Dictionary<Ipv4Address, ProbeAnswer>());

    public Task<KernelEntries> LookUpAsync(Ipv4Address address, CancellationToken cancellationToken) =>
        Task.FromResult(KernelEntries.None);

    public Task<BridgeSurvey> SurveyBridgeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(BridgeSurvey.Nothing);

    public Task<IReadOnlyList<string>> AdoptAsync(
        IReadOnlyList<AdoptedTap> taps,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task AttachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        Task.FromException(Refusal(attachment));

    public Task UpdateAsync(Attachment attachment, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing was attached, so nothing has to be done.</summary>
    public Task DetachAsync(Attachment attachment, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whoever attaches guests here looks after their connections as well.</summary>
    public Task ForgetConnectionsAsync(Ipv4Address address, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadTrafficAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Ipv4Address, GuestTraffic>>(new Dictionary<Ipv4Address, GuestTraffic>());

    public Task<GuestTraffic?> ReadTrafficAsync(Attachment attachment, CancellationToken cancellationToken) =>
        Task.FromResult<GuestTraffic?>(null);

    public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
        Task.FromException<SafeFileHandle>(Refusal(attachment));

    public Task<NetworkObservation> ObserveAsync(ObservationScope scope, CancellationToken cancellationToken) =>
        Task.FromResult(NetworkObservation.Nothing);

    /// <summary>Nothing ever does.</summary>
    public Task ChangedAsync(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);

    public ObservationScope TakeChanges() => ObservationScope.None;

    public Task<IReadOnlyList<HostChange>> PlanRepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<HostChange>>([]);

    public Task<IReadOnlyList<RepairOutcome>> RepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<RepairOutcome>>([]);

    /// <summary>The host is read as in any mode: it is what the controller runs on.</summary>
    public async Task<NetworkFigures> ReadFiguresAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => NetworkFigures.Read(null, null, attached: 0), cancellationToken);
        }
        catch (NetlinkException refused)
        {
            throw new HostNetworkException(refused.Message, refused);
        }
    }

    public Task<IReadOnlyList<HostLimit>> ReadLimitsAsync(long vms, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<HostLimit>>([]);

    public Task<IReadOnlyList<LimitRaise>> RaiseLimitsAsync(long vms, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LimitRaise>>([]);

    public Task<ExternalSurvey> SurveyExternalAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ExternalSurvey.Nothing);

    public Task<IReadOnlyList<HostChange>> PlanExternalAsync(
        IReadOnlyList<(Attachment? Before, Attachment? After)> changes,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<HostChange>>([]);

    public Task<IReadOnlyList<HostListener>> ReadListenersAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<HostListener>>([]);

    public Task<IReadOnlyList<ExternalFinding>> CheckExternalAsync(
        Attachment attachment,
        TimeSpan atMost,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<ExternalFinding>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static HostNetworkException Refusal(Attachment attachment) =>
        new($"{attachment.Address} cannot be attached: the network mode is \"none\"");
}
