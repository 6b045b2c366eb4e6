using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.HostNetwork;

/// <summary>One network of a pool, as the host must know it.</summary>
/// <param name="Gateways">Addresses that the host answers on: the current gateway and those that guests still use.</param>
public sealed record PoolNetwork(Ipv4Network Network, IReadOnlyList<Ipv4Address> Gateways, bool AllowVmToVm)
{
    public NetworkMode Mode { get; init; }
}

/// <summary>All that the host network should be.</summary>
public sealed record DesiredNetwork(IReadOnlyList<PoolNetwork> Networks, IReadOnlyCollection<Attachment> Attachments);

/// <summary>
/// Is told what should be, works out the difference to the kernel, adds before it deletes. Every call may be
/// repeated; a second time it changes nothing. Only what carries our mark is touched.
/// </summary>
public interface IHostNetwork : IAsyncDisposable
{
    /// <summary>Whether VMs can be attached at all; in mode "none" only addresses are managed.</summary>
    bool CanAttach { get; }

    /// <summary>The interface that leads out; null where there is none.</summary>
    string? Uplink { get; }

    /// <summary>
    /// At a controller's start: makes what all VMs share as desired (forwarding, gateways, our nftables table) and knows
    /// from now on which attachments there should be. Those are left as they are, however many: <see cref="ObserveAsync"/>
    /// finds what is wrong with them and <see cref="RepairAsync"/> mends it, while VMs come and go. Says in words what it
    /// changed; empty when everything was right.
    /// </summary>
    /// <exception cref="HostNetworkException">The kernel refused; the message names object and errno.</exception>
    Task<IReadOnlyList<string>> TakeOverAsync(DesiredNetwork desired, CancellationToken cancellationToken);

    /// <summary>Changes the networks and keeps the attachments; new ones are in before old ones go.</summary>
    /// <param name="replaced">
    /// Rules of others to be removed: live ones in the very nftables transaction that makes ours, those in files after it.
    /// One that is gone already is passed over.
    /// </param>
    Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        CancellationToken cancellationToken
    );

    /// <summary>Reads what <see cref="SetNetworksAsync"/> would do, and what speaks against it; changes nothing.</summary>
    /// <param name="vms">How many VMs the pools would have addresses for: what the kernel's limits are compared with.</param>
    Task<HostSurvey> SurveyAsync(IReadOnlyList<PoolNetwork> desired, long vms, CancellationToken cancellationToken);

    /// <summary>
    /// Writes what would be needed to undo a change into a directory: our table as nft lists it, others' rules, and the
    /// files that they are in.
    /// </summary>
    Task BackUpAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken);

    /// <summary>Puts back what was removed of others' rules; one that is there again is passed over.</summary>
    Task RestoreAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken);

    /// <summary>
    /// Asks VMs on the wire, by ARP and ICMP echo, each out of its own TAP and from its own gateway, and waits for answers
    /// at most that long. Those without an answer are in the result as well.
    /// </summary>
    Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
        IReadOnlyList<Attachment> attachments,
        TimeSpan atMost,
        CancellationToken cancellationToken
    );

    /// <summary>What the kernel has for one address.</summary>
    Task<KernelEntries> LookUpAsync(Ipv4Address address, CancellationToken cancellationToken);

    /// <summary>Whose the bridge is that pools in bridge mode need, and what an older controller left on it.</summary>
    Task<BridgeSurvey> SurveyBridgeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes the bridge of an older controller ours, with those of its TAPs that are named; their guests' traffic goes on.
    /// Says in words what it changed.
    /// </summary>
    Task<IReadOnlyList<string>> AdoptAsync(IReadOnlyList<AdoptedTap> taps, CancellationToken cancellationToken);

    /// <summary>Makes one attachment at a cost that does not depend on how many there are.</summary>
    Task AttachAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>
    /// Gives an attachment the policy and the external access that it now names, which decide about flows that there are as
    /// well; one that is not attached stays so. What an address or a port loses, the kernel forgets the connections of.
    /// </summary>
    Task UpdateAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>Removes an attachment, and with it what the kernel remembers of its address's connections.</summary>
    Task DetachAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the kernel forget the tracked connections of an address: for one that was leased without being attached.
    /// </summary>
    Task ForgetConnectionsAsync(Ipv4Address address, CancellationToken cancellationToken);

    /// <summary>What every attached VM has sent and been given since it started, read at once.</summary>
    Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadTrafficAsync(CancellationToken cancellationToken);

    /// <summary>The same of one; null where it is not attached.</summary>
    Task<GuestTraffic?> ReadTrafficAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>The TAP of an attachment, opened for a hypervisor that is given a descriptor.</summary>
    Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>Compares the kernel with what should be and changes nothing; holds up none of the other calls.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    Task<NetworkObservation> ObserveAsync(ObservationScope scope, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when the kernel has told of a change that is none of ours, and that has settled. What was changed is
    /// not told: <see cref="TakeChanges"/> says how much there is to compare.
    /// </summary>
    Task ChangedAsync(CancellationToken cancellationToken);

    /// <summary>What the kernel's notifications make worth comparing; from now on only later ones count.</summary>
    ObservationScope TakeChanges();

    /// <summary>What <see cref="RepairAsync"/> would do, in its order.</summary>
    Task<IReadOnlyList<HostChange>> PlanRepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Repairs differences of ours, each after another look: what is right by now, or is no longer desired so, is left
    /// alone. Others' are passed over. Calls of others get their turn in between.
    /// </summary>
    Task<IReadOnlyList<RepairOutcome>> RepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    );

    /// <summary>The uplink's addresses and counters and how full tables of the kernel are, at a price that no VM adds to.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    Task<NetworkFigures> ReadFiguresAsync(CancellationToken cancellationToken);

    /// <summary>The kernel's limits that so many VMs would hit.</summary>
    Task<IReadOnlyList<HostLimit>> ReadLimitsAsync(long vms, CancellationToken cancellationToken);

    /// <summary>
    /// Raises those of them that are this network namespace's own, and this process's; what all namespaces share is left
    /// alone, save in the first one, whose own they are.
    /// </summary>
    Task<IReadOnlyList<LimitRaise>> RaiseLimitsAsync(long vms, CancellationToken cancellationToken);
}

/// <summary>The kernel refused a change; what was made before it stays and a repeated call goes on from there.</summary>
public sealed class HostNetworkException(string message, Exception? inner = null) : Exception(message, inner);
