using System.Security.Cryptography;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>A port forward as a caller asks for it.</summary>
/// <param name="HostPorts">Free ones of the configured interval when null.</param>
/// <param name="Protocol">"tcp", as when null, or "udp".</param>
public sealed record ForwardRequest(
    string? Vm,
    string? GuestPorts,
    string? HostPorts = null,
    string? HostAddress = null,
    string? Protocol = null,
    IReadOnlyList<string>? From = null
);

public sealed partial class ExternalChanges
{
    private const string HostPortsField = "hostPorts";

    /// <summary>Makes ports of the host lead to as many ports of a VM.</summary>
    public async Task<ExternalOutcome> AddForwardAsync(
        ForwardRequest request,
        bool isPlan,
        CancellationToken cancellationToken
    )
    {
        if (Read(request, out var errors) is not { } wanted)
            return new ExternalOutcome.Invalid(errors);
        if (vms.Find(request.Vm!) is not { } found)
            return new ExternalOutcome.NotFound("VM", request.Vm!);
        if (!network.CanAttach)
            return new ExternalOutcome.NetworkModeNone();
        if (
            wanted.HostAddress is { } address
            && !(await external.SurveyExternalAsync(cancellationToken)).HostIpv4.Contains(address)
        )
            return Invalid("hostAddress", $"{address} is not an address of this host");
        var listeners = await external.ReadListenersAsync(cancellationToken);
        if (wanted.HostPorts is { } ports && ListenerIn(listeners, wanted, ports) is { } listener)
            return new ExternalOutcome.Refused(
                new ExternalRefusal.PortInUse(
                    HostPortsField,
                    $"a program of this host listens on {listener.Address?.ToString() ?? "all addresses"}, port {listener.Port}/{EgressRule.NameOf(listener.Protocol)}"
                )
            );
        return await ChangeAsync(
            [found.Id],
            isPlan,
            records => Forward(records[0], wanted, listeners),
            cancellationToken
        );
    }

    public async Task<ExternalOutcome> DeleteForwardAsync(string id, bool isPlan, CancellationToken cancellationToken)
    {
        if (directory.HolderOf(id) is not { } holder || vms.Find(holder) is not { } found)
            return new ExternalOutcome.NotFound("forward", id);
        return await ChangeAsync([found.Id], isPlan, records => WithoutForward(records[0], id), cancellationToken);
    }

    private ExternalDecision Forward(VmRecord vm, WantedForward wanted, IReadOnlyList<HostListener> listeners)
    {
        var access = AccessOf(vm);
        if (wanted.HostPorts is not { } ports)
        {
            var count = wanted.GuestPorts.Last - wanted.GuestPorts.First + 1;
            if (directory.ChoosePorts(wanted.Protocol, wanted.HostAddress, count, listeners, out ports) is { } refusal)
                return ExternalDecision.Refuse(refusal);
        }
        var forward = new PortForward(
            wanted.Id,
            wanted.HostAddress,
            wanted.Protocol,
            ports,
            wanted.GuestPorts.First,
            wanted.From
        );
        var forwards = access.Forwards.Append(forward).ToArray();
        var size = forwards.Sum(f => f.HostPorts.Last - f.HostPorts.First + 1);
        if (size > PortForward.MostPorts)
            return ExternalDecision.Invalid(
                "guestPorts",
                $"{size} ports would be forwarded to one VM; at most {PortForward.MostPorts}"
            );
        return new ExternalDecision(
            ExternalAction.AddForward,
            $"forward {forward} of {vm.Name}",
            HostPortsField,
            [ExternalVmChange.Of(vm, access with { Forwards = forwards })]
        )
        {
            IsChosen = wanted.HostPorts is null,
        };
    }

    private static ExternalDecision WithoutForward(VmRecord vm, string id)
    {
        var access = AccessOf(vm);
        return access.Forwards.FirstOrDefault(f => f.Id == id) is { } forward
            ? new ExternalDecision(
                ExternalAction.DeleteForward,
                $"end the forward {forward} of {vm.Name}",
                HostPortsField,
                [ExternalVmChange.Of(vm, access with { Forwards = [.. access.Forwards.Where(f => f.Id != id)] })]
            )
            : ExternalDecision.Refuse(new ExternalOutcome.NotFound("forward", id));
    }

    private static WantedForward? Read(ForwardRequest request, out Dictionary<string, string[]> errors)
    {
        var found = errors = [];
        if (string.IsNullOrEmpty(request.Vm))
            found["vm"] = ["a VM's name or id is required"];
        if (!ExternalText.TryReadPorts(request.GuestPorts, out var guest, out var wrongGuest))
            found["guestPorts"] = [request.GuestPorts is null ? "a port or a range of them is required" : wrongGuest];
        PortRange? host = null;
        if (request.HostPorts is not null)
        {
            if (!ExternalText.TryReadPorts(request.HostPorts, out var ports, out var wrongHost))
                found[HostPortsField] = [wrongHost];
            else if (wrongGuest is null && ports.Last - ports.First != guest.Last - guest.First)
                found["guestPorts"] =
                [
                    $"{guest} is {guest.Last - guest.First + 1} ports, and hostPorts, {ports}, is {ports.Last - ports.First + 1}",
                ];
            host = ports;
        }
        Ipv4Address address = default;
        if (request.HostAddress is not null && !Ipv4Address.TryParse(request.HostAddress, out address))
            found["hostAddress"] = [$"\"{request.HostAddress}\" is not an IPv4 address"];
        if (request.Protocol is not (null or "tcp" or "udp"))
            found["protocol"] = [$"\"{request.Protocol}\" is not \"tcp\" or \"udp\""];
        var from = ExternalText.ReadSources(
            request.From,
            "from",
            "forwards are of the host's IPv4 addresses",
            (field, problem) => found[field] = [problem]
        );
        return found.Count > 0
            ? null
            : new WantedForward(
                $"fwd_{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
                request.HostAddress is null ? null : address,
                request.Protocol == "udp" ? EgressProtocol.Udp : EgressProtocol.Tcp,
                host,
                guest,
                from!
            );
    }

    private static HostListener? ListenerIn(
        IReadOnlyList<HostListener> listeners,
        WantedForward wanted,
        PortRange ports
    )
    {
        foreach (var listener in listeners)
        {
            if (
                listener.Protocol == wanted.Protocol
                && ports.Contains(listener.Port)
                && ExternalDirectory.IsSamePlace(listener.Address, wanted.HostAddress)
            )
                return listener;
        }
        return null;
    }

    /// <param name="HostPorts">Null: free ones.</param>
    private sealed record WantedForward(
        string Id,
        Ipv4Address? HostAddress,
        EgressProtocol Protocol,
        PortRange? HostPorts,
        PortRange GuestPorts,
        SourceNetworks From
    );
}
