using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// Takes over what an older controller left on the bridge: its guests keep their addresses, which no VM of ours gets, and go
/// on while they are. Nobody starts them anew here: an adoption ends when the TAP is gone and its lease is released.
/// </summary>
public sealed partial class BridgeAdoption(
    PoolDirectory pools,
    IHostNetwork network,
    EventHub events,
    ILogger<BridgeAdoption> logger
)
{
    private const string OwnerPrefix = "adopted:";

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>The owner key under which the address of a TAP's guest is leased.</summary>
    public static string OwnerOf(string tap) => OwnerPrefix + tap;

    /// <summary>Changes nothing.</summary>
    /// <exception cref="HostNetworkException">The host network cannot be read.</exception>
    public async Task<AdoptionPlan> PlanAsync(CancellationToken cancellationToken) =>
        await PlanAsync(await network.SurveyBridgeAsync(cancellationToken), cancellationToken);

    /// <summary>
    /// Leases the addresses first, each durable, then marks bridge and TAPs; may be repeated. What has been done; nothing
    /// where the plan has no changes.
    /// </summary>
    /// <exception cref="HostNetworkException">The kernel refused; leases that were made stay, and serve the next try.</exception>
    public async Task<AdoptionPlan> AdoptAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var survey = await network.SurveyBridgeAsync(cancellationToken);
            var plan = await PlanAsync(survey, cancellationToken);
            List<PlannedAdoption> ports = [];
            foreach (var planned in plan.Ports)
                ports.Add(
                    planned.Action == AdoptionAction.Leave ? planned : await LeaseAsync(planned, cancellationToken)
                );
            var taps = ports.Where(p => p.Action != AdoptionAction.Leave).Select(p => TapOf(p.Port)).ToList();
            if (survey.Change is not null || ports.Exists(p => p.Action == AdoptionAction.Adopt))
                await network.AdoptAsync(taps, CancellationToken.None);
            foreach (var adopted in ports.Where(p => p.Action == AdoptionAction.Adopt))
                Announce(adopted);
            return plan with { Ports = ports, Changes = ChangesOf(survey, ports) };
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<AdoptionPlan> PlanAsync(BridgeSurvey survey, CancellationToken cancellationToken)
    {
        var shared = survey
            .Ports.GroupBy(p => p.Address)
            .Where(g => g.Key is not null && g.Count() > 1)
            .ToLookup(g => g.Key);
        List<PlannedAdoption> ports = [];
        foreach (var port in survey.Ports)
            ports.Add(
                port.Problem is { } problem ? new PlannedAdoption(port, AdoptionAction.Leave, null, problem)
                : shared.Contains(port.Address)
                    ? new PlannedAdoption(port, AdoptionAction.Leave, null, $"another port has {port.Address} as well")
                : await PlanAsync(port, port.Address!.Value, cancellationToken)
            );
        var present = survey.Ports.Select(port => OwnerOf(port.Name)).ToHashSet();
        return new AdoptionPlan(
            survey.Owner,
            ports,
            ChangesOf(survey, ports),
            [
                .. pools
                    .Pools.SelectMany(pool => pools.Leases(pool.Name))
                    .Where(lease => lease.Owner.StartsWith(OwnerPrefix, StringComparison.Ordinal))
                    .Where(lease => !present.Contains(lease.Owner)),
            ]
        );
    }

    private async Task<PlannedAdoption> PlanAsync(
        BridgePort port,
        Ipv4Address address,
        CancellationToken cancellationToken
    )
    {
        var action = port.Adopted is null ? AdoptionAction.Adopt : AdoptionAction.Keep;
        if (pools.Pools.FirstOrDefault(p => p.Ranges.Any(r => r.Network.Contains(address))) is not { } pool)
            return new PlannedAdoption(port, action, null, "no pool has its address");
        var standing = AddressStanding.Of(pool, address);
        return standing.State switch
        {
            AddressState.Gateway or AddressState.KeptGateway or AddressState.Draining => Leave(
                $"{address} cannot be leased from the pool {pool.Name}: {standing.Reason}"
            ),
            AddressState.Reserved or AddressState.OutsideRange => new PlannedAdoption(
                port,
                action,
                null,
                $"the pool {pool.Name} leases it to nobody: {standing.Reason}"
            ),
            _ => await pools.UseOfAsync(pool.Name, address, cancellationToken) is not { } use
            || use.Owner == OwnerOf(port.Name)
                ? new PlannedAdoption(port, action, pool.Name, null)
                : Leave(
                    use.CoolsUntil is { } until
                        ? $"{address} of the pool {pool.Name} was leased to {use.Owner} and cools down until {until:u}"
                        : $"{address} of the pool {pool.Name} is leased to {use.Owner}"
                ),
        };

        PlannedAdoption Leave(string reason) => new(port, AdoptionAction.Leave, pool.Name, reason);
    }

    private async Task<PlannedAdoption> LeaseAsync(PlannedAdoption planned, CancellationToken cancellationToken)
    {
        if (planned.Pool is not { } pool)
            return planned;
        var outcome = await pools.LeaseAsync(
            pool,
            OwnerOf(planned.Port.Name),
            planned.Port.Address,
            alongside: null,
            cancellationToken
        );
        return outcome is LeaseOutcome.Granted or LeaseOutcome.AlreadyHeld
            ? planned
            : planned with
            {
                Action = AdoptionAction.Leave,
                Reason = $"{planned.Port.Address} could not be leased from the pool {pool}: {InWords(outcome)}",
            };
    }

    private static string InWords(LeaseOutcome refusal) =>
        refusal switch
        {
            LeaseOutcome.AddressInUse inUse => $"{inUse.Owner} has it",
            LeaseOutcome.OwnerHoldsOther other => $"the lease of this TAP is {other.Held.Address}",
            LeaseOutcome.Cooling cooling => $"it cools down until {cooling.Until:u}",
            LeaseOutcome.Reserved reserved => reserved.Reason,
            LeaseOutcome.NoSuchPool => "the pool was deleted meanwhile",
            _ => "the pool has changed meanwhile",
        };

    private void Announce(PlannedAdoption adopted)
    {
        var (name, address) = (adopted.Port.Name, adopted.Port.Address!.Value);
        events.Publish(
            "network.adopted",
            name,
            $"{name} {address}",
            adopted.Pool is { } pool ? new Dictionary<string, string> { ["pool"] = pool } : null
        );
        LogAdopted(name, address, adopted.Pool ?? "no pool");
    }

    private static List<HostChange> ChangesOf(BridgeSurvey survey, IReadOnlyList<PlannedAdoption> ports) =>
        [
            .. ports.Where(p => p.Action == AdoptionAction.Adopt).Select(p => TapOf(p.Port).Change),
            .. survey.Change is { } bridge ? [bridge] : Array.Empty<HostChange>(),
        ];

    private static AdoptedTap TapOf(BridgePort port) => new(port.Name, port.Mac!.Value, port.Address!.Value);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Tap} with {Address} of an older controller was adopted, {Pool}"
    )]
    private partial void LogAdopted(string tap, Ipv4Address address, string pool);
}
