using System.Collections.Concurrent;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.Vms;

/// <summary>A host network that only remembers what is attached; it survives its controllers, as a kernel does.</summary>
internal sealed class FakeNetwork
{
    private readonly ConcurrentDictionary<string, Attachment> _attached = new();

    public bool CanAttach { get; set; } = true;

    /// <summary>What each attached address may send to, by the address's text; null where it has no policy.</summary>
    public EgressPolicy? EgressOf(string address) =>
        _attached.Values.Single(a => a.Address.ToString() == address).Egress;

    /// <summary>What the kernel limits of each attached address.</summary>
    public RateLimit? RateLimitOf(string address) =>
        _attached.Values.Single(a => a.Address.ToString() == address).RateLimit;

    /// <summary>Addresses, as text.</summary>
    public IReadOnlyList<string> Attached => [.. _attached.Values.Select(a => a.Address.ToString()).Order()];

    public IReadOnlyList<PoolNetwork> Networks { get; private set; } = [];

    public Func<CancellationToken, Task> BeforeAttach { get; set; } = _ => Task.CompletedTask;

    public Func<Task> BeforeDetach { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeChange { get; set; } = () => Task.CompletedTask;

    /// <summary>Called after each change of an attachment.</summary>
    public Action Changed { get; set; } = () => { };

    public Func<Task> BeforeNetworks { get; set; } = () => Task.CompletedTask;

    /// <summary>Rules of others that are there and that pools replace.</summary>
    public List<ForeignRule> ForeignRules { get; } = [];

    public BridgeSurvey Bridge { get; set; } = BridgeSurvey.Nothing;

    public IReadOnlyList<AdoptedTap> Adopted { get; private set; } = [];

    public List<NetworkOverlap> Overlaps { get; } = [];

    /// <summary>Addresses whose connections were to be forgotten.</summary>
    public ConcurrentBag<Ipv4Address> Forgotten { get; } = [];

    public ExternalSurvey ExternalSurvey { get; set; } = ExternalSurvey.Nothing;

    public List<HostListener> Listeners { get; } = [];

    /// <summary>What each attached address has to the outside; null where it has nothing.</summary>
    public ExternalAccess? ExternalOf(string address) =>
        _attached.Values.Single(a => a.Address.ToString() == address).External;

    /// <summary>No dedicated address is in the kernel twice at any time.</summary>
    public void AssertNoneTwice()
    {
        var addresses = _attached.Values.SelectMany(a =>
            new object?[] { a.External?.Ipv6, a.External?.PublicIpv4 }.OfType<object>()
        );
        Assert.Equal(addresses.Distinct(), addresses);
    }

    /// <summary>Whether the VM of an address answers on the wire.</summary>
    public Func<Attachment, bool> Answers { get; set; } = _ => true;

    public void AttachStray(Attachment attachment) => _attached[attachment.TapName] = attachment;

    public IHostNetwork For(Life life) => new View(this, life);

    private sealed class View(FakeNetwork network, Life life) : IHostNetwork, IExternalNetwork
    {
        public bool CanAttach => network.CanAttach;

        public string? Uplink => null;

        public async Task<IReadOnlyList<string>> TakeOverAsync(
            DesiredNetwork desired,
            CancellationToken cancellationToken
        )
        {
            await SetNetworksAsync(desired.Networks, [], cancellationToken);
            foreach (var tap in network._attached.Keys.Except(desired.Attachments.Select(a => a.TapName)))
                network._attached.TryRemove(tap, out _);
            foreach (var attachment in desired.Attachments)
                network._attached[attachment.TapName] = attachment;
            return [];
        }

        public async Task<IReadOnlyList<string>> SetNetworksAsync(
            IReadOnlyList<PoolNetwork> networks,
            IReadOnlyList<ForeignRule> replaced,
            CancellationToken cancellationToken
        )
        {
            await life.PassAsync();
            await network.BeforeNetworks();
            network.Networks = networks;
            network.ForeignRules.RemoveAll(replaced.Contains);
            return [];
        }

        public async Task AttachAsync(Attachment attachment, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            await network.BeforeAttach(cancellationToken);
            await life.PassAsync();
            network._attached[attachment.TapName] = attachment;
        }

        public async Task UpdateAsync(Attachment attachment, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            await network.BeforeChange();
            if (network._attached.ContainsKey(attachment.TapName))
                network._attached[attachment.TapName] = attachment;
            network.Changed();
        }

        public async Task DetachAsync(Attachment attachment, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            await network.BeforeDetach();
            await life.PassAsync();
            network._attached.TryRemove(attachment.TapName, out _);
        }

        public async Task ForgetConnectionsAsync(Ipv4Address address, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            network.Forgotten.Add(address);
        }

        public Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadTrafficAsync(
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<IReadOnlyDictionary<Ipv4Address, GuestTraffic>>(
                network._attached.Values.ToDictionary(a => a.Address, _ => default(GuestTraffic))
            );

        public Task<ExternalSurvey> SurveyExternalAsync(CancellationToken cancellationToken) =>
            Task.FromResult(network.ExternalSurvey);

        public Task<IReadOnlyList<HostChange>> PlanExternalAsync(
            IReadOnlyList<(Attachment? Before, Attachment? After)> changes,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<IReadOnlyList<HostChange>>([
                .. changes.Select(c => new HostChange(
                    "nftables",
                    HostChangeKind.Change,
                    $"replace what {c.Before?.Address ?? c.After?.Address} has",
                    "nft …"
                )),
            ]);

        public Task<IReadOnlyList<HostListener>> ReadListenersAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<HostListener>>([.. network.Listeners]);

        public Task<IReadOnlyList<ExternalFinding>> CheckExternalAsync(
            Attachment attachment,
            TimeSpan atMost,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<IReadOnlyList<ExternalFinding>>([
                new ExternalFinding(attachment.TapName, "route", true, "is attached"),
            ]);

        public Task<GuestTraffic?> ReadTrafficAsync(Attachment attachment, CancellationToken cancellationToken) =>
            Task.FromResult<GuestTraffic?>(network._attached.ContainsKey(attachment.TapName) ? default : null);

        public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
            Task.FromException<SafeFileHandle>(new HostNetworkException("there are no TAPs here"));

        public Task<HostSurvey> SurveyAsync(
            IReadOnlyList<PoolNetwork> desired,
            long vms,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult(
                HostSurvey.Nothing with
                {
                    Overlaps = [.. network.Overlaps],
                    ForeignRules = [.. network.ForeignRules],
                }
            );

        public Task BackUpAsync(
            IReadOnlyList<ForeignRule> rules,
            string directory,
            CancellationToken cancellationToken
        ) => life.PassAsync();

        public async Task RestoreAsync(
            IReadOnlyList<ForeignRule> rules,
            string directory,
            CancellationToken cancellationToken
        )
        {
            await life.PassAsync();
            network.ForeignRules.AddRange(rules.Except(network.ForeignRules));
        }

        public Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
            IReadOnlyList<Attachment> attachments,
            TimeSpan atMost,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>>(
                attachments.ToDictionary(a => a.Address, a => new ProbeAnswer(network.Answers(a), Icmp: false))
            );

        public Task<KernelEntries> LookUpAsync(Ipv4Address address, CancellationToken cancellationToken) =>
            Task.FromResult(KernelEntries.None);

        public Task<BridgeSurvey> SurveyBridgeAsync(CancellationToken cancellationToken) =>
            Task.FromResult(network.Bridge);

        public async Task<IReadOnlyList<string>> AdoptAsync(
            IReadOnlyList<AdoptedTap> taps,
            CancellationToken cancellationToken
        )
        {
            await life.PassAsync();
            network.Adopted = [.. network.Adopted.Union(taps)];
            return [.. taps.Select(tap => $"adopted {tap.Name}")];
        }

        public Task<NetworkObservation> ObserveAsync(ObservationScope scope, CancellationToken cancellationToken) =>
            Task.FromResult(NetworkObservation.Nothing);

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

        public Task<NetworkFigures> ReadFiguresAsync(CancellationToken cancellationToken) =>
            Task.FromResult(NetworkFigures.Nothing);

        public Task<IReadOnlyList<HostLimit>> ReadLimitsAsync(long vms, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<HostLimit>>([]);

        public Task<IReadOnlyList<LimitRaise>> RaiseLimitsAsync(long vms, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<LimitRaise>>([]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
