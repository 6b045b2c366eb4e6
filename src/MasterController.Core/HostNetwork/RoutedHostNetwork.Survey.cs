using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    public Task<HostSurvey> SurveyAsync(
        IReadOnlyList<PoolNetwork> desired,
        long vms,
        CancellationToken cancellationToken
    ) => RunAsync(kernel => Survey(kernel, desired, vms), cancellationToken);

    public Task<NetworkFigures> ReadFiguresAsync(CancellationToken cancellationToken) =>
        TranslatedAsync(
            Task.Run(
                () => NetworkFigures.Read(_options.NamespacePath, _options.Uplink, _desired.Count),
                cancellationToken
            )
        );

    public Task BackUpAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        RunAsync(kernel => new ForeignRuleBackup(directory).Save(kernel.Nftables, rules), cancellationToken);

    public Task RestoreAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        RunAsync(_ => new ForeignRuleBackup(directory).Restore(rules), cancellationToken);

    public Task<KernelEntries> LookUpAsync(Ipv4Address address, CancellationToken cancellationToken) =>
        RunAsync(
            kernel =>
            {
                var isGuests = _desired.TryGet(address, out var guest) || _desired.TryGetPublic(address, out guest);
                return AddressLookUp.Run(kernel, address, isGuests ? guest : null);
            },
            cancellationToken
        );

    /// <summary>
    /// 1. networks of others that share addresses;
    /// 2. rules of others that ours replace;
    /// 3. what would be changed, these among it.
    /// </summary>
    private HostSurvey Survey(HostNetworkKernel kernel, IReadOnlyList<PoolNetwork> desired, long vms)
    {
        // 1
        var networks = desired.Select(network => network.Network).ToList();
        var uplink = _options.Uplink ?? HostSetup.FindUplink(kernel.Netlink);
        var hosts = HostNetworkOfOthers.Read(kernel.Netlink, uplink);

        // 2
        var search = new ForeignRuleSearch(networks, hosts, uplink);
        using (var rules = NftRuleSocket.Open())
            search.SearchKernel(rules);
        search.SearchFile(_options.RulesFile);

        // 3
        var plan = ReadPlan(kernel, desired, search.Replaced, withGuests: false);
        return new HostSurvey(
            plan.Changes(kernel),
            NetworkOverlap.Find(hosts, networks),
            search.Replaced,
            KernelLimits.Check(KernelFigures.Read(kernel.Netlink), vms)
        )
        {
            Notices =
            [
                .. search.Notices,
                .. LegacyNotice(),
                .. plan.Bridge.IsObstructed ? [GuestBridge.Obstacle] : Array.Empty<string>(),
            ],
        };
    }

    private static string[] LegacyNotice() =>
        HostNetworkFacts.ReadLegacyTables() is { } tables && tables.Contains("nat")
            ?
            [
                "the old iptables has a nat table, which is neither read nor changed here: "
                    + "look for rules of these networks with iptables-legacy -t nat -S",
            ]
            : [];

    private Task RunAsync(Action<HostNetworkKernel> work, CancellationToken cancellationToken) =>
        RunAsync<object?>(
            kernel =>
            {
                work(kernel);
                return null;
            },
            cancellationToken
        );
}
