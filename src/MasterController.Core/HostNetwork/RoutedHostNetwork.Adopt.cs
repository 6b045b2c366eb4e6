using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    public Task<BridgeSurvey> SurveyBridgeAsync(CancellationToken cancellationToken) =>
        RunAsync(kernel => OldBridge.Read(kernel.Netlink), cancellationToken);

    public Task<IReadOnlyList<string>> AdoptAsync(
        IReadOnlyList<AdoptedTap> taps,
        CancellationToken cancellationToken
    ) => RunAsync(kernel => Adopt(kernel, taps), cancellationToken);

    /// <summary>
    /// 1. what is known of the guests, as the TAPs' aliases;
    /// 2. both tables, with the guests and the bridge's gateways in their sets: they count for nobody yet;
    /// 3. TAPs, then the bridge, into our group: from here on they do;
    /// 4. what pools in bridge mode need, if there are any.
    /// </summary>
    private IReadOnlyList<string> Adopt(HostNetworkKernel kernel, IReadOnlyList<AdoptedTap> taps)
    {
        var before = OldBridge.Read(kernel.Netlink);
        if (before.Owner is BridgeOwner.Nobody or BridgeOwner.NotABridge)
            throw new HostNetworkException($"There is no bridge {GuestBridge.Name} to adopt");
        var fresh = FindFresh(before, taps);
        if (fresh.Count == 0 && before.Owner == BridgeOwner.Us)
            return [];
        var batch = new NetlinkBatch();
        foreach (var tap in fresh)
            batch.LinkGet(tap.Name);
        var links = kernel.Netlink.GetLinks(batch);

        // 1
        batch.Clear();
        for (var i = 0; i < fresh.Count; i++)
            batch.LinkAlias(IndexOf(links[i], fresh[i]), fresh[i].Alias);
        kernel.Netlink.ExecuteAll("A TAP could not be marked", batch);

        // 2
        var plan = ReadPlan(kernel, _desired.Networks, replaced: [], withGuests: false, adopts: true);
        new Firewall(kernel.Nftables).Run(plan.Firewall);
        _policed.Take(plan.Firewall.Egress, _desired.All);
        _dedicated.Take(plan.Firewall.Dedicated, _desired.All);
        var filter = new BridgeFirewall(kernel.Nftables);
        filter.Run(plan.BridgeFirewall);
        if (fresh.Count > 0)
            filter.Add([.. fresh.Select(tap => tap.AsGuest(_desired.Networks))]);

        // 3
        batch.Clear();
        foreach (var link in links)
            batch.LinkGroup(link!.Value.Index, HostNetworkMarks.LinkGroup);
        if (before.Owner == BridgeOwner.Others && plan.Bridge.Link is { Mac: { } mac } bridge)
        {
            batch.LinkAddress(bridge.Index, mac);
            batch.LinkGroup(bridge.Index, HostNetworkMarks.LinkGroup);
        }
        kernel.Netlink.ExecuteAll($"{GuestBridge.Name} could not be adopted", batch);
        List<string> changes =
        [
            .. fresh.Select(tap => tap.Change.Done),
            .. before.Change is { } change ? [change.Done] : Array.Empty<string>(),
        ];
        foreach (var done in changes)
            LogChange(done);

        // 4
        return [.. changes, .. Apply(kernel, _desired.Networks, replaced: [], withGuests: false)];
    }

    private static List<AdoptedTap> FindFresh(BridgeSurvey survey, IReadOnlyList<AdoptedTap> taps)
    {
        var ports = survey.Ports.ToDictionary(port => port.Name);
        foreach (var tap in taps)
            if (!ports.TryGetValue(tap.Name, out var port))
                throw new HostNetworkException($"{tap.Name} is no port of {GuestBridge.Name}");
            else if (port.Problem is { } problem)
                throw new HostNetworkException($"{tap.Name} cannot be adopted: {problem}");
        return [.. taps.Where(tap => ports[tap.Name].Adopted != tap)];
    }

    private static int IndexOf(LinkEntry? link, AdoptedTap tap) =>
        link?.Index ?? throw new HostNetworkException($"{tap.Name} went away meanwhile");
}
