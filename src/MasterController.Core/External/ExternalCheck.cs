using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>Looks at one VM's way to the outside: the host's side, the guest's, and where one is configured, from outside.</summary>
public sealed class ExternalCheck(
    ExternalDirectory directory,
    VmLifecycle vms,
    IHostNetwork network,
    IExternalNetwork external,
    OutsideProbe probe
)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    /// <summary>What one check asks from outside at most; of a range of ports the first.</summary>
    private const int MostAsked = 16;

    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public async Task<ExternalCheckOutcome> RunAsync(string idOrName, CancellationToken cancellationToken)
    {
        if (vms.Find(idOrName) is not { } vm)
            return new ExternalCheckOutcome(null, new ExternalOutcome.NotFound("VM", idOrName), []);
        if (!network.CanAttach)
            return new ExternalCheckOutcome(vm, new ExternalOutcome.NetworkModeNone(), []);
        if (vm.Status != VmStatus.Running)
            return new ExternalCheckOutcome(vm, new ExternalOutcome.WrongState(vm, "be checked"), []);
        var access = vm.External ?? ExternalAccess.None;
        if (access.IsNone)
            return new ExternalCheckOutcome(vm, Refusal: null, []);
        var found = await external.CheckExternalAsync(
            vms.AttachmentWith(vm, access) ?? VmRuntime.AttachmentOf(vm),
            AtMost,
            cancellationToken
        );
        return new ExternalCheckOutcome(
            vm,
            Refusal: null,
            [.. found, .. await FromOutsideAsync(access, cancellationToken)]
        );
    }

    private async Task<IReadOnlyList<ExternalFinding>> FromOutsideAsync(
        ExternalAccess access,
        CancellationToken cancellationToken
    )
    {
        if (directory.Settings.ProbeUrl is not { } url)
            return [];
        var targets = access
            .Open.Where(o => o.Protocol == EgressProtocol.Tcp)
            .SelectMany(o => access.Addresses().Select(a => new Target($"{a} {o.Service}", a, o.Ports!.Value.First)))
            .ToList();
        var ofHost = access.Forwards.Where(f => f.Protocol == EgressProtocol.Tcp).ToArray();
        if (ofHost.Length > 0)
        {
            var host = (await external.SurveyExternalAsync(cancellationToken)).HostIpv4;
            foreach (var forward in ofHost)
            {
                if ((forward.HostAddress ?? FirstPublic(host)) is { } address)
                    targets.Add(new Target(forward.ToString(), address, forward.HostPorts.First));
            }
        }
        return await Task.WhenAll(targets.Take(MostAsked).Select(AskAsync));

        async Task<ExternalFinding> AskAsync(Target target)
        {
            var (isReachable, detail) = await probe.AskAsync(url, target.Address, target.Port, cancellationToken);
            return new ExternalFinding(target.Subject, "reachable", isReachable, detail);
        }
    }

    /// <summary>Whoever is outside reaches none of the private ones (RFC 1918, RFC 6598).</summary>
    private static Ipv4Address? FirstPublic(IReadOnlyList<Ipv4Address> addresses) =>
        addresses
            .Where(a => !HostNetworkOptions.PrivateNetworks.Any(n => n.Contains(a)))
            .Select(a => (Ipv4Address?)a)
            .FirstOrDefault();

    private readonly record struct Target(string Subject, IpAddress Address, ushort Port);
}

/// <param name="Vm">Null where there is none.</param>
/// <param name="Refusal">Why nothing was looked at; null where it was.</param>
public sealed record ExternalCheckOutcome(
    VmRecord? Vm,
    ExternalOutcome? Refusal,
    IReadOnlyList<ExternalFinding> Findings
)
{
    /// <summary>Nothing failed; what could not be found out does not count.</summary>
    public bool Passed => Findings.All(f => f.Passed != false);
}
