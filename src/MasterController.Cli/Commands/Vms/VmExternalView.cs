using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>How a VM is reached from outside, on the terminal.</summary>
internal static class VmExternalView
{
    public static void Print(Session session, Vm vm) =>
        session.Print(
            vm,
            CliJson.Wire.Vm,
            (vm.Open ?? []).Select(opening => opening.Service),
            () =>
                Add(new FieldWriter().Add("Name", vm.Name, session.Terminal.OutInk.Bold), vm)
                    .Write(session.Out, session.Terminal.OutInk)
        );

    public static FieldWriter Add(FieldWriter fields, Vm vm)
    {
        fields.Add("IPv6", vm.Ipv6).Add("Public IPv4", vm.PublicIpv4);
        if (vm.Open is { Count: > 0 } open)
        {
            foreach (var opening in open)
            {
                fields.Add("Open", $"{opening.Service}{From(opening.From)}");
            }
        }
        else if ((vm.Ipv6 ?? vm.PublicIpv4) is not null)
        {
            fields.Add("Open", "nothing");
        }

        foreach (var forward in vm.Forwards ?? [])
        {
            fields.Add("Forward", Text(forward));
        }

        return fields;
    }

    private static string Text(Forward forward) =>
        $"{(forward.HostAddress is { } address ? $"{address}:" : "")}{forward.HostPorts} -> {forward.GuestPorts}/{forward.Protocol}"
        + $"{From(forward.From)}  ({forward.Id})";

    private static string From(IReadOnlyList<string> networks) =>
        networks.Count == 0 ? "" : $" from {string.Join(", ", networks)}";
}
