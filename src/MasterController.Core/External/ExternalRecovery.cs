using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Recovery;
using MasterController.Core.Store;
using MasterController.Core.Vms;

namespace MasterController.Core.External;

/// <summary>Takes over who has which dedicated address, before anything can be leased, and checks the configuration by it.</summary>
public sealed class ExternalRecovery(
    ExternalDirectory directory,
    PoolDirectory pools,
    IHostNetwork network,
    IExternalNetwork external
)
{
    private const int VmsNamed = 10;

    /// <exception cref="RecoveryException">
    /// The configured networks are not possible here, or VMs have addresses outside of them; the message names the key.
    /// </exception>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public async Task TakeOverAsync(StoreSnapshot snapshot, CancellationToken cancellationToken)
    {
        directory.Load(snapshot);
        if (!network.CanAttach)
            return;
        RefuseOutside(snapshot.Vms, isIpv6: true, ExternalSettings.Ipv6Key);
        RefuseOutside(snapshot.Vms, isIpv6: false, ExternalSettings.Ipv4Key);
        if (directory.ReasonAgainst(pools.Pools) is var (key, reason))
            throw new RecoveryException($"{key}: {reason}");
        var survey = await external.SurveyExternalAsync(cancellationToken);
        if (survey.Problems.Count > 0)
            throw new RecoveryException(string.Join("; ", survey.Problems.Select(p => $"{p.Key}: {p.Message}")));
        directory.Know(survey);
    }

    /// <summary>They would go on with an address that nobody sends to them, or that is another's by now.</summary>
    private void RefuseOutside(IReadOnlyList<VmRecord> vms, bool isIpv6, string key)
    {
        string[] outside =
        [
            .. vms.SelectMany(vm =>
                (vm.External ?? ExternalAccess.None)
                    .Addresses()
                    .Where(a => a.IsIpv6 == isIpv6 && directory.OutsideReason(a) is not null)
                    .Select(a => $"{vm.Name} ({vm.Id}) has {a}")
            ),
        ];
        if (outside.Length == 0)
            return;
        var networks = directory.Settings.Networks;
        var configured =
            isIpv6 ? networks.Ipv6?.ToString() ?? "empty"
            : networks.Ipv4.Count == 0 ? "empty"
            : string.Join(", ", networks.Ipv4);
        throw new RecoveryException(
            $"{key} is {configured}, and {outside.Length} addresses of VMs lie outside: {string.Join(", ", outside.Take(VmsNamed))}"
                + (outside.Length > VmsNamed ? ", …" : "")
                + $"; name their network in {key} again, then take the addresses from them (mctl vm detach-address VM ADDRESS), and change it after that"
        );
    }
}
